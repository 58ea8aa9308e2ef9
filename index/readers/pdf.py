"""PDF files with a text layer, read letter by letter through PDFium (pypdfium2)."""

import ctypes
import logging
import math
import threading
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from index.documents import Block, Content
from index.errors import DamagedFile, EncryptedFile, ScannedFile, TooLarge
from index.readers.layout import HAN, Fragment, join_pages
from index.readers.plain import clean_lines
from index.readers.word import NO_TITLE

logger = logging.getLogger(__name__)

MOST_PAGES = 5_000
MOST_LETTERS = 3_000_000
SLANT = 0.1  # radians
# PDFium may be used by one thread at a time.
_LOCK = threading.Lock()
BROKEN_WORD = (2, 0xFFFE)  # what PDFium makes of the hyphen at the end of a line
HAN_JOINED = 0.15  # Chinese letters this close together (in letter sizes) are one fragment
JOINED = 0.35  # other letters, next to which Chinese ones keep a distance


class Letter(NamedTuple):
    """One letter: its edges along the line, how far down the line stands, its size, quarter turns (-1 for slanted)."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    turn: int


class PdfReader:
    """Reads .pdf."""

    suffixes = (".pdf",)

    def read(self, content: bytes, name: str) -> Content:
        """Return one block a paragraph; raise `ScannedFile` when the pages hold pictures and no text."""
        with _LOCK:
            try:
                document = pypdfium2.PdfDocument(content)
            except pypdfium2.PdfiumError as error:
                locked = raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower()
                raise (EncryptedFile if locked else DamagedFile)(name=name) from error
            try:
                if len(document) > MOST_PAGES:
                    raise TooLarge(name=name)
                pages = list(_pages(document, name))
                title = document.get_metadata_value("Title").strip()
            except pypdfium2.PdfiumError as error:
                raise DamagedFile(name=name) from error
            finally:
                document.close()
        empty = [number for number, page in enumerate(pages, start=1) if not page]
        lines = [line for paragraph in join_pages(pages) for line in clean_lines(paragraph)]
        if not lines:
            raise ScannedFile(name=name)
        if empty:
            logger.warning("%s: no text on page %s", name, ", ".join(map(str, empty)))
        return Content([Block(line) for line in lines], property_title=None if NO_TITLE.match(title) else title or None)


def _pages(document: pypdfium2.PdfDocument, name: str) -> Iterator[list[Fragment]]:
    letters = 0
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        try:
            letters += text.count_chars()
            if letters > MOST_LETTERS:
                raise TooLarge(name=name)
            yield list(_fragments(_upright(list(_letters(text)))))
        finally:
            text.close()
            page.close()


def _fragments(letters: list[Letter]) -> Iterator[Fragment]:
    """Runs of letters of one page with their places."""
    run: list[Letter] = []
    for letter in letters:
        if run and not _adjoins(run[-1], letter):
            yield _fragment(run)
            run = []
        # White space has no place of its own: an indent made of spaces is an indent.
        if run or not letter.text.isspace():
            run.append(letter)
    if run:
        yield _fragment(run)


def _letters(text: pypdfium2.PdfTextPage) -> Iterator[Letter]:
    """Letters in the order of the file, heights counted downwards; what PDFium only infers is left out."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    x, y = ctypes.c_double(), ctypes.c_double()
    matrix = raw.FS_MATRIX()
    high = 0
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if high and 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        high = 0
        code = ord("-") if code in BROKEN_WORD else code
        if code in (0, 0xFFFF) or 0xD800 <= code < 0xE000 or raw.FPDFText_IsGenerated(text, index) == 1:
            continue
        raw.FPDFText_GetCharBox(text, index, left, right, bottom, top)
        raw.FPDFText_GetCharOrigin(text, index, x, y)
        size = raw.FPDFText_GetFontSize(text, index)
        if raw.FPDFText_GetMatrix(text, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        angle = raw.FPDFText_GetCharAngle(text, index)
        box = (left.value, right.value, bottom.value, top.value)
        # In the direction of the writing: where it begins, where its ink ends, and how far down its line stands.
        turn = round(angle / (math.pi / 2)) % 4
        start, ink, baseline = (
            (x.value, box[1], -y.value),
            (-y.value, -box[2], -x.value),
            (-x.value, -box[0], y.value),
            (y.value, box[3], x.value),
        )[turn]
        # A Chinese letter is a square wherever its ink stands in it.
        end = start + size if code >= 0x2E80 else max(ink, start)
        slanted = abs(angle - round(angle / (math.pi / 2)) * math.pi / 2) > SLANT
        yield Letter(chr(code), start, end, baseline, size, -1 if slanted else turn)


def _upright(letters: list[Letter]) -> list[Letter]:
    """The letters written in the direction of most on the page: a watermark across it is no text."""
    turns = Counter(letter.turn for letter in letters if letter.turn >= 0)
    usual = turns.most_common(1)[0][0] if turns else -1
    return [letter for letter in letters if letter.turn == usual]


def _adjoins(before: Letter, after: Letter) -> bool:
    size = before.size
    joined = HAN_JOINED if HAN.match(before.text) and HAN.match(after.text) else JOINED
    return (
        abs(after.baseline - before.baseline) < 0.1 * size
        and abs(after.size - size) < 0.1 * size
        and before.left - 0.1 * size <= after.left <= before.right + joined * size
    )


def _fragment(run: list[Letter]) -> Fragment:
    text = "".join(letter.text for letter in run)
    right = max(letter.right for letter in run if not letter.text.isspace())
    return Fragment(text, run[0].left, right, run[0].baseline, run[0].size)
