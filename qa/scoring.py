"""How well a sentence answers a question: the words it covers, its closeness in meaning, what it speaks of."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

import rjieba

from index.library import Library
from index.segmentation import fold, has_han, segment
from index.sentences import Span
from qa.dictionary import load_dictionary
from qa.naming import YEAR_NUMBER, Named, folded_text, own_places, places_in_question, sure_places
from qa.question import Language, Question, holds_asked
from qa.retriever import Evidence
from qa.wording import ADDED, AIM, ASKING, COUNTED, EVIDENCE_OF, NATIONAL, REACHED, SCOPE, STOCK, Asked

# What in a sentence may not fit the question: it lacks the kind of thing asked for, speaks of another year (or stands
# in a section about another), place or tense (aimed at, reached), or is no whole sentence.
Misfit = Literal["lacks_asked", "other_year", "other_section_year", "other_place", "other_tense", "fragment"]
MISFITS: tuple[Misfit, ...] = get_args(Misfit)
# What a word of the question is worth where it stands: in the sentence, around it, anywhere in the document.
IN_SENTENCE, IN_PASSAGE, IN_DOCUMENT = 1.0, 0.75, 0.3
# The bundled embedder's cosines lie between these for unlike and like texts, by the question's language.
COSINE_RANGE: dict[Language, tuple[float, float]] = {"zh": (0.80, 0.93), "en": (0.74, 0.90)}
COVERAGE_WEIGHT = 0.65
# A sentence that shares less of the question's words speaks of something else, however close in meaning.
LEAST_COVERAGE, LACKS_WORDS = 0.4, 0.8
# What is left of a score, without a reader, for each thing that does not fit (see `Misfit`).
LEFT_OVER: dict[Misfit, float] = {
    "lacks_asked": 0.55,
    "other_year": 0.5,
    "other_section_year": 0.7,
    "other_place": 0.6,
    "other_tense": 0.65,
    "fragment": 0.8,
}
# Words for a year that count from the year of the speech.
RELATIVE_YEARS = (
    (re.compile("今年"), 0),
    (re.compile("去年|上年|上一年"), -1),
    (re.compile("明年"), 1),
    (re.compile("(?<![大年])前年"), -2),
    (re.compile("(?<![大年])后年"), 2),
)
PAST = re.compile("去年|上年|过去一年|一年来|过去的一年")
# Kinds of thing without which a sentence is no answer at all.
NEEDED = frozenset({Asked.NUMBER, Asked.PERCENT, Asked.MONEY, Asked.DAY, Asked.TIME, Asked.REASON})
PLAN = re.compile(r"目标|任务|安排|要求")
REVIEW = re.compile(r"回顾|过去|成绩|成效|总结")
SENTENCE_END = re.compile(r"[。！？；;!?.][”’」』）)\"']*.?$")


@dataclass(frozen=True, slots=True)
class Sought:
    """A word of the question as it may stand in a text, any of `forms`, and what finding it is worth."""

    forms: frozenset[str]
    weight: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the sentences of a passage: read once for all of them."""

    title_words: frozenset[str]
    words: frozenset[str]
    head: str
    path: str
    year: int | None
    places: frozenset[str]
    document_text: str


class SentenceScorer:
    """Scores sentences for one question; a score is in [0, 1].

    Args:
        library: for word frequencies.
        question: what is asked.
        named: documents that the question names; their titles' words are context, not content.
    """

    def __init__(self, library: Library, question: Question, named: Named) -> None:
        self._question = question
        self._named = named.document_ids
        self._known_place = frozenset(
            word for word in question.words if any(place in word or word in place for place in named.places)
        )
        self._places = places_in_question(question.text)
        self._sure_places = sure_places(question.text)
        self._library = library
        self._passages = library.lexical.count()
        self._pairs = letter_pairs(question.text)
        self._surroundings: dict[str, Surroundings] = {}

    def same_script(self, text: str) -> bool:
        """True when words of the question can occur in `text` at all."""
        return (self._question.language == "zh") == has_han(text)

    def score(self, piece: Evidence, span: Span, cosine: float) -> float:
        """How well `span` of the evidence's document answers; `cosine` is its closeness to the question."""
        text = piece.document.text[span[0] : span[1]]
        floor, ceiling = COSINE_RANGE[self._question.language]
        value = min(max((cosine - floor) / (ceiling - floor), 0.0), 1.0)
        if self.same_script(text):
            coverage = self.coverage(piece, span)
            value = COVERAGE_WEIGHT * coverage + (1 - COVERAGE_WEIGHT) * value
            value *= 1.0 if coverage >= LEAST_COVERAGE else LACKS_WORDS
        if self.speaks_of_another(piece, span):
            return 0.0
        return value * math.prod(LEFT_OVER[misfit] for misfit in self.misfits(piece, span))

    def misfits(self, piece: Evidence, span: Span) -> frozenset[Misfit]:
        """What in the sentence does not fit the question."""
        text = piece.document.text[span[0] : span[1]]
        found: set[Misfit] = set(self._misfits_of_year(piece, text))
        asked = self._question.parts or (self._question,)
        if not any(holds_asked(part, fold(text)) for part in asked):
            found.add("lacks_asked")
        if self._is_fragment(piece, span):
            found.add("fragment")
        if not self._fits_place(piece):
            found.add("other_place")
        if self._is_plan_for_review(piece, text):
            found.add("other_tense")
        return frozenset(found)

    def gaps(self, piece: Evidence) -> tuple[float, float]:
        """The rarest word of the question that the passage, with its headings, lacks, and that the whole speech lacks.

        Each as its weight over that of a word that no speech has: 0 when nothing is lacking.
        """
        around, most = self._around(piece), math.log(2 * self._passages + 2)
        sought = self._sought_beside(around, piece) if self.same_script(piece.text) else ()
        here = max((s.weight for s in sought if not s.forms & around.words), default=0.0)
        anywhere = max((s.weight for s in sought if not _stands(s.forms, around.document_text)), default=0.0)
        return here / most, anywhere / most

    @cached_property
    def _sought(self) -> tuple[Sought, ...]:
        """The question's words in its own script."""
        weights = word_weights(self._library, self._question.words)
        return tuple(Sought(frozenset({word}), weight) for word, weight in weights.items())

    @cached_property
    def _translated(self) -> tuple[Sought, ...]:
        """The words of an English question in Chinese, as far as the dictionary knows them; none of a Chinese one."""
        if self._question.language != "en":
            return ()
        groups = [forms for forms in load_dictionary().terms(self._question.text).values() if forms]
        groups += [frozenset({word}) for word in self._question.words if has_han(word)]
        weights = word_weights(self._library, sorted(frozenset().union(*groups)))
        # A word tells no more than the commonest that it may stand for.
        return tuple(Sought(forms, min(weights[form] for form in forms)) for forms in groups)

    def _sought_in(self, text: str) -> tuple[Sought, ...]:
        return self._sought if self.same_script(text) else self._translated

    def _sought_beside(self, around: Surroundings, piece: Evidence) -> list[Sought]:
        """The question's words as they stand in the evidence's script, but those that only name the speech."""
        context = around.title_words | self._known_place if piece.document.id in self._named else frozenset()
        return [sought for sought in self._sought_in(piece.text) if not sought.forms <= context]

    def speaks_of_another(self, piece: Evidence, span: Span) -> bool:
        """True when the sentence tells of another place, year, reach, thing or tense than the one asked: no answer.

        A city's figure is not its province's, last year's not this year's, the nation's not the province's, what was
        reached is not what is aimed at, and what is added is not what there is.
        """
        text = piece.document.text[slice(*span)]
        return (
            self._of_another_place(piece)
            or self._of_another_year(piece, text)
            or self._of_another_reach(text)
            or self._lacks_needed(text)
            or self._lacks_measured(piece)
            or bool(STOCK.search(self._question.text) and ADDED.search(fold(text)))
            or self._counts_another(text)
            or bool(AIM.search(self._question.text) and self._is_review(piece))
        )

    def _counts_another(self, text: str) -> bool:
        """True when things are to be counted and the sentence names them without counting: 每名网格员350户."""
        counted = COUNTED.search(fold(self._question.text))
        folded = fold(text)
        if counted is None or counted[1] not in folded:
            return False
        noun = re.escape(counted[1])
        each = re.search(rf"每(?:个|名|位|家)?{noun}", folded)
        near = re.search(
            rf"[\d一二三四五六七八九十百千万][^，。；、\d]{{0,8}}{noun}|{noun}[^，。；、]{{0,8}}?[\d一二三四五六七八九十百千万]",
            folded,
        )
        return bool(each) or not near

    def _is_review(self, piece: Evidence) -> bool:
        """True in a section that looks back: it says so, or names a year before the speech's own."""
        around = self._around(piece)
        named = YEAR_NUMBER.findall(around.path)
        return bool(REVIEW.search(around.path) or (named and around.year and int(max(named)) < around.year))

    def _lacks_needed(self, text: str) -> bool:
        """True when a figure, a time or a reason is asked for and the sentence has none."""
        kinds = {part.asked for part in self._question.parts or (self._question,)}
        return kinds <= NEEDED and not any(EVIDENCE_OF[kind].search(fold(text)) for kind in kinds if kind)

    def _lacks_measured(self, piece: Evidence) -> bool:
        """True when what a figure is asked of is named neither in the passage nor above it: 工资, 年龄, 票价."""
        measured = self._question.measured
        if measured is None or not self.same_script(piece.text):
            return False
        around = self._around(piece)
        return measured not in around.words and measured not in fold(f"{piece.text} {around.path}")

    def _of_another_place(self, piece: Evidence) -> bool:
        """True when the speech is another place's and the passage does not name the place that the question names."""
        around = self._around(piece)
        if not self._sure_places or not around.places:
            return False
        near = f"{around.head} {fold(piece.text)} {fold(around.path)}"
        told = [place in near for place in self._sure_places]
        return not (any(told) if self._question.compares or self._question.several else all(told))

    def _of_another_year(self, piece: Evidence, text: str) -> bool:
        """True when the sentence tells other years than the question, or nothing around it tells the question's."""
        years, told = set(self._question.years), set(YEAR_NUMBER.findall(text))
        if not years or years & told:
            return False
        around = self._around(piece)
        if told:
            return True
        past = {str(around.year - 1)} if around.year and PAST.search(piece.text) else set()
        near = set(YEAR_NUMBER.findall(f"{around.head} {piece.text}")) | self._years_of_section(piece) | past
        return not years & near

    def coverage(self, piece: Evidence, span: Span) -> float:
        """Share of the question's words, weighted, that the sentence and its surroundings hold; 0 where none can."""
        around = self._around(piece)
        sought = self._sought_beside(around, piece)
        total = sum(word.weight for word in sought)
        if not total:
            return 1.0 if self._sought_in(piece.text) else 0.0
        text = piece.document.text[span[0] : span[1]]
        inside = frozenset(segment(text))
        # A translation may be cut otherwise than the speech is: it is looked for by its letters.
        letters = "" if self.same_script(piece.text) else fold(text)
        found = 0.0
        for word in sought:
            if word.forms & inside or _stands(word.forms, letters):
                found += IN_SENTENCE * word.weight
            elif word.forms & around.words:
                found += IN_PASSAGE * word.weight
            elif _stands(word.forms, around.document_text):
                found += IN_DOCUMENT * word.weight
        return found / total

    def letters(self, piece: Evidence, span: Span) -> float:
        """Share of the letters of the question's words, weighted by word, that the sentence holds: 配 of 配备."""
        text = fold(piece.document.text[span[0] : span[1]])
        sought = self._sought_in(piece.text)
        total = sum(word.weight for word in sought)
        if not total:
            return 0.0
        words, held = frozenset(segment(text)), set(text)

        def share(form: str) -> float:
            # Letters carry meaning in Chinese alone.
            return sum(c in held for c in form) / len(form) if has_han(form) else float(form in words)

        return sum(max(map(share, word.forms)) * word.weight for word in sought) / total

    def phrases(self, piece: Evidence, span: Span) -> float:
        """Share of the neighbouring Chinese letters of the question that are neighbours in the sentence, too."""
        text = fold(piece.document.text[span[0] : span[1]])
        return sum(pair in text for pair in self._pairs) / len(self._pairs) if self._pairs else 0.0

    def _around(self, piece: Evidence) -> Surroundings:
        known = self._surroundings.get(piece.passage.id)
        if known is None:
            document = piece.document
            path = " ".join(document.section_path(piece.passage.section_id))
            title = frozenset(segment(f"{document.title} {document.occasion or ''}"))
            known = self._surroundings[piece.passage.id] = Surroundings(
                title_words=title,
                words=title.union(segment(f"{piece.text} {path}")),
                head=fold(f"{document.title} {document.occasion or ''} {document.place or ''} {document.date or ''}"),
                path=path,
                year=int(told[-1])
                if (told := YEAR_NUMBER.findall(f"{document.date or ''} {document.title}"))
                else None,
                places=own_places(document),
                document_text=folded_text(document.id, document.text),
            )
        return known

    def _is_fragment(self, piece: Evidence, span: Span) -> bool:
        """True for a title, dateline or heading, which answers only who and when."""
        if self._question.asked in (Asked.DAY, Asked.TIME, Asked.PERSON):
            return False
        return not SENTENCE_END.search(piece.document.text, span[0], span[1] + 1)

    def _misfits_of_year(self, piece: Evidence, text: str) -> Iterator[Misfit]:
        around = self._around(piece)
        years = set(self._question.years)
        if around.year:
            years |= {str(around.year + step) for words, step in RELATIVE_YEARS if words.search(self._question.text)}
        if not years or any(year in text for year in years):
            return
        in_section = self._years_of_section(piece)
        if years & in_section:
            return
        if in_section:
            yield "other_section_year"
        if not any(year in around.head for year in years):
            yield "other_year"

    def _years_of_section(self, piece: Evidence) -> set[str]:
        """The years that the headings above tell: named, or the year before the speech for a review, its own for a plan."""
        around = self._around(piece)
        named = set(YEAR_NUMBER.findall(around.path))
        if named or not around.year:
            return named
        if REVIEW.search(around.path):
            return {str(around.year - 1)}
        return {str(around.year)} if PLAN.search(around.path) else set()

    def _fits_place(self, piece: Evidence) -> bool:
        if not self._places or piece.document.id in self._named:
            return True
        around = self._around(piece)
        return any(place in around.head or place in around.document_text for place in self._places)

    def _is_plan_for_review(self, piece: Evidence, text: str) -> bool:
        """True when the question asks what was reached and the sentence says what is aimed at."""
        asked = self._question.text
        if not REACHED.search(asked) or AIM.search(asked):
            return False
        return bool(AIM.search(text) or PLAN.search(self._around(piece).path))

    def _of_another_reach(self, text: str) -> bool:
        """True when the sentence tells of the nation and the question of the province, or the other way round."""
        scope = self._question.scope
        if not scope:
            return False
        if NATIONAL.search(scope):
            return not NATIONAL.search(text)
        told = {reach for reach in SCOPE.findall(text) if not NATIONAL.search(reach)}  # "居全国第三" ranks, no more
        return bool(told) and scope not in told


def _stands(forms: frozenset[str], text: str) -> bool:
    return any(form in text for form in forms)


def letter_pairs(question: str) -> frozenset[str]:
    """Neighbouring Chinese letters in the question's content, not across words of asking."""
    pairs: set[str] = set()
    run = ""
    for word in [*rjieba.cut(fold(question)), ""]:
        if word in ASKING or not has_han(word):
            pairs.update(first + second for first, second in pairwise(run))
            run = ""
        else:
            run += word
    return frozenset(pairs)


def word_weights(library: Library, words: Sequence[str]) -> dict[str, float]:
    """Inverse document frequency of `words`, as BM25 has it, over passages."""
    total = library.lexical.count()
    frequency = {word: library.lexical.document_frequency(word) for word in words}
    return {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in frequency.items()}
