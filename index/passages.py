"""Passages: windows of whole sentences, each inside one innermost section."""

from collections.abc import Iterator

from index.documents import Passage, Section
from index.sentences import Span, split_clauses, split_sentences, split_subclauses

TARGET = 120  # Chinese characters, or as many Latin letters as carry the same (about three to one)
LATIN_WEIGHT = 0.33
# A sentence longer than this is cut at its semicolons; the windows stay exact pieces of the text.
LONGEST = 240
# What even then is longer, or has no punctuation at all, is cut for the embedder's sake.
LONGEST_CLAUSE = 600


def weigh(text: str) -> float:
    """Length of `text` in Chinese characters; a Latin letter counts a third."""
    wide = sum(map("\u2e80".__le__, text))
    return wide + LATIN_WEIGHT * (len(text) - wide)


def cut_passages(document_id: str, text: str, sections: tuple[Section, ...]) -> tuple[Passage, ...]:
    """Cut `text` into passages in reading order; a heading that fills its line is a passage of its own."""
    children: dict[str, int] = {}
    for section in sections:
        if section.parent_id is not None:
            children.setdefault(section.parent_id, section.start)
    passages: list[Passage] = []
    for section in sections:
        end = children.get(section.id, section.end)
        for span in _windows(text, section, end):
            number = len(passages)
            passages.append(Passage(f"{document_id}:{number}", document_id, number, section.id, *span))
    return tuple(sorted(passages, key=lambda passage: passage.start))


def _windows(text: str, section: Section, end: int) -> Iterator[Span]:
    spans = list(_units(text, section.start, end))
    if section.heading and not section.inline and len(spans) > 1 and "\n" in text[spans[0][0] : spans[1][0]]:
        yield spans.pop(0)
    window: list[Span] = []
    weight = 0.0
    for span in spans:
        size = weigh(text[span[0] : span[1]])
        if window and (weight >= TARGET or weight + size > TARGET * 1.3):
            yield window[0][0], window[-1][1]
            window, weight = [], 0.0
        window.append(span)
        weight += size
    if window:
        yield window[0][0], window[-1][1]


def _units(text: str, start: int, end: int) -> Iterator[Span]:
    for span in split_sentences(text, start, end):
        if weigh(text[span[0] : span[1]]) <= LONGEST:
            yield span
            continue
        for clause in split_clauses(text, *span):
            if clause[1] - clause[0] <= LONGEST_CLAUSE:
                yield clause
            else:
                yield from _pieces(text, *clause)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """A clause longer than any is, cut at its commas and where it has none after so many letters."""
    for first, last in split_subclauses(text, start, end):
        for place in range(first, last, LONGEST_CLAUSE):
            piece = place, min(place + LONGEST_CLAUSE, last)
            if text[slice(*piece)].strip():
                yield piece
