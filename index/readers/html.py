"""Saved web pages and Word-pasted markup, parsed by lxml: paragraphs, headings and table rows of the speech.

Nothing that reads like a sentence is thrown away. What goes is what the page's own structure sets apart:
navigation, forms' controls, hidden parts, and short blocks that are mostly links.
"""

import re
from collections.abc import Iterator

from lxml import etree, html

from index.documents import Block, Content
from index.errors import EmptyFile, NotText
from index.readers.plain import clean_lines, decode

CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
HEAD_BYTES = 4096
# Names under which pages, and the servers of the eighties' character sets, mean GB18030.
CHINESE = frozenset({"gb2312", "gbk", "gb_2312-80", "x-gbk", "gb18030"})

SKIPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "footer",
        "aside",
        "button",
        "select",
        "textarea",
        "iframe",
        "object",
        "svg",
        "canvas",
        "audio",
        "video",
        "map",
        "head",
        "title",
        "datalist",
    ]
)
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "menu", "toolbar"})
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
# Words by which page builders call the parts around an article; looked for as whole words of class and id.
FURNITURE_NAMES = frozenset(
    [
        "nav",
        "navbar",
        "menu",
        "breadcrumb",
        "breadcrumbs",
        "crumb",
        "crumbs",
        "footer",
        "foot",
        "sidebar",
        "share",
        "sharing",
        "toolbar",
        "print",
        "related",
        "recommend",
        "copyright",
        "friendlink",
        "friendlinks",
        "pager",
        "pagination",
        "pagebar",
        "comment",
        "comments",
        "login",
        "search",
        "advert",
        "banner",
    ]
)
NAME_PARTS = re.compile(r"[A-Za-z]+")
# A part called "share" that holds this much of the page's words is the article in a badly named box.
LARGEST_FURNITURE = 0.25
LINKED = 0.6
LONGEST_LINK = 60
SHORTEST_SENTENCE = 25
SENTENCE_END = re.compile(r"[。！？；.!?;]$")
SITE_NAME = re.compile(r"\s*(?:[_|｜]|\s[-–—]{1,2}\s|--|——)\s*")
META_TITLES = ("articletitle", "og:title", "title")
LONGEST_CELL = 80


class HtmlReader:
    """Reads .html, .htm, .xhtml and .shtml."""

    suffixes = (".html", ".htm", ".xhtml", ".shtml")

    def read(self, content: bytes, name: str) -> Content:
        """Return one block a paragraph, heading or table row."""
        text = XML_DECLARATION.sub("", _decode(content, name), count=1)
        try:
            tree = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True, remove_comments=True))
        except (etree.LxmlError, ValueError) as error:
            raise NotText(name=name) from error
        _remove_furniture(tree)
        blocks = list(_blocks(tree))
        if not blocks:
            raise EmptyFile(name=name)
        return Content(blocks, title=_title(tree, blocks))


def _decode(content: bytes, name: str) -> str:
    """Decode by the page's own declaration when it is true, else as any text file."""
    match = CHARSET.search(content[:HEAD_BYTES])
    if match and not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        declared = match[1].decode("ascii").lower()
        try:
            return content.decode("gb18030" if declared in CHINESE else declared)
        except (UnicodeDecodeError, LookupError):
            pass
    return decode(content, name)


def _remove_furniture(tree: html.HtmlElement) -> None:
    """Take the parts out that the page itself marks as not its content."""
    whole = len(tree.text_content()) or 1
    doomed = [
        element
        for element in tree.iter(etree.Element)
        if isinstance(element.tag, str)
        and element.tag not in ("html", "body")
        and (
            element.tag in SKIPPED - {"head", "title"}
            or element.get("role") in ROLES
            or element.get("hidden") is not None
            or HIDDEN.search(element.get("style") or "")
            or (_is_named_furniture(element) and len(element.text_content()) < whole * LARGEST_FURNITURE)
        )
    ]
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree()


def _is_named_furniture(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return any(part.lower() in FURNITURE_NAMES for part in NAME_PARTS.findall(names))


class _Paragraph:
    """The text gathered since the last block boundary, and how much of it is links."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.linked = 0

    def add(self, text: str | None, in_link: bool) -> None:
        if text:
            self.pieces.append(text)
            if in_link:
                self.linked += len(text.strip())

    def flush(self, level: int | None) -> Iterator[Block]:
        text = re.sub(r"[ \t\r\n\f\xa0]+", " ", "".join(self.pieces))
        linked, self.pieces, self.linked = self.linked, [], 0
        for line in clean_lines(text):
            is_links = linked >= LINKED * len(line) and len(line) <= LONGEST_LINK
            if level is not None or not is_links or (SENTENCE_END.search(line) and len(line) >= SHORTEST_SENTENCE):
                yield Block(line, level)


def _blocks(tree: html.HtmlElement) -> Iterator[Block]:
    """Blocks in document order, without recursion: pages nest as deep as they like."""
    paragraph = _Paragraph()
    level: int | None = None
    links = 0
    row: html.HtmlElement | None = None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if row is not None:
            if event == "end" and element is row:
                row = None
                paragraph.add(element.tail, links > 0)
            continue
        if tag in ("head", "title"):
            continue
        if tag == "tr" and event == "start" and (cells := _short_cells(element)):
            yield from paragraph.flush(level)
            yield Block("\t".join(cells))
            row = element
            continue
        if tag in BLOCKS:
            yield from paragraph.flush(level)
            if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
                level = int(tag[1]) if event == "start" else None
        links += (1 if event == "start" else -1) if tag == "a" and element.get("href") else 0
        paragraph.add(element.text if event == "start" else element.tail, links > 0)
    yield from paragraph.flush(level)


def _short_cells(row: html.HtmlElement) -> list[str]:
    """The words of a data table's row, cell by cell; none for a row that only lays out the page."""
    if row.find(".//table") is not None:
        return []
    cells = [
        " ".join(clean_lines(cell.text_content().replace("\xa0", " "))) for cell in row if cell.tag in ("td", "th")
    ]
    cells = [re.sub(r"\s+", " ", cell) for cell in cells if cell]
    return cells if len(cells) > 1 and all(len(cell) <= LONGEST_CELL for cell in cells) else []


def _title(tree: html.HtmlElement, blocks: list[Block]) -> str | None:
    """What the page calls itself, without the name of the site."""
    metas = {
        (meta.get("name") or meta.get("property") or "").lower(): meta.get("content") or ""
        for meta in tree.iter("meta")
    }
    found = [metas[key] for key in META_TITLES[:2] if metas.get(key)]
    found += [element.text_content() for element in tree.iter("title")]
    lines = [line for text in found for line in clean_lines(re.sub(r"\s+", " ", text))]
    if not lines:
        headings = [block.text for block in blocks if block.heading_level == 1]
        return headings[0] if len(headings) == 1 else None
    parts = [part for part in SITE_NAME.split(lines[0]) if part]
    shown = {re.sub(r"\s", "", block.text) for block in blocks}
    # A part that also stands on the page is the title; without one it is the first, sites put their name last.
    return next((part for part in parts if re.sub(r"\s", "", part) in shown), parts[0] if parts else None)
