"""The outline of a speech: its sections, which partition its text and nest as a tree."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable

from index.documents import Section
from index.headings import find_candidates
from index.nesting import WHOLE_LINE, Node, OutlineBuilder


def parse_outline(text: str, hints: Iterable[tuple[int, int]] = ()) -> tuple[Section, ...]:
    """Return the sections of `text` in preorder; their own texts partition it exactly.

    A text without any heading has one section a paragraph.

    Args:
        text: paragraphs separated by line breaks.
        hints: (offset, level) of the paragraphs that the file format itself marks as headings.
    """
    paragraphs = paragraph_starts(text)
    candidates = find_candidates(text, paragraphs, dict(hints))
    root = OutlineBuilder(text, paragraphs, candidates).build()
    return tuple(_sections(text, root))


def paragraph_starts(text: str) -> list[int]:
    """Offsets at which paragraphs begin; every line is one."""
    return [0, *(match.end() for match in re.finditer("\n", text) if match.end() < len(text))]


def _sections(text: str, root: Node) -> Iterable[Section]:
    seen: dict[str, int] = defaultdict(int)

    def visit(node: Node, parent: str | None, level: int, path: str) -> Iterable[Section]:
        # An id hangs on the headings above and on nothing else, so unrelated edits leave it alone; where there is
        # no heading, the first words stand for it.
        key = f"{path}/{node.heading or '·' + text[node.start : min(node.end, node.start + WHOLE_LINE)].strip()}"
        seen[key] += 1
        identity = hashlib.sha256(f"{key}#{seen[key]}".encode()).hexdigest()[:12]
        yield Section(identity, parent, node.marker, node.heading, level, node.inline, node.start, node.end)
        for child in node.children:
            yield from visit(child, identity, level + 1, key)

    for child in root.children:
        yield from visit(child, None, 1, "")
