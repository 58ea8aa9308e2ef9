"""One file may hold several speeches: where each begins, and what it is called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.cleaning import remove_furniture
from index.documents import Block, Content
from index.markers import match_marker
from index.numerals import parse_numeral
from index.segmentation import has_han

# "…的讲话 篇3", "…讲话稿（篇三）": the form collections of speeches use.
SERIES_TITLE = re.compile(
    r"^(?P<stem>.{2,60}?)\s*[（(【\[]?\s*篇\s*(?P<number>[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})\s*[)）】\]]?$"
)
# "篇3：题名", "【篇三】", "第3篇 题名": the same with the number in front.
SERIES_NUMBER = re.compile(
    r"^[（(【\[]?\s*(?:篇\s*(?P<number>[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})|第\s*(?P<nth>[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})\s*篇)"
    r"\s*[)）】\]]?\s*[:：、.．\s]?\s*(?P<title>.{0,60})$"
)
SALUTATION = re.compile(
    r"^(?:(?:尊敬的|敬爱的|亲爱的)?[^，,。；;：:]{0,30}?"
    r"(?:同志们|同志|代表|委员|朋友们|女士们|先生们|来宾|嘉宾|同学们|老师们|同仁|領導|领导|同事们|鄉親們|乡亲们|各位)"
    r"[^。；;]{0,40}|(?:Ladies|Dear|Mr\.?|Madam|Members|Fellow|Distinguished|Friends|Colleagues)\b.{0,80})[:：!！,，]$",
    re.IGNORECASE,
)
TITLE_OF_A_SPEECH = re.compile(
    r"(?:讲话|講話|致辞|致詞|致词|報告|报告|发言|發言|演讲|演講|讲话稿|寄语)(?:稿|摘要|节选)?[)）]?$"
)
HEAD_BLOCKS = 4  # date, speaker and occasion may stand between a title and its salutation
SHORTEST_SPEECH = 150
SENTENCE_END = re.compile(r"[。！？；!?;]$")
TITLE_LENGTH = 60
LATIN_TITLE_LENGTH = 140
INTRODUCTION_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Speech:
    """One speech of a file before it is parsed; `number` counts from 1 within the file."""

    title: str
    blocks: tuple[Block, ...]
    number: int


def split_speeches(content: Content, name: str) -> list[Speech]:
    """Find the speeches in a file; `name` is the title of a speech that has none.

    Page furniture is removed first. Text before the first title of a collection is kept as a document of
    its own when it is more than a caption, so that nothing is lost.
    """
    kept = join_titles(remove_furniture(content))
    starts = series_starts(kept) or heading_starts(kept) or titled_starts(kept)
    if not starts:
        return [whole_file(kept, content, name)] if kept else []
    captions = {squeeze(block.text) for block in kept[: starts[0]]}
    parts = [
        (
            series_title(kept[start].text),
            [block for block in kept[start + 1 : end] if squeeze(block.text) not in captions],
        )
        for start, end in zip(starts, [*starts[1:], len(kept)], strict=True)
    ]
    introduction = [block for block in kept[: starts[0]] if SENTENCE_END.search(block.text)]
    if sum(len(block.text) for block in introduction) >= INTRODUCTION_LENGTH:
        parts.insert(0, (name, kept[: starts[0]]))
    return [
        Speech(title, tuple(body), number)
        for number, (title, body) in enumerate(((t, b) for t, b in parts if b), start=1)
    ]


def join_titles(blocks: list[Block]) -> list[Block]:
    """Make one block of a first-level heading that is set over several lines."""
    joined: list[Block] = []
    for block in blocks:
        above = joined[-1] if joined else None
        if above and above.heading_level == block.heading_level == 1 and len(above.text + block.text) <= TITLE_LENGTH:
            blank = " " if above.text[-1].isascii() and block.text[0].isascii() else ""
            joined[-1] = Block(above.text + blank + block.text, 1)
        else:
            joined.append(block)
    return joined


def series_starts(blocks: list[Block]) -> list[int]:
    """Positions of titles "STEM 篇1", "STEM 篇2", … or "篇1：…", "篇2：…" that count upwards; else nothing.

    A list of contents counts upwards as well: of several rows as long, the one with the most text between wins.
    """
    rows: dict[str, list[list[tuple[int, int]]]] = {}
    for position, block in enumerate(blocks):
        if len(block.text) > TITLE_LENGTH:
            continue
        match = SERIES_TITLE.match(block.text)
        front = None if match else SERIES_NUMBER.match(block.text)
        numeral = match["number"] if match else (front["number"] or front["nth"]) if front else None
        number = parse_numeral(numeral) if numeral else None
        if number is not None and not SENTENCE_END.search(block.text):
            series = rows.setdefault(squeeze(match["stem"]) if match else "", [[]])
            if series[-1] and number <= series[-1][-1][1]:
                if number != 1:
                    continue
                series.append([])
            series[-1].append((position, number))
    found = [[position for position, _ in row] for series in rows.values() for row in series if len(row) > 1]
    return max(found, key=lambda row: (len(row), _text_below(blocks, row)), default=[])


def _text_below(blocks: list[Block], starts: list[int]) -> int:
    """Characters between the first of `starts` and the title that would follow the last."""
    ends = [*starts[1:], len(blocks)]
    return sum(len(block.text) for start, end in zip(starts, ends, strict=True) for block in blocks[start + 1 : end])


def series_title(text: str) -> str:
    """The title of one speech of a collection without its number, where the number stands in front."""
    match = SERIES_NUMBER.match(text)
    return match["title"].strip() if match and match["title"].strip() else text


def heading_starts(blocks: list[Block]) -> list[int]:
    """Positions of the first-level headings of a format that marks them, when several have a speech below them."""
    found = [position for position, block in enumerate(blocks) if block.heading_level == 1]
    ends = [*found[1:], len(blocks)][: len(found)]
    starts = [
        start
        for start, end in zip(found, ends, strict=True)
        if any(SENTENCE_END.search(block.text) for block in blocks[start + 1 : end])
    ]
    numbered = sum(1 for position in starts if match_marker(blocks[position].text))
    return starts if len(starts) > 1 and numbered == 0 else []


def titled_starts(blocks: list[Block]) -> list[int]:
    """Positions of titles like "在…会议上的讲话", each with a salutation right below and a speech after it."""
    starts: list[int] = []
    for position, block in enumerate(blocks):
        titled = (block.heading_level is not None or TITLE_OF_A_SPEECH.search(block.text)) and is_title(block)
        below = blocks[position + 1 : position + 1 + HEAD_BLOCKS]
        if not titled or not any(SALUTATION.match(one.text) for one in below):
            continue
        if starts and sum(len(one.text) for one in blocks[starts[-1] + 1 : position]) < SHORTEST_SPEECH:
            continue  # the title said twice
        starts.append(position)
    return starts if len(starts) > 1 and starts[0] == 0 else []


def whole_file(blocks: list[Block], content: Content, name: str) -> Speech:
    """The file as one speech, titled by what it visibly calls itself, its first line, its properties or its name."""
    first, rest = blocks[0], blocks[1:]
    if content.title:
        body = tuple(drop_repeats(blocks, squeeze(content.title)))
        return Speech(content.title, body or tuple(blocks), 1)
    if rest and is_title(first):
        return Speech(first.text, tuple(drop_repeats(rest, squeeze(first.text))), 1)
    return Speech(content.property_title or name, tuple(blocks), 1)


def drop_repeats(blocks: list[Block], caption: str) -> Iterator[Block]:
    """Leave out lines that only repeat the title."""
    return (block for block in blocks if squeeze(block.text) != caption)


def is_title(block: Block) -> bool:
    """A short first line that is neither sentence, salutation nor numbered heading."""
    if block.heading_level == 1:
        return True
    return (
        len(block.text) <= (TITLE_LENGTH if has_han(block.text) else LATIN_TITLE_LENGTH)
        and "\t" not in block.text
        and not SENTENCE_END.search(block.text)
        and not SALUTATION.match(block.text)
        and match_marker(block.text) is None
    )


def squeeze(text: str) -> str:
    """`text` without white space: how repeated captions are compared."""
    return re.sub(r"\s+", "", text)
