"""Checking a generated sentence against the evidence it cites, clause by clause."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from index.segmentation import has_han
from index.sentences import Span
from qa.answer import Support
from qa.gate.claims import (
    FRAME,
    RELATIVE,
    TITLE,
    content,
    misattributed,
    names,
)
from qa.gate.clauses import Fault, fault_of, without_titles
from qa.gate.evidence import Given, Window, around, windows_of
from qa.gate.figures import dated, with_figures_of
from qa.gate.judging import Judge
from qa.gate.matching import (
    CLAUSE_END,
    clauses_of,
    coverage,
    english_names,
    letters,
    stands_in_english,
    words_of,
)
from qa.gate.quantities import Kind, quantities
from qa.gate.writing import plain
from qa.reader.encoding import context_of

# Figures, and nouns that stand in the evidence, from which on the judge is asked: it finds that praise fits anything.
ANCHORED = 2
# The judge's logits: from which on a sentence is let through that by its words is in doubt for that reason (no other
# doubt is overruled); below which the same words are not taken to say the same, the latter where figures seem exchanged.
OVERRULED: dict[Fault, float] = {
    "meaning": 1.4,
    "name": 3.2,
    "subject": 3.0,
    "tense": 4.0,
    "date": 4.0,
    "number": 2.0,
    "bound": 1.5,
}
OF_ALPHABETIC = 1.0  # so much more is asked of a sentence without Han letters: the judge has read fewer such
# By so much (cosine) what a figure is told of may lie nearer to another figure; where that is known a lower logit is enough.
BOUND, NUMBER_BOUND = -0.1, 1.4
DOUBTED, DOUBTED_EXCHANGED = -2.4, -0.5
# Han letters that the judge reads at most of a sentence and of its evidence, of more it would miss the end; and how many
# letters of an alphabet are as long as one.
SAID, JUDGED, ALPHABETIC = 90, 360, 2.5
TRIED = 12  # windows that are compared, those that cover most
QUOTED = re.compile(r"[“「『]([^”」』]{2,})[”」』]|\"([^\"]{4,})\"")
MARKER = re.compile(r"\s*[\[［【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]］】]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be shown; if so on which evidence it rests (`spans` by number), else what is wrong.

    `doubts` are what is wrong with each clause of it, `fault` is the first of them.
    """

    passed: bool
    fault: Fault | None = None
    support: Support = "supported"
    spans: Mapping[int, Span] = field(default_factory=dict)
    doubts: tuple[Fault, ...] = ()


class Gate:
    """Checks sentences that were made from `given`, which it numbers.

    Args:
        known_names: places and people of the collection, which a sentence may name without telling that they are such.
        judge: says whether other words mean the same; None for words alone.
    """

    def __init__(self, given: Sequence[Given], known_names: Collection[str] = (), judge: Judge | None = None) -> None:
        self._known = frozenset(known_names)
        self._judge = judge
        self._given = {piece.number: piece for piece in given}
        self._windows = {piece.number: list(windows_of(piece)) for piece in given}

    def check(self, sentence: str) -> Verdict:
        """Check one sentence with its citations, `…[1][2]`.

        A citation of evidence that was never given is dropped. What other evidence supports than is cited, rests on that.
        """
        cited = [number for number in cited_numbers(sentence) if number in self._given]
        if not cited:
            return Verdict(False, "no_citation")
        text = MARKER.sub("", sentence).strip()
        verdict = self._borne_out(text, cited)
        if verdict.passed:
            return verdict
        for number in self._given:
            if number not in cited and (other := self._borne_out(text, [number])).passed:
                return other
        return verdict

    def _borne_out(self, text: str, numbers: Sequence[int]) -> Verdict:
        """Whether the evidence under `numbers` bears `text` out, by its words and by what they mean."""
        verdict = self._supported(text, numbers)
        verbatim = verdict.passed and verdict.support == "verbatim"
        if self._judge is None or verbatim or len(text) > _most(SAID, text):
            return verdict
        if verdict.passed:
            exchanged = self._judge.bind(text, self._evidence(verdict.spans)) < BOUND
            bar = DOUBTED_EXCHANGED if exchanged else DOUBTED
            return verdict if self._judged(text, verdict.spans) >= bar else Verdict(False, "meaning")
        if not verdict.doubts or not OVERRULED.keys() >= set(verdict.doubts):
            return verdict
        nearly = self._supported(text, numbers, judged=True)
        return nearly if nearly.passed and self._overrules(text, verdict.doubts, nearly.spans) else verdict

    def _overrules(self, text: str, doubts: Sequence[Fault], spans: Mapping[int, Span]) -> bool:
        """Whether the judge finds that a sentence is borne out though its words leave doubts."""
        assert self._judge is not None  # noqa: S101 # asked only where there is one
        bars = {doubt: OVERRULED[doubt] for doubt in doubts}
        if "number" in bars:
            margin = self._judge.bind(text, self._evidence(spans))
            if margin < BOUND:
                return False
            if margin < inf:
                bars["number"] = NUMBER_BOUND
        return self._judged(text, spans) >= max(bars.values()) + (0 if has_han(text) else OF_ALPHABETIC)

    def _judged(self, text: str, spans: Mapping[int, Span]) -> float:
        """The judge's logit for the evidence around `spans`, read together."""
        assert self._judge is not None  # noqa: S101 # asked only where there is one
        first = self._given[next(iter(spans))]
        evidence = self._evidence(spans)
        return self._judge.judge(
            with_figures_of(text, evidence), context_of(first.document, first.section_id), evidence
        )

    def _evidence(self, spans: Mapping[int, Span]) -> str:
        """The sentences around `spans`, as many as the judge reads."""
        pieces = [self._given[number] for number in spans]
        most = _most(JUDGED, pieces[0].text) // len(pieces)
        return "\n".join(around(piece, spans[piece.number], most) for piece in pieces)

    def _supported(self, text: str, numbers: Sequence[int], judged: bool = False) -> Verdict:
        """Whether the evidence under `numbers` says what `text` says, each clause in one of them.

        With `judged` only whether it may: a judge is asked next, so fewer of the words have to stand there, and what
        they seem to say is left to it. Figures, dates, bounds, names and quotations have to stand there all the same.
        """
        if self._misquotes(text, numbers):
            return Verdict(False, "quotation")
        spans: dict[int, Span] = {}
        doubts: list[Fault] = []
        carried: frozenset[str] = frozenset()
        for clause in clauses_of(text):
            bare = TITLE.sub("", plain(clause))
            carried = names(clause) | {name for name in self._known if name in bare} or carried
            if FRAME.match(clause) and all(quantity.kind is Kind.DATE for quantity in quantities(bare)):
                if framed := self._framed_otherwise(bare, carried, numbers):
                    return Verdict(False, framed)
                continue
            found, fault = self._find_in(clause, carried, numbers, judged)
            if found is None:
                doubts.append(fault or "meaning")
            elif words_of(clause) or quantities(bare):
                number = found.given.number
                known = spans.get(number, (found.start, found.end))
                spans[number] = (min(known[0], found.start), max(known[1], found.end))
        if doubts:
            return Verdict(False, doubts[0], doubts=tuple(doubts))
        if not spans:
            return Verdict(False, "empty")
        if judged and not self._anchored(text, spans):
            return Verdict(False, "meaning")
        return Verdict(True, None, "verbatim" if self._verbatim(text, spans) else "supported", spans)

    def _anchored(self, text: str, spans: Mapping[int, Span]) -> bool:
        """True when so much of a sentence stands in the evidence that the judge can be asked about it."""
        folded = without_titles(text)
        evidence = "\n".join(plain(self._given[number].text) for number in spans)
        nouns = sum(word.weight >= 1 and word.text in evidence for word in content(folded))
        return not has_han(text) or nouns + len(quantities(folded)) >= ANCHORED

    def _misquotes(self, text: str, numbers: Sequence[int]) -> bool:
        """True when what stands in quotation marks is not there letter for letter."""
        evidence = [letters(self._given[number].text) for number in numbers]
        quoted = [letters(match[1] or match[2]) for match in QUOTED.finditer(text)]
        return any(not any(words in one for one in evidence) for words in quoted)

    def _verbatim(self, text: str, spans: Mapping[int, Span]) -> bool:
        said = letters(text)
        return any(said in letters(self._given[number].text) for number in spans)

    def _framed_otherwise(self, bare: str, named: frozenset[str], numbers: Sequence[int]) -> Fault | None:
        """What is wrong with "根据甲市2025年的报告" or "乙局在报告中指出", which must name what the evidence is from."""
        if not any(self._is_from(bare, named, number) for number in numbers):
            return "name"
        windows = [self._windows[number][0] for number in numbers]
        reported = (misattributed(bare, CLAUSE_END.split(one.given_folded), one.spoken_by) for one in windows)
        return "attribution" if all(reported) else None

    def _is_from(self, bare: str, named: frozenset[str], number: int) -> bool:
        """True when the evidence has the names and the dates of a frame."""
        windows = self._windows[number]
        return all(any(name in window.folded + window.context for window in windows) for name in named) and all(
            any(dated(day, window) for window in windows) for day in quantities(bare)
        )

    def _find_in(
        self, clause: str, named: frozenset[str], numbers: Sequence[int], judged: bool
    ) -> tuple[Window | None, Fault | None]:
        """The first of the evidence that says what the clause says, or what is wrong with the first."""
        first: Fault | None = None
        for number in numbers:
            found, fault = self._find(clause, named, number, judged)
            if found:
                return found, None
            first = first or fault
        return None, first or "meaning"

    def _find(
        self, clause: str, named: frozenset[str], number: int, judged: bool
    ) -> tuple[Window | None, Fault | None]:
        """The sentences of a piece of evidence that say what the clause says, or what is wrong with the likeliest."""
        folded = plain(clause)
        when = RELATIVE.findall(folded)  # 四季度开始 says nothing else that tells where it stands
        who = english_names(clause)  # nor does "and Yashan"
        # Of what has no words that carry matter all windows have as many; one has the most of its letters.
        pairs = set() if words_of(clause) else {folded[i : i + 2] for i in range(len(folded) - 1)}
        ranked = sorted(
            self._windows[number],
            key=lambda window: (
                -coverage(clause, window),
                -sum(word in window.folded for word in when) - sum(stands_in_english(name, window) for name in who),
                -sum(pair in window.folded for pair in pairs),
                window.end - window.start,
            ),
        )
        first: Fault | None = None
        for window in ranked[:TRIED]:
            fault = fault_of(clause, named, window, judged)
            if fault is None:
                return window, None
            first = first or fault
        return None, first


def _most(letters: int, text: str) -> int:
    """So many letters of Han, or as many of an alphabet as take the same room."""
    return letters if has_han(text) else int(letters * ALPHABETIC)


def cited_numbers(sentence: str) -> list[int]:
    """The numbers a sentence cites, in order, each once."""
    found = [int(number) for match in MARKER.finditer(sentence) for number in re.findall(r"\d+", match[1])]
    return list(dict.fromkeys(found))
