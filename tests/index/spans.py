"""What a section has of its text that none of its children has."""

from collections.abc import Iterable

from index.documents import Section


def own_span(section: Section, sections: Iterable[Section]) -> tuple[int, int]:
    """The part of `section` that stands in none of its children: its head, since children fill the rest."""
    starts = [child.start for child in sections if child.parent_id == section.id]
    return section.start, min(starts, default=section.end)
