"""The reference to a place in a speech, in the form that Chinese official writing uses."""

from index.documents import Document, Section
from index.headings import first_of_text

PUNCTUATION = " \t\u3000。；;：:，,"
HEAD = 2_000  # characters in which the salutation stands


def reference(document: Document, section_id: str | None = None, position: int = 0) -> str:
    """《题名》,讲话人,日期,场合,二、… › (三)… 第N段; what is unknown is left out.

    Args:
        document: the speech.
        section_id, position: the section and the offset referred to; None for the whole speech.
    """
    day = document.date
    occasion = document.occasion or ""
    parts = [
        f"《{document.title}》",
        document.speaker or "",
        f"{day.year}年{day.month}月{day.day}日" if day else "",
        "" if occasion in document.title else occasion,
    ]
    if section_id is not None:
        number = paragraph_number(document, section_id, position)
        path = " › ".join(document.section_path(section_id))
        parts.append(" ".join(part for part in (path, f"第{number}段" if number else "") if part))
    return ",".join(part for part in parts if part)


def paragraph_number(document: Document, section_id: str, position: int) -> int:
    """Which paragraph under the last heading that begins a line holds `position`; 0 for the heading itself.

    Where no heading stands above, paragraphs count from the salutation, and what stands before it has no number.
    """
    section = _block_section(document, section_id)
    if section is None:
        return _from_salutation(document.text, position)
    stop = _heading_end(document.text, section)
    end = document.text.find("\n", stop)
    rest = document.text[stop : end if end >= 0 else len(document.text)]
    if rest.strip(PUNCTUATION):
        return document.text.count("\n", stop, position) + 1
    return document.text.count("\n", stop, position)


def _heading_end(text: str, section: Section) -> int:
    """Where the words of a heading end in `text`; it may be set over two lines."""
    place = section.start
    for letter in section.heading:
        while place < section.end and text[place] != letter and text[place].isspace():
            place += 1
        place += 1
    return min(place, section.end)


def _block_section(document: Document, section_id: str) -> Section | None:
    """The innermost section around `section_id`, itself included, whose heading begins a line."""
    by_id = {section.id: section for section in document.sections}
    section = by_id.get(section_id)
    while section is not None and (section.inline or not section.heading):
        section = by_id.get(section.parent_id) if section.parent_id else None
    return section


def _from_salutation(text: str, position: int) -> int:
    number = text.count("\n", 0, position)
    first = first_of_text(text[:HEAD].split("\n"))
    return number - first + 1 if number >= first else 0
