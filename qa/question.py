"""What a question asks for, read from its wording."""

import datetime
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import rjieba

from index.segmentation import HAN, fold, segment, simplify
from qa.errors import LONGEST_QUESTION, EmptyQuestion, QuestionTooLong
from qa.naming import sure_places
from qa.wording import (
    ASKED,
    ASKING,
    ASKS,
    CALENDAR_YEAR,
    COLLECTION,
    COMPARE,
    EARLIEST,
    EVIDENCE_OF,
    EVOLUTION,
    GENERIC,
    LATEST,
    LATIN_WORD,
    MEASURED,
    MEASURED_HOW,
    MOST,
    NO_QUESTION,
    PART_END,
    SAME_UNIT,
    SCOPE,
    SEVERAL,
    SIDE_BY_SIDE,
    UNIT,
    WHICH_IS_MORE,
    YEAR,
    YEARS_BESIDE,
    Asked,
)

Language = Literal["zh", "en"]
LEADING_YEAR = re.compile(r"(?:19|20)\d\d年")
AFTER_PLACE = re.compile(r"([\u4e00-\u9fff]{2,3}?)(?:省|市|县|区|州|自治区)?(?P<tail>(?:(?:19|20)\d\d年|今年|去年).+)$")


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrow a question to some documents; None leaves a side open. Dates are inclusive."""

    document_ids: tuple[str, ...] | None = None
    speakers: tuple[str, ...] | None = None
    date_from: datetime.date | None = None
    date_to: datetime.date | None = None
    titles: tuple[str, ...] | None = None
    occasions: tuple[str, ...] | None = None
    places: tuple[str, ...] | None = None
    groups: frozenset[str] | None = None  # of who asks; None for one who may see everything

    @property
    def empty(self) -> bool:
        """True when nothing is narrowed."""
        return self == Filters()

    @property
    def chosen(self) -> bool:
        """True when the asker has narrowed the question, beside what may not be seen."""
        return replace(self, groups=None) != Filters()


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood: its words that can occur in a speech, and what an answer must hold.

    `scope` is 全国, 全省, … where it says how far it reaches; `compares` marks one that every speech is asked, `several`
    one about things or places side by side, `collects` one over the whole collection. `measured` is the noun that a
    figure is asked of (平均月工资 → 工资), None for none that tells.
    `traditional` says that it is written in Traditional characters. `parts` are the questions in it when
    several are ("…有多少名，每月增发多少…"), else empty.
    """

    text: str
    language: Language
    traditional: bool
    words: tuple[str, ...]
    asked: Asked | None
    unit: str | None
    years: tuple[str, ...]
    scope: str | None
    measured: str | None
    parts: tuple["Question", ...]
    compares: bool
    several: bool
    collects: bool
    out_of_scope: bool

    def as_written(self, place: str) -> str:
        """A place with the 省, 市, 县, … that the question writes behind it."""
        match = re.search(rf"{re.escape(place)}(?:自治区|自治州|[省市县区州])", fold(self.text))
        return match[0] if match else place


def read_question(text: str, whole: bool = True) -> Question:
    """Understand `text`, not looking for parts unless it is the `whole` question.

    Raises:
        EmptyQuestion, QuestionTooLong: it is none.
    """
    stripped = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\n\t").strip()
    if not any(character.isalnum() for character in stripped):
        raise EmptyQuestion()
    if len(text) > LONGEST_QUESTION:
        raise QuestionTooLong(length=len(text), longest=LONGEST_QUESTION)
    folded = fold(stripped)
    unit = UNIT.search(folded)
    return Question(
        text=stripped,
        language=_language(stripped),
        traditional=simplify(stripped) != stripped,
        words=content_words(stripped),
        asked=next((asked for asked, pattern in ASKED if pattern.search(folded)), None),
        unit=unit[1] if unit else None,
        years=tuple(dict.fromkeys(YEAR.findall(folded))),
        scope=(match[0] if (match := SCOPE.search(folded)) else None),
        measured=_measured(folded),
        parts=_parts(stripped) if whole else (),
        compares=bool(COMPARE.search(folded)),
        several=bool(SEVERAL.search(folded) or YEARS_BESIDE.match(stripped)),
        collects=any(wording.search(folded) for wording in (COLLECTION, EARLIEST, LATEST, MOST, EVOLUTION)),
        out_of_scope=bool(NO_QUESTION.search(folded)),
    )


def _measured(folded: str) -> str | None:
    match = MEASURED.search(folded)
    words = [word for word in rjieba.cut(match[1]) if word not in GENERIC] if match else []
    return MEASURED_HOW.sub("", words[-1]) if words and len(words[-1]) > 1 and "是多少" in folded else None


def _parts(text: str) -> tuple[Question, ...]:
    if years := YEARS_BESIDE.match(text):
        head, one, other, rest = (years[name] or years[f"{name}2"] or "" for name in ("head", "a", "b", "rest"))
        return tuple(read_question(f"{head}{year}年{rest}是多少？", whole=False) for year in (one, other))
    beside = SIDE_BY_SIDE.match(text)
    if beside:
        *more, one = beside["a"].split("、")
        sides = [*(_sides(name, beside["b"])[0] for name in more), *_sides(one, beside["b"])]
        pieces = [f"{side}的{beside['x']}是{beside['rest']}" for side in sides]
        return tuple(read_question(piece, whole=False) for piece in pieces)
    if more := WHICH_IS_MORE.match(text):
        pieces = [f"{side}的{more['x']}是多少？" for side in _sides(more["a"], more["b"])]
        return tuple(read_question(piece, whole=False) for piece in pieces)
    pieces = [piece for piece in PART_END.split(text) if ASKS.search(piece) and content_words(piece)]
    return tuple(read_question(piece, whole=False) for piece in pieces) if len(pieces) > 1 else ()


def _sides(one: str, other: str) -> tuple[str, str]:
    """Two things side by side, each with what is said of both: 2024年甲, 乙 and 甲, 乙2025年城镇新增就业."""
    year, tail = LEADING_YEAR.match(one), AFTER_PLACE.match(other)
    if year and not YEAR.search(other):
        other = year[0] + other
    elif tail and sure_places(one) and tail[1] in sure_places(tail[0]) | sure_places(other):
        one += tail["tail"]
    return one, other


def _language(text: str) -> Language:
    """Chinese when there are more Chinese characters than Latin words."""
    return "zh" if len(HAN.findall(text)) > len(LATIN_WORD.findall(text)) else "en"


def content_words(text: str) -> tuple[str, ...]:
    """Segmented words of `text` without the words of asking, each once."""
    return tuple(word for word in dict.fromkeys(segment(text)) if word not in ASKING)


def holds_asked(question: Question, folded: str) -> bool:
    """True when a folded sentence holds the kind of thing asked for, and in the unit asked for."""
    if question.asked is None:
        return True
    if question.asked in (Asked.NUMBER, Asked.PERCENT, Asked.MONEY):
        folded = CALENDAR_YEAR.sub(" ", folded)  # the year of a plan is no figure
    if question.asked in EVIDENCE_OF and not EVIDENCE_OF[question.asked].search(folded):
        return False
    if question.unit is None:
        return True
    return any(
        re.search(rf"[0-9一二三四五六七八九十百千万亿多余几个]\s*{re.escape(unit)}", folded)
        for unit in units_like(question.unit)
    )


def units_like(unit: str) -> Collection[str]:
    """`unit` and the measure words used for the same things."""
    return {unit}.union(*(group for group in SAME_UNIT if unit in group))
