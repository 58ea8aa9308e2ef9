"""OFD, the fixed-layout format of Chinese official documents (GB/T 33190-2016): zipped XML, read with lxml.

No kept library gives an OFD's text without drawing its pages (easyofd brings PyMuPDF, reportlab and fonts), so the
part of the standard that places text (chapters 7 and 11) is read here.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from index.documents import Block, Content
from index.errors import DamagedFile, ScannedFile
from index.readers.layout import Fragment, join_pages
from index.readers.packages import open_package, read_member
from index.readers.plain import clean_lines

MOST_PAGES = 5_000
# A text whose baseline climbs more than this is a watermark, not a line.
SLOPE = 0.1


class OfdReader:
    """Reads .ofd."""

    suffixes = (".ofd",)

    def read(self, content: bytes, name: str) -> Content:
        """Return one block a paragraph; raise `ScannedFile` when the pages hold pictures and no text."""
        with open_package(content, name) as package:
            entry = _parse(package, "OFD.xml", name)
            roots = [_resolve("OFD.xml", found.text or "") for found in _all(entry, "DocRoot")]
            if not roots:
                raise DamagedFile(name=name)
            found = islice((page for root in roots for page in _pages(package, root, name)), MOST_PAGES)
            pages = [list(_fragments(page)) for page in found]
        title = next((" ".join((found.text or "").split()) for found in _all(entry, "Title")), "")
        lines = [line for paragraph in join_pages(pages) for line in clean_lines(paragraph)]
        if not lines:
            raise ScannedFile(name=name)
        return Content([Block(line) for line in lines], property_title=title or None)


def _parse(package: zipfile.ZipFile, member: str, name: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(read_member(package, member, name), parser)
    except etree.LxmlError as error:
        raise DamagedFile(name=name) from error


def _all(element: Any, tag: str) -> Iterator[Any]:
    """Descendants by local name: the namespace differs between the versions of the standard."""
    yield from element.iter(f"{{*}}{tag}")


def _resolve(base: str, location: str) -> str:
    """The member that `location` names, written in the file `base`."""
    location = location.strip()
    path = location if location.startswith("/") else posixpath.join(posixpath.dirname(base), location)
    return posixpath.normpath(path).lstrip("/")


def _pages(package: zipfile.ZipFile, root: str, name: str) -> Iterator[Any]:
    document = _parse(package, root, name)
    for pages in _all(document, "Pages"):
        for page in _all(pages, "Page"):
            yield _parse(package, _resolve(root, page.get("BaseLoc") or ""), name)


def _fragments(page: Any) -> Iterator[Fragment]:
    """The page's own text; what templates add is the same on every page."""
    for text in _all(page, "TextObject"):
        if text.get("Visible") == "false":
            continue
        box = _numbers(text.get("Boundary"), 4)
        a, b, c, d, e, f = _numbers(text.get("CTM"), 6) if text.get("CTM") else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        if abs(b) > SLOPE * abs(a):
            continue
        size = _numbers(text.get("Size"), 1)[0] * (abs(d) or 1.0)
        x = y = 0.0
        for code in text.iterchildren("{*}TextCode"):
            # A place left out is that of the code before.
            x = _numbers(code.get("X"), 1)[0] if code.get("X") else x
            y = _numbers(code.get("Y"), 1)[0] if code.get("Y") else y
            # Line breaks are the XML's, blanks are the text's: an indent made of spaces is an indent.
            words = re.sub(r"^\s*\n\s*|\s*\n\s*$", "", "".join(code.itertext())).rstrip()
            blanks = len(words) - len(words.lstrip())
            if words[blanks:]:
                steps = _deltas(code.get("DeltaX"), len(words))
                unit = size / (abs(a) or 1.0)
                before = _width(words[: blanks + 1], steps, unit) - _width(words[blanks], [], unit)
                left = box[0] + a * (x + before) + c * y + e
                width = abs(a) * _width(words[blanks:], steps[blanks:], unit)
                yield Fragment(words[blanks:], left, left + width, box[1] + b * x + d * y + f, size)


def _width(words: str, deltas: list[float], size: float) -> float:
    """From the first letter's left edge to the last one's right edge."""
    steps = deltas[: len(words) - 1]
    rest = words[len(steps) :]
    return sum(steps) + sum(size if letter >= "\u2e80" else size / 2 for letter in rest)


def _deltas(text: str | None, most: int) -> list[float]:
    """Steps between letters, at most `most`; "g 3 5.5" stands for three times 5.5."""
    steps: list[float] = []
    parts = iter((text or "").split())
    for part in parts:
        if len(steps) >= most:
            break
        if part == "g":
            count = int(_numbers(next(parts, ""), 1)[0])
            steps.extend([_numbers(next(parts, ""), 1)[0]] * max(0, min(count, most)))
        else:
            steps.append(_numbers(part, 1)[0])
    return steps


def _numbers(text: str | None, count: int) -> list[float]:
    """`count` numbers separated by white space; what is missing or no number is 0."""
    values = []
    for part in (text or "").split()[:count]:
        try:
            value = float(part)
        except ValueError:
            value = 0.0
        values.append(value if abs(value) < 1e6 else 0.0)
    return values + [0.0] * (count - len(values))
