"""Where a claim, worded as the evidence is, says otherwise in one place: 上坞村 for 下坞村, A比B多 for B比A多.

Each of these a language model changes in passing; that most of the words agree hides it.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

import rjieba

from index.segmentation import has_han
from qa.dictionary import may_be_a_name, may_be_a_person
from qa.gate.claims import DOWN, LATIN, NO_NAME, UP, bare_place, content, matter
from qa.gate.evidence import Window
from qa.gate.quantities import ABOUT_TWO, TIMES, Kind, Quantity, quantities

# Numbers that are none: 几十, 上万, 十几, 五六百.
VAGUE = re.compile(
    rf"前[二三四五六七八九十]+(?=[，,。；;、名位强的]|$)|好?[几上][十百千万亿]+|十几|{ABOUT_TWO.pattern}"
)
# Figures with letters: 5A, 220kV, 1.2GW.
CODE = re.compile(r"\d+(?:\.\d+)?[a-z]{1,4}(?![a-z])")
CURRENCY = re.compile(r"\b(dollar|crown|euro|pound|yuan|yen|rupee|franc|rouble|peso)s?\b")
# On which side of a date something is.
BEFORE, AFTER = re.compile("^[底末]?(?:以前|之前|前(?![后三四五十]))"), re.compile("^[底末]?(?:以后|之后|后)")
SINCE, FROM_DATE = re.compile("^(?:以来|至今|起|开始)"), re.compile("(?:自从?|从)(?:今年|去年|明年)?$")
LONG_AGO, ALL_THE_WHILE = re.compile("^(?:以前|之前|前)"), re.compile("^(?:以?来|间)")
# 增加2倍 is not 增加到2倍.
_CHANGE = "增加|增长|提高|提升|上升|上涨|扩大|下降|降低|减少|压减|缩小|缩短|压缩|延长"
CHANGED_BY = re.compile(rf"(?:{_CHANGE})了?约?$")
CHANGED_TO = re.compile(rf"(?:{_CHANGE})了?(?:到|至|为)(?:原来的|去年的)?约?$|(?:是|为|相当于)[^，,。；;]{{0,8}}的$")
_BETWEEN = "到至—~～–-"
PARTLY = re.compile("并?非(?:所有|全部|都|全)|不是(?:所有|全部|都)|不(?:完全|全是|都)|没有?(?:全部|完全)")
WHOLLY = re.compile("(?:都|全|完全|一律)(?:不|没|未)|(?:所有|全部)[^，,。；;]{0,12}(?:都|均)?(?:不|没|未)")
NOT_BUT = re.compile("(?:不是|不在|并非)([^，,。；;]{1,14})[，,]?而[是在]([^，,。；;]{1,16})")
BUT_NOT = re.compile("[是在]([^，,。；;]{1,14})[，,]?而?(?:不是|不在|并非)([^，,。；;]{1,16})")
THAN = re.compile(
    "([^，,。；;]{1,20})比([^，,。；;]{1,16}?)(?=多|少|高|低|快|慢|大|小|早|晚|长|短|好|差|增|减|上|下|提|降)"
)
TIMES_OF = re.compile(r"([^，,。；;]{1,20})[是为达]到?([^，,。；;]{1,16}?)的[\d.一二三四五六七八九十两几]+倍")
# What English says of a year, and Chinese.
YEARS = {"this year": "今年|本年|年内", "next year": "明年|来年", "last year": "去年"}
EARLIER, LATER = (
    re.compile(r"(?<!year )(?<!years )(?<!month )(?<!months )\bearlier\b|\bahead of\b"),
    re.compile(r"\blater\b|\bdelay"),
)
AHEAD, DELAYED = re.compile("提前|提早|早(?=了|\\d|于)"), re.compile("推迟|延[期后迟误]|晚(?=了|\\d|于)|以后|之后")
BASE = re.compile("(?:比|较)(常年|往年|计划|预期|目标|全国|全省|全市|全县|平均|行业|上届|上月|去年|前年|同期)")
LEVELS = "国省市县区镇乡"
LEVEL = re.compile(f"(?<!城)([{LEVELS}])([一-龥]{{2}})")
OFFICE = re.compile(
    "(副)?(省长|市长|县长|区长|镇长|乡长|主任|书记|局长|厅长|部长|院长|校长|行长|主席|会长|总经理|董事长|处长|科长)([一-龥]{2})"
)
# Who does what, where one and the other change places.
DOES = re.compile("([^，,、；;。：:]{2,14}?)(牵头|配合|主办|承办|协办|批复|呼吁|反映|担心|捐赠|主管|监管)")
CALLED = re.compile("[长任记师员事理授士]([一-龥]{3})")  # three letters behind what somebody is
HIMSELF = re.compile("我们?(?:来|亲自|一起|本人)?$")
AGENT_END = re.compile("[向对给把将]")
BODY_NAME = re.compile(
    "([一-龥])([一-龥](?:大学|学院|小学|中学|学校|幼儿园|医院|公司|集团|社区|街道|水库|大桥|公园|镇|乡|村|河|湖|江|山|岛|湾|桥))"
)
# What narrows what is told: without it more is claimed.
NARROWING = tuple("规模以上 限额以上 试点 首批 新录用 低保 城镇 农村 民营 公办 市区".split())
NO_ACRONYM = frozenset("gdp ai app ceo it".split())


def other_figures(folded: str, evidence: str) -> bool:
    """True when a claim has a figure that no number stands for, 几十, 5A or 220kV, or a currency, and the evidence has not."""
    money = set(CURRENCY.findall(folded))
    if money and (own := set(CURRENCY.findall(evidence))) and money - own:
        return True
    return has_han(folded) and any(
        found not in evidence for pattern in (VAGUE, CODE) for found in pattern.findall(folded)
    )


def other_side(folded: str, date: Quantity, evidence: str, other: Quantity, judged: bool) -> bool:
    """True when one tells of before a date and the other of after it; unless `judged` also when only one tells of since."""
    sides = {_side(folded, date), _side(evidence, other)}
    if "before" in sides and sides & {"after", "since"}:
        return True
    return not judged and "since" in sides and "" in sides


def _side(folded: str, date: Quantity) -> str:
    after = folded[date.end : date.end + 4]
    if SINCE.search(after) or (FROM_DATE.search(folded[: date.start]) and after[:1] not in ("到", "至")):
        return "since"
    return "before" if BEFORE.search(after) else "after" if AFTER.search(after) else ""


def changed_otherwise(folded: str, quantity: Quantity, evidence: str, other: Quantity) -> bool:
    """True when one tells by how much a thing changed and the other to what, or one of ago and the other of since."""
    if quantity.unit in TIMES:
        ways = {_while(folded, quantity), _while(evidence, other)}
        if ways == {"ago", "while"}:
            return True
    return {_changed(folded, quantity), _changed(evidence, other)} == {"by", "to"}


def _while(folded: str, quantity: Quantity) -> str:
    after = folded[quantity.end : quantity.end + 3]
    return "ago" if LONG_AGO.search(after) else "while" if ALL_THE_WHILE.search(after) else ""


def _changed(folded: str, quantity: Quantity) -> str:
    before = folded[max(0, quantity.start - 16) : quantity.start]
    return "by" if CHANGED_BY.search(before) else "to" if CHANGED_TO.search(before) else ""


def of_a_range(folded: str, quantity: Quantity, evidence: str, other: Quantity) -> bool:
    """True when a claim tells one end of what the evidence tells as a range: 3年 of 3到5年."""
    return quantity.kind is not Kind.DATE and _in_range(evidence, other) and not _in_range(folded, quantity)


def _in_range(folded: str, quantity: Quantity) -> bool:
    before, after = folded[max(0, quantity.start - 2) : quantity.start], folded[quantity.end : quantity.end + 2]
    figure = r"[\d一二三四五六七八九十两百千万%]"
    opens = bool(re.match(rf"[{_BETWEEN}]{figure}", after))
    closes = bool(re.search(rf"{figure}[{_BETWEEN}]$", before))
    changes = bool(re.search("(?:从|由|自)[^，,。；;]{0,3}$", folded[: quantity.start]) and opens)
    return (opens or closes) and not changes


def turned_denial(claim: str, evidence: str) -> bool:
    """True when a claim denies all where the evidence denies some, or asserts what the evidence says it is not."""
    for one, other in ((claim, evidence), (evidence, claim)):
        if PARTLY.search(one) and WHOLLY.search(PARTLY.sub("", other)) and not PARTLY.search(other):
            return True
    denied, asserted = _not_but(evidence)
    his_denied, his_asserted = _not_but(claim)
    return bool(his_denied & asserted - denied) or bool(his_asserted & denied - asserted)


def _not_but(folded: str) -> tuple[set[str], set[str]]:
    """What is said not to be so and what instead."""
    if found := NOT_BUT.search(folded):
        return _nouns(found[1]), _nouns(found[2])
    if found := BUT_NOT.search(folded):
        return _nouns(found[2]), _nouns(found[1])
    return set(), set()


def compared_otherwise(claim: str, evidence: str) -> bool:
    """True when A比B多 is told of B比A多, or A是B的两倍 of B是A的两倍."""
    same_way = bool(UP.search(claim)) == bool(UP.search(evidence)) or bool(DOWN.search(claim)) == bool(
        DOWN.search(evidence)
    )
    return same_way and any(
        _swapped(told, found)
        for pattern in (THAN, TIMES_OF)
        for told in pattern.finditer(claim)
        for found in pattern.finditer(evidence)
    )


def _swapped(told: re.Match[str], found: re.Match[str]) -> bool:
    """True when the first of what is told is the second of what is found, and the other way round."""
    if told[2] == found[2]:
        return False
    one, than = (_nouns(told[i]) - _nouns(told[3 - i]) for i in (1, 2))
    other, his = (_nouns(found[i]) - _nouns(found[3 - i]) for i in (1, 2))
    return bool(one & his and than & other) or (told[2] in found[1] and found[2] in told[1])


def of_another_time(claim: str, evidence: str) -> bool:
    """True when an English claim tells of this year what Chinese evidence tells of next year, or as later what is earlier."""
    named = {word for word, chinese in YEARS.items() if re.search(chinese, evidence)}
    if named and any(word in claim and word not in named for word in YEARS):
        return True
    return any(
        said.search(claim) and not other.search(claim) and told.search(evidence) and not found.search(evidence)
        for said, other, told, found in ((EARLIER, LATER, DELAYED, AHEAD), (LATER, EARLIER, AHEAD, DELAYED))
    )


def of_another_base(claim: str, evidence: str) -> bool:
    """True when a claim compares with 常年 what the evidence compares with 计划."""
    bases, own = set(BASE.findall(claim)), set(BASE.findall(evidence))
    return bool(bases and own and not bases & own)


def other_name(claim: str, window: Window) -> bool:
    """True when a claim names a level, an office, a body or whoever does a thing otherwise than the evidence does."""
    evidence, known = window.folded, window.known
    return has_han(claim) and (
        any(word not in known for word in _foreign(claim))
        or any(_at_another_level(claim, found[1], found[2], known) for found in LEVEL.finditer(claim))
        or _of_another_office(claim, known)
        or any(_named_otherwise(found[1], found[2], evidence) for found in BODY_NAME.finditer(claim))
        or _done_by_another(claim, evidence, window.spoken_by)
        or _misnamed(claim, evidence)
    )


@lru_cache(maxsize=4_000)
def _foreign(claim: str) -> tuple[str, ...]:
    """Words of an alphabet, and places and countries, of a Chinese claim."""
    written = (word for word in LATIN.findall(claim) if len(word) > 1 and word not in NO_ACRONYM)
    placed = (
        bare_place(str(word)) for word, tag in rjieba.tag(matter(claim)) if tag == "ns" and may_be_a_name(str(word))
    )
    return (*written, *(word for word in placed if word and not (len(word) == len("上市") and word[1] in LEVELS)))


def _at_another_level(claim: str, level: str, of: str, known: str) -> bool:
    """True for 省医院 of 市医院; the 市 of 城市 is no level, but 全市学校 is more than 城市学校."""
    city = "" if f"全{level}{of}" in claim else "(?<!城)"
    found = re.findall(f"{city}([{LEVELS}]){of}", known)
    return bool(found) and level not in found


def _of_another_office(claim: str, known: str) -> bool:
    """True for 市长周启 where the evidence has 副市长周启, and the other way round."""
    for found in OFFICE.finditer(claim):
        deputies = {other[1] for other in OFFICE.finditer(known) if other.group(2, 3) == found.group(2, 3)}
        if deputies and found[1] not in deputies:
            return True
    return False


def _named_otherwise(letter: str, body: str, evidence: str) -> bool:
    """True for 下坞村 where the evidence has only 上坞村."""
    before = {evidence[found.start() - 1 : found.start()] for found in re.finditer(re.escape(body), evidence)}
    return (
        bool(before)
        and body[0] not in NO_NAME
        and letter not in before
        and not any(_ends_a_word(one) for one in (letter, *before))
    )


def _ends_a_word(letter: str) -> bool:
    """True for what may stand before a name without being of it."""
    return (
        not letter
        or letter in LEVELS
        or (letter in NO_NAME and letter not in "上下前后中内外新老大")
        or not "一" <= letter <= "龥"
    )


def _misnamed(claim: str, evidence: str) -> bool:
    """True when a claim has all but the last letter of a name of the evidence, 方维贤 for 方维桢."""
    named = (name for name in CALLED.findall(evidence) if name not in claim and may_be_a_person(name))
    return any(name[:2] in claim and name[:2] not in evidence.replace(name, "") for name in named)


def _done_by_another(claim: str, evidence: str, speaker: str) -> bool:
    """True when another than in the evidence leads, asks, gives or is afraid; 我 is the speaker."""
    for told in DOES.finditer(claim):
        agents = [AGENT_END.split(found[1])[0] for found in DOES.finditer(evidence) if found[2] == told[2]]
        does = [_nouns(agent) | ({speaker} if HIMSELF.search(agent) else set()) for agent in agents]
        mine = _nouns(AGENT_END.split(told[1])[0])
        if mine and does and not any(mine & one or _alike(mine, one) for one in does):
            return True
    return False


def _alike(one: Iterable[str], other: Iterable[str]) -> bool:
    return any(a in b or b in a for a in one for b in other)


def widened(claim: str, nearest: str) -> bool:
    """True when a claim leaves out what narrows the same words in the evidence: 工业 of 规模以上工业."""
    return any(
        (found := re.search(f"{word}的?([一-龥]{{2}})", nearest)) is not None
        and found[1] in claim
        and word not in claim
        for word in NARROWING
    )


def reversed_in_passing(claim: str, nearest: str) -> bool:
    """True when a claim without a figure tells as growing what its clause of the evidence tells as shrinking."""
    ways = [(bool(UP.search(text)), bool(DOWN.search(text))) for text in (claim, nearest)]
    return not quantities(claim) and sorted(ways) == [(False, True), (True, False)]


def substituted(claim: str, nearest: str, evidence: str) -> bool:
    """True when between the same words a claim has another noun, which the evidence has nowhere: 小麦 for 玉米."""
    mine, own = _cut(claim), _cut(nearest)
    for what, a, b, c, d in SequenceMatcher(None, mine, own, autojunk=False).get_opcodes():
        if what != "replace" or b - a != 1 or d - c != 1 or a == 0 or b == len(mine):
            continue
        if mine[a] not in evidence and _nouns(mine[a]) and _nouns(own[c]):
            return True
    return False


@lru_cache(maxsize=4_000)
def _cut(folded: str) -> tuple[str, ...]:
    """All words of a folded clause, without its quantities."""
    return tuple(str(word) for word in rjieba.cut(matter(folded)))


def _nouns(folded: str) -> set[str]:
    return {word.text for word in content(folded) if word.weight >= 1}
