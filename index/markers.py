"""The numbering families of speeches, and where their markers stand in a text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from index.numerals import parse_numeral

_CHINESE = r"[一二三四五六七八九十]{1,3}"
_ARABIC = r"[0-9０-９]{1,2}"
_ROMAN = r"[IVXivx]{1,5}"
_GAP = r"[、，,：:．.\s]*"
_WORD = r"One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten"
# Family name -> pattern of its marker; `n` is the number.
_FAMILIES: tuple[tuple[str, str], ...] = (
    ("part", rf"第\s?(?P<n>{_CHINESE}|{_ARABIC})\s?(?:部分|编|篇){_GAP}"),
    ("chapter", rf"第\s?(?P<n>{_CHINESE}|{_ARABIC})\s?章{_GAP}"),
    ("clause", rf"第\s?(?P<n>{_CHINESE}|{_ARABIC})\s?节{_GAP}"),
    ("article", rf"第\s?(?P<n>{_CHINESE}|{_ARABIC})\s?条[、，,：:．.\s]+"),
    ("chinese", rf"(?P<n>{_CHINESE})\s?[、．.](?!\s*{_CHINESE}\s*[、是和及月号])"),
    ("chinese_bracketed", rf"(?:[（(〔【]\s*(?P<n>{_CHINESE})\s*[)）〕】]|(?P<s>[㈠-㈩]))[、．.，,]?"),
    ("decimal", r"(?P<prefix>[1-9]\d?(?:[.．][1-9]\d?){0,2})[.．](?P<n>[1-9]\d?)[.．]?(?=[\s\u3000])"),
    ("arabic", rf"(?:(?P<n>{_ARABIC})\s?[、．.](?![0-9０-９])|(?P<s>[⒈-⒛])[、．.]?)"),
    # "8.6个…": item 8 of a list that stands at 7; believed only there.
    ("arabic_tight", rf"(?P<n>{_ARABIC})[．.](?=[0-9０-９])"),
    ("arabic_bracketed", rf"(?:[（(]\s*(?P<n>{_ARABIC})\s*[)）]|(?P<s>[⑴-⒇]))[、．.，,]?"),
    ("arabic_half_bracketed", rf"(?P<n>{_ARABIC})[)）][、．.，,]?"),
    ("circled", r"(?P<n>[①-⑳])[、．.]?"),
    ("ordinal", rf"第(?P<n>{_CHINESE})(?:[，,、：:]|(?:个)?是(?!否)|点(?:是|[，,、：:])|个?(?:方面|问题|环节|层面|阶段)(?:是|[，,、：:]))\s*"),
    ("one_of", rf"其(?P<n>{_CHINESE})(?:是|[，,、：:])"),
    ("is", rf"(?P<n>{_CHINESE})(?:个)?是(?![一二三][，。；、二])"),
    ("must", rf"(?P<n>{_CHINESE})要(?![求素点件闻])"),
    ("by", rf"(?P<n>{_CHINESE})[靠抓看须应]"),
    ("first", r"(?P<w>首先|其次|再次|最后)(?P<c>[，,、：:])?"),
    ("english_ordinal", r"(?P<n>First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth)(?:ly)?[,:]\s"),
    ("english", rf"(?P<word>Part|Section|Chapter|Article)\s+(?P<n>\d{{1,2}}|{_ROMAN}|{_WORD})\b(?!['’\w]|\s+of\b)[.:：—–-]*\s*"),
    ("roman", r"(?P<n>[IVX]{1,5})[.、．:]\s+(?=\S)"),
    ("letter", r"(?P<n>[A-H])[.)]\s+(?=\S)"),
)  # fmt: skip
# "五、六年前": five or six.
APPROXIMATELY = re.compile(rf"\s*({_CHINESE})[多几]?[年月天日周个位名次项条岁里百千万亿成倍]")
# What a marker may begin with: most characters are passed over at the cost of this one look.
_FIRST = r"(?=[第其首再最一二三四五六七八九十0-9０-９（(〔【㈠-㈩⒈-⒛⑴-⒇①-⑳A-Z])"
MARKER = re.compile(
    _FIRST
    + "(?:"
    + "|".join(
        f"(?P<{name}>{re.sub(r'P<(n|s|w|c|prefix|word)>', lambda m, name=name: f'P<{name}_{m[1]}>', pattern)})"  # type: ignore[misc]
        for name, pattern in _FAMILIES
    )
    + ")"
)
# Where a family's number stands in a match.
NUMBER_GROUPS = {
    name: [group for group in (f"{name}_n", f"{name}_s") if group in MARKER.groupindex] for name, _ in _FAMILIES
}
# Families that stand for a heading even when the list has one item only.
STRONG = frozenset({"part", "chapter", "clause", "article", "chinese", "chinese_bracketed"})
# Of these, those whose numbers may run on through the whole text: they open a list with any number.
RUNNING_ON = frozenset({"part", "chapter", "clause", "article"})
# Families that count only at the beginning of a line.
LINE_ONLY = frozenset(
    {
        "part",
        "chapter",
        "clause",
        "article",
        "chinese",
        "decimal",
        "arabic_tight",
        "english",
        "english_ordinal",
        "roman",
        "letter",
    }
)
# Families whose items are told one after another in a sentence, and there may be parted by commas.
SPOKEN = frozenset({"is", "must", "by", "one_of", "ordinal"})
# A numbered clause begins after one of these; "统一是" or "2024年1、2月" do not.
BOUNDARY = "。！？；;!?：:\n”』」）)…—"
COMMAS = "，,、"
WORDS = {"首先": 1, "其次": 2, "再次": 3, "最后": 0}
_ORDINAL = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
ENGLISH = {word.lower(): value for words in (_WORD.split("|"), _ORDINAL) for value, word in enumerate(words, start=1)}
ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}


@dataclass(frozen=True, slots=True)
class Marker:
    """A place in the text that looks like the start of a numbered heading.

    `value` is its number, 0 for 最后 (the next number, whatever it is); offsets are code points. `after_comma` says
    that only a comma stands before it.
    """

    family: str
    value: int
    text: str
    start: int
    end: int
    after_comma: bool = False


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
        if match.start() == start:
            marker = _marker(match)
        elif match.lastgroup in LINE_ONLY:
            marker = None
        else:
            before = _before(text, start, match.start())
            comma = before in COMMAS and match.lastgroup in SPOKEN
            marker = _marker(match, comma) if comma or _begins_clause(before, match) else None
        if marker is not None:
            found.append(marker)
    return found


def _before(text: str, start: int, position: int) -> str:
    """The last character before `position` that is no blank; a line break when there is none near."""
    return text[max(start, position - 4) : position].rstrip()[-1:] or "\n"


def _begins_clause(before: str, match: re.Match[str]) -> bool:
    if match.lastgroup == "first" and not match["first_c"]:
        return False
    return before in BOUNDARY


def _marker(match: re.Match[str], after_comma: bool = False) -> Marker | None:
    family = match.lastgroup
    if family is None:
        return None
    if family == "first":
        value: int | None = WORDS[match["first_w"]]
    else:
        value = _value("".join(match[group] or "" for group in NUMBER_GROUPS[family]))
        if value == 0:
            return None
    if value is None:
        return None
    if (
        family == "chinese"
        and (both := APPROXIMATELY.match(match.string, match.end()))
        and _value(both[1]) == value + 1
    ):
        return None
    if family == "decimal":
        # 1.1 and 1.1.1 are lists of their own.
        family += str(unicodedata.normalize("NFKC", match["decimal_prefix"]).count("."))
    elif family == "english":
        family = match["english_word"].lower()
    return Marker(family, value, match[0].strip(), match.start(), match.end(), after_comma)


@lru_cache(maxsize=1024)
def _value(text: str) -> int | None:
    folded = unicodedata.normalize("NFKC", text).strip("().（） ")
    if folded.isascii() and folded.isalpha():
        low = folded.lower()
        return ENGLISH.get(low) or ROMAN.get(low) or (ord(low) - ord("a") + 1 if len(low) == 1 else None)
    return parse_numeral(folded)
