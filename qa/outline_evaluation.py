"""Scores of outlines against a gold: headings found, and their levels."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.catalog import Catalog
from index.documents import VISIBLE, Section
from qa.errors import BadQuestionSet, GoldWithoutSource
from qa.evaluation import file_stem, read_lines, speech_of

# Headings are compared by marker and by the beginning of their words, white space apart.
COMPARED = 12
Speech = tuple[str, int]  # stem of the file's name, which speech of the file


@dataclass(frozen=True, slots=True)
class GoldHeading:
    """One heading of a gold: in which speech it stands, its words, level and whether it is inside a paragraph."""

    speech: Speech
    heading: str
    level: int
    inline: bool


@dataclass(frozen=True, slots=True)
class HeadingScores:
    """Figures for headings on a line of their own, or for those inside a paragraph."""

    gold: int
    precision: float
    recall: float
    f1: float
    level_accuracy: float


@dataclass(frozen=True, slots=True)
class OutlineReport:
    """Scores of both kinds, and what differs."""

    block: HeadingScores
    inline: HeadingScores
    differences: list[str]


def load_outline(path: Path, source: str = "") -> list[GoldHeading]:
    """Read a JSONL gold; raise `BadQuestionSet` naming the line that does not fit.

    Args:
        path: one heading a line: `heading`, `level`, `inline`, and `document` (file name) and `speech` (its number in
            the file, 1 when left out).
        source: the file name for lines without `document`.
    """
    headings = []
    for number, line in enumerate(read_lines(path), start=1):
        try:
            row = json.loads(line)
            speech = (file_stem(row.get("document", source)), int(row.get("speech", 1)))
            headings.append(GoldHeading(speech, row["heading"], row["level"], row["inline"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadQuestionSet(name=path, line=number, reason=f"{type(error).__name__}: {error}") from error
    return headings


def evaluate_outline(catalog: Catalog, gold: list[GoldHeading]) -> OutlineReport:
    """Compare the outlines of the indexed files with `gold`, in the speeches that the gold covers.

    A gold that names no file is about the only file there is.

    Raises:
        GoldWithoutSource: it names none and there are several.
    """
    summaries = catalog.summaries(states=VISIBLE)
    files = sorted({speech_of(summary.source)[0] for summary in summaries})
    if any(not heading.speech[0] for heading in gold):
        if len(files) != 1:
            raise GoldWithoutSource(count=len(files))
        gold = [GoldHeading((h.speech[0] or files[0], h.speech[1]), h.heading, h.level, h.inline) for h in gold]
    outlines: dict[Speech, Sequence[Section]] = {}
    wanted = {heading.speech for heading in gold}
    for summary in summaries:
        speech = speech_of(summary.source)
        if speech in wanted:
            outlines[speech] = catalog.documents([summary.id])[0].sections
    return compare(outlines, gold)


def compare(outlines: dict[Speech, Sequence[Section]], gold: Iterable[GoldHeading]) -> OutlineReport:
    """Score `outlines` against `gold`; equal headings of one speech are paired in order."""
    places: dict[tuple[Speech, str], list[Section]] = defaultdict(list)
    for speech, sections in outlines.items():
        for section in sections:
            if section.heading:
                places[speech, _key(section.heading)].append(section)
    pairs: list[tuple[GoldHeading, Section]] = []
    missing: list[GoldHeading] = []
    for heading in gold:
        found = places[heading.speech, _key(heading.heading)]
        if found and found[0].inline == heading.inline:
            pairs.append((heading, found.pop(0)))
        else:
            missing.append(heading)
    extra = [(speech, section) for (speech, _), sections in places.items() for section in sections]
    differences = [f"missing: {h.speech[0]}#{h.speech[1]} {h.heading}" for h in missing]
    differences += [f"extra: {speech[0]}#{speech[1]} {section.heading}" for speech, section in extra]
    differences += [
        f"level {section.level} for {heading.level}: {heading.speech[0]}#{heading.speech[1]} {heading.heading}"
        for heading, section in pairs
        if heading.level != section.level
    ]
    scores = []
    for inline in (False, True):
        both = [(heading, section) for heading, section in pairs if heading.inline == inline]
        gold_count = len(both) + sum(1 for heading in missing if heading.inline == inline)
        found_count = len(both) + sum(1 for _, section in extra if section.inline == inline)
        right = sum(1 for heading, section in both if heading.level == section.level)
        scores.append(_scores(gold_count, found_count, len(both), right))
    return OutlineReport(scores[0], scores[1], differences)


def _scores(gold: int, found: int, both: int, right: int) -> HeadingScores:
    precision = both / found if found else 1.0
    recall = both / gold if gold else 1.0
    return HeadingScores(
        gold=gold,
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        level_accuracy=right / both if both else 0.0 if gold else 1.0,
    )


def _key(heading: str) -> str:
    return re.sub(r"\s", "", heading)[:COMPARED]
