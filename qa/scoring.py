"""How well a sentence answers a question: the words it covers, its closeness in meaning, what it speaks of."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from index.library import Library
from index.segmentation import fold, has_han, segment
from index.sentences import Span
from qa.naming import YEAR_NUMBER, Named, folded_text, own_places, places_in_question, sure_places
from qa.question import Language, Question, holds_asked
from qa.retriever import Evidence
from qa.wording import AIM, NATIONAL, REACHED, SCOPE, Asked

# What in a sentence may not fit the question: it lacks the kind of thing asked for, speaks of another year (or stands
# in a section about another), place, scope (全国, 全省, …) or tense (aimed at, reached), or is no whole sentence.
Misfit = Literal[
    "lacks_asked", "other_year", "other_section_year", "other_place", "other_scope", "other_tense", "fragment"
]
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
    "other_scope": 0.6,
    "other_tense": 0.65,
    "fragment": 0.8,
}
# Words for a year that count from the year of the speech.
RELATIVE_YEARS = ((re.compile("今年"), 0), (re.compile("去年|上年|上一年"), -1), (re.compile("明年"), 1))
PAST = re.compile("去年|上年|过去一年|一年来|过去的一年")
PLAN = re.compile(r"目标|任务|安排|要求")
REVIEW = re.compile(r"回顾|过去|成绩|成效|总结")
SENTENCE_END = re.compile(r"[。！？；;!?.][”’」』）)\"']*.?$")


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
        self._weights = word_weights(library, question.words)
        self._passages = library.lexical.count()
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
        found: set[Misfit] = set(self._misfits_of_year(piece, text)) | set(self._misfits_of_scope(piece, text))
        asked = self._question.parts or (self._question,)
        if not any(holds_asked(part, fold(text)) for part in asked):
            found.add("lacks_asked")
        if self._is_fragment(piece, span):
            found.add("fragment")
        if not self._fits_place(piece):
            found.add("other_place")
        return frozenset(found)

    def gaps(self, piece: Evidence) -> tuple[float, float]:
        """The rarest word of the question that the passage, with its headings, lacks, and that the whole speech lacks.

        Each as its weight over that of a word that no speech has: 0 when nothing is lacking.
        """
        around, most = self._around(piece), math.log(2 * self._passages + 2)
        weights = self._weights_beside(around, piece)
        here = max((weight for word, weight in weights.items() if word not in around.words), default=0.0)
        anywhere = max((weight for word, weight in weights.items() if word not in around.document_text), default=0.0)
        return here / most, anywhere / most

    def _weights_beside(self, around: Surroundings, piece: Evidence) -> dict[str, float]:
        """Weights of the question's words but those that only name the speech."""
        context = around.title_words | self._known_place if piece.document.id in self._named else frozenset()
        return {word: weight for word, weight in self._weights.items() if word not in context}

    def speaks_of_another(self, piece: Evidence, span: Span) -> bool:
        """True when the sentence tells of another place, year, reach, thing or tense than the one asked: no answer.

        A city's figure is not its province's, last year's not this year's, the nation's not the province's, and what
        was reached is not what is aimed at.
        """
        text = piece.document.text[slice(*span)]
        return (
            self._of_another_place(piece)
            or self._of_another_year(piece, text)
            or "other_scope" in self._misfits_of_scope(piece, text)
            or self._lacks_measured(piece)
            or bool(AIM.search(self._question.text) and REVIEW.search(self._around(piece).path))
        )

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
        """Share of the question's words, weighted, that the sentence and its surroundings hold."""
        around = self._around(piece)
        weights = self._weights_beside(around, piece)
        total = sum(weights.values())
        if not total:
            return 1.0 if self._weights else 0.0
        inside = set(segment(piece.document.text[span[0] : span[1]]))
        found = 0.0
        for word, weight in weights.items():
            if word in inside:
                found += IN_SENTENCE * weight
            elif word in around.words:
                found += IN_PASSAGE * weight
            elif word in around.document_text:
                found += IN_DOCUMENT * weight
        return found / total

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

    def _misfits_of_scope(self, piece: Evidence, text: str) -> Iterator[Misfit]:
        asked, scope = self._question.text, self._question.scope
        scopes = {reach for reach in SCOPE.findall(text) if not NATIONAL.search(reach)}  # "居全国第三" ranks, no more
        if scope and NATIONAL.search(scope):
            if not NATIONAL.search(text):
                yield "other_scope"
        elif scope and scopes and scope not in scopes:
            yield "other_scope"
        path = self._around(piece).path
        reached = REACHED.search(asked) and not AIM.search(asked) and (AIM.search(text) or PLAN.search(path))
        if reached or (AIM.search(asked) and REVIEW.search(path)):
            yield "other_tense"


def word_weights(library: Library, words: Sequence[str]) -> dict[str, float]:
    """Inverse document frequency of `words`, as BM25 has it, over passages."""
    total = library.lexical.count()
    frequency = {word: library.lexical.document_frequency(word) for word in words}
    return {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in frequency.items()}
