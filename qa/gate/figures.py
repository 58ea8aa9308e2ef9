"""Does a figure of a claim stand in the evidence, bound to the same things?"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from index.segmentation import fold, has_han
from index.sentences import Span, split_sentences
from qa.gate.claims import DOWN, UP, bounds, content, direction, role
from qa.gate.contrasts import changed_otherwise, of_a_range, other_side
from qa.gate.evidence import Window
from qa.gate.matching import CLAUSE_END
from qa.gate.quantities import TIMES, UNIT, Kind, Quantity, quantities, same_unit
from qa.gate.writing import STOP
from qa.scoring import RELATIVE_YEARS

FigureFault = Literal["number", "date", "bound", "direction"]
PIECE_END = re.compile(rf"[，,；;：:、()（）](?!\d)|[。！？!?]+|{STOP}|\n+")
OF_ANOTHER = 0.6  # share of it beside another figure when nothing of it stands beside its own
ROUNDED, NEAR = (
    Decimal("0.1"),
    Decimal("0.02"),
)  # by so much a rounded figure may be off, told as more or less, and as about
ALMOST, ABOUT = (
    re.compile(r"(?:近|将近|接近|几乎|快要?|逼近)$"),
    re.compile(r"(?:约|大约|大概|大致|差不多|\b(?:about|around|roughly|some|nearly))\s*$"),
)
ABOUT_AFTER = re.compile("左右|上下")
# What lists are counted in, and how they are written.
SPELT = "零一二三四五六七八九十"
HALF, HALVES = 50, re.compile(r"\bhalf\b")  # 一半 is a quantity
RESPECTIVELY, MOST_ITEM = re.compile(r"([^，,。；;：:\n]+?)分别([^，,。；;\n]+)"), 10
LISTED_IN, MOST_LISTED = frozenset("个家处项条所座人位名地市县区类种方面部门单位"), 10
LISTED = re.compile("[、和与及]")
LISTS = re.compile(r"[^，,。；;：:、和与及\s]{1,14}(?:[、和与及][^，,。；;：:、和与及\s]{1,14})+")
PER, PER_AFTER = (
    re.compile(
        rf"每一?([十百千万]?(?:{UNIT}|季度?|学期|村|县|镇|乡))|([人户亩年月日村镇县校企次床件])均|一(天|周|个?月|年|季度)(?=[^，,。；;]{{0,5}}$)"
    ),
    re.compile(rf"(?:/|每)({UNIT})"),
)
SWAPPED = 0.2  # by so much more of a claim stands beside another figure when two were exchanged


def misfit(folded: str, quantity: Quantity, window: Window, judged: bool = False) -> FigureFault | None:
    """What is wrong with a quantity of a claim; None when one like it is told of the same thing.

    With `judged` what it is told of is left to the judge.
    """
    if quantity.kind is Kind.DATE:
        there = [other for other in window.quantities if quantity.agrees(other)]
        if there and all(_of_another_time(folded, quantity, window, other, judged) for other in there):
            return "date"
        return None if dated(quantity, window, _told_in(folded, window)) else "date"
    like = [other for other in window.quantities if quantity.agrees(other)]
    if not like and _of_each(folded, quantity, window):
        return None
    if not like:
        rounded = any(_rounds(folded, quantity, window.folded, other) for other in window.quantities)
        left = rounded or _counts(quantity, window) or _halves(quantity, window) or _spelt(quantity, window)
        return None if judged and left else "number"
    faults = [_told_otherwise(folded, quantity, window, other, judged) for other in like]
    return None if None in faults else faults[0]


def _told_otherwise(
    folded: str, quantity: Quantity, window: Window, other: Quantity, judged: bool
) -> FigureFault | None:
    """What is wrong with a quantity of a claim when the evidence tells the same as `other`."""
    if _per_another(folded, quantity, window.folded, other):
        return "number"
    if not _bounded_alike(folded, quantity, window.folded, other, judged):
        return "bound"
    ways = {direction(folded, quantity), direction(window.folded, other)}
    roles = {role(folded, quantity), role(window.folded, other)}
    if ways == {"up", "down"} or roles == {"from", "to"}:
        return "direction"
    if changed_otherwise(folded, quantity, window.folded, other):
        return "direction"
    one_end = of_a_range(folded, quantity, window.folded, other) and not bounds(folded, quantity)
    item = _of_its_item(folded, window, other)
    borrowed = not (judged or item) and (
        _exchanged(folded, quantity, window, other)
        or _of_another(folded, quantity, window, other)
        or (has_han(folded) and _borrowed(folded, window, other))
    )
    return "number" if one_end or borrowed or item is False else None


def _of_another_time(folded: str, date: Quantity, window: Window, other: Quantity, judged: bool) -> bool:
    """True when a date is told of what is before it where the evidence tells of what is after it, or of something else.

    With `judged` that is left to the judge.
    """
    if other_side(folded, date, window.folded, other, judged or not has_han(folded)):
        return True
    if judged or not has_han(folded):
        return False
    claim, own = ({word.text for word in content(text)} for text in (folded, _piece(window.folded, other)))
    others = [figure for figure in window.quantities if figure.kind is Kind.DATE and not figure.agrees(other)]
    rivals = {word.text for figure in others for word in content(_piece(window.folded, figure))}
    return (bool(claim & rivals - own) and not claim & own) or _borrowed(folded, window, other)


def with_figures_of(said: str, evidence: str) -> str:
    """What is said, folded, with its figures written as the evidence writes the same ones."""
    folded, known = fold(said), fold(evidence)
    there = quantities(known)
    for quantity in reversed(quantities(folded)):
        same = next((other for other in there if quantity.agrees(other)), None)
        if same and quantity.kind is not Kind.DATE:
            folded = f"{folded[: quantity.start]}{known[same.start : same.end]}{folded[quantity.end :]}"
    return folded


def disordered(folded: str, told: Sequence[Quantity], window: Window) -> bool:
    """True when figures told one after another, 分别, stand in another order in the evidence."""
    if "分别" not in folded and "各" not in folded:
        return False
    places = [
        next((other.start for other in window.quantities if quantity.agrees(other)), -1)
        for quantity in told
        if quantity.kind is not Kind.DATE
    ]
    return places != sorted(places)


def dated(quantity: Quantity, window: Window, own: str = "") -> bool:
    """True when a date stands in the evidence or follows from its year: 去年 of `own`, its clause, else of any."""
    if any(quantity.agrees(other) for other in window.quantities):
        return True
    year, month, day = quantity.date
    # 2月底前 is not said because the speech is of February.
    if (year or day) and any(quantity.agrees(other) for other in window.context_quantities):
        return True
    # 今年3月底 of a speech of 2025 is March 2025.
    told = [other.date for other in window.quantities if other.kind is Kind.DATE and other.date[0] is None]
    relative = _years(own, window) or _years(window.folded, window)
    years = relative or ({window.year} if window.year else set())
    if month is None:
        return year in relative
    return year in years and any(month == other[1] and (day is None or day == other[2]) for other in told)


def _told_in(folded: str, window: Window) -> str:
    """The clause of the evidence that has the last word of a claim: 今年竣工 of 去年立项，今年竣工 for 大桥竣工."""
    words = content(folded)
    return next((piece for piece in CLAUSE_END.split(window.folded) if words and words[-1].text in piece), "")


def _years(folded: str, window: Window) -> set[int]:
    """The years that 去年, 今年 … of a text are, by the year of the speech."""
    return {window.year + offset for words, offset in RELATIVE_YEARS if window.year and words.search(folded)}


def resolves(word: str, window: Window) -> bool:
    """True for 去年 where the evidence names the year before its own."""
    offset = next((offset for words, offset in RELATIVE_YEARS if words.fullmatch(word)), None)
    if offset is None or window.year is None:
        return False
    return str(window.year + offset) in window.folded + window.context


def _bounded_alike(folded: str, quantity: Quantity, evidence: str, other: Quantity, judged: bool) -> bool:
    """True when both are told as the least, the most, or neither; 5亿多元 is more than 5亿元.

    With `judged` when they are not told as opposites: 三年内退出 is 用三年时间退出.
    """
    told, found = bounds(folded, quantity), bounds(evidence, other)
    if told == found or (judged and not (told and found)):
        return True
    return told | found == {"least"} and (quantity.more or other.more)


def _per_another(folded: str, quantity: Quantity, evidence: str, other: Quantity) -> bool:
    """True when a figure is told per month where the evidence tells it per year, or per person and per household."""
    told, found = _per(folded, quantity), _per(evidence, other)
    for of_time in (True, False):
        own = [unit for unit in found if (unit in TIMES) is of_time]
        claimed = [unit for unit in told if (unit in TIMES) is of_time]
        if own and any(not any(same_unit(unit, one) for one in own) for unit in claimed):
            return True
    return False


def _per(folded: str, figure: Quantity) -> list[str]:
    """The units that a figure is told per: 户 and 月 of 每户每月800元."""
    start, end = span_beside(folded, figure)
    found = (*PER.finditer(folded, start, figure.start), *PER_AFTER.finditer(folded, figure.end, end))
    return [match[match.lastindex or 0].replace("个月", "月") for match in found]


def _of_its_item(folded: str, window: Window, figure: Quantity) -> bool | None:
    """Whether a claim tells a figure of the item that the evidence tells it of, where it tells 分别, respectively."""
    for match in RESPECTIVELY.finditer(window.folded):
        items = [item[-MOST_ITEM:] for item in LISTED.split(match[1])]
        start, end = match.span(2)
        figures = [other for other in window.quantities if start <= other.start < end and other.kind is not Kind.DATE]
        if len(items) != len(figures) or figure not in figures:
            continue
        named = [i for i, item in enumerate(items) if any(word in folded for word in _distinct(item, items))]
        if named and figures.index(figure) not in named:
            return False
        told_there = all(word.text in match[0] + window.about for word in content(folded))
        return True if len(named) == 1 and told_there else None
    return None


def _distinct(item: str, items: Sequence[str]) -> list[str]:
    """The words of an item that are in none of the others."""
    others = "，".join(other for other in items if other != item)
    return [word.text for word in content(item) if word.text not in others]


def _rounds(folded: str, quantity: Quantity, evidence: str, other: Quantity) -> bool:
    """True when a claim tells a figure of the evidence rounded, and says so: 不到40分钟 of 38分钟, 近四成 of 39.6%."""
    told = quantity.value or Decimal(0)
    if not quantity.measures_like(other) or not other.value or not told:
        return False
    if bounds(evidence, other) or _digits(told) >= _digits(other.value):
        return False
    off, bound = (other.value - told) / told, bounds(folded, quantity)
    if bound == {"least"} or quantity.more:
        return 0 < off <= ROUNDED
    if bound == {"most"} or ALMOST.search(folded[: quantity.start]):
        return -ROUNDED <= off < 0
    return bool(ABOUT.search(folded[: quantity.start]) or ABOUT_AFTER.match(folded, quantity.end)) and abs(off) <= NEAR


def _digits(value: Decimal) -> int:
    """How many digits of a number count: 2 of 3800."""
    return len(value.normalize().as_tuple().digits)


def _counts(quantity: Quantity, window: Window) -> bool:
    """True when a claim only counts what the evidence lists: 三家单位 of 甲局、乙局和丙局."""
    if quantity.kind is not Kind.COUNT or quantity.unit not in LISTED_IN or not 1 < (quantity.value or 0) < MOST_LISTED:
        return False
    return any(len(LISTED.findall(match[0])) + 1 == quantity.value for match in LISTS.finditer(window.folded))


def _of_each(folded: str, quantity: Quantity, window: Window) -> bool:
    """True for 两县 of 青溪县、白石县."""
    if quantity.unit or not has_han(folded[quantity.start]):
        return False
    return window.folded.count(folded[quantity.end : quantity.end + 1]) == quantity.value


def _spelt(quantity: Quantity, window: Window) -> bool:
    """True for three where the evidence says 三山: without a measure word few numbers are read in Chinese."""
    if quantity.kind is not Kind.COUNT or quantity.unit or not 1 < (quantity.value or 0) < len(SPELT):
        return False
    return bool(re.search(rf"(?<!第){SPELT[int(quantity.value or 0)]}(?![是要则来、，])", window.folded))


def _halves(quantity: Quantity, window: Window) -> bool:
    """True for 50% where English evidence says half."""
    return quantity.kind is Kind.SHARE and quantity.value == HALF and bool(HALVES.search(window.folded))


def _exchanged(folded: str, quantity: Quantity, window: Window, other: Quantity) -> bool:
    """True when what the claim counts is counted by another figure of the evidence."""
    lengths = [one for one in quantities(folded) if one.unit in TIMES]
    counted = _counted(folded, quantity, lengths)
    if quantity.unit in TIMES or not counted:
        return False

    def share(figure: Quantity) -> float:
        beside = _counted(window.folded, figure, lengths)
        return sum(word in beside for word in counted) / len(counted)

    rivals = [
        share(figure) for figure in window.quantities if quantity.measures_like(figure) and not quantity.agrees(figure)
    ]
    own = share(other)
    if not own:  # something else is counted, in whatever unit
        rivals += [share(figure) for figure in window.quantities if figure.kind is quantity.kind and figure != other]
        return max(rivals, default=0.0) >= OF_ANOTHER
    return max(rivals, default=0.0) > own + SWAPPED


def _of_another(folded: str, quantity: Quantity, window: Window, other: Quantity) -> bool:
    """True when a figure is told of one thing where the evidence tells it of another that it speaks of, too."""
    claim, own = (
        {word.text for word in content(_piece(text, figure)) if word.weight >= 1}
        for text, figure in ((folded, quantity), (window.folded, other))
    )
    elsewhere = [
        word
        for word in claim - own
        if word in window.given_folded and word not in window.about and not any(word in other for other in own)
    ]
    return bool(elsewhere) and any(word not in folded for word in own)


def _borrowed(folded: str, window: Window, other: Quantity) -> bool:
    """True when a figure is told of a thing of another sentence, and its own sentence tells it of something else."""
    sentences = [window.folded[a:b] for a, b in split_sentences(window.folded, 0, len(window.folded))]
    start = 0
    for own in sentences:
        start = window.folded.index(own, start)
        if start <= other.start < start + len(own):
            break
    else:
        return False
    before, after = window.folded[:start], window.folded[start + len(own) :]
    claim = {word.text for word in content(folded) if word.weight >= 1}
    foreign = {word for word in claim if word not in own and word not in window.about}
    if any(word in after and word not in before for word in foreign):
        return True
    subject = {word.text for word in content(own[: other.start - start]) if word.weight >= 1}
    return any(word in before for word in foreign) and any(word not in folded for word in subject)


def span_beside(folded: str, figure: Quantity, figures: Sequence[Quantity] = ()) -> Span:
    """Where the words around a figure stand: up to the next signs and the next of `figures`."""
    starts = [match.end() for match in PIECE_END.finditer(folded, 0, figure.start)]
    ends = [match.start() for match in PIECE_END.finditer(folded, figure.end)]
    return (
        max([0, *starts, *(other.end for other in figures if other.end <= figure.start)]),
        min([len(folded), *ends, *(other.start for other in figures if other.start >= figure.end)]),
    )


def _piece(folded: str, quantity: Quantity) -> str:
    """The words between the signs around a quantity."""
    start, end = span_beside(folded, quantity)
    return folded[start:end]


def _counted(folded: str, quantity: Quantity, lengths: Sequence[Quantity] = ()) -> frozenset[str]:
    """The words right behind a figure, up to the next figure or sign; where none are, those before it.

    判处五年以上徒刑的有30人: of the `lengths` of time that are told of it, none is another thing that is counted.
    """
    others = [other for other in quantities(folded) if not any(length.agrees(other) for length in lengths)]
    start, end = span_beside(folded, quantity, others)
    for text in (folded[quantity.end : end], folded[start : quantity.start]):
        if words := [word.text for word in content(text) if not UP.search(word.text) and not DOWN.search(word.text)]:
            return frozenset(words)
    return frozenset()
