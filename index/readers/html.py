"""Saved web pages and Word-pasted markup, parsed by lxml: paragraphs, headings and table rows of the speech.

Nothing that reads like a sentence is thrown away. What goes is what the page's own structure sets apart:
navigation, forms' controls, hidden parts, and short blocks that are mostly links.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree, html

from index.cleaning import is_furniture
from index.documents import Block, Content
from index.errors import DamagedFile, EmptyFile, NotText
from index.metadata import OF_A_SPEECH, is_head_line
from index.readers.plain import clean_lines, decode, is_data_row
from index.segmentation import has_han
from index.splitting import squeeze

CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
HEAD_BYTES = 4096
# Names under which pages, and the servers of the eighties' character sets, mean GB18030.
CHINESE = frozenset({"gb2312", "gbk", "gb_2312-80", "x-gbk", "gb18030"})

UNSEEN = ("script", "style", "template")
SKIPPED = frozenset(
    "noscript nav footer aside button select textarea iframe object svg canvas audio video map datalist".split()
)
BLOCKS = frozenset(
    (
        "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption "
        "figure form h1 h2 h3 h4 h5 h6 header hr html legend li main menu ol p pre section summary table tbody td "
        "tfoot th thead tr ul"
    ).split()
)
ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "menu", "toolbar"})
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
# Words by which page builders call the parts around an article; looked for as whole words of class and id.
FURNITURE_NAMES = frozenset(
    (
        "nav navbar menu breadcrumb breadcrumbs crumb crumbs footer foot sidebar share sharing toolbar print related "
        "recommend copyright friendlink friendlinks pager pagination pagebar comment comments cmt cmts feedback login search "
        "ad ads adv advert advertisement adsense gg guanggao banner promo sponsor cookie cookies newsletter qrcode subscribe"
    ).split()
)
NAME_PARTS = re.compile(r"[A-Za-z]+")
# A part called "share" that holds this much of the page's words is the article in a badly named box.
LARGEST_FURNITURE = 0.3
LINKED = 0.6
LONGEST_LINK = 60
SHORTEST_SENTENCE = 25
SENTENCE_END = re.compile(r"[。！？；.!?;]$")
SITE_NAME = re.compile(r"\s*(?:[_|｜]|\s[-–—]{1,2}\s|--|——)\s*")
META_TITLES = ("articletitle", "og:title")
PATH = re.compile(r"[>»›→＞]")
SITE_END = re.compile(r"(?:网|网站|门户|委员会|政府|在线|频道|专栏|首页|人民政府|新闻|Home)$", re.IGNORECASE)
SHORTEST_TITLE, LONGEST_TITLE = 4, 80
SHORTEST_OWN = 6
TITLE_PLACES = 40  # short blocks from the top among which a title is looked for
LONGEST_TITLE_LINE = 300
SHORTEST_TEXT = 40
SMALLEST_MAIN = 0.5
DEEPEST = 400  # elements around a block that are looked at
LINE_OF_HEADING = "\ue000"  # stands for a break inside a heading until its neighbours are known

Placed = tuple[Block, html.HtmlElement]


class HtmlReader:
    """Reads .html, .htm, .xhtml and .shtml."""

    suffixes = (".html", ".htm", ".xhtml", ".shtml")

    def read(self, content: bytes, name: str) -> Content:
        """Return one block a paragraph, heading or table row."""
        text = XML_DECLARATION.sub("", _decode(content, name), count=1)
        parser = html.HTMLParser(huge_tree=True, remove_comments=True)
        try:
            tree = html.document_fromstring(text, parser=parser)
        except (etree.LxmlError, ValueError) as error:
            raise NotText(name=name) from error
        if any("depth" in entry.message.lower() for entry in parser.error_log):
            raise DamagedFile(name=name)  # the parser leaves out what nests deeper than it goes
        _remove_furniture(tree)
        found = list(_blocks(tree))
        if not found:
            raise EmptyFile(name=name)
        title = _title(tree, [block for block, _ in found])
        return Content(_main_part(found, title), page=True, title=title)


def _decode(content: bytes, name: str) -> str:
    """Decode as what it is; what the page declares decides where the bytes leave a choice."""
    match = CHARSET.search(content[:HEAD_BYTES])
    declared = match[1].decode("ascii").lower() if match else ""
    if declared and not declared.startswith(("utf", "iso-8859", "windows-125", "us-ascii", "latin")):
        try:
            if content.decode("utf-8") and not content.isascii():
                return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        try:
            return content.decode("gb18030" if declared in CHINESE else declared)
        except (UnicodeError, LookupError):
            pass
    text = decode(content, name)
    if declared.startswith(("iso-8859", "windows-125", "latin")) and not has_han(text):
        return content.decode(declared, "replace")
    return text


def _remove_furniture(tree: html.HtmlElement) -> None:
    """Take the parts out that the page itself marks as not its content."""
    for element in [found for found in tree.iter(*UNSEEN) if found.getparent() is not None]:
        element.drop_tree()
    whole = len(tree.text_content()) or 1
    doomed = [
        element
        for element in tree.iter(etree.Element)
        if isinstance(element.tag, str) and element.tag not in ("html", "body") and _is_set_apart(element)
    ]
    for element in doomed:
        # A part that holds much of the page is the article in a box of a wrong name, or one that was never closed.
        if element.getparent() is not None and len(element.text_content()) < whole * LARGEST_FURNITURE:
            element.drop_tree()


def _is_set_apart(element: html.HtmlElement) -> bool:
    """True for what is hidden or called by a name of page furniture; scripts show hidden articles, so size decides."""
    return bool(
        element.tag in SKIPPED
        or element.get("role") in ROLES
        or element.get("hidden") is not None
        or HIDDEN.search(element.get("style") or "")
        or _is_named_furniture(element)
    )


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

    def flush(self, level: int | None, element: html.HtmlElement) -> Iterator[Placed]:
        text = re.sub(r"[ \t\r\n\f\xa0]+", " ", "".join(self.pieces))
        text = re.sub(rf"(?<=[\u4e00-\u9fff]){LINE_OF_HEADING}(?=[\u4e00-\u9fff])", "", text).replace(
            LINE_OF_HEADING, " "
        )
        linked, self.pieces, self.linked = self.linked, [], 0
        for line in clean_lines(text):
            is_links = linked >= LINKED * len(line) and len(line) <= LONGEST_LINK
            if level is not None or not is_links or (SENTENCE_END.search(line) and len(line) >= SHORTEST_SENTENCE):
                yield Block(line, level), element


def _blocks(tree: html.HtmlElement) -> Iterator[Placed]:
    """Blocks in document order, each with the element it ends in; pages nest as deep as they like."""
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
            paragraph.add(element.tail if event == "end" else None, links > 0)
            continue
        if tag == "tr" and event == "start" and (cells := _short_cells(element)):
            yield from paragraph.flush(level, element)
            yield Block("\t".join(cells)), element
            row = element
            continue
        if tag == "br" and level is not None:
            paragraph.add(LINE_OF_HEADING if event == "start" else element.tail, False)
            continue
        if tag in BLOCKS:
            yield from paragraph.flush(level, element)
            if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
                level = int(tag[1]) if event == "start" else None
        links += (1 if event == "start" else -1) if tag == "a" and element.get("href") else 0
        paragraph.add(element.text if event == "start" else element.tail, links > 0)
    yield from paragraph.flush(level, tree)


def _short_cells(row: html.HtmlElement) -> list[str]:
    """The words of a data table's row, cell by cell; none for a row that only lays out the page."""
    if row.find(".//table") is not None:
        return []
    cells = [
        " ".join(clean_lines(cell.text_content().replace("\xa0", " "))) for cell in row if cell.tag in ("td", "th")
    ]
    cells = [re.sub(r"\s+", " ", cell) for cell in cells if cell]
    return cells if is_data_row(cells) else []


def _main_part(found: list[Placed], title: str | None) -> list[Block]:
    """The blocks of the smallest part of the page that holds all its text, with the head lines right above.

    Text is what is long enough for a sentence and no notice of the site; none of it is ever left out.
    """
    text = {
        place
        for place, (block, _) in enumerate(found)
        if len(block.text) >= SHORTEST_TEXT and not is_furniture(block.text)
    }
    if not text:
        return [block for block, _ in found]
    shared: list[html.HtmlElement] | None = None
    for place in text:
        line = [found[place][1], *islice(found[place][1].iterancestors(), DEEPEST)]
        inside = set(line)
        shared = line if shared is None else [element for element in shared if element in inside]
    whole = sum(len(block.text) for block, _ in found)
    for main in shared or [None]:
        held = {place for place, (_, element) in enumerate(found) if place in text or _within(element, main)}
        # One long paragraph alone is not the article around it.
        if sum(len(found[place][0].text) for place in held) >= whole * SMALLEST_MAIN:
            break
    first = min(held)
    top = next((place for place in range(first) if title and squeeze(found[place][0].text) == squeeze(title)), first)
    return [
        block
        for place, (block, _) in enumerate(found)
        if place in held or (top <= place < first and is_head_line(block.text))
    ]


def _within(element: html.HtmlElement, main: html.HtmlElement | None) -> bool:
    return main is None or element is main or any(one is main for one in islice(element.iterancestors(), DEEPEST))


def _title(tree: html.HtmlElement, blocks: list[Block]) -> str | None:
    """What the page calls itself, without the name of the site; a title that also stands on the page is the surest."""
    metas = {
        (meta.get("name") or meta.get("property") or "").lower(): meta.get("content") or ""
        for meta in tree.iter("meta")
    }
    named = [metas.get(key, "") for key in META_TITLES] + [element.text_content() for element in tree.iter("title")]
    lines = [line[:LONGEST_TITLE_LINE] for text in named[:8] for line in clean_lines(re.sub(r"\s+", " ", text))][:8]
    shown = [block.text for block in blocks if len(block.text) <= LONGEST_TITLE]
    for line in lines:
        inside = [text for text in shown if len(squeeze(text)) >= SHORTEST_TITLE and squeeze(text) in squeeze(line)]
        if inside:
            # Sites put their name beside the title and on a banner.
            return min(
                inside, key=lambda text: (bool(SITE_END.search(text)), squeeze(line).index(squeeze(text)), -len(text))
            )
    parts = [part for line in lines for part in SITE_NAME.split(line) if part]
    own = [part for part in parts if len(part) >= SHORTEST_OWN and not SITE_END.search(part)]
    headings = [block.text for block in blocks if block.heading_level == 1]
    numbered = [part for part in own if any(squeeze(part) in squeeze(text) for text in shown)]
    if not numbered and len(headings) == 1:
        return headings[0]
    called = [text for text in shown[:TITLE_PLACES] if OF_A_SPEECH.search(text) and not PATH.search(text)]
    return next(iter([*numbered, *own, *called, *parts]), None)
