"""From a file's bytes to its paragraphs; a new format is one more `Reader` in `READERS`."""

import io
import re
import zipfile
from pathlib import PurePath
from typing import Protocol

from index.documents import Content
from index.errors import UnsupportedFormat
from index.readers.html import HtmlReader
from index.readers.markdown import MarkdownReader
from index.readers.ofd import OfdReader
from index.readers.office import OfficeReader
from index.readers.packages import BAD_ZIP
from index.readers.pdf import PdfReader
from index.readers.plain import PlainReader
from index.readers.word import WordReader


class Reader(Protocol):
    """Turns the bytes of one format into paragraphs."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings, with the dot, in lower case."""
        ...

    def read(self, content: bytes, name: str) -> Content:
        """Return the paragraphs in order; raise a `SpeechQAError` naming `name` where that cannot be done."""
        ...


READERS: tuple[Reader, ...] = (
    PlainReader(),
    MarkdownReader(),
    HtmlReader(),
    WordReader(),
    PdfReader(),
    OfdReader(),
    OfficeReader(),
)
ARCHIVES = (".zip",)
SUPPORTED = (*(suffix for reader in READERS for suffix in reader.suffixes), *ARCHIVES)

HTML = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_file(content: bytes, name: str) -> Content:
    """Read `content` with the reader of its kind: what the bytes say, and else the file name's suffix.

    Raises:
        SpeechQAError: it cannot be read; the message names `name`.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUPPORTED:
        raise UnsupportedFormat(name=name, suffix=suffix or "—", supported=" ".join(SUPPORTED))
    kind = sniff(content) or suffix
    for reader in READERS:
        if kind in reader.suffixes:
            return reader.read(content, name)
    raise UnsupportedFormat(name=name, suffix=kind, supported=" ".join(SUPPORTED))


def sniff(content: bytes) -> str | None:
    """The suffix that belongs to `content` when its first bytes leave no doubt; files are renamed now and then."""
    if content.startswith(b"%PDF-"):
        return ".pdf"
    if content.startswith(b"{\\rtf"):
        return ".rtf"
    if content.startswith(OLE):
        return ".doc"
    if HTML.match(content[:4096]):
        return ".html"
    if content.startswith(b"PK\x03\x04"):
        return _sniff_package(content)
    return None


def _sniff_package(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
    except BAD_ZIP:
        return None
    if "word/document.xml" in names:
        return ".docx"
    if "OFD.xml" in names:
        return ".ofd"
    if "mimetype" in names and "content.xml" in names:
        return ".odt"
    return ".zip" if "[Content_Types].xml" not in names else None
