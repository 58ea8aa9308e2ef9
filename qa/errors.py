"""What can be wrong with a question or a question set."""

from index.errors import SpeechQAError

LONGEST_QUESTION = 2000


class EmptyQuestion(SpeechQAError):
    code = "empty_question"
    texts = {
        "en": ("The question is empty.", "Ask in plain words, for instance: 全省有多少社区志愿者?"),
        "zh": ("问题是空的。", "请输入问题，例如：全省有多少社区志愿者?"),
    }


class QuestionTooLong(SpeechQAError):
    code = "question_too_long"
    texts = {
        "en": ("The question has {length} characters; {longest} are allowed.", "Ask for one thing in fewer words."),
        "zh": ("问题有 {length} 个字符，最多允许 {longest} 个。", "请用更少的文字提问。"),
    }


class BadQuestionSet(SpeechQAError):
    code = "bad_question_set"
    texts = {
        "en": ("{name}, line {line}: {reason}.", "Each line is one JSON object, as samples/questions.jsonl shows."),
        "zh": ("{name} 第 {line} 行：{reason}。", "每行应为一个 JSON 对象，参见 samples/questions.jsonl。"),
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
