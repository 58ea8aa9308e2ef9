"""From a file's bytes to its paragraphs; a new format is one more `Reader` in `READERS`."""

from pathlib import PurePath
from typing import Protocol

from index.documents import Block
from index.errors import UnsupportedFormat
from index.readers.markdown import MarkdownReader
from index.readers.plain import PlainReader


class Reader(Protocol):
    """Turns the bytes of one format into paragraphs."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings, with the dot, in lower case."""
        ...

    def read(self, content: bytes, name: str) -> list[Block]:
        """Return the paragraphs in order; raise a `SpeechQAError` naming `name` where that cannot be done."""
        ...


READERS: tuple[Reader, ...] = (PlainReader(), MarkdownReader())
SUPPORTED = tuple(suffix for reader in READERS for suffix in reader.suffixes)


def read_blocks(content: bytes, name: str) -> list[Block]:
    """Read `content` with the reader of the file name's suffix."""
    suffix = PurePath(name).suffix.lower()
    for reader in READERS:
        if suffix in reader.suffixes:
            return reader.read(content, name)
    raise UnsupportedFormat(name=name, suffix=suffix or "—", supported=" ".join(SUPPORTED))
