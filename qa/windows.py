"""What is read together: a passage found, with the passages beside it that were found too or that it needs."""

from collections.abc import Sequence
from dataclasses import replace

from index.documents import Document
from index.passages import weigh
from qa.retriever import Evidence

# A shorter passage (a heading, one sentence) is read with the next one; no window grows beyond the longest.
SHORT, LONGEST = 50, 320


def widen(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence in its order, neighbours of one section merged into one window under the better one's scores."""
    hits = {piece.passage.id for piece in evidence}
    taken: set[str] = set()
    windows = []
    for piece in evidence:
        if piece.passage.id in taken:
            continue
        first, last = _grow(piece.document, piece.passage.number, hits - taken)
        passages = piece.document.passages[first : last + 1]
        taken.update(passage.id for passage in passages)
        windows.append(replace(piece, passage=replace(piece.passage, start=passages[0].start, end=passages[-1].end)))
    return windows


def _grow(document: Document, number: int, hits: set[str]) -> tuple[int, int]:
    """Numbers of the first and last passage of the window around passage `number`."""
    passages = document.passages
    first = last = number

    def may_add(place: int) -> bool:
        if not 0 <= place < len(passages) or passages[place].section_id != passages[number].section_id:
            return False
        start, end = passages[min(first, place)].start, passages[max(last, place)].end
        return weigh(document.text[start:end]) <= LONGEST

    def short() -> bool:
        return weigh(document.text[passages[first].start : passages[last].end]) < SHORT

    while may_add(last + 1) and (passages[last + 1].id in hits or short()):
        last += 1
    while may_add(first - 1) and (passages[first - 1].id in hits or short()):
        first -= 1
    return first, last
