"""Checking a generated sentence against the evidence it cites, clause by clause."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
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
    denied,
    misattributed,
    modal,
    names,
    negations,
    opposed,
    other_body,
    places,
    stronger,
)
from qa.gate.contrasts import (
    compared_otherwise,
    of_another_base,
    of_another_year,
    other_figures,
    other_name,
    reversed_in_passing,
    substituted,
    turned_denial,
    widened,
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
from qa.gate.writing import plain
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
# Figures, and nouns that stand in the evidence, from which on the judge is asked: it finds that praise fits anything.
ANCHORED = 2
# The judge's logits: from which on a sentence is let through that by its words is in doubt for that reason (no other
# doubt is overruled); below which the same words are not taken to say the same.
OVERRULED: dict[Fault, float] = {"meaning": 1.6, "name": 3.2, "date": 4.0, "number": 2.0, "bound": 1.5}
# By so much (cosine) what a figure is told of may lie nearer to another figure; where that is known a lower logit is enough.
BOUND, NUMBER_BOUND = -0.1, 1.4
DOUBTED = -2.4
# Han letters that the judge reads at most of a sentence and of its evidence, of more it would miss the end; and how many
# letters of an alphabet are as long as one.
SAID, JUDGED, ALPHABETIC = 90, 360, 2.5
TRIED = 12  # windows that are compared, those that cover most
QUOTED = re.compile(r"[“「『]([^”」』]{2,})[”」』]|\"([^\"]{4,})\"")
MARKER = re.compile(r"\s*[\[［【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]］】]")
SENTENCE_END = re.compile("[。；;！？!?\n]")
SHORT_CLAUSE = 8  # letters


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
            return verdict if self._judged(text, verdict.spans) >= DOUBTED else Verdict(False, "meaning")
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
        return self._judged(text, spans) >= max(bars.values())

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
                if not any(self._is_from(bare, carried, number) for number in numbers):
                    return Verdict(False, "name")
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
        folded = _folded(text)
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
    fault = _contradiction(clause, named, window, judged)
    return fault or (None if judged else _doubt(clause, window))


def _contradiction(clause: str, named: frozenset[str], window: Window, judged: bool) -> Fault | None:
    """What cannot be as the clause says: figures, dates, names and duties that the evidence does not have."""
    folded = _folded(clause)
    told = quantities(folded)
    misfits = (misfit(folded, quantity, window, judged) for quantity in told)
    fault: Fault | None = next(filter(None, misfits), None)
    if fault or disordered(folded, told, window):
        return fault or "number"
    if has_han(window.folded) and not has_han(clause) and of_another_year(folded, window.folded):
        return "date"
    if other_figures(folded, window.given_folded + window.context):
        return "number"
    # Whom a sentence further off names, and of when it tells, may be meant here: 他, or nothing at all.
    evidence = (window.given_folded if judged else window.folded) + window.context
    strangers = [name for name in named if name not in evidence]
    if strangers or not all(stands_in_english(name, window) for name in english_names(clause)):
        return "name"
    nearest = nearest_clause(clause, window)
    if _moved(folded, nearest, window, judged):
        return "date"
    duties = modal(folded), modal(nearest)
    same_script = has_han(clause) == has_han(window.folded)
    return "negation" if same_script and all(duties) and duties[0] != duties[1] else None


def _doubt(clause: str, window: Window) -> Fault | None:
    """What the words of a clause do not seem to have in common with the evidence, though they may mean the same."""
    folded, nearest = _folded(clause), nearest_clause(clause, window)
    same_script = has_han(clause) == has_han(window.folded)
    if _completed(folded, nearest, window, same_script):
        return "date"
    if fault := _turned(folded, nearest, window, same_script):
        return fault
    # 两村 is a figure of nothing that is measured.
    has_figure = any(
        quantity.unit or quantity.kind is not Kind.COUNT or not has_han(folded[quantity.start])
        for quantity in quantities(folded)
    )
    return None if _says(clause, has_figure, window, same_script) else "meaning"


def _folded(clause: str) -> str:
    """A clause in one way of writing, without the titles in it."""
    return TITLE.sub(" ", plain(clause))


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


def _moved(folded: str, nearest: str, window: Window, judged: bool) -> bool:
    """True when a clause says 去年 of what the evidence says of another time.

    With `judged` not where the evidence says no time, but 去年 further off.
    """
    told, own = (set(RELATIVE.findall(text.replace("年内", "今年"))) for text in (folded, nearest))
    for word in told - (own or set(RELATIVE.findall(window.folded))):
        # 今年的目标低于去年 of 目标低于去年: the other word may be what a sentence before it says.
        beside = bool(own & told or (judged and not own)) and word in window.given_folded
        # Where the evidence itself says 今年, a year in its heading does not make it 去年.
        if not beside and (own or not resolves(word, window)):
            return True
    return False


def _turned(folded: str, nearest: str, window: Window, same_script: bool) -> Fault | None:
    """Whether a clause seems to deny, reverse or explain what the evidence says."""
    explained = bool(CAUSES.search(folded)) and not CAUSES.search(window.folded)
    if not same_script:
        return "meaning" if explained else None
    denied = _denied(folded, nearest, window)
    if _reversed(folded, nearest, window) or (denied and _same_denied(folded, nearest)):
        return "negation"
    known = window.given_folded + window.context
    if _of_another_body(folded, nearest, window) or other_name(folded, window.folded, known):
        return "name"
    changed = (
        explained
        or denied
        or stronger(folded, window.folded)
        or widened(folded, nearest)
        or of_another_base(folded, window.folded)
        or reversed_in_passing(folded, nearest)
        or substituted(folded, nearest, window.folded + window.about)
    )
    return "meaning" if changed else None


def _reversed(folded: str, nearest: str, window: Window) -> bool:
    """True when a claim says the opposite of what the evidence says, in the same words."""
    return (
        opposed(folded, nearest)
        or turned_denial(folded, window.folded)
        or compared_otherwise(folded, window.folded)
        or _crossed(folded, nearest, window)
        or _only_denied(folded, window)
    )


def _of_another_body(folded: str, nearest: str, window: Window) -> bool:
    """True when a claim tells of a body, a place or one who says something that the evidence does not tell of."""
    if other_body(folded, window.folded) or _placed_elsewhere(folded, nearest):
        return True
    return misattributed(folded, CLAUSE_END.split(window.folded), window.spoken_by)


def _placed_elsewhere(folded: str, nearest: str) -> bool:
    """True when a claim names one place and the clause of the evidence that it repeats names another."""
    claim, own = places(folded), places(nearest)
    return any(place not in nearest for place in claim) and any(place not in folded for place in own)


def _completed(folded: str, nearest: str, window: Window, same_script: bool) -> bool:
    """True when a claim tells as reached what the evidence plans, or the other way round."""
    sentence = next((one for one in SENTENCE_END.split(window.folded) if nearest in one), nearest)
    planned = bool(PLANNED.search(nearest) or (PLANNED.search(sentence) and not PAST.search(sentence)))
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


def _same_denied(folded: str, nearest: str) -> bool:
    """True when what one of claim and evidence denies is something that the other says: 没有完成 and 完成."""
    return any(word in other for text, other in ((folded, nearest), (nearest, folded)) for word in denied(text))


def _only_denied(folded: str, window: Window) -> bool:
    """True when a claim that denies nothing has words that the evidence has only to deny them: 没有发生术中死亡."""
    if negations(folded):
        return False
    pieces = CLAUSE_END.split(window.folded)
    told = "，".join(piece for piece in pieces if not negations(piece))
    return any(word in folded and word not in told for piece in pieces for word in denied(piece))


def cited_numbers(sentence: str) -> list[int]:
    """The numbers a sentence cites, in order, each once."""
    found = [int(number) for match in MARKER.finditer(sentence) for number in re.findall(r"\d+", match[1])]
    return list(dict.fromkeys(found))
