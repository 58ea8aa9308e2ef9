"""The numbering families of Chinese speeches, and where their markers stand in a text."""

import re
from dataclasses import dataclass

from index.numerals import parse_numeral

_CHINESE = r"[一二三四五六七八九十]{1,3}"
_ARABIC = r"[0-9０-９]{1,2}"
_GAP = r"[、，,：:．.\s]*"
# Family name -> pattern of its marker. `n` is the number; `strong` families may start a list on their own.
_FAMILIES: tuple[tuple[str, str], ...] = (
    ("part", rf"第(?P<n>{_CHINESE}|{_ARABIC})部分{_GAP}"),
    ("chapter", rf"第(?P<n>{_CHINESE}|{_ARABIC})章{_GAP}"),
    ("clause", rf"第(?P<n>{_CHINESE}|{_ARABIC})节{_GAP}"),
    ("chinese", rf"(?P<n>{_CHINESE})[、．](?!\s*{_CHINESE}\s*[、是和及月号])"),
    ("chinese_bracketed", rf"[（(]\s*(?P<n>{_CHINESE})\s*[)）][、．.，,]?"),
    ("arabic", rf"(?P<n>{_ARABIC})[、．.](?![0-9０-９])"),
    ("arabic_bracketed", rf"[（(]\s*(?P<n>{_ARABIC})\s*[)）][、．.，,]?"),
    ("circled", r"(?P<n>[①-⑳])[、．.]?"),
    ("ordinal", rf"第(?P<n>{_CHINESE})[，,、：:]\s*"),
    ("is", rf"(?P<n>{_CHINESE})是"),
    ("must", rf"(?P<n>{_CHINESE})要(?![求素点件闻])"),
    ("first", r"(?P<w>首先|其次|再次|最后)(?P<c>[，,、：:])?"),
)
MARKER = re.compile("|".join(f"(?P<{name}>{pattern.replace('P<', f'P<{name}_')})" for name, pattern in _FAMILIES))
# Families that stand for a heading even when the list has one item only.
STRONG = frozenset({"part", "chapter", "clause", "chinese", "chinese_bracketed"})
# A numbered clause begins after one of these; "统一是" or "2024年1、2月" do not.
BOUNDARY = "。！？；;!?：:\n”』」）)"
WORDS = {"首先": 1, "其次": 2, "再次": 3, "最后": 0}


@dataclass(frozen=True, slots=True)
class Marker:
    """A place in the text that looks like the start of a numbered heading.

    `value` is its number, 0 for 最后 (the next number, whatever it is); offsets are code points.
    """

    family: str
    value: int
    text: str
    start: int
    end: int


def match_marker(text: str) -> Marker | None:
    """The marker at the very start of `text`, if there is one."""
    match = MARKER.match(text)
    return _marker(match) if match else None


def find_markers(text: str, start: int, end: int) -> list[Marker]:
    """Markers in `text[start:end]` that begin a clause, in order; one at `start` comes first.

    Linear in the length: every character is looked at by one alternation.
    """
    found = []
    for match in MARKER.finditer(text, start, end):
        marker = _marker(match)
        if marker is not None and (match.start() == start or _begins_clause(text, start, match)):
            found.append(marker)
    return found


def _begins_clause(text: str, start: int, match: re.Match[str]) -> bool:
    before = text[start : match.start()].rstrip()[-1:] if match.start() - start < 4 else text[match.start() - 1]
    if before in " \t\u3000\xa0":
        before = text[max(start, match.start() - 4) : match.start()].rstrip()[-1:] or "\n"
    if match.lastgroup == "first" and not match["first_c"]:
        return False
    return before in BOUNDARY


def _marker(match: re.Match[str]) -> Marker | None:
    family = match.lastgroup
    if family is None:
        return None
    if family == "first":
        value: int | None = WORDS[match["first_w"]]
    else:
        value = parse_numeral(match[f"{family}_n"])
        if value == 0:
            return None
    if value is None:
        return None
    return Marker(family, value, match[0].strip(), match.start(), match.end())
