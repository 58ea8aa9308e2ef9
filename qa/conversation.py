"""Follow-up questions: "那志愿者呢？", "第二个是什么？", "and in Shandong?" made to stand alone by the turns before."""

import json
import re
from collections.abc import Sequence

from index.history import Turn
from index.numerals import parse_numeral
from index.segmentation import fold
from qa.naming import NAMED_PLACE, PROVINCE_CODES, romanised, sure_places

LONGEST_FOLLOW_UP = 30  # letters; longer questions say what they ask
_N = "[一二三四五六七八九十两]{1,3}|[0-9]{1,2}"
# "那志愿者呢？", "2024年呢", "山东的呢？"
WHAT_ABOUT = re.compile(
    r"^(?:那么?|还有|另外|再问|以及)?[，,]?(?P<x>[^，。？?]{1,16}?)(?:的|又|方面)?(?:呢|又如何|怎么样|又是多少)[？?]?$"
)
WHAT_ABOUT_EN = re.compile(r"^(?:and|what about|how about)\s+(?:in\s+|for\s+|the\s+)*(?P<x>[^?,.]{2,40})\??$", re.I)
# "第二个是什么？", "最后一条具体是什么"
WHICH_ITEM = re.compile(
    rf"^(?:那么?)?(?:第\s*(?P<n>{_N})|(?P<last>最后一))\s*(?:个|条|项|点|件|大|方面|部分|步)?(?:任务|工作|要求|意见|措施|问题|事)?"
    r"(?:具体)?(?:是什么|是啥|内容是什么|指什么|怎么说|讲了什么|说了什么|呢)?[？?]?$"
)
WHICH_ITEM_EN = re.compile(
    r"^(?:and\s+)?(?:what (?:is|was) )?the (?P<n>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)"
    r"(?: (?:one|point|task|item))?\??$",
    re.I,
)
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
PRONOUN = re.compile(
    r"^(?:那么?)?(?:它们?|其中?(?=的|[\u4e00-\u9fff])|他们?|她们?|该(?:市|省|县|区|项目|工程|单位)?|这个?(?:项目|工程|市|省|县|区|单位|地方)?|那里|当地)(?:的)?(?=[\u4e00-\u9fff])"
)
YEAR = re.compile(r"(?:19|20)\d\d年?")
SPEECH = re.compile(rf"第\s*(?:{_N})\s*篇(?:讲话)?|最后一?篇(?:讲话)?")
# Where what a question is about ends and what is asked of it begins.
ASKED_OF_IT = re.compile(
    r"的|什么时候|何时|哪一?[年天日]|有多少|有几|多少|几[个名家项条]|计划|打算|准备|将要?|总|共|由谁|是|在哪|为什么|怎么|如何|提出|要求"
)
COUNTED = re.compile(
    r"(?P<head>.*(?:有|共|新增|新建|安排|完成|建成|达到)?(?:多少|几)(?:个|名|位|家|处|所|座|项|条|人|户)?)(?P<thing>[\u4e00-\u9fff]{2,10}?)(?P<tail>[？?]?)$"
)
TOLD = re.compile(
    r"(?P<head>.*?)(?P<thing>[\u4e00-\u9fff]{2,12}?)(?P<tail>(?:的?(?:数量|人数|总数|数))?(?:一共|总共)?(?:是|有|为|达到)?(?:多少|几).*)$"
)


def standalone(question: str, turns: Sequence[Turn]) -> str:
    """`question` as it would be asked with nothing said before; itself when it leans on nothing.

    Args:
        turns: what was asked and answered before, oldest first.
    """
    if not turns or len(question) > 2 * LONGEST_FOLLOW_UP:
        return question
    text, last = question.strip(), turns[-1]
    if (item := _item_asked(text)) and (asked := _of_item(item, turns)):
        return asked
    about = WHAT_ABOUT.match(text) or WHAT_ABOUT_EN.match(text)
    if about and len(text) <= LONGEST_FOLLOW_UP:
        return _put_in_place(about["x"].strip(), last.standalone) or question
    pronoun = PRONOUN.match(text)
    if pronoun and (subject := subject_of(last.standalone)):
        of = "的" if pronoun[0].endswith("的") else ""
        return f"{subject}{of}{text[pronoun.end() :]}"
    return question


def _item_asked(text: str) -> int | None:
    """The number of the item that is asked for, -1 for the last."""
    if match := WHICH_ITEM.match(text):
        return -1 if match["last"] else parse_numeral(match["n"].replace("两", "二"))
    if match := WHICH_ITEM_EN.match(text):
        word = match["n"].lower()
        return -1 if word == "last" else ORDINALS.index(word) + 1
    return None


def _of_item(number: int, turns: Sequence[Turn]) -> str | None:
    """What an item of the last list was about, as a question."""
    for turn in reversed(turns):
        answer = json.loads(turn.answer)
        citations = answer["citations"]
        if answer["kind"] not in ("outline", "corpus") or not citations:
            continue
        index = number - 1 if number > 0 else len(citations) - 1
        if index >= len(citations):
            return None
        item = citations[index]
        return f"《{item['document_title']}》中“{item['quote']}”具体是什么内容？"
    return None


def _put_in_place(new: str, before: str) -> str | None:
    """The question before with `new` where it has something of the same kind."""
    for of_kind in (YEAR, SPEECH):
        if of_kind.fullmatch(new) and of_kind.search(before):
            year = new if new.endswith("年") or not YEAR.fullmatch(new) else f"{new}年"
            return of_kind.sub(year, before, count=1)
    place = _place_in(before)
    if place and _names_place(new):
        return before.replace(place, new, 1)
    for shape in (COUNTED, TOLD):
        if match := shape.match(before):
            thing = match["thing"]
            subject = subject_of(before)
            if subject and thing.startswith(subject) and thing != subject:
                thing = thing[len(subject) :].lstrip("的")
            start = match.start("thing") + len(match["thing"]) - len(thing)
            return before[:start] + new + before[match.end("thing") :]
    return None


def _place_in(question: str) -> str | None:
    """The place that a question names, with its 省, 市, 县."""
    names = sorted(sure_places(question), key=len, reverse=True)
    for name in names:
        if match := re.search(rf"{re.escape(name)}(?:壮族|回族|维吾尔)?(?:自治区|省|市|县|区|州)?", fold(question)):
            return question[match.start() : match.end()]
    written = romanised(question, frozenset(PROVINCE_CODES.values()))
    words = re.findall(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)*", question)
    return next((word for word in words if romanised(word, written)), None) if written else None


def _names_place(text: str) -> bool:
    return bool(sure_places(text) or NAMED_PLACE.search(text) or romanised(text, frozenset(PROVINCE_CODES.values())))


def subject_of(question: str) -> str | None:
    """What a question is about: the words before what is asked of it."""
    match = ASKED_OF_IT.search(question)
    subject = question[: match.start()].strip(" ，,“”") if match else ""
    return subject if 2 <= len(subject) <= 20 else None
