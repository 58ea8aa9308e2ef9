"""The extractive answerer: the sentences that answer, quoted exactly, or nothing when none does.

Retrieval scores alone cannot tell an answer from a near miss; reading the passage (`qa.reader`) and checking what the
sentence says (`qa.scoring`) can. Without a reader the checks are all there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.documents import Document
from index.library import Library
from index.passages import weigh
from index.sentences import Span, split_clauses, split_sentences
from qa.naming import Named
from qa.question import Question
from qa.ranking import Ranked
from qa.reader.reading import Judgement
from qa.retriever import Evidence
from qa.scoring import SentenceScorer
from qa.selection import Calibration, Calibrations, Scripts, features

WEIGHED_PASSAGES = 12
# Sentences whose meaning is compared with the question's: those that cover most of its words. Across scripts
# no words are shared to choose by, so more are compared.
EMBEDDED_SENTENCES, EMBEDDED_ACROSS_SCRIPTS = 10, 24
# Longer sentences are cut at semicolons, so that a quotation stays readable.
LONG_SENTENCE = 60
LEAST_SHARE = 0.1  # of the reader's probability, from which on it points at a span
# An answer needs this score; chosen with `speechqa eval` on the development sets. Across scripts closeness in
# meaning is all there is, and it took wrong sentences for right ones up to 0.55.
THRESHOLD = 0.51
THRESHOLD_ACROSS_SCRIPTS = 0.6

Candidate = tuple[Evidence, Span]


@dataclass(frozen=True, slots=True)
class Selected:
    """A sentence chosen to answer: an exact span of a document, its section, its score in [0, 1].

    `focus` are the spans in it that the reader pointed at.
    """

    document: Document
    section_id: str
    start: int
    end: int
    score: float
    focus: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Scored:
    """Sentences that may answer, best first, and the score from which on one is taken for an answer."""

    sentences: tuple[Selected, ...] = ()
    threshold: float = 1.0

    @property
    def answers(self) -> tuple[Selected, ...]:
        """Those that are good enough."""
        return tuple(selected for selected in self.sentences if selected.score >= self.threshold)

    @property
    def best_score(self) -> float:
        """The best sentence's score."""
        return self.sentences[0].score if self.sentences else 0.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence of a passage that was read, with the features it is weighed by (see `qa.selection`)."""

    evidence: Evidence
    span: Span
    features: list[float]
    judgement: Judgement

    @property
    def focus(self) -> tuple[Span, ...]:
        """The spans in the sentence that the reader pointed at."""
        first = self.evidence.passage.start
        pointed = ((first + a, first + b) for a, b, share in self.judgement.spans if share >= LEAST_SHARE)
        return tuple((a, b) for a, b in pointed if self.span[0] <= a < self.span[1])


class Extractor:
    """Scores the sentences of the evidence for one question.

    Args:
        library, question, named: what is asked of what.
        calibrations: weigh the reader's judgements; None where nothing was read.
    """

    def __init__(
        self, library: Library, question: Question, named: Named, calibrations: Calibrations | None = None
    ) -> None:
        self._library = library
        self._calibrations = calibrations
        self._question = question
        self._scorer = SentenceScorer(library, question, named)

    def score(self, ranked: Sequence[Ranked]) -> Scored:
        """The sentences of the evidence, likeliest first; equal ones in order of document and place."""
        if self._calibrations and any(piece.judgement for piece in ranked):
            return self._scored_by_reader(ranked, self._calibrations)
        found = self._scored_by_words(ranked[:WEIGHED_PASSAGES])
        same_script = bool(found) and self._scorer.same_script(found[0].text)
        return Scored(tuple(found), THRESHOLD if same_script else THRESHOLD_ACROSS_SCRIPTS)

    def weighed(self, ranked: Sequence[Ranked]) -> list[Weighed]:
        """The sentences of the first passages with what they are weighed by; none that speaks of another thing."""
        return [
            Weighed(piece, span, features(self._scorer, piece, span, read.judgement), read.judgement)
            for read in ranked[:WEIGHED_PASSAGES]
            if read.judgement
            for piece, span in cut_sentences([read.evidence])
            if not self._scorer.speaks_of_another(piece, span)
        ]

    def by_scripts(self, weighed: Sequence[Weighed]) -> dict[Scripts, list[Weighed]]:
        """The sentences by their script and the question's."""
        sides: dict[Scripts, list[Weighed]] = {}
        own: Scripts = "chinese" if self._question.language == "zh" else "alphabetic"
        for sentence in weighed:
            same = self._scorer.same_script(sentence.evidence.text)
            sides.setdefault(own if same else "across", []).append(sentence)
        return sides

    def _scored_by_reader(self, ranked: Sequence[Ranked], calibrations: Calibrations) -> Scored:
        """The sentences in the question's script or the others: what they are worth cannot be compared."""
        sides = [_weigh(side, calibrations[scripts]) for scripts, side in self.by_scripts(self.weighed(ranked)).items()]
        return max(sides, key=lambda side: side.best_score - side.threshold, default=Scored())

    def _scored_by_words(self, ranked: Sequence[Ranked]) -> list[Selected]:
        candidates = self._most_covering(cut_sentences([piece.evidence for piece in ranked]))
        if not candidates:
            return []
        texts = [piece.document.text[start:end] for piece, (start, end) in candidates]
        embedder = self._library.embedder
        cosines = embedder.encode_documents(texts) @ embedder.encode_query(self._question.text)
        found = [
            Selected(piece.document, piece.passage.section_id, *span, self._scorer.score(piece, span, float(cosine)))
            for (piece, span), cosine in zip(candidates, cosines, strict=True)
        ]
        return sorted(found, key=lambda selected: (-selected.score, selected.document.id, selected.start))

    def _most_covering(self, candidates: list[Candidate]) -> list[Candidate]:
        """The sentences worth embedding: embedding them all would take most of an answer's time."""
        coverage = [self._scorer.coverage(*candidate) for candidate in candidates]
        order = sorted(range(len(candidates)), key=lambda place: -coverage[place])
        shared = sum(1 for piece, _ in candidates if self._scorer.same_script(piece.text))
        limit = EMBEDDED_SENTENCES if shared * 2 > len(candidates) else EMBEDDED_ACROSS_SCRIPTS
        return [candidates[place] for place in order[:limit]]


def _weigh(weighed: Sequence[Weighed], calibration: Calibration) -> Scored:
    """The sentences in the order that `calibration` gives, with how likely each answers."""
    rows = np.array([sentence.features for sentence in weighed])
    likely = calibration.probabilities(rows, [sentence.evidence.document.id for sentence in weighed])
    found = [
        (
            -order,
            Selected(
                sentence.evidence.document,
                sentence.evidence.passage.section_id,
                *sentence.span,
                float(chance),
                sentence.focus,
            ),
        )
        for sentence, order, chance in zip(weighed, calibration.rank(rows), likely, strict=True)
    ]
    found.sort(key=lambda pair: (pair[0], pair[1].document.id, pair[1].start))
    return Scored(tuple(selected for _, selected in found), calibration.threshold)


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
