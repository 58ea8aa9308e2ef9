"""Outlines against golds made by reading: of speeches written for this, and of real reports where they are here."""

import datetime
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from index.documents import Document, Section
from index.outline import own_span, parse_outline
from index.parsing import parse_file
from qa.outline_evaluation import GoldHeading, OutlineReport, Speech, compare, load_outline
from tests.conftest import ROOT, SHARED

GOLD = ROOT / "tests" / "gold"
REPORTS = SHARED / "data" / "speeches_gwr_prov_2025" / "docx"
SEEDS = SHARED / "seeds"
SPEECHES = ROOT / "tests" / "speeches"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not here")


def score(gold: Path, folder: Path, source: str = "") -> OutlineReport:
    headings = load_outline(gold, source)
    wanted = {heading.speech for heading in headings}
    outlines: dict[Speech, Sequence[Section]] = {}
    for stem in {speech[0] for speech in wanted}:
        file = next(path for path in folder.iterdir() if path.stem == stem)
        for number, document in enumerate(parse_file(file.read_bytes(), file.name), start=1):
            if (stem, number) in wanted:
                outlines[stem, number] = document.sections
    return compare(outlines, headings)


def test_speeches_of_every_structure_have_the_outline_a_reader_sees() -> None:
    gold = [
        GoldHeading((path.stem, 1), heading.heading, heading.level, heading.inline)
        for path in sorted(SPEECHES.glob("*.txt"))
        for heading in load_outline(path.with_suffix(".outline.jsonl"))
    ]
    outlines: dict[Speech, Sequence[Section]] = {
        (path.stem, 1): parse_file(path.read_bytes(), path.name)[0].sections for path in SPEECHES.glob("*.txt")
    }
    report = compare(outlines, gold)
    assert report.block.f1 >= 0.98, report.differences
    assert report.block.level_accuracy >= 0.98, report.differences
    assert report.inline.f1 >= 0.95, report.differences
    assert report.inline.level_accuracy >= 0.95, report.differences


@needs_shared
@pytest.mark.parametrize("gold", ["reports_outline.jsonl", "reports_outline_held_out.jsonl"])
def test_reports_have_the_outline_a_reader_sees(gold: str) -> None:
    report = score(GOLD / gold, REPORTS)
    assert report.block.f1 >= 0.98, report.differences
    assert report.block.level_accuracy >= 0.98, report.differences
    assert report.inline.f1 >= 0.95, report.differences


@needs_shared
def test_the_collection_of_speeches_has_the_outline_a_reader_sees() -> None:
    source = next(SEEDS.glob("*.txt")).name
    report = score(SHARED / "eval" / "seed_outline.jsonl", SEEDS, source)
    assert (report.block.f1, report.block.level_accuracy) == (1.0, 1.0), report.differences
    assert report.inline.f1 >= 0.95, report.differences


@pytest.mark.parametrize(
    "row", [json.loads(line) for line in (GOLD / "metadata.jsonl").read_text("utf-8").splitlines()]
)
def test_title_speaker_and_date_are_those_in_the_file(row: dict[str, str | None]) -> None:
    found = [path for path in (SHARED / "data").rglob(str(row["file"])) if path.is_file()]
    document = parse_file(found[0].read_bytes(), found[0].name)[0]
    date = datetime.date.fromisoformat(row["date"]) if row["date"] else None
    assert (document.title, document.speaker, document.date) == (row["title"], row["speaker"], date)


def assert_partition(text: str, document: Document | None = None) -> None:
    """The innermost sections partition the text exactly, and nesting is a tree."""
    sections = document.sections if document else parse_outline(text)
    by_id = {section.id: section for section in sections}
    assert len(by_id) == len(sections)
    first_child: dict[str, int] = {}
    for section in sections:
        parent = by_id.get(section.parent_id or "")
        assert parent is None or parent.start <= section.start <= section.end <= parent.end
        assert section.level == (parent.level + 1 if parent else 1)
        if section.parent_id:
            first_child.setdefault(section.parent_id, section.start)
    spans = sorted((section.start, first_child.get(section.id, section.end)) for section in sections)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert spans == sorted(own_span(section, sections) for section in sections) or len(sections) > 500


@needs_shared
def test_the_sections_of_every_file_partition_it() -> None:
    files = [path for folder in ("data", "seeds") for path in (SHARED / folder).rglob("*") if path.is_file()]
    speeches = [path for path in files if path.suffix in (".docx", ".txt", ".html", ".md")]
    passages = [path for path in files if path.name.startswith("passages")]
    assert len(speeches) > 70
    for path in speeches:
        for document in parse_file(path.read_bytes(), path.name):
            assert_partition(document.text, document)
    for path in passages:
        for line in path.read_text("utf-8").splitlines():
            for value in json.loads(line).values():
                if isinstance(value, str) and value.strip():
                    assert_partition(value)


@needs_shared
def test_ids_of_a_report_stay_when_an_unrelated_paragraph_changes() -> None:
    text = parse_file(next(REPORTS.glob("*四川*")).read_bytes(), "a.docx")[0].text
    lines = text.split("\n")
    lines[20] += "这里补充一句说明。"
    lines.insert(60, "这是后来加上的一段话，说明情况有了新的变化，需要继续跟踪研究并按月报告进展情况，直到问题解决。")
    before = {section.heading: section.id for section in parse_outline(text) if section.heading}
    after = {section.heading: section.id for section in parse_outline("\n".join(lines)) if section.heading}
    assert before == after
