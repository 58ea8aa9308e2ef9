"""Saved web pages of ten kinds of site: the speech and nothing else. The expectations were written with the pages."""

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest

from index.parsing import parse_file
from tests.conftest import ROOT

PAGES = sorted((ROOT / "tests" / "pages").glob("*.html"))


def squeeze(line: str) -> str:
    """Without white space but the tabs between a row's cells."""
    return re.sub(r"[^\S\t]|\u200b", "", line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_saved_page_is_its_speech(page: Path) -> None:
    expected: dict[str, Any] = json.loads(page.with_suffix(".expected.json").read_text("utf-8"))
    speeches = expected.get("speeches", [expected])
    documents = parse_file(page.read_bytes(), page.name)
    assert [document.title for document in documents] == [speech["title"] for speech in speeches]
    for document, speech in zip(documents, speeches, strict=True):
        found = [squeeze(line) for line in document.text.split("\n")]
        assert found == [squeeze(line) for line in speech["paragraphs"]]
        date = speech.get("date")
        assert document.speaker == speech.get("speaker")
        assert document.date == (datetime.date.fromisoformat(date) if date else None)
