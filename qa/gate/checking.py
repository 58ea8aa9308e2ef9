"""Checking a generated sentence against the evidence it cites, clause by clause."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from index.documents import Document
from index.segmentation import fold, has_han, simplify
from index.sentences import Span, split_sentences
from qa.answer import Support
from qa.dictionary import load_dictionary, stems
from qa.gate.claims import (
    FRAME,
    LATIN,
    PLANNED,
    REACHED,
    RELATIVE,
    REPORTING,
    bound,
    content,
    direction,
    modal,
    names,
    negations,
    opposed,
    role,
)
from qa.gate.quantities import Kind, Quantity, quantities
from qa.naming import english_name
from qa.scoring import RELATIVE_YEARS
from qa.wording import ASKING

Fault = Literal[
    "no_citation", "empty", "quotation", "number", "date", "bound", "direction", "name", "negation", "meaning"
]
# Share of a clause's matter that has to stand in the evidence, in one script and across scripts.
COVERED, COVERED_ACROSS_SCRIPTS = 0.75, 0.6
WINDOW = 2  # sentences of the evidence that may be read together
TRIED = 12  # windows that are compared, those that cover most
CLAUSE_END = re.compile(r"[，,；;：:](?!\d)|[。！？!?]+|\.(?=\s|$)|\n+|\s(?=(?:and|while|but|which)\s)")
PIECE_END = re.compile(r"[，,；;：:、](?!\d)|[。！？!?]+|\.(?=\s|$)|\n+")
QUOTED = re.compile(r"[“「『]([^”」』]{4,})[”」』]|\"([^\"]{4,})\"")
MARKER = re.compile(r"\s*[\[［【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]］】]")
LETTER = re.compile(r"[^\W_]|%")
SWAPPED = 0.2  # by so much more of a claim stands beside another figure when two were exchanged


@dataclass(frozen=True, slots=True)
class Given:
    """A piece of evidence as the model was given it: `document.text[start:end]` under a number."""

    number: int
    document: Document
    section_id: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be shown; if so on which evidence it rests (`spans` by number), else what is wrong."""

    passed: bool
    fault: Fault | None = None
    support: Support = "supported"
    spans: Mapping[int, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class _Window:
    """Some sentences of a piece of evidence, with what says whose they are."""

    given: Given
    start: int
    end: int

    @cached_property
    def folded(self) -> str:
        return fold(self.given.document.text[self.start : self.end])

    @cached_property
    def quantities(self) -> list[Quantity]:
        return quantities(self.folded)

    @cached_property
    def context(self) -> str:
        document = self.given.document
        day = document.date
        return fold(
            "\n".join(
                [
                    document.title,
                    *document.section_path(self.given.section_id),
                    document.speaker or "",
                    document.occasion or "",
                    document.place or "",
                    f"{day.year}年{day.month}月{day.day}日" if day else "",
                ]
            )
        )

    @cached_property
    def year(self) -> int | None:
        document = self.given.document
        found = re.findall(r"(?<!\d)((?:19|20)\d\d)", document.title)
        return int(found[0]) if found else document.date.year if document.date else None


class Gate:
    """Checks sentences that were made from `given`, which it numbers."""

    def __init__(self, given: Sequence[Given]) -> None:
        self._given = {piece.number: piece for piece in given}
        self._windows = {piece.number: list(_windows(piece)) for piece in given}

    def check(self, sentence: str) -> Verdict:
        """Check one sentence with its citations, `…[1][2]`.

        A citation of evidence that was never given is dropped. What other evidence supports than is cited, rests on that.
        """
        cited = [number for number in cited_numbers(sentence) if number in self._given]
        if not cited:
            return Verdict(False, "no_citation")
        text = MARKER.sub("", sentence).strip()
        verdict = self._supported(text, cited)
        if verdict.passed:
            return verdict
        for number in self._given:
            if number not in cited and (other := self._supported(text, [number])).passed:
                return other
        return verdict

    def _supported(self, text: str, numbers: Sequence[int]) -> Verdict:
        spans: dict[int, Span] = {}
        fault = self._misquotes(text, numbers)
        if fault:
            return Verdict(False, fault)
        carried: frozenset[str] = frozenset()
        matter = False
        for clause in clauses_of(text):
            named = names(clause)
            carried = named or carried
            if FRAME.match(clause.strip()) and not quantities(fold(clause)):
                fault = next((None for n in numbers if not self._foreign_names(clause, carried, n)), "name")
                if fault:
                    return Verdict(False, fault)
                continue
            found: _Window | None = None
            first: Fault | None = None
            for number in numbers:
                found, fault = self._find(clause, carried, number)
                first = first or fault
                if found:
                    break
            if found is None:
                return Verdict(False, first or "meaning")
            matter = matter or bool(_words(clause)) or bool(quantities(fold(clause)))
            number, span = found.given.number, (found.start, found.end)
            known = spans.get(number, span)
            spans[number] = (min(known[0], span[0]), max(known[1], span[1]))
        if not matter:
            return Verdict(False, "empty")
        return Verdict(True, None, "verbatim" if self._verbatim(text, spans) else "supported", spans)

    def _misquotes(self, text: str, numbers: Sequence[int]) -> Fault | None:
        """What stands in quotation marks has to be there letter for letter."""
        evidence = [letters(self._given[number].text) for number in numbers]
        for match in QUOTED.finditer(text):
            quoted = letters(match[1] or match[2])
            if not any(quoted in one for one in evidence):
                return "quotation"
        return None

    def _verbatim(self, text: str, spans: Mapping[int, Span]) -> bool:
        said = letters(text)
        return any(said in letters(self._given[number].text) for number in spans)

    def _foreign_names(self, clause: str, named: frozenset[str], number: int) -> bool:
        windows = self._windows[number]
        return any(
            not any(_stands_name(name, window.folded + window.context) for window in windows)
            for name in named | english_names(clause)
        )

    def _find(self, clause: str, named: frozenset[str], number: int) -> tuple[_Window | None, Fault | None]:
        """The sentences of a piece of evidence that say what the clause says, or what is wrong with the likeliest."""
        ranked = sorted(
            self._windows[number], key=lambda window: (-_coverage(clause, window), window.end - window.start)
        )
        first: Fault | None = None
        for window in ranked[:TRIED]:
            fault = _fault(clause, named, window)
            if fault is None:
                return window, None
            first = first or fault
        return None, first


def _fault(clause: str, named: frozenset[str], window: _Window) -> Fault | None:
    folded = fold(clause)
    for quantity in quantities(folded):
        if fault := _misfit(folded, quantity, window):
            return fault
    for word in RELATIVE.findall(folded):
        if word not in window.folded and not _resolves(word, window):
            return "date"
    if any(not _stands_name(name, window.folded + window.context) for name in named):
        return "name"
    if any(not _stands_english(name, window) for name in english_names(clause)):
        return "name"
    nearest = _nearest(folded, window)
    same_script = has_han(clause) == has_han(window.folded)
    if same_script:
        if bool(negations(folded) % 2) != bool(negations(nearest) % 2):
            return "negation"
        if opposed(folded, nearest if folded else window.folded):
            return "negation"
        if modal(folded) and modal(nearest) and modal(folded) != modal(nearest):
            return "negation"
        if (REACHED.search(folded) and PLANNED.search(nearest)) or (
            PLANNED.search(folded) and not PLANNED.search(window.folded) and REACHED.search(nearest)
        ):
            return "date"
    if _coverage(clause, window) < (COVERED if same_script else COVERED_ACROSS_SCRIPTS):
        return "meaning"
    return None


def _misfit(folded: str, quantity: Quantity, window: _Window) -> Fault | None:
    """What is wrong with a quantity of a claim; None when one like it is told of the same thing."""
    if quantity.kind is Kind.DATE:
        return None if _dated(quantity, window) else "date"
    like = [other for other in window.quantities if quantity.agrees(other)]
    if not like:
        return "number"
    faults: list[Fault] = []
    for other in like:
        if bound(folded, quantity) != bound(window.folded, other):
            faults.append("bound")
            continue
        ways = {direction(folded, quantity), direction(window.folded, other)}
        roles = {role(folded, quantity), role(window.folded, other)}
        if ways == {"up", "down"} or roles == {"from", "to"}:
            faults.append("direction")
            continue
        if _exchanged(folded, quantity, window, other):
            faults.append("number")
            continue
        return None
    return faults[0]


def _dated(quantity: Quantity, window: _Window) -> bool:
    if any(quantity.agrees(other) for other in window.quantities):
        return True
    if any(quantity.agrees(other) for other in quantities(window.context)):
        return True
    year, month, day = quantity.date
    # 今年3月底 of a speech of 2025 is March 2025.
    told = [other.date for other in window.quantities if other.kind is Kind.DATE and other.date[0] is None]
    relative = {window.year + offset for words, offset in RELATIVE_YEARS if window.year and words.search(window.folded)}
    years = relative or ({window.year} if window.year else set())
    if month is None:
        return year in relative
    return year in years and any(month == other[1] and (day is None or day == other[2]) for other in told)


def _resolves(word: str, window: _Window) -> bool:
    """True for 去年 where the evidence names the year before its own."""
    offset = next((offset for words, offset in RELATIVE_YEARS if words.fullmatch(word)), None)
    if offset is None or window.year is None:
        return False
    return str(window.year + offset) in window.folded + window.context


def _exchanged(folded: str, quantity: Quantity, window: _Window, other: Quantity) -> bool:
    """True when the words beside a figure of the claim stand beside another figure of the evidence."""
    claim = content(_piece(folded, quantity))
    if not claim:
        return False

    def beside(figure: Quantity) -> float:
        piece = _piece(window.folded, figure)
        return sum(word.weight for word in claim if word.text in piece) / sum(word.weight for word in claim)

    here = beside(other)
    rivals = [
        beside(figure) for figure in window.quantities if figure.kind is not Kind.DATE and not quantity.agrees(figure)
    ]
    return max(rivals, default=0.0) > here + SWAPPED


def _piece(folded: str, quantity: Quantity) -> str:
    """The words between the commas around a quantity."""
    start = max((match.end() for match in PIECE_END.finditer(folded, 0, quantity.start)), default=0)
    end = next((match.start() for match in PIECE_END.finditer(folded, quantity.end)), len(folded))
    return folded[start:end]


def _nearest(folded: str, window: _Window) -> str:
    """The clause of the evidence that has most of a claim's words."""
    words = content(folded)
    pieces = [piece for piece in CLAUSE_END.split(window.folded) if piece and piece.strip()] or [""]
    return max(pieces, key=lambda piece: (sum(word.weight for word in words if word.text in piece), -len(piece)))


def _coverage(clause: str, window: _Window) -> float:
    """Share of the clause's matter that stands in the window or in what says whose it is."""
    evidence = window.folded + "\n" + window.context
    if has_han(clause):
        if not has_han(evidence):
            return 0.0
        words = content(fold(clause))
        if not words:
            return 1.0
        return sum(word.weight * _found(word.text, evidence) for word in words) / sum(word.weight for word in words)
    words_in = _words(clause)
    if not words_in:
        return 1.0
    if not has_han(evidence):
        known = set(stems(evidence))
        return sum(word in known for word in words_in) / len(words_in)
    terms = load_dictionary().terms(clause)
    told = {word: chinese for word, chinese in terms.items() if word.lower() not in REPORTING}
    if not told:
        return 1.0
    return sum(any(term in evidence for term in chinese) for chinese in told.values()) / len(told)


def _found(word: str, evidence: str) -> float:
    if word in evidence:
        return 1.0
    # A long word may be written shorter, or in other order: 社区服务中心, 服务中心.
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    if len(pairs) > 1:
        return sum(pair in evidence for pair in pairs) / len(pairs)
    return 0.5 if any(letter in evidence for letter in word) and len(word) == 2 else 0.0


def _words(clause: str) -> list[str]:
    if has_han(clause):
        return [word.text for word in content(fold(clause))]
    return list(stems(" ".join(w for w in LATIN.findall(clause.lower()) if w not in REPORTING and w not in ASKING)))


def _stands_name(name: str, evidence: str) -> bool:
    return name in evidence


def english_names(clause: str) -> frozenset[str]:
    """Runs of capitalised words within an English clause, its first word left out."""
    if has_han(clause):
        return frozenset()
    return frozenset(match[0] for match in re.finditer(r"(?<=[a-z,\d] )[A-Z][a-zA-Z]+(?: [A-Z][a-zA-Z]+)*", clause))


def _stands_english(name: str, window: _Window) -> bool:
    evidence = window.folded + window.context
    folded = fold(name)
    if folded in evidence or not has_han(evidence):
        return folded in evidence
    words = folded.split()
    terms = load_dictionary().terms(name)
    if terms and all(any(term in evidence for term in chinese) for chinese in terms.values()):
        return True
    for size in range(len(words), 0, -1):
        written = "".join(words[:size])
        if any(place in evidence for place in load_dictionary().names(written)):
            return True
        han = re.findall(r"[\u4e00-\u9fff]{2,4}", evidence)
        if any(english_name(run[:length]) == written for run in han for length in (2, 3) if len(run) >= length):
            return True
    return False


def _windows(piece: Given) -> list[_Window]:
    spans = split_sentences(piece.document.text, piece.start, piece.end)
    found = []
    for first in range(len(spans)):
        for last in range(first, min(first + WINDOW, len(spans))):
            found.append(_Window(piece, spans[first][0], spans[last][1]))
    return found


def clauses_of(text: str) -> list[str]:
    """The clauses of a sentence."""
    return [clause for piece in CLAUSE_END.split(text) if piece and (clause := piece.strip())]


def cited_numbers(sentence: str) -> list[int]:
    """The numbers a sentence cites, in order, each once."""
    found = [int(number) for match in MARKER.finditer(sentence) for number in re.findall(r"\d+", match[1])]
    return list(dict.fromkeys(found))


def letters(text: str) -> str:
    """Letters and figures alone, folded."""
    return "".join(LETTER.findall(fold(simplify(text))))
