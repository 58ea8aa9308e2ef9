"""Plain text in the encodings Chinese offices use."""

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from index.documents import Block
from index.errors import EmptyFile, NotText

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Zero-width and direction marks carry no words, and would break an exact quotation copied from the page.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
LINE_BREAKS = re.compile("\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]")


class PlainReader:
    """Reads .txt: every line is a paragraph."""

    suffixes = (".txt",)

    def read(self, content: bytes, name: str) -> list[Block]:
        """Decode `content`; blank lines are dropped, the words inside a line stay as they are."""
        lines = clean_lines(decode(content, name))
        if not lines:
            raise EmptyFile(name=name)
        return [Block(line) for line in lines]


def decode(content: bytes, name: str) -> str:
    """Decode UTF-8, UTF-16 (with or without its mark) or GB18030; raise `NotText` for anything else."""
    if not content.strip(b"\x00 \t\r\n"):
        raise EmptyFile(name=name)
    for encoding in candidate_encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if looks_like_text(text):
            return text
    guess = from_bytes(content[:200_000], threshold=0.1).best()
    if guess is not None:
        text = content.decode(guess.encoding, errors="replace")
        if looks_like_text(text):
            return text
    raise NotText(name=name)


def candidate_encodings(content: bytes) -> list[str]:
    """Encodings to try in order: the one marked, else UTF-16 when zero bytes show it, else UTF-8 and GB18030."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return [encoding]
    if b"\x00" in content[:4096]:
        odd, even = content[1:4096:2].count(0), content[0:4096:2].count(0)
        return ["utf-16-le", "utf-16-be"] if odd >= even else ["utf-16-be", "utf-16-le"]
    encodings = ["utf-8", "gb18030"]
    # UTF-16 Chinese text has few zero bytes, but its line breaks and digits have them.
    return encodings if len(content) % 2 else [*encodings, "utf-16-le"]


def looks_like_text(text: str) -> bool:
    """True when control characters, unassigned and private-use code points are next to none."""
    sample = text[:20_000]
    odd = sum(
        1
        for character in sample
        if character not in "\t\n\r\x0b\x0c\x85\x1a" and unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")
    )
    return odd <= len(sample) * 0.002 and "\x00" not in text


def clean_lines(text: str) -> list[str]:
    """Split into the lines that hold anything, without surrounding white space or invisible marks."""
    lines = (INVISIBLE.sub("", line).strip() for line in LINE_BREAKS.split(text.replace("\x1a", "")))
    return [line for line in lines if line]
