"""Ranking: passages found for a question in the order of how likely they answer it."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.segmentation import simplify
from qa.reader.encoding import context_of
from qa.reader.reading import BUNDLED, Judgement, PassageReader
from qa.retriever import READ_ACROSS_SCRIPTS, READ_PASSAGES, Evidence

# What retrieval's fused score is worth beside the bundled reader's logit.
RETRIEVAL_WEIGHT = 60.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A piece of evidence and what reading it gave, None when it was not read."""

    evidence: Evidence
    judgement: Judgement | None = None


def rank(question: str, evidence: Sequence[Evidence], reader: PassageReader | None) -> list[Ranked]:
    """Read the first passages with `reader` and put the likeliest first; without one, keep their order."""
    if reader is None:
        return [Ranked(piece) for piece in evidence]
    by_meaning = not any(piece.bm25 for piece in evidence)
    most = READ_ACROSS_SCRIPTS if by_meaning else READ_PASSAGES
    read, rest = evidence[:most], evidence[most:]
    # The network reads Simplified best, and most speeches are in it.
    judgements = reader.read(simplify(question), [(context_of(e.document, e.passage.section_id), e.text) for e in read])
    ranked = [Ranked(piece, judgement) for piece, judgement in zip(read, judgements, strict=True)]
    # The scale of another cross-encoder is not known: what it says stands alone.
    weight = RETRIEVAL_WEIGHT if reader.name == BUNDLED else 0.0
    scores = [judgement.logit + weight * piece.score for piece, judgement in zip(read, judgements, strict=True)]
    order = sorted(range(len(ranked)), key=lambda i: (-scores[i], read[i].passage.id))
    ranked = [ranked[i] for i in order]
    return ranked + [Ranked(piece) for piece in rest]
