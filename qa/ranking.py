"""Ranking: passages found for a question in the order of how likely they answer it."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.segmentation import simplify
from qa.reader.encoding import context_of
from qa.reader.reading import Judgement, PassageReader
from qa.retriever import Evidence

READ_PASSAGES = 20
# What retrieval's rank is worth beside the reader's logit.
RETRIEVAL_WEIGHT = 60.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A piece of evidence and what reading it gave, None when it was not read."""

    evidence: Evidence
    judgement: Judgement | None = None

    @property
    def score(self) -> float:
        """What it is ranked by: the reader's logit and the fused rank."""
        return (self.judgement.logit if self.judgement else 0.0) + RETRIEVAL_WEIGHT * self.evidence.score


def rank(question: str, evidence: Sequence[Evidence], reader: PassageReader | None) -> list[Ranked]:
    """Read the first passages with `reader` and put the likeliest first; without one, keep their order."""
    if reader is None:
        return [Ranked(piece) for piece in evidence]
    read, rest = evidence[:READ_PASSAGES], evidence[READ_PASSAGES:]
    # The network reads Simplified best, and most speeches are in it.
    judgements = reader.read(simplify(question), [(context_of(e.document, e.passage.section_id), e.text) for e in read])
    ranked = [Ranked(piece, judgement) for piece, judgement in zip(read, judgements, strict=True)]
    ranked.sort(key=lambda piece: (-piece.score, piece.evidence.passage.id))
    return ranked + [Ranked(piece) for piece in rest]
