"""What can be wrong with a question or a question set."""

from index.errors import SpeechQAError

LONGEST_QUESTION = 2000


class EmptyQuestion(SpeechQAError):
    code = "empty_question"
    texts = {
        "en": ("The question is empty.", "Ask in plain words, for instance: 今年要新建多少所学校?"),
        "zh": ("问题是空的。", "请输入问题，例如：今年要新建多少所学校?"),
    }


class QuestionTooLong(SpeechQAError):
    code = "question_too_long"
    texts = {
        "en": ("The question has {length} characters; {longest} are allowed.", "Ask for one thing in fewer words."),
        "zh": ("问题有 {length} 个字符，最多允许 {longest} 个。", "请用更少的文字提问。"),
    }


class PastTheLastCitation(SpeechQAError):
    code = "past_the_last_citation"
    texts = {
        "en": ("The answer has {total} citations, none after {skip}.", "Ask with a smaller skip."),
        "zh": ("回答共有 {total} 处引用，第 {skip} 处之后没有了。", "请减小 skip。"),
    }


class BadQuestionSet(SpeechQAError):
    code = "bad_question_set"
    texts = {
        "en": ("{name}, line {line}: {reason}.", "Each line is one JSON object, as samples/questions.jsonl shows."),
        "zh": ("{name} 第 {line} 行：{reason}。", "每行应为一个 JSON 对象，参见 samples/questions.jsonl。"),
    }


class TooFewQuestions(SpeechQAError):
    code = "too_few_questions"
    texts = {
        "en": (
            "{answerable} answerable and {unanswerable} unanswerable questions are too few to calibrate on.",
            "Write at least {fewest} of each: questions the speeches answer, and near ones they do not.",
        ),
        "zh": (
            "可答问题 {answerable} 个、不可答问题 {unanswerable} 个，不足以校准。",
            "两类问题各至少写 {fewest} 个：讲话能回答的，以及相近但讲话没有回答的。",
        ),
    }


class NothingToCalibrate(SpeechQAError):
    code = "nothing_to_calibrate"
    texts = {
        "en": (
            "Without a reader there is nothing to calibrate.",
            "Leave SPEECHQA_READER empty or name a cross-encoder.",
        ),
        "zh": ("没有阅读器，无从校准。", "请将 SPEECHQA_READER 留空，或指定一个交叉编码器。"),
    }


class ReaderUnavailable(SpeechQAError):
    code = "reader_unavailable"
    texts = {
        "en": (
            "The reader {name} cannot be loaded: {reason}.",
            "Set SPEECHQA_READER to a cross-encoder's folder or name, to none, or leave it empty.",
        ),
        "zh": (
            "无法加载阅读器 {name}：{reason}。",
            "请把 SPEECHQA_READER 设为交叉编码器的文件夹或名称、none，或留空。",
        ),
    }


class LanguageModelUnavailable(SpeechQAError):
    code = "language_model_unavailable"
    texts = {
        "en": (
            "The language model {name} did not answer ({reason}).",
            "See that it runs; the settings are SPEECHQA_LLM…",
        ),
        "zh": ("语言模型 {name} 没有应答（{reason}）。", "请确认模型已运行；相关设置为 SPEECHQA_LLM…"),
    }


class NoLanguageModel(SpeechQAError):
    code = "no_language_model"
    texts = {
        "en": ("No language model is set.", "Set SPEECHQA_LLM, and SPEECHQA_LLM_BASE_URL for a server of your own."),
        "zh": ("没有设置语言模型。", "请设置 SPEECHQA_LLM；自己的服务还需设置 SPEECHQA_LLM_BASE_URL。"),
    }


class GoldWithoutSource(SpeechQAError):
    code = "gold_without_source"
    texts = {
        "en": (
            "The gold names no document, and {count} files are indexed.",
            "Name the file: speechqa eval-outline GOLD.jsonl FILE, or give its lines a `document`.",
        ),
        "zh": (
            "标准大纲没有注明文档，而索引中有 {count} 个文件。",
            "请指明文件：speechqa eval-outline GOLD.jsonl 文件名，或在每行中给出 `document`。",
        ),
    }
