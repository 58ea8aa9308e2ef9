"""Does a figure of a claim stand in the evidence, bound to the same things?"""

import re
from collections.abc import Sequence
from typing import Literal

from index.segmentation import fold, has_han
from index.sentences import split_sentences
from qa.gate.claims import DOWN, UP, bounds, content, direction, role
from qa.gate.evidence import Window
from qa.gate.quantities import TIMES, Kind, Quantity, quantities, same_unit
from qa.scoring import RELATIVE_YEARS

FigureFault = Literal["number", "date", "bound", "direction"]
PIECE_END = re.compile(r"[，,；;：:、()（）](?!\d)|[。！？!?]+|\.(?=\s|$)|\n+")
OF_ANOTHER = 0.6  # share of it beside another figure when nothing of it stands beside its own
SWAPPED = 0.2  # by so much more of a claim stands beside another figure when two were exchanged


def misfit(folded: str, quantity: Quantity, window: Window) -> FigureFault | None:
    """What is wrong with a quantity of a claim; None when one like it is told of the same thing."""
    if quantity.kind is Kind.DATE:
        return None if dated(quantity, window) else "date"
    like = [other for other in window.quantities if quantity.agrees(other)]
    if not like:
        return "number"
    faults: list[FigureFault] = []
    for other in like:
        if not _bounded_alike(folded, quantity, window.folded, other):
            faults.append("bound")
            continue
        ways = {direction(folded, quantity), direction(window.folded, other)}
        roles = {role(folded, quantity), role(window.folded, other)}
        if ways == {"up", "down"} or roles == {"from", "to"}:
            faults.append("direction")
            continue
        if (
            _exchanged(folded, quantity, window, other)
            or _of_another(folded, quantity, window, other)
            or (has_han(folded) and _borrowed(folded, window, other))
        ):
            faults.append("number")
            continue
        return None
    return faults[0]


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


def dated(quantity: Quantity, window: Window) -> bool:
    """True when a date stands in the evidence or follows from its year."""
    if any(quantity.agrees(other) for other in window.quantities):
        return True
    if any(quantity.agrees(other) for other in window.context_quantities):
        return True
    year, month, day = quantity.date
    # 今年3月底 of a speech of 2025 is March 2025.
    told = [other.date for other in window.quantities if other.kind is Kind.DATE and other.date[0] is None]
    relative = {window.year + offset for words, offset in RELATIVE_YEARS if window.year and words.search(window.folded)}
    years = relative or ({window.year} if window.year else set())
    if month is None:
        return year in relative
    return year in years and any(month == other[1] and (day is None or day == other[2]) for other in told)


def resolves(word: str, window: Window) -> bool:
    """True for 去年 where the evidence names the year before its own."""
    offset = next((offset for words, offset in RELATIVE_YEARS if words.fullmatch(word)), None)
    if offset is None or window.year is None:
        return False
    return str(window.year + offset) in window.folded + window.context


def _bounded_alike(folded: str, quantity: Quantity, evidence: str, other: Quantity) -> bool:
    """True when both are told as the least, the most, or neither; 5亿多元 is more than 5亿元."""
    told, found = bounds(folded, quantity), bounds(evidence, other)
    if told == found:
        return True
    return told | found == {"least"} and (quantity.more or other.more)


def _exchanged(folded: str, quantity: Quantity, window: Window, other: Quantity) -> bool:
    """True when what the claim counts is counted by another figure of the evidence."""
    counted = _counted(folded, quantity)
    if quantity.unit in TIMES or not counted:
        return False

    def share(figure: Quantity) -> float:
        beside = _counted(window.folded, figure)
        return sum(word in beside for word in counted) / len(counted)

    rivals = [
        share(figure)
        for figure in window.quantities
        if figure.kind is quantity.kind and same_unit(figure.unit, quantity.unit) and not quantity.agrees(figure)
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


def _piece(folded: str, quantity: Quantity) -> str:
    """The words between the signs around a quantity."""
    start = max((match.end() for match in PIECE_END.finditer(folded, 0, quantity.start)), default=0)
    end = next((match.start() for match in PIECE_END.finditer(folded, quantity.end)), len(folded))
    return folded[start:end]


def _counted(folded: str, quantity: Quantity) -> frozenset[str]:
    """The words right behind a figure, up to the next figure or sign; where none are, those before it."""
    others = [other for other in quantities(folded) if other.start != quantity.start]
    end = min(
        [m.start() for m in PIECE_END.finditer(folded, quantity.end)]
        + [other.start for other in others if other.start >= quantity.end],
        default=len(folded),
    )
    start = max(
        [m.end() for m in PIECE_END.finditer(folded, 0, quantity.start)]
        + [other.end for other in others if other.end <= quantity.start],
        default=0,
    )
    for text in (folded[quantity.end : end], folded[start : quantity.start]):
        if words := [word.text for word in content(text) if not UP.search(word.text) and not DOWN.search(word.text)]:
            return frozenset(words)
    return frozenset()
