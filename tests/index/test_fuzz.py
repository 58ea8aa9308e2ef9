import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_every_damaged_or_hostile_file_ends_in_a_document_or_a_sentence(tmp_path: Path) -> None:
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    places = {"HOME": str(home), "TMPDIR": str(work), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run(
        [sys.executable, "-m", "tests.index.fuzz"],
        cwd=work,
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=True,
    )
    result = json.loads(finished.stdout)
    assert result["problems"] == []
    assert result["document"] + result["error"] >= 500
    assert result["document"] > 100
    assert result["peak_mb"] < 1000
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
