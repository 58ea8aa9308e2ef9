"""Outline golds, and the scores of this program against them: for tests and the benchmark."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from index.documents import Section
from index.parsing import parse_file
from qa.outline_evaluation import GoldHeading, OutlineReport, Speech, compare, load_outline
from tests.conftest import ROOT, SHARED

GOLD = ROOT / "tests" / "gold"
REPORTS = SHARED / "data" / "speeches_gwr_prov_2025" / "docx"
SEEDS = SHARED / "seeds"
SPEECHES = ROOT / "tests" / "speeches"
REPORT_GOLDS = ("reports_outline", "reports_outline_held_out")


def score_speeches() -> OutlineReport:
    """Speeches of every structure, written for this."""
    files = sorted(SPEECHES.glob("*.txt"))
    return score([h for file in files for h in load_outline(file.with_suffix(".outline.jsonl"), file.name)], files)


def score_seeds() -> OutlineReport:
    """The collection of seven speeches."""
    file = next(SEEDS.glob("*.txt"))
    return score(load_outline(SHARED / "eval" / "seed_outline.jsonl", file.name), [file])


def score_reports(gold: str) -> OutlineReport:
    """Word reports, against one of `REPORT_GOLDS`."""
    return score(load_outline(GOLD / f"{gold}.jsonl"), REPORTS.iterdir())


def score(gold: list[GoldHeading], files: Iterable[Path]) -> OutlineReport:
    """Score the outlines of those speeches in `files` that `gold` covers."""
    covered = {heading.speech for heading in gold}
    outlines: dict[Speech, Sequence[Section]] = {}
    for file in files:
        if any(stem == file.stem for stem, _ in covered):
            for number, document in enumerate(parse_file(file.read_bytes(), file.name), start=1):
                if (file.stem, number) in covered:
                    outlines[file.stem, number] = document.sections
    return compare(outlines, gold)
