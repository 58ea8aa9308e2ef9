"""The things `index` keeps: documents, their sections and passages."""

import datetime
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a document stands between the catalog (the truth) and the two indexes derived from it."""

    INDEXING = "indexing"  # in the catalog; its vectors or terms may be missing
    READY = "ready"
    REPLACED = "replaced"  # answers until the newer version of its file is ready
    DELETING = "deleting"  # already invisible; its derivatives may still be there


VISIBLE = (State.READY, State.REPLACED)


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph as a reader found it; `heading_level` is 1 to 6 where the format itself says heading."""

    text: str
    heading_level: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader found in a file.

    `page` is true for what may have been saved from a web page, with the page's furniture in it. `title` is what the
    file visibly calls itself (the title of a web page); `property_title` is what its properties say, which is used
    only where the text has no title of its own.
    """

    blocks: list[Block]
    page: bool = False
    title: str | None = None
    property_title: str | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a speech beside its text; what nobody wrote down is None."""

    title: str | None = None
    speaker: str | None = None
    date: datetime.date | None = None
    occasion: str | None = None
    place: str | None = None
    groups: tuple[str, ...] | None = None  # who may see it; empty for everybody


@dataclass(frozen=True, slots=True)
class Section:
    """A node of a document's outline; `start` and `end` are code-point offsets and include its children.

    A section without a heading holds the text that stands under no heading of its own: what comes before
    the first one, what follows a finished list, the closing words.
    """

    id: str
    parent_id: str | None
    marker: str
    heading: str
    level: int
    inline: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A window of whole sentences inside one innermost section: what is embedded and ranked."""

    id: str
    document_id: str
    number: int
    section_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One speech. `text` is what all offsets count in; `hints` are (offset, level) of format headings."""

    id: str
    title: str
    text: str
    speaker: str | None
    date: datetime.date | None
    occasion: str | None
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    place: str | None = None
    hints: tuple[tuple[int, int], ...] = ()
    groups: tuple[str, ...] = ()
    source: str = ""
    state: State = State.INDEXING

    def section_at(self, place: int) -> str:
        """The id of the innermost section that holds the offset `place`."""
        holding = [section for section in self.sections if section.start <= place < section.end]
        return max(holding, key=lambda section: section.level).id

    def section_path(self, section_id: str) -> tuple[str, ...]:
        """Headings from the root down to `section_id`, leaving out sections without a heading."""
        by_id = {section.id: section for section in self.sections}
        path: list[str] = []
        node: Section | None = by_id.get(section_id)
        while node is not None:
            if node.heading:
                path.append(node.heading)
            node = by_id.get(node.parent_id) if node.parent_id else None
        return tuple(reversed(path))
