"""Is each figure of a claim told of what the evidence tells it of, also in other words?

What stands beside a figure is embedded, in the claim and in the evidence: 卖到境外的茶叶值3.2亿元 lies nearer to 茶叶出口
than to 茶具出口. A figure that is told of something else lies nearer to where another figure stands.
"""

import re
from collections.abc import Sequence
from math import inf

import numpy as np

from index.embedding import Embedder, Vectors
from qa.gate.figures import span_beside
from qa.gate.matching import SENTENCE_END
from qa.gate.quantities import Kind, Quantity, quantities
from qa.gate.writing import plain

BEFORE = 14  # letters before a figure that has nothing beside it


def bind(said: str, evidence: str, embedder: Embedder) -> float:
    """By how much (cosine) what the figures are told of lies nearer to their own places than to those of other figures.

    The least over the figures that have rivals, others of the same unit in the evidence; infinite where none has.
    """
    claim, known = plain(said), plain(evidence)
    told, there = _figures(claim), _figures(known)
    own = {i: [j for j, other in enumerate(there) if figure.agrees(other)] for i, figure in enumerate(told)}
    rivals = {
        i: [j for j, other in enumerate(there) if j not in own[i] and figure.measures_like(other)]
        for i, figure in enumerate(told)
    }
    bound = [i for i in own if own[i] and rivals[i]]
    if not bound:
        return inf
    texts = [_beside(claim, figure, told) for figure in told] + [_beside(known, figure, there) for figure in there]
    vectors = embedder.encode_documents(texts)
    near = _cosines(vectors[: len(told)], vectors[len(told) :])
    return min(_margin(near, i, own, rivals[i]) for i in bound)


def _figures(folded: str) -> list[Quantity]:
    return [quantity for quantity in quantities(folded) if quantity.kind is not Kind.DATE]


def _cosines(claim: Vectors, evidence: Vectors) -> Vectors:
    """Shape (figures of the claim, figures of the evidence); what all of the evidence has in common counts for nothing."""
    middle = evidence.mean(0)
    claim, evidence = ((rows - middle) for rows in (claim, evidence))
    claim, evidence = (rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9) for rows in (claim, evidence))
    near: Vectors = claim @ evidence.T
    return near


def _margin(near: Vectors, figure: int, own: dict[int, list[int]], rivals: Sequence[int]) -> float:
    """How much nearer a figure is to its own place than to its nearest rival's."""
    place = max(own[figure], key=lambda j: near[figure, j])
    margins = []
    for rival in rivals:
        margin = near[figure, place] - near[figure, rival]
        # Where the claim tells the rival, too, the two may have changed places.
        others = [i for i in own if rival in own[i]]
        margins += [(margin + near[other, rival] - near[other, place]) / 2 for other in others] or [margin]
    return float(min(margins))


def _beside(folded: str, figure: Quantity, figures: Sequence[Quantity]) -> str:
    """The words beside a figure, up to the next figures or signs, without figures."""
    start, end = span_beside(folded, figure, figures)
    words = f"{folded[start : figure.start]} {folded[figure.end : end]}".strip()
    if len(words) > 1:
        return words
    sentence = max((match.end() for match in SENTENCE_END.finditer(folded, 0, start)), default=0)
    return re.sub(r"[\d.%]+", "", folded[sentence : figure.start])[-BEFORE:] or figure.unit or "数"
