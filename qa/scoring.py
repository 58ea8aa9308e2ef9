"""How well a sentence answers a question: the words it covers, its closeness in meaning, what it speaks of."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.library import Library
from index.segmentation import fold, has_han, segment
from index.sentences import Span
from qa.naming import YEAR_NUMBER, Named, folded_text, places_in_question
from qa.question import Language, Question, holds_asked
from qa.retriever import Evidence
from qa.wording import AIM, NATIONAL, REACHED, SCOPE, Asked

# What a word of the question is worth where it stands: in the sentence, around it, anywhere in the document.
IN_SENTENCE, IN_PASSAGE, IN_DOCUMENT = 1.0, 0.75, 0.3
# The bundled embedder's cosines lie between these for unlike and like texts, by the question's language.
COSINE_RANGE: dict[Language, tuple[float, float]] = {"zh": (0.80, 0.93), "en": (0.74, 0.90)}
COVERAGE_WEIGHT = 0.65
# A sentence that shares less of the question's words speaks of something else, however close in meaning.
LEAST_COVERAGE, LACKS_WORDS = 0.4, 0.8
# What is left of a score when a sentence lacks what was asked for, or speaks of another year, place or scope.
LACKS_ASKED, OTHER_YEAR, OTHER_SECTION_YEAR, OTHER_PLACE = 0.55, 0.5, 0.7, 0.6
OTHER_SCOPE, OTHER_TENSE, FRAGMENT = 0.6, 0.65, 0.8
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
        self._places = places_in_question(question.text)
        self._weights = word_weights(library, question.words)
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
        if not holds_asked(self._question, fold(text)):
            value *= LACKS_ASKED
        if self._is_fragment(piece, span):
            value *= FRAGMENT
        return value * self._fit(piece, text)

    def coverage(self, piece: Evidence, span: Span) -> float:
        """Share of the question's words, weighted, that the sentence and its surroundings hold."""
        around = self._around(piece)
        context = around.title_words if piece.document.id in self._named else frozenset()
        weights = {word: weight for word, weight in self._weights.items() if word not in context}
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
                head=fold(f"{document.title} {document.occasion or ''} {document.date or ''}"),
                path=path,
                document_text=folded_text(document.id, document.text),
            )
        return known

    def _is_fragment(self, piece: Evidence, span: Span) -> bool:
        """True for a title, dateline or heading, which answers only who and when."""
        if self._question.asked in (Asked.DAY, Asked.TIME, Asked.PERSON):
            return False
        return not SENTENCE_END.search(piece.document.text, span[0], span[1] + 1)

    def _fit(self, piece: Evidence, text: str) -> float:
        """1 where year, place, scope and tense asked for are those the sentence speaks of, else less."""
        return self._fit_of_year(piece, text) * self._fit_of_place(piece) * self._fit_of_scope(piece, text)

    def _fit_of_year(self, piece: Evidence, text: str) -> float:
        around = self._around(piece)
        years = set(self._question.years)
        if not years and "今年" in self._question.text:
            years = set(YEAR_NUMBER.findall(piece.document.title))
        in_section = set(YEAR_NUMBER.findall(around.path))
        if not years or any(year in text for year in years) or years & in_section:
            return 1.0
        fit = OTHER_SECTION_YEAR if in_section else 1.0
        return fit if any(year in around.head for year in years) else fit * OTHER_YEAR

    def _fit_of_place(self, piece: Evidence) -> float:
        if not self._places or piece.document.id in self._named:
            return 1.0
        around = self._around(piece)
        known = any(place in around.head or place in around.document_text for place in self._places)
        return 1.0 if known else OTHER_PLACE

    def _fit_of_scope(self, piece: Evidence, text: str) -> float:
        fit, asked, scope = 1.0, self._question.text, self._question.scope
        scopes = set(SCOPE.findall(text))
        if scope and NATIONAL.search(scope):
            fit *= 1.0 if NATIONAL.search(text) else OTHER_SCOPE
        elif scope and scopes and scope not in scopes:
            fit *= OTHER_SCOPE
        if (
            REACHED.search(asked)
            and not AIM.search(asked)
            and (AIM.search(text) or PLAN.search(self._around(piece).path))
        ):
            fit *= OTHER_TENSE
        if AIM.search(asked) and REVIEW.search(self._around(piece).path):
            fit *= OTHER_TENSE
        return fit


def word_weights(library: Library, words: Sequence[str]) -> dict[str, float]:
    """Inverse document frequency of `words`, as BM25 has it, over passages."""
    total = library.lexical.count()
    frequency = {word: library.lexical.document_frequency(word) for word in words}
    return {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in frequency.items()}
