"""Sentences SpeechQA says itself, in the asker's language; one place for prompts, pages and tests."""

import datetime
from collections.abc import Callable, Iterable
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
# Of speeches that are compared, those in which nothing was found.
SILENT: dict[str, str] = {
    "zh": "说到的有{said}篇；没有找到的：{titles}。",
    "en": "{said} speeches say it; nothing was found in {titles}.",
}
# A list that has another number of items than the question says.
OTHER_COUNT: dict[str, str] = {
    "zh": "问的是{asked}项，讲话中找到的是{found}项：",
    "en": "You asked for {asked}; the speech has {found}:",
}
# Of things asked side by side, those to which nothing was found.
UNANSWERED: dict[str, str] = {
    "zh": "没有找到回答{parts}的内容；找到的是：",
    "en": "Nothing was found for {parts}; what was found:",
}
TITLES: dict[str, str] = {"zh": "《{}》", "en": "{}"}


def join_titles(language: str, titles: Iterable[str]) -> str:
    """Titles one after another: 《甲》、《乙》."""
    return JOINED[language].join(map(TITLES[language].format, titles))


# What was looked through and what was found, before the speeches that have it.
COLLECTED: dict[str, dict[str, str]] = {
    "zh": {
        "found": "已逐篇查看{examined}篇讲话，其中{found}篇有“{term}”：",
        "figures": "已逐篇查看{examined}篇讲话，其中{found}篇有“{term}”的数：",
        "none": "已逐篇查看{examined}篇讲话，没有一篇有“{term}”。",
        "none_given": "{examined}篇讲话中没有{term}的。",
        "given": "{examined}篇讲话中，{term}的有{found}篇：",
        "earliest": "已逐篇查看{examined}篇讲话，其中{found}篇有“{term}”；注明日期的讲话中，最早的是{whose}：",
        "latest": "已逐篇查看{examined}篇讲话，其中{found}篇有“{term}”；注明日期的讲话中，最近的是{whose}：",
        "most": "已逐篇查看{examined}篇讲话，其中{found}篇有“{term}”；出现最多的有{times}次，见{whose}：",
        "evolution": "已逐篇查看{examined}篇讲话，其中{found}篇有“{term}”，{dated}篇注明日期；按首次出现的先后：\n{variants}",
    },
    "en": {
        "found": "{found} of {examined} speeches, all of them looked through, have “{term}”:",
        "figures": "{found} of {examined} speeches, all of them looked through, have a figure of “{term}”:",
        "none": "All {examined} speeches were looked through; none has “{term}”.",
        "none_given": "None of {examined} speeches is of {term}.",
        "given": "Of {examined} speeches, {found} are of {term}:",
        "earliest": "{found} of {examined} speeches, all of them looked through, have “{term}”; of those with a date, the earliest is {whose}:",
        "latest": "{found} of {examined} speeches, all of them looked through, have “{term}”; of those with a date, the latest is {whose}:",
        "most": "{found} of {examined} speeches, all of them looked through, have “{term}”; most often, {times} times, {whose}:",
        "evolution": "{found} of {examined} speeches, all of them looked through, have “{term}”, {dated} of them with a date; by first use:\n{variants}",
    },
}
# One wording of a term: the days of its first and last use, and how many speeches have it.
VARIANT: dict[str, str] = {"zh": "“{words}”：{days}，{count}篇", "en": "“{words}”: {days}, {count} speeches"}
# Speeches that have what was looked for in their title, not in their text.
TITLED: dict[str, str] = {
    "zh": "另有{count}篇只在题名中出现：{titles}。",
    "en": "{count} more have it in their title alone: {titles}.",
}
NOT_FOUND: dict[str, str] = {"zh": "没有找到的：{titles}。", "en": "Nothing was found in {titles}."}
# Speeches that do not have what was looked for, but its short or full name.
OTHERWISE: dict[str, str] = {
    "zh": "另有{count}篇没有“{term}”，而有它的另一名称{names}，列在{last}。",
    "en": "{count} more do not have “{term}” but another name of it, {names}; they are listed {last}.",
}
LAST: dict[str, tuple[str, str]] = {"zh": ("最后", "下面"), "en": ("last", "below")}
DAYS: dict[str, Callable[[datetime.date], str]] = {
    "zh": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "en": lambda day: f"{day.day} {day:%B %Y}",
}
# A group of a list, of a year, speaker or place, above its speeches.
GROUP: dict[str, str] = {"zh": "{name}（{count}篇）", "en": "{name} ({count})"}
YEAR: dict[str, str] = {"zh": "{}年", "en": "{}"}
# Which part of a long list is given.
PAGE: dict[str, str] = {
    "zh": "（共{total}处，以下是第{first}至{last}处。）",
    "en": "({total} places in all; these are {first} to {last}.)",
}
UNKNOWN: dict[str, str] = {"zh": "未注明", "en": "not told"}
