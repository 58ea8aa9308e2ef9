import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("index", "qa", "service", "ui")
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    """First-party rooms that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.Import):
            found.update(name.name.split(".")[0] for name in node.names)
    return found & set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_go_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    assert imports(path) <= set(ROOMS[: ROOMS.index(room) + 1])


def test_the_tests_that_the_security_page_names_exist() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    file = ""
    for path, name, further in re.findall(r"`([\w/]+\.py)(?:::(\w+))?`|`…::(\w+)`", page):
        file = path or file
        source = (ROOT / "tests" / file).read_text("utf-8")
        assert f"def {name or further}" in source, (file, name or further)
