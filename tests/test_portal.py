"""What docs/portal.md shows works as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library import Library
from qa.engine import Engine
from service.identity import Right
from tests.conftest import ROOT, SAMPLES, index_files
from tests.serving import serve_app
from ui.settings import Settings
from ui.wiring import app_of

PAGE = (ROOT / "docs" / "portal.md").read_text("utf-8")
FACT = "新建和改造社区服务中心260个"


def example(language: str, holding: str = "") -> str:
    """The code of the page in `language` that holds these words."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.S | re.M)
    return str(next(block for block in blocks if holding in block))


@pytest.fixture
def served(library: Library) -> Iterator[dict[str, str]]:
    """The environment of the page's programs, with a running service."""
    index_files(library, SAMPLES / "2025年云溪省政府工作报告.txt")
    _, key = library.catalog.keys.create("portal", [Right.ASK, Right.READ], ("office",))
    app = app_of(Engine(library), Settings(allowed_origins=("https://portal.example.org",)), with_ui=False)
    with serve_app(app) as base:
        yield os.environ | {"SPEECHQA_URL": base, "SPEECHQA_KEY": key}


def run(command: list[str], environment: dict[str, str], folder: Path) -> str:
    told = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def test_python(served: dict[str, str], tmp_path: Path) -> None:
    said = run([sys.executable, "-X", "utf8", "-c", example("python")], served, tmp_path)
    assert f"{FACT}" in said
    assert "1 《2025年云溪省政府工作报告》" in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_curl(served: dict[str, str], tmp_path: Path) -> None:
    command = example("sh", "/v1/ask").replace("https://speechqa.example.org", served["SPEECHQA_URL"])
    assert FACT in json.loads(run(["sh", "-c", command], served, tmp_path))["answer"]


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
def test_javascript(served: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "ask.mjs").write_text(example("js"), "utf-8")
    said = run(["node", "ask.mjs"], served, tmp_path)
    assert FACT in said
    assert "[ 1 ]" in said


@pytest.mark.skipif(shutil.which("javac") is None, reason="no Java here")
def test_java(served: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "Ask.java").write_text(example("java"), "utf-8")
    said = run(["java", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "Ask.java"], served, tmp_path)
    assert said.startswith("200 ")
    assert FACT in said


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here")
def test_nginx(served: dict[str, str], tmp_path: Path) -> None:
    for name in ("speechqa.crt", "speechqa.key"):
        assert name in example("nginx")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=speechqa.example.org"]
    run([*command, "-keyout", "speechqa.key", "-out", "speechqa.crt"], served, tmp_path)
    server = example("nginx").replace("/etc/ssl/", f"{tmp_path}/")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{server}}}\n", "utf-8")
    run(
        ["nginx", "-t", "-p", str(tmp_path), "-e", f"{tmp_path}/error", "-c", f"{tmp_path}/nginx.conf"],
        served,
        tmp_path,
    )
