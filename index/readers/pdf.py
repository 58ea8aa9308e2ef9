"""PDF files with a text layer, read letter by letter through PDFium (pypdfium2)."""

import ctypes
import logging
import math
import threading
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw

from index.documents import Block, Content
from index.errors import DamagedFile, EncryptedFile, ScannedFile, TooLarge
from index.readers.layout import HAN, Fragment, join_pages
from index.readers.plain import clean_lines
from index.readers.word import NO_TITLE

logger = logging.getLogger(__name__)

MOST_PAGES = 5_000
# PDFium may be used by one thread at a time.
_LOCK = threading.Lock()
BROKEN_WORD = (2, 0xFFFE)  # what PDFium makes of the hyphen at the end of a line
HAN_JOINED = 0.15  # Chinese letters this close together (in letter sizes) are one fragment
JOINED = 0.35  # other letters, next to which Chinese ones keep a distance


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
                pages = [list(_fragments(document[number])) for number in range(len(document))]
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


def _fragments(page: pypdfium2.PdfPage) -> Iterator[Fragment]:
    """Runs of letters of one page with their places; the top of the page is 0."""
    height = page.get_height()
    text = page.get_textpage()
    try:
        run: list[tuple[str, float, float, float, float]] = []
        for letter in _letters(text, height):
            if run and not _adjoins(run[-1], letter):
                yield _fragment(run)
                run = []
            # White space has no place of its own: an indent made of spaces is an indent.
            if run or not letter[0].isspace():
                run.append(letter)
        if run:
            yield _fragment(run)
    finally:
        text.close()
        page.close()


def _letters(text: pypdfium2.PdfTextPage, height: float) -> Iterator[tuple[str, float, float, float, float]]:
    """(letter, left, right, baseline, size) in the order of the file; what PDFium only infers is left out."""
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
        # A Chinese letter is a square wherever its ink stands in it.
        end = x.value + size if code >= 0x2E80 else right.value
        yield chr(code), min(x.value, left.value), max(end, left.value), height - y.value, size


def _adjoins(before: tuple[str, float, float, float, float], after: tuple[str, float, float, float, float]) -> bool:
    letter, left, right, baseline, size = before
    joined = HAN_JOINED if HAN.match(letter) and HAN.match(after[0]) else JOINED
    return (
        abs(after[3] - baseline) < 0.1 * size
        and abs(after[4] - size) < 0.1 * size
        and left - 0.1 * size <= after[1] <= right + joined * size
    )


def _fragment(run: list[tuple[str, float, float, float, float]]) -> Fragment:
    text = "".join(letter[0] for letter in run)
    right = max(letter[2] for letter in run if not letter[0].isspace())
    return Fragment(text, run[0][1], right, run[0][3], run[0][4])
