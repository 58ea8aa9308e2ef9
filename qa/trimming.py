"""Trimming: of a long sentence, the run of clauses that answers; words are left out at its ends, never changed."""

import re
from dataclasses import replace

from index.passages import weigh
from index.segmentation import has_han, segment
from index.sentences import Span
from qa.extractive import LONG_SENTENCE, Selected
from qa.question import Question

CLAUSE_END = re.compile(r"[，,；;]+")
# A quotation that loses less than this share of its words is left whole.
WORTH_LEAVING_OUT = 0.3


def trim(question: Question, selected: Selected) -> Selected:
    """`selected` from the first to the last clause that the reader pointed at or that has words of the question.

    Left whole where the reader pointed at nothing, or across scripts, where no words tell which clauses belong to it.
    """
    text = selected.text
    if weigh(text) <= LONG_SENTENCE or not selected.focus or has_han(text) != (question.language == "zh"):
        return selected
    clauses = cut_clauses(text, selected.start)
    title = set(segment(selected.document.title))
    words = set(question.words) - title
    wanted = [
        number
        for number, (start, end) in enumerate(clauses)
        if any(a < end and start < b for a, b in selected.focus)
        or words & set(segment(selected.document.text[start:end]))
    ]
    if not wanted:
        return selected
    first, last = wanted[0], wanted[-1]
    start, end = clauses[first][0], clauses[last][1] if last + 1 < len(clauses) else selected.end
    if weigh(selected.document.text[start:end]) > weigh(text) * (1 - WORTH_LEAVING_OUT):
        return selected
    return replace(selected, start=start, end=end)


def cut_clauses(text: str, offset: int) -> list[Span]:
    """Spans of the clauses of a sentence that begins at `offset`, without the punctuation between them."""
    spans: list[Span] = []
    start = 0
    for match in CLAUSE_END.finditer(text):
        spans.append((offset + start, offset + match.start()))
        start = match.end()
    spans.append((offset + start, offset + len(text)))
    return [(a, b) for a, b in spans if a < b]
