"""The outline of a speech: which markers are headings, and how they nest.

Numbering families have no fixed rank. A list that begins while another is open nests in the open item; a
marker that continues an open list closes what is deeper. A list whose items are each one paragraph ends with
its last item's paragraph, and what follows belongs to the section around it.
"""

import hashlib
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from index.documents import Section
from index.markers import STRONG, Marker, find_markers

HEADING_END = re.compile(r"[。！？；;：:!?\n]")
CLOSING = re.compile(
    r"(?:同志们|各位代表|各位委员|各位同志|各位领导|各位来宾|朋友们|同学们|女士们|Ladies and gentlemen)\s*[，,！!：:、]",
    re.IGNORECASE,
)
WHOLE_LINE = 60


@dataclass(slots=True)
class Node:
    """A section under construction; `item` is its place in its list, None for text without a heading."""

    start: int
    end: int
    marker: str = ""
    heading: str = ""
    inline: bool = False
    whole_line: bool = False
    children: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Item:
    """An open list on the stack: its family, the last number seen, and the nodes of its items so far."""

    family: str
    value: int
    nodes: list[Node]
    paragraphs: list[int]
    parent: Node
    explicit: int = 0  # the level of a format heading, 0 for a numbered one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A marker or format heading that may open a section."""

    start: int
    paragraph: int
    inline: bool
    marker: Marker | None
    explicit: int = 0

    @property
    def family(self) -> str:
        """The numbering family, or the level of a format heading."""
        return f"heading{self.explicit}" if self.explicit or self.marker is None else self.marker.family

    @property
    def value(self) -> int:
        """The number it carries."""
        return 0 if self.explicit or self.marker is None else self.marker.value


def parse_outline(text: str, hints: Iterable[tuple[int, int]] = ()) -> tuple[Section, ...]:
    """Return the sections of `text` in preorder; their own texts partition it exactly.

    Args:
        text: paragraphs separated by line breaks.
        hints: (offset, level) of the paragraphs that the file format itself marks as headings.
    """
    paragraphs = paragraph_starts(text)
    root = _OutlineBuilder(text, paragraphs, _candidates(text, paragraphs, dict(hints))).build()
    return tuple(_sections(text, root))


def paragraph_starts(text: str) -> list[int]:
    """Offsets at which paragraphs begin; every line is one."""
    return [0, *(match.end() for match in re.finditer("\n", text) if match.end() < len(text))]


def own_span(section: Section, sections: Iterable[Section]) -> tuple[int, int]:
    """The part of `section` that stands in none of its children: its head, since children fill the rest."""
    starts = [child.start for child in sections if child.parent_id == section.id]
    return section.start, min(starts, default=section.end)


def _candidates(text: str, paragraphs: list[int], hints: dict[int, int]) -> list[Candidate]:
    found: list[Candidate] = []
    for number, start in enumerate(paragraphs):
        end = paragraphs[number + 1] if number + 1 < len(paragraphs) else len(text)
        markers = find_markers(text, start, end)
        if start in hints:
            first = markers[0] if markers and markers[0].start == start else None
            found.append(Candidate(start, number, False, first, hints[start]))
            continue
        found.extend(Candidate(m.start, number, m.start != start, m) for m in markers)
    return found


class _OutlineBuilder:
    def __init__(self, text: str, paragraphs: list[int], candidates: list[Candidate]) -> None:
        self.text = text
        self.paragraphs = paragraphs
        self.candidates = candidates
        self.stack: list[Item] = []
        self.root = Node(0, len(text))
        # Places of each family's markers, so that looking ahead costs a search and not a walk.
        self.places: dict[str, list[int]] = defaultdict(list)
        for place, candidate in enumerate(candidates):
            self.places[candidate.family].append(place)

    def build(self) -> Node:
        openers = (c for place, c in enumerate(self.candidates) if not c.inline and self._may_open(place, c))
        first = next(openers, None)
        first_block = first.start if first else None
        if first_block is None or first_block > 0:
            # What comes before the first heading is a section of its own; lists inside it nest and end in it.
            preamble = Node(0, first_block if first_block is not None else len(self.text))
            self.root.children.append(preamble)
        for place, candidate in enumerate(self.candidates):
            if candidate.start == first_block:
                self.stack.clear()
            self._place(place, candidate)
        self._close(self.root)
        return self.root

    def _may_open(self, place: int, candidate: Candidate) -> bool:
        return bool(candidate.explicit) or self._opens_list(place, candidate)

    def _place(self, place: int, candidate: Candidate) -> None:
        if candidate.explicit:
            self._open_explicit(candidate)
            return
        position = self._continued(candidate)
        if position is not None:
            item = self.stack[position]
            del self.stack[position + 1 :]
            item.value = candidate.value or item.value + 1
            item.family = candidate.family if candidate.family != "first" else item.family
            self._append(item, candidate)
        elif self._opens_list(place, candidate):
            self._open_list(place, candidate)

    def _continued(self, candidate: Candidate) -> int | None:
        """Place on the stack of the list that `candidate` goes on with, if any."""
        for position in range(len(self.stack) - 1, -1, -1):
            item = self.stack[position]
            if item.explicit:
                return None
            if not _same_list(item.family, candidate.family):
                continue
            if candidate.value in (item.value + 1, 0):
                return position
            # Reports skip numbers now and then; a line that starts with one still is a heading.
            skips = not candidate.inline and candidate.family in STRONG | {"arabic"}
            if skips and item.value < candidate.value <= item.value + 3:
                return position
            if candidate.value == 1:
                return None
        return None

    def _opens_list(self, place: int, candidate: Candidate) -> bool:
        """True when a list begins here: number 1 with a number 2 to follow, or a strong family's line."""
        if not candidate.inline and candidate.family in STRONG:
            return True
        return candidate.value == 1 and self._goes_on(place, candidate.family, 1)

    def _goes_on(self, place: int, family: str, value: int) -> bool:
        """True when the next marker of this family after `place` is number `value` + 1."""
        for other in (
            ("is", "must") if family in ("is", "must") else ("first", "ordinal") if family == "first" else (family,)
        ):
            later = self.places[other]
            index = bisect_right(later, place)
            if index < len(later) and self.candidates[later[index]].value in (value + 1, 0):
                return True
        return False

    def _open_list(self, place: int, candidate: Candidate) -> None:
        while self.stack and self._ended(self.stack[-1], place, candidate):
            self.stack.pop()
        for position, item in enumerate(self.stack):
            if item.family == candidate.family and not item.explicit:
                # The same numbering starts again: a second list beside the first.
                del self.stack[position:]
                break
        if self.stack:
            parent = self.stack[-1].nodes[-1]
        elif self.root.children and candidate.start < self.root.children[0].end and not self.root.children[0].heading:
            parent = self.root.children[0]
        else:
            parent = self.root
        item = Item(candidate.family, candidate.value, [], [], parent)
        self.stack.append(item)
        self._append(item, candidate)

    def _open_explicit(self, candidate: Candidate) -> None:
        while self.stack and (not self.stack[-1].explicit or self.stack[-1].explicit >= candidate.explicit):
            self.stack.pop()
        parent = self.stack[-1].nodes[-1] if self.stack else self.root
        item = Item(candidate.family, 0, [], [], parent, candidate.explicit)
        self.stack.append(item)
        self._append(item, candidate)

    def _ended(self, item: Item, place: int, candidate: Candidate) -> bool:
        """True when the list `item` is over before `candidate`, which begins another."""
        if item.explicit or item.paragraphs[-1] == candidate.paragraph:
            return False
        if self._goes_on(place, item.family, item.value):
            return False
        return _one_paragraph_each(item)

    def _append(self, item: Item, candidate: Candidate) -> None:
        heading, whole_line = self._heading(candidate)
        node = Node(
            candidate.start,
            len(self.text),
            candidate.marker.text if candidate.marker else "",
            heading,
            candidate.inline,
            whole_line,
        )
        if item.nodes:
            item.nodes[-1].end = min(item.nodes[-1].end, candidate.start)
        item.nodes.append(node)
        item.paragraphs.append(candidate.paragraph)
        item.parent.children.append(node)
        if _one_paragraph_each(item):
            node.end = self._paragraph_end(candidate.paragraph)

    def _heading(self, candidate: Candidate) -> tuple[str, bool]:
        """The words of the heading, and whether it fills its paragraph."""
        end = self._paragraph_end(candidate.paragraph)
        after_marker = candidate.marker.end if candidate.marker else candidate.start
        if candidate.explicit:
            stop = end
        else:
            match = HEADING_END.search(self.text, min(after_marker, end), end)
            stop = match.start() if match else end
        rest = self.text[stop:end].strip(" \u3000\t\n。；;：:")
        whole_line = not candidate.inline and not rest and stop - candidate.start <= WHOLE_LINE
        return self.text[candidate.start : stop].strip().rstrip("。；;：:，,"), whole_line or bool(candidate.explicit)

    def _paragraph_end(self, paragraph: int) -> int:
        return self.paragraphs[paragraph + 1] if paragraph + 1 < len(self.paragraphs) else len(self.text)

    def _close(self, node: Node) -> None:
        """Settle the ends of `node`'s children and give the text between and after them a section."""
        if not node.children:
            return
        closing = self._closing_start() if node is self.root else None
        settled: list[Node] = []
        for number, child in enumerate(node.children):
            limit = node.children[number + 1].start if number + 1 < len(node.children) else node.end
            child.end = min(child.end, limit)
            if closing is not None and child.start < closing < child.end and number + 1 == len(node.children):
                child.end = closing
            self._close(child)
            settled.append(child)
            if child.end < limit:
                settled.append(Node(child.end, limit))
        node.children = settled

    def _closing_start(self) -> int | None:
        """Where the closing words begin: the last paragraph that turns to the audience, near the end."""
        last_heading = self.candidates[-1].paragraph if self.candidates else -1
        for paragraph in range(len(self.paragraphs) - 1, max(last_heading, len(self.paragraphs) - 5), -1):
            if CLOSING.match(self.text, self.paragraphs[paragraph]):
                return self.paragraphs[paragraph]
        return None


def _one_paragraph_each(item: Item) -> bool:
    """True when every item but the last stayed inside one paragraph, and the last could as well."""
    if len(item.nodes) < 2 or item.nodes[-1].whole_line:
        return False
    return all(after - before <= 1 for before, after in zip(item.paragraphs, item.paragraphs[1:], strict=False))


def _same_list(family: str, other: str) -> bool:
    """True when a list of `family` may go on with a marker of `other` (一是…二要…, 首先…第二…)."""
    if family == other:
        return True
    return {family, other} in ({"is", "must"}, {"first", "ordinal"})


def _sections(text: str, root: Node) -> Iterable[Section]:
    seen: dict[str, int] = defaultdict(int)

    def visit(node: Node, parent: str | None, level: int, path: str) -> Iterable[Section]:
        # An id hangs on the headings above and on nothing else, so unrelated edits leave it alone.
        key = f"{path}/{node.heading or '·'}"
        seen[key] += 1
        identity = hashlib.sha256(f"{key}#{seen[key]}".encode()).hexdigest()[:12]
        yield Section(identity, parent, node.marker, node.heading, level, node.inline, node.start, node.end)
        for child in node.children:
            yield from visit(child, identity, level + 1, key)

    for child in root.children:
        yield from visit(child, None, 1, "")
