"""Ranking: passages found for a question in the order of how likely they answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.segmentation import simplify
from qa.naming import Named, own_places
from qa.reader.encoding import Context, context_of
from qa.reader.reading import BUNDLED, Judgement, PassageReader
from qa.retriever import READ_ACROSS_SCRIPTS, READ_PASSAGES, Evidence

# What retrieval's fused score is worth beside the bundled reader's logit.
RETRIEVAL_WEIGHT = 60.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A piece of evidence and what reading it gave, None when it was not read."""

    evidence: Evidence
    judgement: Judgement | None = None


def rank(
    question: str,
    evidence: Sequence[Evidence],
    reader: PassageReader | None,
    named: Named | None = None,
    most: int | None = None,
) -> list[Ranked]:
    """Read the first passages, at most `most`, with `reader` and put the likeliest first; without one, keep their order.

    The reader is told by which place a speech that `named` holds is known, where its head names none.
    """
    if reader is None:
        return [Ranked(piece) for piece in evidence]
    by_meaning = not any(piece.bm25 for piece in evidence)
    most = most or (READ_ACROSS_SCRIPTS if by_meaning else READ_PASSAGES)
    read, rest = evidence[:most], evidence[most:]
    # The network reads Simplified best, and most speeches are in it.
    judgements = reader.read(simplify(question), [(_context(e, named or Named()), e.text) for e in read])
    ranked = [Ranked(piece, judgement) for piece, judgement in zip(read, judgements, strict=True)]
    # The scale of another cross-encoder is not known: what it says stands alone.
    weight = RETRIEVAL_WEIGHT if reader.name == BUNDLED else 0.0
    scores = [judgement.logit + weight * piece.score for piece, judgement in zip(read, judgements, strict=True)]
    order = sorted(range(len(ranked)), key=lambda i: (-scores[i], read[i].passage.id))
    ranked = [ranked[i] for i in order]
    return ranked + [Ranked(piece) for piece in rest]


def _context(piece: Evidence, named: Named) -> Context:
    context = context_of(piece.document, piece.passage.section_id)
    place = "" if own_places(piece.document) else " ".join(named.places_in(piece.document.id))
    return replace(context, name=f"{context.name} {place}") if place else context
