"""How headings nest, decided from the order of their markers.

Numbering families have no fixed rank. A list that begins while another is open nests in the open item; a marker that
continues an open list closes what is deeper. The same numbering beginning anew is a second list beside the first,
unless the first is resumed later: then it nests. A list whose items are each one paragraph ends with its last item's
paragraph, and what follows belongs to the section around it. All this takes one look ahead for the next marker of a
family, so that the whole is linear in the text but for a binary search a marker.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from index.headings import ADDRESS, Candidate
from index.markers import RUNNING_ON, STRONG

HEADING_END = re.compile(r"[。！？；;：:!?\n]|\.(?=\s+[A-Z“\"])")
WHOLE_LINE = 60
TRAILING = 8  # blanks and punctuation that may follow a heading on its line
CLOSING_PARAGRAPHS = 5
# Lists of one numbering inside one another; no speech has more, and a made-up text must not nest without end.
SAME_NUMBERING = 2
SKIPPED_NUMBERS = 3
UNNUMBERED = "unnumbered"


@dataclass(slots=True)
class Node:
    """A section under construction."""

    start: int
    end: int
    marker: str = ""
    heading: str = ""
    inline: bool = False
    children: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class List:
    """A list on the stack that may still go on: its numbering, the last number seen, and its last item."""

    family: str
    parent: Node
    block: bool  # its items begin paragraphs
    level: int = 0  # of a format heading, 0 for others
    value: int = 0
    items: int = 0
    last: Node = field(default_factory=lambda: Node(0, 0))
    paragraph: int = 0  # where the last item begins
    one_paragraph_each: bool = True  # every item but the last, which may yet grow
    bare: bool = False
    frame: bool = False


def _family(candidate: Candidate) -> str:
    if candidate.marker is not None:
        return candidate.marker.family
    return f"heading{candidate.level}" if candidate.kind == "format" else UNNUMBERED


def _value(candidate: Candidate) -> int:
    return candidate.marker.value if candidate.marker else 0


class _Places:
    """Where each numbering's markers stand among the candidates, so that looking ahead is a search and not a walk."""

    def __init__(self, candidates: list[Candidate]) -> None:
        self._candidates = candidates
        self._places: dict[tuple[str, bool | None], list[int]] = defaultdict(list)
        for place, candidate in enumerate(candidates):
            if candidate.kind != "address":
                family = _family(candidate)
                self._places[family, not candidate.inline].append(place)
                self._places[family, None].append(place)

    def next(self, place: int, family: str, block: bool | None = None) -> Candidate | None:
        """The next candidate after `place` of this numbering, at a line's start (`block`) or wherever."""
        places = self._places.get((family, block), ())
        index = bisect_right(places, place)
        return self._candidates[places[index]] if index < len(places) else None


class OutlineBuilder:
    """Builds the tree of one text from what may be headings in it."""

    def __init__(self, text: str, paragraphs: list[int], candidates: list[Candidate]) -> None:
        self.text = text
        self.paragraphs = paragraphs
        self.candidates = candidates
        self.places = _Places(candidates)
        self.stack: list[List] = []
        self.root = Node(0, len(text))
        self.last_heading = -1  # paragraph of the last heading that was opened
        self.last_line = -1  # the same when it began and filled its paragraph

    def build(self) -> Node:
        """The root; its descendants' own texts partition the text."""
        first = next((c.start for place, c in enumerate(self.candidates) if self._is_block_heading(place, c)), None)
        preamble = None
        if first is None or first > 0:
            # What comes before the first heading is a section of its own; lists inside it nest and end in it.
            preamble = Node(0, len(self.text) if first is None else first)
            self.root.children.append(preamble)
        for place, candidate in enumerate(self.candidates):
            if candidate.start == first:
                self.stack.clear()
            self._place(place, candidate)
        if preamble is not None and first is None and not preamble.children:
            self.root.children = self._paragraph_nodes()
        self._close(self.root)
        return self.root

    def _paragraph_nodes(self) -> list[Node]:
        ends = [*self.paragraphs[1:], len(self.text)]
        return [Node(start, end) for start, end in zip(self.paragraphs, ends, strict=True)]

    def _is_block_heading(self, place: int, candidate: Candidate) -> bool:
        if candidate.kind == "address" or candidate.inline:
            return False
        return candidate.kind in ("format", "unnumbered") or self._opens_list(place, candidate)

    # -- placing one candidate ------------------------------------------------------------------------

    def _place(self, place: int, candidate: Candidate) -> None:
        if candidate.kind == "address":
            self._turn_to_audience(place, candidate)
            return
        position = self._continued(place, candidate)
        if position is not None:
            del self.stack[position + 1 :]
            self._append(self.stack[position], candidate)
        elif candidate.kind == "format":
            self._open(candidate, self._parent_of_format(place, candidate))
        elif candidate.kind == "unnumbered":
            self._open(candidate, self._parent_of_title(place, candidate))
        elif self._opens_list(place, candidate):
            self._open(candidate, self._parent_of_list(place, candidate))

    def _continued(self, place: int, candidate: Candidate) -> int | None:
        """Place on the stack of the list that `candidate` goes on with, if any."""
        if candidate.marker is None:
            return self._continued_title(place, candidate)
        for position in range(len(self.stack) - 1, -1, -1):
            one = self.stack[position]
            if candidate.kind == "format" and one.level and one.level > candidate.level:
                continue
            if not _same_list(one.family, _family(candidate)):
                if one.family == UNNUMBERED and not candidate.inline and candidate.kind != "format":
                    # A list from before a title does not go on after it, unless nothing else fits.
                    return None
                continue
            if self._is_next(one, candidate):
                return position
            if _value(candidate) == 1:
                return None
        return None

    def _is_next(self, one: List, candidate: Candidate) -> bool:
        value = _value(candidate)
        marker = candidate.marker
        if value in (one.value + 1, 0):
            tight = marker is not None and (marker.after_comma or marker.family == "arabic_tight")
            same_paragraph = one.paragraph == candidate.paragraph
            return not tight or same_paragraph or (not candidate.inline and one.block)
        # Reports skip numbers now and then; a line that starts with one still is a heading.
        skips = not candidate.inline and _family(candidate) in STRONG | {"arabic"}
        return skips and one.value < value <= one.value + SKIPPED_NUMBERS

    def _continued_title(self, place: int, candidate: Candidate) -> int | None:
        if candidate.kind == "format":
            for position in range(len(self.stack) - 1, -1, -1):
                if self.stack[position].level and self.stack[position].level <= candidate.level:
                    same = self.stack[position].family == _family(candidate)
                    return position if same else None
            return None
        titles = [position for position, one in enumerate(self.stack) if one.family == UNNUMBERED]
        if not titles:
            return None
        if self._right_below(candidate):
            return None
        if any(self._resumed(place, one) for one in self.stack[titles[-1] + 1 :]):
            return None
        # A new appendix, and a title that has titles of its own below it, stand at the outermost level.
        return titles[0] if candidate.appendix or candidate.bare else titles[-1]

    def _opens_list(self, place: int, candidate: Candidate) -> bool:
        """True when a list begins here: number 1 with a number 2 to follow, or a strong family's line."""
        family, marker = _family(candidate), candidate.marker
        if not candidate.inline and family in STRONG:
            # "五、六年前…" begins nothing: a list begins with its first number, or goes on from there.
            after = self.places.next(place, family, True)
            return (
                _value(candidate) == 1
                or family in RUNNING_ON
                or (after is not None and _value(after) == _value(candidate) + 1)
            )
        if marker is None or marker.value != 1 or family == "arabic_tight":
            return False
        following = [found for other in _partners(family) if (found := self.places.next(place, other)) is not None]
        seconds = [found for found in following if _value(found) in (2, 0)]
        if marker.after_comma:
            return any(found.paragraph == candidate.paragraph for found in seconds)
        return bool(seconds)

    def _resumed(self, place: int, one: List) -> bool:
        """True when the list goes on after `place` before its numbering begins anew."""
        for family in _partners(one.family):
            found = self.places.next(place, family, one.block)
            if found is not None and _value(found) in (one.value + 1, 0) and (one.value or _value(found)):
                return True
        return False

    # -- where a new list belongs ---------------------------------------------------------------------

    def _parent_of_list(self, place: int, candidate: Candidate) -> Node:
        while self.stack and self._ended(self.stack[-1], place, candidate):
            self.stack.pop()
        family, block = _family(candidate), not candidate.inline
        if block and family in STRONG and self.stack and self.stack[-1].frame:
            self.stack.pop()
        same = [position for position, one in enumerate(self.stack) if one.family == family and not one.level]
        if same:
            position = same[-1]
            outer = self.stack[position]
            nests = len(same) < SAME_NUMBERING and (outer.block != block or outer.paragraph == candidate.paragraph)
            if not (nests and self._resumed_after(place, candidate, outer)):
                # The same numbering starts again: a second list beside the first.
                del self.stack[position:]
        return self._innermost(candidate)

    def _resumed_after(self, place: int, candidate: Candidate, outer: List) -> bool:
        """True when `outer` goes on behind the list that begins with `candidate`."""
        found = self.places.next(place, outer.family, outer.block)
        if found is None or _value(found) != outer.value + 1:
            return False
        return found.inline == candidate.inline or not found.inline

    def _parent_of_format(self, place: int, candidate: Candidate) -> Node:
        while self.stack and not (0 < self.stack[-1].level < candidate.level):
            one = self.stack[-1]
            if one.level == 0 and one.family == _family(candidate) and self._resumed(place, one):
                break
            self.stack.pop()
        return self._innermost(candidate)

    def _parent_of_title(self, place: int, candidate: Candidate) -> Node:
        """Lists that are resumed later stay open around an unnumbered title; others end before it."""
        if not self._right_below(candidate):
            kept = 0
            for position, one in enumerate(self.stack):
                if one.family != UNNUMBERED and not candidate.appendix and self._resumed(place, one):
                    kept = position + 1
            del self.stack[kept:]
        return self._innermost(candidate)

    def _right_below(self, candidate: Candidate) -> bool:
        """True for a title right below another heading's line: it is a part of what that heads."""
        above = self.stack[-1] if self.stack else None
        if above is None or self.last_line != candidate.paragraph - 1:
            return False
        return above.bare or (above.family != UNNUMBERED and not candidate.appendix)

    def _innermost(self, candidate: Candidate) -> Node:
        if self.stack:
            return self.stack[-1].last
        first = self.root.children[0] if self.root.children else None
        if first is not None and not first.heading and candidate.start < first.end:
            return first
        return self.root

    def _ended(self, one: List, place: int, candidate: Candidate) -> bool:
        """True when the list is over before `candidate`, which begins another."""
        if one.level or one.family == UNNUMBERED or one.paragraph == candidate.paragraph:
            return False
        following = [self.places.next(place, family) for family in _partners(one.family)]
        if any(found is not None and _value(found) in (one.value + 1, 0) for found in following):
            return False
        return one.items > 1 and one.one_paragraph_each and one.last.end <= candidate.start

    def _turn_to_audience(self, place: int, candidate: Candidate) -> None:
        """Turning to the audience ends a finished list below the top: what is said next is of the part, not of its last item."""
        while candidate.appendix and self.stack:
            last = self.stack.pop().last
            last.end = min(last.end, candidate.start)
        while len(self.stack) > 1 and not self.stack[-1].level and not self._resumed(place, self.stack[-1]):
            if self.stack[-1].family == UNNUMBERED or self.stack[-1].paragraph == candidate.paragraph:
                return
            last = self.stack.pop().last
            last.end = min(last.end, candidate.start)

    # -- opening and closing --------------------------------------------------------------------------

    def _open(self, candidate: Candidate, parent: Node) -> None:
        one = List(
            _family(candidate), parent, not candidate.inline, candidate.level if candidate.kind == "format" else 0
        )
        self.stack.append(one)
        self._append(one, candidate)

    def _append(self, one: List, candidate: Candidate) -> None:
        heading, whole_line = self._heading(candidate)
        marker = candidate.marker.text if candidate.marker else ""
        node = Node(candidate.start, len(self.text), marker, heading, candidate.inline)
        if one.items:
            one.last.end = candidate.start
            one.one_paragraph_each = one.one_paragraph_each and candidate.paragraph - one.paragraph <= 1
        one.value = _value(candidate) or one.value + 1
        one.family = _family(candidate) if _family(candidate) not in ("first", "arabic_tight") else one.family
        one.items, one.last, one.paragraph = one.items + 1, node, candidate.paragraph
        one.bare, one.frame = candidate.bare, candidate.frame
        one.parent.children.append(node)
        for outer in self.stack[:-1]:
            # An item that seemed to end with its paragraph goes on when something below it does.
            outer.last.end = max(outer.last.end, candidate.end)
        self.last_heading = candidate.paragraph
        self.last_line = candidate.paragraph if whole_line else -1
        if one.items > 1 and one.one_paragraph_each and not whole_line:
            node.end = candidate.end

    def _heading(self, candidate: Candidate) -> tuple[str, bool]:
        """The words of the heading, and whether it fills its paragraph."""
        end = candidate.end
        if candidate.kind != "numbered" or candidate.lines > 1:
            words = self.text[candidate.start : end].split("\n")
            return "".join(word.strip() for word in words).rstrip("。；;：:，,"), True
        after_marker = candidate.marker.end if candidate.marker else candidate.start
        match = HEADING_END.search(self.text, min(after_marker, end), end)
        stop = match.start() if match else end
        fills = not candidate.inline and stop - candidate.start <= WHOLE_LINE and end - stop <= TRAILING
        whole_line = fills and not self.text[stop:end].strip(" \u3000\t\n。；;：:")
        return self.text[candidate.start : stop].strip().rstrip("。；;：:，,"), whole_line

    def _close(self, node: Node) -> None:
        """Settle the ends of `node`'s children and give the text between and after them a section."""
        if not node.children:
            return
        closing = self._closing_start() if node is self.root else None
        settled: list[Node] = []
        for number, child in enumerate(node.children):
            is_last = number + 1 == len(node.children)
            limit = node.end if is_last else node.children[number + 1].start
            child.end = min(child.end, limit)
            if closing is not None and is_last and child.start < closing < child.end:
                child.end = closing
            if len(child.heading) > child.end - child.start:
                # Items told one after another: what heads one ends where the next one begins.
                child.heading = child.heading[: child.end - child.start].rstrip("。；;：:，,、 ")
            self._close(child)
            settled.append(child)
            if child.end < limit:
                settled.append(Node(child.end, limit))
        node.children = settled

    def _closing_start(self) -> int | None:
        """Where the closing words begin: the last paragraph that turns to the audience, near the end."""
        earliest = max(self.last_heading, len(self.paragraphs) - CLOSING_PARAGRAPHS)
        for paragraph in range(len(self.paragraphs) - 1, earliest, -1):
            if ADDRESS.match(self.text, self.paragraphs[paragraph]):
                return self.paragraphs[paragraph]
        return None


def _same_list(family: str, other: str) -> bool:
    """True when a list of `family` may go on with a marker of `other` (一是…二要…, 首先…第二…)."""
    return other in _partners(family)


def _partners(family: str) -> tuple[str, ...]:
    for group in (("is", "must", "by"), ("first", "ordinal"), ("arabic", "arabic_tight")):
        if family in group:
            return group
    return (family,)
