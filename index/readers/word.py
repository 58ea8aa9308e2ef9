"""Word files: paragraphs, table rows, heading styles, and the numbers that Word draws and does not store.

python-docx opens the package and its styles. Paragraphs are walked here, since its `paragraph.text` leaves out
tracked insertions, content controls and automatic numbers.
"""

import io
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice, takewhile
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from index.documents import Block, Content
from index.errors import DamagedFile, EmptyFile, TooLarge
from index.readers.numbering import Numbering
from index.readers.packages import BAD_ZIP, rewrite_package
from index.readers.plain import clean_lines, is_data_row

HEADING_STYLE = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
TITLE_STYLE = frozenset({"title", "标题"})
CONTENTS_STYLE = re.compile(r"^(?:toc|目录)\s*(?:\d|heading|标题)?$", re.IGNORECASE)
# Titles that programs write into the properties by themselves.
NO_TITLE = re.compile(
    r"^(?:microsoft|powerpoint|word document$|document|文档|untitled|无标题|wps|新建|\d|-)", re.IGNORECASE
)
BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Moved-away text, properties, phonetic guides, and what stands in boxes of its own.
NOT_WORDS = frozenset({qn(f"w:{tag}") for tag in ("del", "moveFrom", "pPr", "rt", "txbxContent")} | {FALLBACK})
LONGEST_CHAIN = 20  # styles based on styles
MOST_BLOCKS = 200_000
# Documents with macros and templates hold the same text; python-docx only takes plain documents.
PLAIN_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
CONTENT_TYPES = {
    b"application/vnd.ms-word.document.macroEnabled.main+xml": PLAIN_TYPE,
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml": PLAIN_TYPE,
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml": PLAIN_TYPE,
}
WRAPPERS = frozenset(qn(f"w:{tag}") for tag in ("ins", "customXml", "moveTo"))


class WordReader:
    """Reads .docx, .docm, .dotx and .dotm."""

    suffixes = (".docx", ".docm", ".dotx", ".dotm")

    def read(self, content: bytes, name: str) -> Content:
        """Return one block a paragraph or table row; notes come last, headers, footers and contents not at all."""
        clean = rewrite_package(content, name, CONTENT_TYPES)
        try:
            document = docx.Document(io.BytesIO(clean))
            blocks = list(islice(_Walker(document).blocks(), MOST_BLOCKS + 1))
            title = document.core_properties.title.strip()
        except (OpcError, etree.LxmlError, LookupError, AttributeError, TypeError, RecursionError, *BAD_ZIP) as error:
            raise DamagedFile(name=name) from error
        if len(blocks) > MOST_BLOCKS:
            raise TooLarge(name=name)
        if not blocks:
            raise EmptyFile(name=name)
        return Content(blocks, property_title=None if NO_TITLE.match(title) else title or None)


class _Walker:
    """Walks one document; counts its numbered paragraphs on the way."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
        self._default = next(
            (
                key
                for key, style in self._styles.items()
                if style.get(qn("w:default")) == "1" and style.get(qn("w:type")) == "paragraph"
            ),
            "",
        )
        self._numbering = Numbering(self._part_root("/numbering"))

    def _part_root(self, kind: str) -> Any | None:
        for relation in self._document.part.rels.values():
            if relation.reltype.endswith(kind) and not relation.is_external:
                part = relation.target_part
                return part.element if hasattr(part, "element") else etree.fromstring(part.blob, self._parser)
        return None

    @cached_property
    def _parser(self) -> etree.XMLParser:
        return etree.XMLParser(resolve_entities=False, no_network=True)

    def blocks(self) -> Iterator[Block]:
        """Body first, then foot- and endnotes."""
        yield from self._container(self._document.element.body)
        for kind in ("/footnotes", "/endnotes"):
            root = self._part_root(kind)
            for note in root if root is not None else ():
                # Separators are notes of a type; the words are in those without one.
                if note.get(qn("w:type")) is None:
                    yield from self._container(note)

    def _container(self, element: Any) -> Iterator[Block]:
        for child in _unwrapped(element):
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                for row in _unwrapped(child):
                    if row.tag == qn("w:tr"):
                        yield from self._row(row)

    def _row(self, row: Any) -> Iterator[Block]:
        cells = [list(self._container(cell)) for cell in _unwrapped(row) if cell.tag == qn("w:tc")]
        texts = [" ".join(block.text for block in cell) for cell in cells if cell]
        if is_data_row(texts):
            yield Block("\t".join(texts))
        else:
            yield from (block for cell in cells for block in cell)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        style = self._style_of(paragraph)
        words = "".join(_words(paragraph))
        # Word neither draws nor counts the number of a paragraph that was deleted.
        gone = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is not None and not words.strip()
        label = "" if gone else self._label(paragraph, style)
        if not CONTENTS_STYLE.match(self._style_name(style)):
            level = self._level(paragraph, style)
            for line in clean_lines(label + words):
                yield Block(line, level)
        for box in paragraph.iter(qn("w:txbxContent")):
            above = [parent.tag for parent in takewhile(lambda parent: parent is not paragraph, box.iterancestors())]
            # A box inside a box comes with the paragraph around it.
            if FALLBACK not in above and qn("w:txbxContent") not in above:
                yield from self._container(box)

    def _style_of(self, paragraph: Any) -> str:
        found = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return str(found.get(qn("w:val")) or "") if found is not None else self._default

    def _style_name(self, style: str) -> str:
        name = self._styles[style].find(qn("w:name")) if style in self._styles else None
        return str(name.get(qn("w:val")) or "") if name is not None else ""

    def _chain(self, style: str) -> Iterator[Any]:
        """The style and what it is based on."""
        for _ in range(LONGEST_CHAIN):
            if style not in self._styles:
                return
            yield self._styles[style]
            base = self._styles[style].find(qn("w:basedOn"))
            style = base.get(qn("w:val")) if base is not None else ""

    def _level(self, paragraph: Any, style: str) -> int | None:
        """1 for the title's style, 2 and on for headings; the style decides, else the outline level."""
        for one in self._chain(style):
            name = one.find(qn("w:name"))
            words = (name.get(qn("w:val")) or "") if name is not None else ""
            if words.lower() in TITLE_STYLE:
                return 1
            if match := HEADING_STYLE.match(words):
                return min(int(match[1]) + 1, 9)
        for holder in (paragraph, *self._chain(style)):
            found = holder.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
            if found is not None and (found.get(qn("w:val")) or "") in "012345678":
                value = int(found.get(qn("w:val")) or 9)
                return value + 2 if value < 8 else None
        return None

    def _label(self, paragraph: Any, style: str) -> str:
        list_id, level = None, None
        for holder in (paragraph, *self._chain(style)):
            properties = holder.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if properties is None:
                continue
            found, place = properties.find(qn("w:numId")), properties.find(qn("w:ilvl"))
            if level is None and place is not None and (place.get(qn("w:val")) or "").isdecimal():
                level = int(place.get(qn("w:val")))
            if found is not None:
                list_id = found.get(qn("w:val"))
                break
        return self._numbering.label(list_id, level, style) if list_id else ""


def _unwrapped(element: Any) -> Iterator[Any]:
    """Children of `element`, with those in content controls and tracked insertions in place of these; no contents list."""
    for child in element:
        if child.tag == qn("w:sdt"):
            gallery = child.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
            body = child.find(qn("w:sdtContent"))
            if body is not None and (gallery is None or "Contents" not in (gallery.get(qn("w:val")) or "")):
                yield from _unwrapped(body)
        elif child.tag in WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


def _words(element: Any) -> Iterator[str]:
    """The visible words below `element`, tracked changes accepted; what stands in text boxes is left for later."""
    for child in element:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in BREAKS:
            yield BREAKS[child.tag]
        elif child.tag == qn("w:r"):
            properties = child.find(qn("w:rPr"))
            hidden = properties.find(qn("w:vanish")) if properties is not None else None
            if hidden is None or hidden.get(qn("w:val")) in ("0", "false"):
                yield from _words(child)
        elif child.tag not in NOT_WORDS and isinstance(child.tag, str):
            yield from _words(child)
