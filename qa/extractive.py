"""The extractive answerer: the sentences that answer, quoted exactly, or nothing when none does.

Retrieval scores alone cannot tell an answer from a near miss; reading the passage (`qa.reader`) and checking what the
sentence says (`qa.scoring`) can. Without a reader the checks are all there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import Document
from index.library import Library
from index.passages import weigh
from index.segmentation import fold, segment
from index.sentences import Span, split_clauses, split_sentences
from qa.naming import Named
from qa.question import Question, holds_asked
from qa.ranking import Ranked
from qa.retriever import Evidence
from qa.scoring import SentenceScorer, word_weights
from qa.selection import Calibration, features

READ_PASSAGES = 12
MOST_SENTENCES = 3
# Sentences whose meaning is compared with the question's: those that cover most of its words. Across scripts
# no words are shared to choose by, so more are compared.
EMBEDDED_SENTENCES, EMBEDDED_ACROSS_SCRIPTS = 10, 24
# Longer sentences are cut at semicolons, so that a quotation stays readable.
LONG_SENTENCE = 60
# An answer needs this score; chosen with `speechqa eval` on the development sets. Across scripts closeness in
# meaning is all there is, and it took wrong sentences for right ones up to 0.55.
THRESHOLD = 0.51
THRESHOLD_ACROSS_SCRIPTS = 0.6
# A further sentence has to come this close to the first.
NEXT_SENTENCE = 0.8
PART_COVERAGE = 0.6

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


class Extractor:
    """Picks the sentences of the evidence that answer one question.

    Args:
        library, question, named: what is asked of what.
        calibration: weighs the reader's judgements; None where nothing was read.
    """

    def __init__(
        self, library: Library, question: Question, named: Named, calibration: Calibration | None = None
    ) -> None:
        self._library = library
        self._calibration = calibration
        self._question = question
        self._named = named.document_ids
        self._scorer = SentenceScorer(library, question, named)

    def extract(self, ranked: Sequence[Ranked]) -> Reading:
        """Pick the sentences of the evidence, best passage first, that answer, at most three."""
        if self._calibration and any(piece.judgement for piece in ranked):
            scored = self._scored_by_reader(ranked, self._calibration)
            threshold = self._calibration.threshold
        else:
            scored = self._scored_by_words(ranked[:READ_PASSAGES])
            same_script = bool(scored) and self._scorer.same_script(scored[0].text)
            threshold = THRESHOLD if same_script else THRESHOLD_ACROSS_SCRIPTS
        if not scored:
            return Reading((), 0.0)
        if scored[0].score < threshold:
            return Reading((), scored[0].score)
        return Reading(tuple(self._choose(scored)), scored[0].score)

    def weighed(self, ranked: Sequence[Ranked]) -> list[tuple[Evidence, Span, list[float]]]:
        """The sentences of the first passages with the features they are weighed by."""
        return [
            (piece, span, features(self._scorer, piece, span, read.judgement))
            for read in ranked[:READ_PASSAGES]
            if read.judgement
            for piece, span in cut_sentences([read.evidence])
        ]

    def _scored_by_reader(self, ranked: Sequence[Ranked], calibration: Calibration) -> list[Selected]:
        scored = [
            Selected(piece.document, piece.passage.section_id, *span, calibration.probability(row))
            for piece, span, row in self.weighed(ranked)
        ]
        return sorted(scored, key=lambda selected: (-selected.score, selected.document.id, selected.start))

    def _scored_by_words(self, ranked: Sequence[Ranked]) -> list[Selected]:
        candidates = self._most_covering(cut_sentences([piece.evidence for piece in ranked]))
        if not candidates:
            return []
        texts = [piece.document.text[start:end] for piece, (start, end) in candidates]
        embedder = self._library.embedder
        cosines = embedder.encode_documents(texts) @ embedder.encode_query(self._question.text)
        scored = [
            Selected(piece.document, piece.passage.section_id, *span, self._scorer.score(piece, span, float(cosine)))
            for (piece, span), cosine in zip(candidates, cosines, strict=True)
        ]
        return sorted(scored, key=lambda selected: (-selected.score, selected.document.id, selected.start))

    def _most_covering(self, candidates: list[Candidate]) -> list[Candidate]:
        """The sentences worth embedding: embedding them all would take most of an answer's time."""
        coverage = [self._scorer.coverage(*candidate) for candidate in candidates]
        order = sorted(range(len(candidates)), key=lambda place: -coverage[place])
        shared = sum(1 for piece, _ in candidates if self._scorer.same_script(piece.text))
        limit = EMBEDDED_SENTENCES if shared * 2 > len(candidates) else EMBEDDED_ACROSS_SCRIPTS
        return [candidates[place] for place in order[:limit]]

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
        weights = word_weights(self._library, words)

        def covered(text: str) -> float:
            inside = set(segment(text))
            return sum(weight for word, weight in weights.items() if word in inside) / (sum(weights.values()) or 1.0)

        if max(covered(selected.text) for selected in chosen) >= PART_COVERAGE:
            return
        near = [s for s in scored if s.document.id == chosen[0].document.id and s not in chosen]
        best = max(near, key=lambda s: covered(s.text), default=None)
        if best and covered(best.text) >= PART_COVERAGE and holds_asked(self._question, fold(best.text)):
            chosen.append(best)


def cut_sentences(evidence: Sequence[Evidence]) -> list[Candidate]:
    """The sentences of the evidence, long ones as their clauses without the semicolon between them."""
    found: list[Candidate] = []
    for piece in evidence:
        text, passage = piece.document.text, piece.passage
        for start, end in split_sentences(text, passage.start, passage.end):
            if weigh(text[start:end]) <= LONG_SENTENCE:
                found.append((piece, (start, end)))
            else:
                clauses = split_clauses(text, start, end)
                found.extend((piece, (first, first + len(text[first:last].rstrip("；;")))) for first, last in clauses)
    return found
