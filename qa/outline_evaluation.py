"""Scores of outlines against a gold: headings found, and their levels."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from index.catalog import Catalog
from index.documents import VISIBLE, Section
from qa.errors import BadQuestionSet
from qa.evaluation import read_lines

# Headings are compared by marker and by the beginning of their words, white space apart.
COMPARED = 12


@dataclass(frozen=True, slots=True)
class GoldHeading:
    """One heading of a gold: in which speech of the file it stands, its words, level and whether inline."""

    speech: int
    marker: str
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


def load_outline(path: Path) -> list[GoldHeading]:
    """Read a JSONL gold; raise `BadQuestionSet` naming the line that does not fit."""
    headings = []
    lines = read_lines(path)
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            headings.append(GoldHeading(row["speech"], row["marker"], row["heading"], row["level"], row["inline"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadQuestionSet(name=path, line=number, reason=f"{type(error).__name__}: {error}") from error
    return headings


def evaluate_outline(catalog: Catalog, gold: list[GoldHeading], source: str) -> OutlineReport:
    """Compare the outlines of the indexed file `source` with `gold`, in the speeches that the gold covers."""
    found: dict[tuple[int, str], Section] = {}
    for document in catalog.documents(states=VISIBLE):
        name, _, number = document.source.rpartition("#") if "#" in document.source else (document.source, "", "1")
        if name == source:
            for section in document.sections:
                if section.heading:
                    found[int(number), _key(section.heading)] = section
    covered = {heading.speech for heading in gold}
    found = {place: section for place, section in found.items() if place[0] in covered}
    differences = [f"missing: {h.speech} {h.heading}" for h in gold if (h.speech, _key(h.heading)) not in found]
    wanted = {(h.speech, _key(h.heading)): h for h in gold}
    differences += [f"extra: {place[0]} {s.heading}" for place, s in found.items() if place not in wanted]
    differences += [
        f"level {section.level} for {wanted[place].level}: {place[0]} {section.heading}"
        for place, section in found.items()
        if place in wanted and section.level != wanted[place].level
    ]
    return OutlineReport(_scores(found, wanted, False), _scores(found, wanted, True), differences)


def _scores(
    found: dict[tuple[int, str], Section], wanted: dict[tuple[int, str], GoldHeading], inline: bool
) -> HeadingScores:
    ours = {place for place, section in found.items() if section.inline == inline}
    gold = {place for place, heading in wanted.items() if heading.inline == inline}
    both = ours & gold
    precision = len(both) / len(ours) if ours else 1.0
    recall = len(both) / len(gold) if gold else 1.0
    right = sum(1 for place in both if found[place].level == wanted[place].level)
    return HeadingScores(
        gold=len(gold),
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        level_accuracy=right / len(both) if both else 0.0,
    )


def _key(heading: str) -> str:
    return re.sub(r"\s", "", heading)[:COMPARED]
