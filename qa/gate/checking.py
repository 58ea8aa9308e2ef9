"""Checking a generated sentence against the evidence it cites, clause by clause."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from index.documents import Document
from index.segmentation import fold, has_han, simplify
from index.sentences import Span, split_sentences
from qa.answer import Support
from qa.dictionary import load_dictionary, stems
from qa.gate.claims import (
    CAUSES,
    CONNECTIVE,
    DOWN,
    FRAME,
    FRAME_PREFIX,
    LATIN,
    PAST,
    PAST_TENSE,
    PLANNED,
    REACHED,
    RELATIVE,
    REPORTING,
    TITLE,
    UP,
    bounds,
    content,
    direction,
    matter,
    modal,
    names,
    negations,
    opposed,
    other_body,
    plain,
    role,
    stronger,
)
from qa.gate.judging import Judge
from qa.gate.quantities import TIMES, Kind, Quantity, quantities, same_unit
from qa.naming import english_name, sure_places
from qa.reader.encoding import context_of
from qa.scoring import RELATIVE_YEARS
from qa.texts import DAYS
from qa.wording import ASKING

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
NEARLY = 0.5
HELD = 2  # nouns of a clause without a figure that have to stand there
# The judge's logit from which on other words are taken to say the same, and below which the same words are not.
SAME, DOUBTED = 1.0, -1.5
WINDOW = 2  # sentences of the evidence that may be read together
TRIED = 12  # windows that are compared, those that cover most
CLAUSE_END = re.compile(r"[，,；;：:](?!\d)|[。！？!?]+|\.(?=\s|$)|\n+|\s(?=(?:and|while|but|which)\s)")
PIECE_END = re.compile(r"[，,；;：:、()（）](?!\d)|[。！？!?]+|\.(?=\s|$)|\n+")
QUOTED = re.compile(r"[“「『]([^”」』]{4,})[”」』]|\"([^\"]{4,})\"")
MARKER = re.compile(r"\s*[\[［【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]］】]")
LETTER = re.compile(r"[^\W_]|%")
SHORT_CLAUSE = 8  # letters
OF_ANOTHER = 0.6  # share of it beside another figure when nothing of it stands beside its own
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

    @property
    def text(self) -> str:
        return self.given.document.text[self.start : self.end]

    @cached_property
    def folded(self) -> str:
        return plain(self.text)

    @cached_property
    def given_folded(self) -> str:
        return plain(self.given.text)

    @cached_property
    def quantities(self) -> list[Quantity]:
        return quantities(self.folded)

    @cached_property
    def context(self) -> str:
        document = self.given.document
        day = document.date
        return plain(
            "\n".join(
                [
                    document.title,
                    *document.section_path(self.given.section_id),
                    document.speaker or "",
                    document.occasion or "",
                    document.place or "",
                    DAYS["zh"](day) if day else "",
                ]
            )
        )

    @cached_property
    def context_quantities(self) -> list[Quantity]:
        return quantities(self.context)

    @cached_property
    def about(self) -> str:
        """Headings, and the names of whose speech it is: what a claim may repeat though the sentences do not say it."""
        document = self.given.document
        named = names(f"{document.title} {document.occasion or ''}") | {document.place or "", document.speaker or ""}
        return plain("\n".join([*document.section_path(self.given.section_id), *sorted(named)]))

    @cached_property
    def year(self) -> int | None:
        document = self.given.document
        found = re.findall(r"(?<!\d)((?:19|20)\d\d)", document.title)
        return int(found[0]) if found else document.date.year if document.date else None


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
        self._windows = {piece.number: list(_windows(piece)) for piece in given}

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
        if self._judge is None or verdict.support == "verbatim":
            return verdict
        if verdict.passed:
            return verdict if self._judged(text, numbers) >= DOUBTED else Verdict(False, "meaning")
        if verdict.fault != "meaning":
            return verdict  # figures, dates, names and negations are told by their words alone
        nearly = self._supported(text, numbers, NEARLY)
        return nearly if nearly.passed and self._judged(text, numbers) >= SAME else verdict

    def _judged(self, text: str, numbers: Sequence[int]) -> float:
        """The judge's logit for the evidence under `numbers` read together."""
        assert self._judge is not None  # noqa: S101 # asked only where there is one
        pieces = [self._given[number] for number in numbers]
        context = context_of(pieces[0].document, pieces[0].section_id)
        return self._judge.judge(text, context, "\n".join(piece.text for piece in pieces))

    def _supported(self, text: str, numbers: Sequence[int], enough: float = 0.0) -> Verdict:
        """Whether the evidence under `numbers` says what `text` says, each clause in one of them.

        `enough` is the share of a clause's matter that has to stand there; 0 for what is enough without a judge.
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
            found, fault = self._find_in(clause, carried, numbers, enough)
            if found is None:
                return Verdict(False, fault)
            if _words(clause) or quantities(bare):
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
            any(_dated(day, window) for window in windows) for day in quantities(bare)
        )

    def _find_in(
        self, clause: str, named: frozenset[str], numbers: Sequence[int], enough: float
    ) -> tuple[_Window | None, Fault | None]:
        """The first of the evidence that says what the clause says, or what is wrong with the first."""
        first: Fault | None = None
        for number in numbers:
            found, fault = self._find(clause, named, number, enough)
            if found:
                return found, None
            first = first or fault
        return None, first or "meaning"

    def _find(
        self, clause: str, named: frozenset[str], number: int, enough: float
    ) -> tuple[_Window | None, Fault | None]:
        """The sentences of a piece of evidence that say what the clause says, or what is wrong with the likeliest."""
        when = RELATIVE.findall(clause)  # 四季度开始 says nothing else that tells where it stands
        ranked = sorted(
            self._windows[number],
            key=lambda window: (
                -_coverage(clause, window),
                -sum(word in window.folded for word in when),
                window.end - window.start,
            ),
        )
        first: Fault | None = None
        for window in ranked[:TRIED]:
            fault = _fault(clause, named, window, enough)
            if fault is None:
                return window, None
            first = first or fault
        return None, first


def _fault(clause: str, named: frozenset[str], window: _Window, enough: float) -> Fault | None:
    """What in a clause does not agree with some sentences of the evidence; None when they say the same."""
    folded = TITLE.sub(" ", plain(clause))
    told = quantities(folded)
    if fault := next((fault for quantity in told if (fault := _misfit(folded, quantity, window))), None):
        return fault
    if _disordered(folded, told, window):
        return "number"
    evidence = window.folded + window.context
    if not all(name in evidence for name in named) or not all(
        _stands_english(name, window) for name in english_names(clause)
    ):
        return "name"
    same_script = has_han(clause) == has_han(window.folded)
    if fault := _turned(folded, _nearest(clause, window), window, same_script):
        return fault
    if enough:
        return None if _may_say(clause, bool(told), window, enough) else "meaning"
    return None if _says(clause, bool(told), window, same_script) else "meaning"


def _may_say(clause: str, has_figure: bool, window: _Window, enough: float) -> bool:
    """True when so much of a clause stands in the evidence that a judge can be asked whether it says the same.

    Praise and other general talk has hardly a word of it, and judges find that it fits.
    """
    words = content(plain(clause)) if has_han(clause) else ()
    if has_han(clause) and not has_figure and words:
        held = sum(word.weight >= 1 and word.text in window.folded for word in words)
        if held < HELD:
            return False
    return _coverage(clause, window) >= enough


def _says(clause: str, has_figure: bool, window: _Window, same_script: bool) -> bool:
    """True when enough of the clause's matter stands in the evidence."""
    if same_script and has_han(clause) and not has_figure and sum(word.weight for word in content(plain(clause))) < 1:
        if RELATIVE.search(clause) and not content(plain(clause)):
            return True  # 四季度开始: the time alone, which is checked by itself
        # A clause of verbs alone fits anything.
        return bool(CONNECTIVE.fullmatch(clause)) or letters(clause) in letters(window.text)
    needed = COVERED if has_figure else COVERED_WITHOUT_FIGURE
    covered = _coverage(clause, window)
    if same_script and has_han(clause) and covered >= COVERED_BY_NOUNS:
        evidence = f"{window.folded}\n{window.about}"
        words = content(plain(FRAME_PREFIX.sub("", clause)))
        # Every noun stands there: a verb may be another one.
        nouns = [word.text for word in words if word.weight >= 1]
        if len(nouns) >= (1 if has_figure else 3) and all(_found(noun, evidence) == 1 for noun in nouns):
            return True
    return covered >= (needed if same_script else COVERED_ACROSS_SCRIPTS)


def _turned(folded: str, nearest: str, window: _Window, same_script: bool) -> Fault | None:
    """Whether a clause moves, denies, reverses, completes or explains what the evidence says."""
    own = set(RELATIVE.findall(nearest))
    relative = own or set(RELATIVE.findall(window.folded))
    # Where the evidence itself says 今年, a year in its heading does not make it 去年.
    moved = any(word not in relative and (own or not _resolves(word, window)) for word in RELATIVE.findall(folded))
    if moved or _completed(folded, nearest, window, same_script):
        return "date"
    if CAUSES.search(folded) and not CAUSES.search(window.folded):
        return "meaning"
    if not same_script:
        return None
    if other_body(folded, window.folded) or _placed_elsewhere(folded, nearest):
        return "name"
    flipped = modal(folded) and modal(nearest) and modal(folded) != modal(nearest)
    if flipped or _denied(folded, nearest, window) or opposed(folded, nearest) or _crossed(folded, nearest, window):
        return "negation"
    return "meaning" if stronger(folded, window.folded) else None


def _placed_elsewhere(folded: str, nearest: str) -> bool:
    """True when a claim names one place and the clause of the evidence that it repeats names another."""
    claim, own = sure_places(folded), sure_places(nearest)
    return any(place not in nearest for place in claim) and any(place not in folded for place in own)


def _completed(folded: str, nearest: str, window: _Window, same_script: bool) -> bool:
    """True when a claim tells as reached what the evidence plans, or the other way round."""
    planned = bool(PLANNED.search(nearest))
    if REACHED.search(folded) and (planned or not PAST.search(window.folded + window.about)):
        return True
    if planned and PAST_TENSE.search(folded) and not PLANNED.search(folded):
        return True
    return same_script and bool(
        PLANNED.search(folded) and REACHED.search(nearest) and not PLANNED.search(window.folded)
    )


def _crossed(folded: str, nearest: str, window: _Window) -> bool:
    """True when a short clause joins what two clauses of the evidence say: 用得上的废止 of 用得上的延续，落空的废止."""
    if len(folded) > SHORT_CLAUSE:
        return False
    claim, own = ({word.text for word in content(text)} for text in (folded, nearest))
    return any(word in window.folded for word in claim - own) and bool(claim & own) and bool(own - claim)


def _denied(folded: str, nearest: str, window: _Window) -> bool:
    """True when one of claim and evidence denies what the other does not."""
    missing = [word.text for word in content(folded) if word.text not in nearest]
    pieces = [piece for piece in CLAUSE_END.split(window.folded) if piece and piece != nearest]
    more = [piece for piece in pieces if any(word in piece for word in missing)]
    claim = negations(folded) % 2
    return negations(nearest) % 2 != claim and not (claim and negations("，".join(more)) % 2)


def _misfit(folded: str, quantity: Quantity, window: _Window) -> Fault | None:
    """What is wrong with a quantity of a claim; None when one like it is told of the same thing."""
    if quantity.kind is Kind.DATE:
        return None if _dated(quantity, window) else "date"
    like = [other for other in window.quantities if quantity.agrees(other)]
    if not like:
        return "number"
    faults: list[Fault] = []
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


def _bounded_alike(folded: str, quantity: Quantity, evidence: str, other: Quantity) -> bool:
    """True when both are told as the least, the most, or neither; 5亿多元 is more than 5亿元."""
    told, found = bounds(folded, quantity), bounds(evidence, other)
    if told == found:
        return True
    return told | found == {"least"} and (quantity.more or other.more)


def _dated(quantity: Quantity, window: _Window) -> bool:
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


def _resolves(word: str, window: _Window) -> bool:
    """True for 去年 where the evidence names the year before its own."""
    offset = next((offset for words, offset in RELATIVE_YEARS if words.fullmatch(word)), None)
    if offset is None or window.year is None:
        return False
    return str(window.year + offset) in window.folded + window.context


def _exchanged(folded: str, quantity: Quantity, window: _Window, other: Quantity) -> bool:
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


def _of_another(folded: str, quantity: Quantity, window: _Window, other: Quantity) -> bool:
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


def _borrowed(folded: str, window: _Window, other: Quantity) -> bool:
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


def _disordered(folded: str, told: Sequence[Quantity], window: _Window) -> bool:
    """True when figures told one after another, 分别, stand in another order in the evidence."""
    if "分别" not in folded and "各" not in folded:
        return False
    places = [
        next((other.start for other in window.quantities if quantity.agrees(other)), -1)
        for quantity in told
        if quantity.kind is not Kind.DATE
    ]
    return places != sorted(places)


def _nearest(clause: str, window: _Window) -> str:
    """The clause of the evidence that has most of a claim's words."""
    pieces = [piece for piece in CLAUSE_END.split(window.folded) if piece and piece.strip()] or [""]
    letters_of = set(plain(clause))
    return max(pieces, key=lambda piece: (_share(clause, piece), len(letters_of & set(piece)), -len(piece)))


def _coverage(clause: str, window: _Window) -> float:
    """Share of the clause's matter that stands in the window or in what says whose it is."""
    return _share(FRAME_PREFIX.sub("", clause), window.folded + "\n" + window.about)


def _share(clause: str, evidence: str) -> float:
    """Share of the clause's matter that stands in a folded text."""
    if has_han(clause):
        words = content(plain(clause))
        total = sum(word.weight for word in words)
        return sum(word.weight * _found(word.text, evidence) for word in words) / total if total else 1.0
    if not has_han(evidence):
        known, words_in = set(stems(evidence)), _words(clause)
        return sum(word in known for word in words_in) / len(words_in) if words_in else 1.0
    bare = matter(plain(clause))
    terms = {word: told for word, told in load_dictionary().terms(bare).items() if word not in REPORTING}
    return sum(any(term in evidence for term in told) for told in terms.values()) / len(terms) if terms else 1.0


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
        return [word.text for word in content(plain(clause))]
    return list(
        stems(" ".join(w for w in LATIN.findall(matter(plain(clause))) if w not in REPORTING and w not in ASKING))
    )


def english_names(clause: str) -> frozenset[str]:
    """Runs of capitalised words within an English clause, its first word left out."""
    if has_han(clause):
        return frozenset()
    return frozenset(match[0] for match in re.finditer(r"(?<=[a-z,\d] )[A-Z][a-zA-Z]+(?: [A-Z][a-zA-Z]+)*", clause))


def _stands_english(name: str, window: _Window) -> bool:
    evidence = window.folded + window.context
    folded = plain(name)
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
