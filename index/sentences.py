"""Where sentences and clauses end, in Chinese and in alphabetic scripts."""

import re

Span = tuple[int, int]

_CLOSERS = "”’」』）)】》\"'"
# An alphabetic sentence ends at . ! ? before white space and a capital; "Mr. Li" and "No. 5" do not.
SENTENCE = re.compile(
    rf"[。！？!?]+[{_CLOSERS}]*|\n+|(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bNo)(?<!\b[A-Z])\.(?=[{_CLOSERS}]*\s+[\"'“‘(]?[A-Z])[{_CLOSERS}]*"
)
SUBCLAUSE = re.compile(r"[，,、；;：:]+|[。！？!?]+|\n+")
CLAUSE = re.compile(r"[；;]+|[。！？!?]+|\n+")


def split_sentences(text: str, start: int, end: int) -> list[Span]:
    """Spans of whole sentences covering `text[start:end]` without the white space around them."""
    return _split(SENTENCE, text, start, end)


def split_clauses(text: str, start: int, end: int) -> list[Span]:
    """Like `split_sentences`, and also at semicolons."""
    return _split(CLAUSE, text, start, end)


def split_subclauses(text: str, start: int, end: int) -> list[Span]:
    """Like `split_clauses`, and also at commas."""
    return _split(SUBCLAUSE, text, start, end)


def _split(boundary: re.Pattern[str], text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    position = start
    for match in boundary.finditer(text, start, end):
        _append(spans, text, position, match.end())
        position = match.end()
    _append(spans, text, position, end)
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        start += len(piece) - len(piece.lstrip())
        spans.append((start, start + len(stripped)))
