"""Questions about a speech itself: who gave it, on which day, on what occasion; cited to the line that says so."""

import re
from collections.abc import Iterator, Sequence

from index.documents import Document
from index.metadata import parse_date
from index.segmentation import fold
from index.sentences import Span
from qa.extractive import Selected
from qa.question import Question

SPEECH = re.compile(r"讲话|报告|致辞|致词|演讲|发言|\b(?:speech|address|report|remarks|statement)\b", re.I)
GIVEN = re.compile(
    r"作的|作出|所作|作了|作政府|作报告|发表|讲的|致辞|致词|演讲|\b(?:deliver\w*|gave|given?|made|spoke)\b", re.I
)
WHO = re.compile(r"谁|哪位|何人|什么人|\bwho(?:m|se)?\b", re.I)
WHEN = re.compile(r"哪一?天|哪一?日|几月几[日号]|何时|什么时候|什么时间|\b(?:when|what (?:date|day)|which day)\b", re.I)
OCCASION = re.compile(
    r"(?:什么|哪个|哪次|哪一次|何种?)(?:大?会议?|场合|活动|仪式)|\b(?:what|which) (?:occasion|meeting|event)\b", re.I
)
HEAD_LINES, FOOT_LINES = 12, 4
LONGEST_LINE = 120


def find_lines(question: Question, documents: Sequence[Document]) -> list[Selected] | None:
    """The lines of each speech that say what is asked about it, none when they are not in its text.

    None when nothing of that kind is asked, or the catalog does not know it either: then reading may find it.
    """
    text = fold(question.text)
    asked = [
        name for name, pattern in (("date", WHEN), ("speaker", WHO), ("occasion", OCCASION)) if pattern.search(text)
    ]
    if not asked or not SPEECH.search(text) or not GIVEN.search(text):
        return None
    if any(getattr(document, name) is None for document in documents for name in asked):
        return None
    found = []
    for document in documents:
        spans: list[Span] = []
        for name in asked:
            span = next((span for span in _lines(document) if _says(document, name, span)), None)
            if span is None:
                return []
            if span not in spans:
                spans.append(span)
        found += [Selected(document, document.section_at(start), start, end, 1.0) for start, end in sorted(spans)]
    return found


def line_of_date(document: Document) -> Span | None:
    """The line that tells the day of a speech, None where a sidecar told it."""
    return next((span for span in _lines(document) if _says(document, "date", span)), None)


def _says(document: Document, name: str, span: Span) -> bool:
    line = document.text[slice(*span)]
    if name == "date":
        return document.date is not None and parse_date(line) == document.date
    value = document.speaker if name == "speaker" else document.occasion
    return value is not None and _squeeze(value) in _squeeze(line)


def _squeeze(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


def _lines(document: Document) -> Iterator[Span]:
    """The short lines at a document's head, then those at its foot."""
    lines = [
        (match.start(), match.end())
        for match in re.finditer(r"\S[^\n]*\S|\S", document.text)
        if match.end() - match.start() <= LONGEST_LINE
    ]
    yield from lines[:HEAD_LINES]
    yield from lines[HEAD_LINES:][-FOOT_LINES:]
