"""Checking a generated sentence against the evidence it cites, clause by clause."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from index.segmentation import has_han
from index.sentences import Span
from qa.answer import Support
from qa.gate.claims import (
    CAUSES,
    CONNECTIVE,
    FRAME,
    FRAME_PREFIX,
    PAST,
    PAST_TENSE,
    PLANNED,
    REACHED,
    RELATIVE,
    TITLE,
    content,
    modal,
    names,
    negations,
    opposed,
    other_body,
    plain,
    stronger,
)
from qa.gate.evidence import Given, Window, around, windows_of
from qa.gate.figures import dated, disordered, misfit, resolves, with_figures_of
from qa.gate.judging import Judge
from qa.gate.matching import (
    CLAUSE_END,
    clauses_of,
    coverage,
    english_names,
    letters,
    nearest_clause,
    stands_in_english,
    word_share,
    words_of,
)
from qa.gate.quantities import Kind, quantities
from qa.naming import sure_places
from qa.reader.encoding import context_of

Fault = Literal[
    "no_citation", "empty", "quotation", "number", "date", "bound", "direction", "name", "negation", "meaning"
]
# Share of a clause's matter that has to stand in the evidence, in one script and across scripts.
COVERED, COVERED_ACROSS_SCRIPTS = 0.75, 0.6
# A clause without a figure has nothing else to be held to.
COVERED_WITHOUT_FIGURE = 0.85
# What is enough when all nouns are covered.
COVERED_BY_NOUNS = 0.6
# From this share on the judge is asked; a clause with less says something else, or more than any paraphrase.
NEARLY = 0.35
HELD = 2  # nouns of a clause without a figure that have to stand there: the judge finds that praise fits
# The judge's logits: from which on other words are taken to say the same; the same where more than the words was in
# doubt; below which the same words are not taken to say the same.
SAME, SURE, DOUBTED = 2.2, 2.5, -2.5
# Han letters that the judge reads at most of a sentence and of its evidence, of more it would miss the end; and how many
# letters of an alphabet are as long as one.
SAID, JUDGED, ALPHABETIC = 90, 360, 2.5
TRIED = 12  # windows that are compared, those that cover most
QUOTED = re.compile(r"[“「『]([^”」』]{4,})[”」』]|\"([^\"]{4,})\"")
MARKER = re.compile(r"\s*[\[［【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]］】]")
SHORT_CLAUSE = 8  # letters


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be shown; if so on which evidence it rests (`spans` by number), else what is wrong."""

    passed: bool
    fault: Fault | None = None
    support: Support = "supported"
    spans: Mapping[int, Span] = field(default_factory=dict)


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
            return verdict if self._judged(text, verdict.spans) >= DOUBTED else Verdict(False, "meaning")
        nearly = self._supported(text, numbers, judged=True)
        bar = SAME if verdict.fault == "meaning" else SURE
        return nearly if nearly.passed and self._judged(text, nearly.spans) >= bar else verdict

    def _judged(self, text: str, spans: Mapping[int, Span]) -> float:
        """The judge's logit for the evidence around `spans`, read together."""
        assert self._judge is not None  # noqa: S101 # asked only where there is one
        pieces = [self._given[number] for number in spans]
        most = _most(JUDGED, pieces[0].text) // len(pieces)
        evidence = "\n".join(around(piece, spans[piece.number], most) for piece in pieces)
        context = context_of(pieces[0].document, pieces[0].section_id)
        return self._judge.judge(with_figures_of(text, evidence), context, evidence)

    def _supported(self, text: str, numbers: Sequence[int], judged: bool = False) -> Verdict:
        """Whether the evidence under `numbers` says what `text` says, each clause in one of them.

        With `judged` only whether it may: a judge is asked next, so fewer of the words have to stand there. Figures,
        dates, names, negations and quotations are never left to it.
        """
        if self._misquotes(text, numbers):
            return Verdict(False, "quotation")
        spans: dict[int, Span] = {}
        carried: frozenset[str] = frozenset()
        for clause in clauses_of(text):
            bare = TITLE.sub("", plain(clause))
            carried = names(clause) | {name for name in self._known if name in bare} or carried
            if FRAME.match(clause) and all(quantity.kind is Kind.DATE for quantity in quantities(bare)):
                if not any(self._is_from(bare, carried, number) for number in numbers):
                    return Verdict(False, "name")
                continue
            found, fault = self._find_in(clause, carried, numbers, judged)
            if found is None:
                return Verdict(False, fault)
            if words_of(clause) or quantities(bare):
                number = found.given.number
                known = spans.get(number, (found.start, found.end))
                spans[number] = (min(known[0], found.start), max(known[1], found.end))
        if not spans:
            return Verdict(False, "empty")
        return Verdict(True, None, "verbatim" if self._verbatim(text, spans) else "supported", spans)

    def _misquotes(self, text: str, numbers: Sequence[int]) -> bool:
        """True when what stands in quotation marks is not there letter for letter."""
        evidence = [letters(self._given[number].text) for number in numbers]
        quoted = [letters(match[1] or match[2]) for match in QUOTED.finditer(text)]
        return any(not any(words in one for one in evidence) for words in quoted)

    def _verbatim(self, text: str, spans: Mapping[int, Span]) -> bool:
        said = letters(text)
        return any(said in letters(self._given[number].text) for number in spans)

    def _is_from(self, bare: str, named: frozenset[str], number: int) -> bool:
        """True when "根据甲市2025年的报告" names what the evidence is from."""
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
        when = RELATIVE.findall(clause)  # 四季度开始 says nothing else that tells where it stands
        ranked = sorted(
            self._windows[number],
            key=lambda window: (
                -coverage(clause, window),
                -sum(word in window.folded for word in when),
                window.end - window.start,
            ),
        )
        first: Fault | None = None
        for window in ranked[:TRIED]:
            fault = _fault(clause, named, window, judged)
            if fault is None:
                return window, None
            first = first or fault
        return None, first


def _most(letters: int, text: str) -> int:
    """So many letters of Han, or as many of an alphabet as take the same room."""
    return letters if has_han(text) else int(letters * ALPHABETIC)


def _fault(clause: str, named: frozenset[str], window: Window, judged: bool) -> Fault | None:
    """What in a clause does not agree with some sentences of the evidence; None when they say the same."""
    folded = TITLE.sub(" ", plain(clause))
    told = quantities(folded)
    misfits = (misfit(folded, quantity, window) for quantity in told)
    fault: Fault | None = next(filter(None, misfits), None)
    if fault or disordered(folded, told, window):
        return fault or "number"
    evidence = window.folded + window.context
    if not all(name in evidence for name in named) or not all(
        stands_in_english(name, window) for name in english_names(clause)
    ):
        return "name"
    same_script = has_han(clause) == has_han(window.folded)
    nearest = nearest_clause(clause, window)
    if _moved(folded, nearest, window):
        return "date"
    if fault := _turned(folded, nearest, window, same_script, judged):
        return fault
    if judged:
        return None if _may_say(clause, bool(told), window) else "meaning"
    return None if _says(clause, bool(told), window, same_script) else "meaning"


def _may_say(clause: str, has_figure: bool, window: Window) -> bool:
    """True when so much of a clause stands in the evidence that a judge can be asked whether it says the same.

    Praise and other general talk has hardly a word of it, and judges find that it fits.
    """
    words = content(plain(clause)) if has_han(clause) else ()
    if has_han(clause) and not has_figure and words:
        held = sum(word.weight >= 1 and word.text in window.folded for word in words)
        if held < HELD:
            return False
    return coverage(clause, window) >= NEARLY


def _says(clause: str, has_figure: bool, window: Window, same_script: bool) -> bool:
    """True when enough of the clause's matter stands in the evidence."""
    if same_script and has_han(clause) and not has_figure and sum(word.weight for word in content(plain(clause))) < 1:
        if RELATIVE.search(clause) and not content(plain(clause)):
            return True  # 四季度开始: the time alone, which is checked by itself
        # A clause of verbs alone fits anything.
        return bool(CONNECTIVE.fullmatch(clause)) or letters(clause) in letters(window.text)
    needed = COVERED if has_figure else COVERED_WITHOUT_FIGURE
    covered = coverage(clause, window)
    if same_script and has_han(clause) and covered >= COVERED_BY_NOUNS:
        evidence = f"{window.folded}\n{window.about}"
        words = content(plain(FRAME_PREFIX.sub("", clause)))
        # Every noun stands there: a verb may be another one.
        nouns = [word.text for word in words if word.weight >= 1]
        if len(nouns) >= (1 if has_figure else 3) and all(word_share(noun, evidence) == 1 for noun in nouns):
            return True
    return covered >= (needed if same_script else COVERED_ACROSS_SCRIPTS)


def _moved(folded: str, nearest: str, window: Window) -> bool:
    """True when a clause says 去年 of what the evidence says of another time."""
    told, own = set(RELATIVE.findall(folded)), set(RELATIVE.findall(nearest))
    for word in told - (own or set(RELATIVE.findall(window.folded))):
        # 今年的目标低于去年 of 目标低于去年: the other word may be what a sentence before it says.
        beside = bool(own & told) and word in window.given_folded
        # Where the evidence itself says 今年, a year in its heading does not make it 去年.
        if not beside and (own or not resolves(word, window)):
            return True
    return False


def _turned(folded: str, nearest: str, window: Window, same_script: bool, judged: bool) -> Fault | None:
    """Whether a clause denies, reverses, completes or explains what the evidence says."""
    if _completed(folded, nearest, window, same_script):
        return "date"
    if CAUSES.search(folded) and not CAUSES.search(window.folded):
        return "meaning"
    if not same_script:
        return None
    # Of bodies and places, unlike names, words alone cannot tell for sure: 全市 is not 市教育局.
    if not judged and (other_body(folded, window.folded) or _placed_elsewhere(folded, nearest)):
        return "name"
    flipped = modal(folded) and modal(nearest) and modal(folded) != modal(nearest)
    if flipped or _denied(folded, nearest, window) or opposed(folded, nearest) or _crossed(folded, nearest, window):
        return "negation"
    return "meaning" if stronger(folded, window.folded) else None


def _placed_elsewhere(folded: str, nearest: str) -> bool:
    """True when a claim names one place and the clause of the evidence that it repeats names another."""
    claim, own = sure_places(folded), sure_places(nearest)
    return any(place not in nearest for place in claim) and any(place not in folded for place in own)


def _completed(folded: str, nearest: str, window: Window, same_script: bool) -> bool:
    """True when a claim tells as reached what the evidence plans, or the other way round."""
    planned = bool(PLANNED.search(nearest))
    if REACHED.search(folded) and (planned or not PAST.search(window.folded + window.about)):
        return True
    if planned and PAST_TENSE.search(folded) and not PLANNED.search(folded):
        return True
    return same_script and bool(
        PLANNED.search(folded) and REACHED.search(nearest) and not PLANNED.search(window.folded)
    )


def _crossed(folded: str, nearest: str, window: Window) -> bool:
    """True when a short clause joins what two clauses of the evidence say: 用得上的废止 of 用得上的延续，落空的废止."""
    if len(folded) > SHORT_CLAUSE:
        return False
    claim, own = ({word.text for word in content(text)} for text in (folded, nearest))
    return any(word in window.folded for word in claim - own) and bool(claim & own) and bool(own - claim)


def _denied(folded: str, nearest: str, window: Window) -> bool:
    """True when one of claim and evidence denies what the other does not."""
    missing = [word.text for word in content(folded) if word.text not in nearest]
    pieces = [piece for piece in CLAUSE_END.split(window.folded) if piece and piece != nearest]
    more = [piece for piece in pieces if any(word in piece for word in missing)]
    claim = negations(folded) % 2
    return negations(nearest) % 2 != claim and not (claim and negations("，".join(more)) % 2)


def cited_numbers(sentence: str) -> list[int]:
    """The numbers a sentence cites, in order, each once."""
    found = [int(number) for match in MARKER.finditer(sentence) for number in re.findall(r"\d+", match[1])]
    return list(dict.fromkeys(found))
