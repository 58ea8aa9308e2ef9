"""Sentences SpeechQA says itself, in the asker's language; one place for prompts, pages and tests."""

from typing import Literal

Reason = Literal["no_evidence", "out_of_scope", "unsupported"]

REFUSALS: dict[Reason, dict[str, str]] = {
    "no_evidence": {
        "zh": "已索引的讲话中没有找到能回答这个问题的内容。",
        "en": "The indexed speeches do not say.",
    },
    "out_of_scope": {
        "zh": "我只能根据已索引的讲话回答问题。",
        "en": "I can only answer questions from the indexed speeches.",
    },
    "unsupported": {
        "zh": "讲话中有相关内容，但不足以支持一个答案。",
        "en": "The speeches touch on this, but do not support an answer.",
    },
}
# How a quotation is introduced when it is in another language than the question, or one of several speeches'.
FRAMES: dict[str, str] = {"en": "{title}{mentioned}: “{quote}”", "zh": "《{title}》{mentioned}：“{quote}”"}
# A speech whose title tells no place, found by one that its words mention.
MENTIONED: dict[str, str] = {"en": " (which mentions {places})", "zh": "（文中提到{places}）"}
JOINED: dict[str, str] = {"en": ", ", "zh": "、"}
# What was looked through and what was found, before the speeches that have it.
COLLECTED: dict[str, str] = {
    "zh": "已逐篇查看{examined}篇讲话，其中{found}篇有“{term}”：",
    "en": "{found} of {examined} speeches, all of them looked through, have “{term}”:",
}
