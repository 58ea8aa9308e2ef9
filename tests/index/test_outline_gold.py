"""Outlines against golds made by reading: of speeches written for this, and of real reports where they are here."""

import datetime
import json
from itertools import pairwise

import pytest

from index.documents import Document
from index.outline import parse_outline
from index.parsing import parse_file
from tests.conftest import SHARED
from tests.golds import GOLD, REPORT_GOLDS, REPORTS, score_reports, score_seeds, score_speeches
from tests.index.spans import own_span

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not here")


def test_speeches_of_every_structure_have_the_outline_a_reader_sees() -> None:
    report = score_speeches()
    assert report.block.f1 >= 0.98, report.differences
    assert report.block.level_accuracy >= 0.98, report.differences
    assert report.inline.f1 >= 0.95, report.differences
    assert report.inline.level_accuracy >= 0.95, report.differences


@needs_shared
@pytest.mark.parametrize("gold", REPORT_GOLDS)
def test_reports_have_the_outline_a_reader_sees(gold: str) -> None:
    report = score_reports(gold)
    assert report.block.f1 >= 0.98, report.differences
    assert report.block.level_accuracy >= 0.98, report.differences
    assert report.inline.f1 >= 0.95, report.differences


@needs_shared
def test_the_collection_of_speeches_has_the_outline_a_reader_sees() -> None:
    report = score_seeds()
    assert (report.block.f1, report.block.level_accuracy) == (1.0, 1.0), report.differences
    assert report.inline.f1 >= 0.95, report.differences


@needs_shared
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
