"""The extractive answerer: the sentences that answer, quoted exactly, or nothing when none does.

A sentence is scored by the question's words it covers (weighted by how rare they are in the collection),
by its closeness in meaning, and by whether it holds the kind of thing asked for. Retrieval scores alone
cannot tell an answer from a near miss; what the sentence says can.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import Document
from index.library import Library
from index.passages import weigh
from index.segmentation import fold, has_han, segment
from index.sentences import Span, split_clauses, split_sentences
from qa.naming import YEAR_NUMBER, Named, folded_text, places_in_question
from qa.question import AIM, NATIONAL, REACHED, SCOPE, Asked, Language, Question, holds_asked
from qa.retriever import Evidence

READ_PASSAGES = 12
MOST_SENTENCES = 3
# Sentences whose meaning is compared with the question's: those that cover most of its words.
EMBEDDED_SENTENCES = 16
# Longer sentences are cut at semicolons, so that a quotation stays readable.
LONG_SENTENCE = 60
# What a word of the question is worth where it stands: in the sentence, around it, anywhere in the document.
IN_SENTENCE, IN_PASSAGE, IN_DOCUMENT = 1.0, 0.75, 0.3
# The bundled embedder's cosines lie between these for unlike and like texts, by the question's language.
COSINE_RANGE: dict[Language, tuple[float, float]] = {"zh": (0.80, 0.93), "en": (0.74, 0.90)}
COVERAGE_WEIGHT = 0.65
# A sentence that shares less of the question's words speaks of something else, however close in meaning.
LEAST_COVERAGE, LACKS_WORDS = 0.4, 0.8
# What is left of a score when a sentence lacks what was asked for, or speaks of another year, place or scope.
LACKS_ASKED, OTHER_YEAR, OTHER_SECTION_YEAR, OTHER_PLACE = 0.55, 0.5, 0.7, 0.6
OTHER_SCOPE, OTHER_TENSE, FRAGMENT = 0.6, 0.75, 0.8
# An answer needs this score; chosen with `speechqa eval` on the development sets.
THRESHOLD = 0.51
THRESHOLD_ACROSS_SCRIPTS = 0.4
# A further sentence has to come this close to the first.
NEXT_SENTENCE = 0.8
PART_COVERAGE = 0.6
REVIEW = re.compile(r"回顾|过去|成绩|成效|总结")
SENTENCE_END = re.compile(r"[。！？；;!?.][”’」』）)\"']*.?$")


Candidate = tuple[Evidence, Span]


@dataclass(frozen=True, slots=True)
class Selected:
    """A sentence chosen to answer: an exact span of a document, its section, its score in [0, 1]."""

    document: Document
    section_id: str
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the evidence gave: sentences that answer, best first; empty when none does."""

    sentences: tuple[Selected, ...]
    best_score: float


class Reader:
    """Reads the evidence for one question.

    Args:
        library: for word frequencies and the embedder.
        question: what is asked.
        named: documents that the question names; their titles' words are context, not content.
    """

    def __init__(self, library: Library, question: Question, named: Named) -> None:
        self._library = library
        self._question = question
        self._named = named.document_ids
        self._places = places_in_question(question.text)
        self._weights = _word_weights(library, question.words)

    def read(self, evidence: Sequence[Evidence]) -> Reading:
        """Pick the sentences of `evidence` that answer, at most three."""
        candidates = self._most_covering(_candidates(evidence[:READ_PASSAGES]))
        if not candidates:
            return Reading((), 0.0)
        texts = [piece.document.text[start:end] for piece, (start, end) in candidates]
        embedder = self._library.embedder
        cosines = embedder.encode_documents(texts) @ embedder.encode_query(self._question.text)
        scored = [self._score(*candidate, float(cosine)) for candidate, cosine in zip(candidates, cosines, strict=True)]
        scored.sort(key=lambda selected: (-selected.score, selected.document.id, selected.start))
        best = scored[0]
        if best.score < (THRESHOLD if self._same_script(best.text) else THRESHOLD_ACROSS_SCRIPTS):
            return Reading((), best.score)
        return Reading(tuple(self._choose(scored)), best.score)

    def _same_script(self, text: str) -> bool:
        return (self._question.language == "zh") == has_han(text)

    def _most_covering(self, candidates: list[Candidate]) -> list[Candidate]:
        """The sentences worth embedding: embedding them all would take most of an answer's time."""
        coverage = [self._coverage(*candidate) for candidate in candidates]
        order = sorted(range(len(candidates)), key=lambda place: -coverage[place])
        return [candidates[place] for place in order[:EMBEDDED_SENTENCES]]

    def _score(self, piece: Evidence, span: Span, cosine: float) -> Selected:
        document, text = piece.document, piece.document.text[span[0] : span[1]]
        floor, ceiling = COSINE_RANGE[self._question.language]
        value = min(max((cosine - floor) / (ceiling - floor), 0.0), 1.0)
        if self._same_script(text):
            coverage = self._coverage(piece, span)
            value = COVERAGE_WEIGHT * coverage + (1 - COVERAGE_WEIGHT) * value
            value *= 1.0 if coverage >= LEAST_COVERAGE else LACKS_WORDS
        if not holds_asked(self._question, fold(text)):
            value *= LACKS_ASKED
        if self._question.asked not in (Asked.DAY, Asked.TIME, Asked.PERSON) and not SENTENCE_END.search(
            document.text, span[0], span[1] + 1
        ):
            value *= FRAGMENT
        value *= self._fits_context(piece, text)
        return Selected(document, piece.passage.section_id, span[0], span[1], value)

    def _coverage(self, piece: Evidence, span: Span) -> float:
        """Share of the question's words, weighted, that the sentence and its surroundings hold."""
        document = piece.document
        path = " ".join(document.section_path(piece.passage.section_id))
        title = set(segment(f"{document.title} {document.occasion or ''}"))
        context = title if document.id in self._named else frozenset()
        weights = {word: weight for word, weight in self._weights.items() if word not in context}
        total = sum(weights.values())
        if not total:
            return 1.0 if self._weights else 0.0
        inside = set(segment(document.text[span[0] : span[1]]))
        around = title.union(segment(f"{piece.text} {path}"))
        whole = folded_text(document.id, document.text)
        found = 0.0
        for word, weight in weights.items():
            if word in inside:
                found += IN_SENTENCE * weight
            elif word in around:
                found += IN_PASSAGE * weight
            elif word in whole:
                found += IN_DOCUMENT * weight
        return found / total

    def _fits_context(self, piece: Evidence, text: str) -> float:
        """1 where the named year, places and scope are the document's or the sentence's own, else less."""
        question, document = self._question, piece.document
        head = f"{document.title} {document.occasion or ''} {document.date or ''}"
        path = " ".join(document.section_path(piece.passage.section_id))
        fit = 1.0
        years = set(question.years) or (set(YEAR_NUMBER.findall(document.title)) if "今年" in question.text else set())
        section_years = set(YEAR_NUMBER.findall(path))
        if years and not any(year in text for year in years) and not years & section_years:
            fit *= OTHER_SECTION_YEAR if section_years else 1.0
            fit *= OTHER_YEAR if not any(year in head for year in years) else 1.0
        if self._places and document.id not in self._named:
            whole = folded_text(document.id, document.text)
            if not any(place in fold(head) or place in whole for place in self._places):
                fit *= OTHER_PLACE
        scopes = set(SCOPE.findall(text))
        national = question.scope is not None and NATIONAL.search(question.scope)
        if (national and not NATIONAL.search(text)) or (question.scope and scopes and question.scope not in scopes):
            fit *= OTHER_SCOPE
        if REACHED.search(question.text) and not AIM.search(question.text) and AIM.search(text):
            fit *= OTHER_TENSE
        if AIM.search(question.text) and REVIEW.search(path):
            fit *= OTHER_TENSE
        return fit

    def _choose(self, scored: Sequence[Selected]) -> list[Selected]:
        """The best sentence, then what a comparison or a second question needs beside it."""
        chosen = [scored[0]]
        if self._question.compares or len(self._named) > 1:
            self._add_documents(chosen, scored)
        for words in self._question.parts:
            self._add_part(chosen, scored, words)
        return chosen[:MOST_SENTENCES]

    def _add_documents(self, chosen: list[Selected], scored: Sequence[Selected]) -> None:
        for candidate in scored[1:]:
            new = all(candidate.document.id != other.document.id for other in chosen)
            if new and candidate.score >= chosen[0].score * NEXT_SENTENCE:
                chosen.append(candidate)

    def _add_part(self, chosen: list[Selected], scored: Sequence[Selected], words: Sequence[str]) -> None:
        """Add the best sentence of the same document for a part that the chosen ones leave open."""
        weights = _word_weights(self._library, words)

        def covered(text: str) -> float:
            inside = set(segment(text))
            return sum(weight for word, weight in weights.items() if word in inside) / (sum(weights.values()) or 1.0)

        already = max(covered(selected.text) for selected in chosen)
        near = [s for s in scored if s.document.id == chosen[0].document.id and s not in chosen]
        best = max(near, key=lambda s: covered(s.text), default=None)
        if best is None or already >= PART_COVERAGE:
            return
        if covered(best.text) >= PART_COVERAGE and holds_asked(self._question, fold(best.text)):
            chosen.append(best)


def _candidates(evidence: Sequence[Evidence]) -> list[Candidate]:
    found: list[Candidate] = []
    for piece in evidence:
        text, passage = piece.document.text, piece.passage
        for span in split_sentences(text, passage.start, passage.end):
            long = weigh(text[span[0] : span[1]]) > LONG_SENTENCE
            found.extend((piece, _trimmed(text, clause)) for clause in (split_clauses(text, *span) if long else [span]))
    return found


def _trimmed(text: str, span: Span) -> Span:
    """`span` without the semicolon that joins it to the next clause."""
    return span[0], span[0] + len(text[span[0] : span[1]].rstrip("；;"))


def _word_weights(library: Library, words: Sequence[str]) -> dict[str, float]:
    """Inverse document frequency of `words`, as BM25 has it, over passages."""
    total = library.lexical.count()
    frequency = {word: library.lexical.document_frequency(word) for word in words}
    return {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in frequency.items()}
