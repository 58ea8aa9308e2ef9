"""Plain text in the encodings Chinese offices use."""

import codecs
import re
import unicodedata
from collections.abc import Sequence

from charset_normalizer import from_bytes

from index.documents import Block, Content
from index.errors import EmptyFile, NotText

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What is tried for text that is not UTF-8; told apart by their letters' frequency.
LEGACY = ("gb18030", "big5", "utf_16_le", "utf_16_be")
GUESSED_BYTES = 200_000
LONGEST_CELL = 80
# Control, zero-width and direction marks carry no words, and would break an exact quotation copied from the page.
INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
LINE_BREAKS = re.compile("\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]")


class PlainReader:
    """Reads .txt: every line is a paragraph."""

    suffixes = (".txt",)

    def read(self, content: bytes, name: str) -> Content:
        """Decode `content`; blank lines are dropped, the words inside a line stay as they are."""
        lines = clean_lines(decode(content, name))
        if not lines:
            raise EmptyFile(name=name)
        return Content([Block(line) for line in lines], page=True)


def decode(content: bytes, name: str) -> str:
    """Decode UTF-8, UTF-16 (with or without its mark), GB18030 or Big5; raise `NotText` for anything else."""
    if not content.strip(b"\x00 \t\r\n"):
        raise EmptyFile(name=name)
    text = _decode(content)
    if text is None or not looks_like_text(text):
        raise NotText(name=name)
    return text


def _decode(content: bytes) -> str | None:
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    if b"\x00" not in content:
        text = _strictly(content, "utf-8")
        if text is not None:
            return text
    guess = from_bytes(content[:GUESSED_BYTES], cp_isolation=list(LEGACY)).best()
    # A line or two is too little to guess from: then it is the encoding of Chinese offices.
    candidates = (_strictly(content, encoding) for encoding in ([guess.encoding] if guess else []) + ["gb18030"])
    return next((text for text in candidates if text is not None and looks_like_text(text)), None)


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def looks_like_text(text: str) -> bool:
    """True when next to nothing in it is control character, unassigned or of a script seldom written."""
    sample = text[:20_000]
    odd = sum(1 for character in sample if not _is_usual(character))
    return odd <= len(sample) * 0.01 and "\x00" not in text


def _is_usual(character: str) -> bool:
    if character in "\t\n\r\x0b\x0c\x85\x1a":
        return True
    if unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs"):
        return False
    # Binary data read as UTF-16 falls into the syllabaries and extensions between these blocks.
    return not "\u1380" <= character <= "\u1dff" and not "\ua000" <= character <= "\uabff"


def is_data_row(cells: Sequence[str]) -> bool:
    """True for the cells of a table's row that say something side by side; long ones only lay out a page."""
    return len(cells) > 1 and all(len(cell) <= LONGEST_CELL for cell in cells)


def clean_lines(text: str) -> list[str]:
    """Split into the lines that hold anything, without surrounding white space or invisible marks."""
    lines = (INVISIBLE.sub("", line).strip() for line in LINE_BREAKS.split(text))
    return [line for line in lines if line]
