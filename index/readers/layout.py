"""From words placed on pages to paragraphs: for formats that store the look of a page and not its text.

Lines are put together from what stands at one height. A paragraph ends where the next line is indented, set apart,
of another size, or where a line ends well before the right edge; page numbers and lines that come back at the
top or bottom of the pages are not part of the text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

PAGE_NUMBER = re.compile(
    r"^[-—–－―·\s]*(?:第\s*)?(?:[0-9０-９]{1,3}|(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3}))(?:\s*页)?"
    r"(?:\s*(?:[/／,，]\s*(?:共|of)?|共|of)\s*[0-9]{1,4}\s*页?)?[-—–－―·\s]*$"
    r"|^(?:page|p\.)\s*[0-9]{1,4}(?:\s*(?:of|/)\s*[0-9]{1,4})?$"
    # what browsers print at the edges: address, date and time
    r"|^(?:https?|file)://\S+(?:\s+[0-9]{1,4}/[0-9]{1,4})?$"
    r"|^[0-9]{1,4}[/-][0-9]{1,2}[/-][0-9]{1,4},?\s+(?:上午|下午)?[0-9]{1,2}:[0-9]{2}.{0,80}$",
    re.IGNORECASE,
)
EDGE_LINES = 2  # lines at the top and at the bottom of a page that may be its running head or foot
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’—…·]")
HAN = re.compile(r"[\u3400-\u9fff]")
SENTENCE_END = re.compile(r"[。！？：:!?.；;][”’」』）)]?$")
# A line that begins as items do, after a sentence that is over, is an item.
ITEM = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十0-9]{1,3}[)）]|[0-9]{1,2}[.．、](?:\s|[^0-9\s])|第[一二三四五六七八九十]{1,3}[章节条部]"
    r"|[IVX]{1,4}\.\s|(?:Section|Chapter|Part)\s[0-9IVX]"
)
BROKEN_NUMBER = frozenset("0123456789.,%")  # a number that runs over the end of a line
# In units of the size of a line's letters.
INDENT = 0.8
SHORT = 2.5  # how much of a full line may be missing for punctuation that must not begin a line
LOOSE_SHORT = 6.0
GAP = 0.6
LATIN_WIDTH = 0.6
LATIN_WORD = re.compile(r"[A-Za-z0-9'’.,;:-]*")
SAME_LINE = 0.5
SPACE = 0.2
CENTRED = 3.0


@dataclass(frozen=True, slots=True)
class Fragment:
    """Words at a place on a page: left and right edge, height of the baseline counted downwards, letter size."""

    text: str
    left: float
    right: float
    baseline: float
    size: float


@dataclass(slots=True)
class Line:
    """One line of a page."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    page: int = 0


@dataclass(slots=True)
class _Measure:
    """What is usual in the document: where lines begin and end, how large letters are, how far lines stand apart."""

    left: float
    right: float
    size: float
    leading: float
    indented: bool


def join_pages(pages: Iterable[list[Fragment]]) -> list[str]:
    """Paragraphs of a document whose pages hold these fragments."""
    laid = [list(_lines(fragments, number)) for number, fragments in enumerate(pages)]
    lines = [line for page in _without_edges(laid) for line in page]
    if not lines:
        return []
    measure = _measure(lines)
    paragraphs: list[list[Line]] = []
    for line in lines:
        if paragraphs and _goes_on(paragraphs[-1], line, measure):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return [_join(paragraph) for paragraph in paragraphs]


def _lines(fragments: list[Fragment], page: int) -> Iterator[Line]:
    """Lines from top to bottom; fragments whose baselines nearly agree stand on one line."""
    rows: list[list[Fragment]] = []
    fragments = [one if one.size > 0 else replace(one, size=1.0) for one in fragments]
    for fragment in sorted(fragments, key=lambda f: f.baseline):
        if rows and fragment.baseline - rows[-1][0].baseline <= SAME_LINE * max(fragment.size, rows[-1][0].size):
            rows[-1].append(fragment)
        else:
            rows.append([fragment])
    for row in rows:
        row.sort(key=lambda f: f.left)
        text, right = "", row[0].left
        # Where most letters stand apart, the line is stretched and its gaps say nothing.
        stretched = len(row) * 2 > sum(len(fragment.text) for fragment in row)
        for fragment in row:
            apart = fragment.left - right > SPACE * fragment.size
            if text and apart and not text[-1].isspace() and not _tight(text, fragment.text, stretched):
                text += " "
            text += fragment.text
            right = max(right, fragment.right)
        if text.strip():
            size = max(row, key=lambda f: len(f.text)).size
            yield Line(text.strip(), row[0].left, right, median(f.baseline for f in row), size, page)


def _tight(before: str, after: str, stretched: bool) -> bool:
    """True for Chinese with a gap that only the setting of the line made: at punctuation, or in a stretched line."""
    if not (CJK.match(before[-1]) and CJK.match(after[0])):
        return False
    return stretched or not (HAN.match(before[-1]) and HAN.match(after[0]))


def _without_edges(pages: list[list[Line]]) -> list[list[Line]]:
    """Drop page numbers, and lines that stand at the edge of most pages but for their digits."""
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counts.update({_shape(line) for line in _edges(page)})
    often = max(3, len(pages) * 0.5)
    return [
        [
            line
            for line in page
            if not (
                any(line is edge for edge in _edges(page))
                and (PAGE_NUMBER.match(line.text) or counts[_shape(line)] >= often)
            )
        ]
        for page in pages
    ]


def _edges(page: list[Line]) -> list[Line]:
    return page[:EDGE_LINES] + page[max(EDGE_LINES, len(page) - EDGE_LINES) :]


def _shape(line: Line) -> tuple[str, int]:
    """What a running head has in common on all pages; a title is not the head that repeats it in smaller letters."""
    return re.sub(r"[0-9０-９]+|\s+", "#", line.text), round(line.size)


def _measure(lines: list[Line]) -> _Measure:
    size = Counter(round(line.size, 1) for line in lines for _ in range(len(line.text))).most_common(1)[0][0]
    body = [line for line in lines if abs(line.size - size) < size * 0.12] or lines
    # The left margin is where lines begin that go on from the one before: the leftmost place that is common.
    places = Counter(round(line.left / (size * 0.25)) for line in body)
    common = [place for place, count in places.items() if count >= max(2, len(body) * 0.08)] or list(places)
    left = min(common) * size * 0.25
    rights = sorted(line.right for line in body)
    right = rights[int(len(rights) * 0.9)] if len(rights) > 1 else rights[0]
    gaps = [b.baseline - a.baseline for a, b in pairwise(body) if a.page == b.page]
    leading = median(gap for gap in gaps if gap > 0) if any(gap > 0 for gap in gaps) else size * 1.5
    indented = sum(1 for line in body if line.left - left > INDENT * size and line.right > right - SHORT * size)
    return _Measure(left, right, size, leading, indented >= 3)


def _goes_on(paragraph: list[Line], line: Line, measure: _Measure) -> bool:
    """True when `line` goes on with the paragraph that its predecessor belongs to."""
    before = paragraph[-1]
    size = max(before.size, line.size)
    if abs(before.size - line.size) > 0.15 * size:
        return False
    if _centred(before, measure) and _centred(line, measure):
        # A title set over several lines; centred lines in the body's size stand each for themselves.
        return before.size > measure.size * 1.15 and before.page == line.page
    if _centred(before, measure) or line.left - measure.left > INDENT * size:
        return _hangs(paragraph, line, measure)
    leading = measure.leading * max(1.0, size / measure.size)
    if before.page == line.page and line.baseline - before.baseline > leading + GAP * size:
        return False
    missing = measure.right - before.right
    if not measure.indented:
        # A line is full when the next one's first word would not have fitted; an item after a sentence begins anew.
        item = SENTENCE_END.search(before.text) and ITEM.match(line.text)
        first_word = LATIN_WORD.match(line.text)
        room = max(SHORT, LATIN_WIDTH * (first_word.end() if first_word else 0))
        return not item and missing <= room * size
    # Where paragraphs are indented the indent tells, and a line may end early for a long number to fit the next.
    middle = (measure.left + measure.right) / 2
    greeting = line.right < middle and line.text[-1] in "：:"
    open_end = not SENTENCE_END.search(before.text) and before.right > middle and not greeting
    return missing <= LOOSE_SHORT * size or open_end


def _hangs(paragraph: list[Line], line: Line, measure: _Measure) -> bool:
    """True for the second line of a paragraph whose lines all are set in, as lists and quotations are."""
    if _centred(paragraph[-1], measure) or measure.right - paragraph[-1].right > SHORT * line.size:
        return False
    return len(paragraph) > 1 and abs(line.left - paragraph[-1].left) < 0.3 * line.size and not measure.indented


def _centred(line: Line, measure: _Measure) -> bool:
    before, after = line.left - measure.left, measure.right - line.right
    return before > CENTRED * line.size and abs(before - after) < 0.25 * (before + after) + line.size


def _join(lines: list[Line]) -> str:
    chinese = any(CJK.search(line.text) for line in lines)
    text = lines[0].text
    for line in lines[1:]:
        before, after = text[-1], line.text[0]
        if CJK.match(before) or CJK.match(after) or (chinese and before in BROKEN_NUMBER and after in BROKEN_NUMBER):
            text += line.text
        elif before == "-" and text[-2:-1].isalpha() and after.islower():
            text = text[:-1] + line.text
        else:
            text += " " + line.text
    return text
