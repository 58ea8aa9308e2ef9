"""The numbers that Word draws before paragraphs: computed from numbering.xml as ECMA-376 part 1, 17.9 says."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from index.numerals import to_chinese

STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
LEGAL = str.maketrans("〇一二三四五六七八九十", "零壹贰叁肆伍陆柒捌玖拾")
DIGITAL = "〇一二三四五六七八九"
LONGEST_LABEL = 60


def _roman(value: int) -> str:
    text = ""
    for number, letters in (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
        (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ):  # fmt: skip
        text += letters * (value // number)
        value %= number
    return text


def _letters(value: int) -> str:
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _from(first: str, most: int) -> Callable[[int], str]:
    return lambda value: chr(ord(first) + value - 1) if 1 <= value <= most else str(value)


FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": lambda value: _roman(value).upper(),
    "lowerRoman": _roman,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    "chineseLegalSimplified": lambda value: to_chinese(value).translate(LEGAL),
    "ideographLegalTraditional": lambda value: to_chinese(value).translate(LEGAL),
    "ideographTraditional": lambda value: STEMS[(value - 1) % 10],
    "ideographZodiac": lambda value: BRANCHES[(value - 1) % 12],
    "decimalFullWidth": lambda value: "".join(chr(ord(digit) + 0xFEE0) for digit in str(value)),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "ideographDigital": lambda value: "".join(DIGITAL[int(digit)] for digit in str(value)),
    "none": lambda value: "",
} | dict.fromkeys(
    (
        "chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
        "japaneseCounting", "koreanCounting",
    ),
    to_chinese,
)  # fmt: skip


@dataclass(slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    legal: bool = False
    style: str = ""
    restart: int = -1  # the level after which it begins anew, counted from 1; 0 for never, -1 for any above it


@dataclass(slots=True)
class _List:
    abstract: str
    levels: dict[int, _Level]
    restarts: dict[int, int] = field(default_factory=dict)  # level -> number it starts with under this list


class Numbering:
    """Counts the numbered paragraphs of one document, in document order.

    Args:
        numbering: the root of numbering.xml, None where the document has none.
    """

    def __init__(self, numbering: Any | None) -> None:
        abstracts: dict[str, dict[int, _Level]] = {}
        links: dict[str, str] = {}  # abstract list -> list style that it takes its levels from
        defined: dict[str, str] = {}  # list style -> abstract list that defines it
        self._lists: dict[str, _List] = {}
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)
        self._restarted: set[tuple[str, int]] = set()
        if numbering is None:
            return
        for abstract in numbering.iter(qn("w:abstractNum")):
            key = abstract.get(qn("w:abstractNumId")) or ""
            links[key] = _value(abstract, "w:numStyleLink")
            defined[_value(abstract, "w:styleLink")] = key
            abstracts[key] = {_number(level, "w:ilvl"): _read_level(level) for level in abstract.iter(qn("w:lvl"))}
        for num in numbering.iter(qn("w:num")):
            key = _value(num, "w:abstractNumId")
            if not abstracts.get(key):
                key = defined.get(links.get(key, ""), key)
            found = _List(key, dict(abstracts.get(key, {})))
            for override in num.iter(qn("w:lvlOverride")):
                place = _number(override, "w:ilvl")
                start = override.find(qn("w:startOverride"))
                if start is not None:
                    found.restarts[place] = _number(start, "w:val")
                level = override.find(qn("w:lvl"))
                if level is not None:
                    found.levels[place] = _read_level(level)
            self._lists[num.get(qn("w:numId")) or ""] = found

    def label(self, list_id: str, level: int | None, style: str) -> str:
        """The number drawn before the next paragraph of list `list_id`; empty for bullets and unknown lists.

        Args:
            list_id: w:numId.
            level: w:ilvl, counted from 0; None to take the level that belongs to the paragraph's style.
            style: the style's id.
        """
        found = self._lists.get(list_id)
        if found is None:
            return ""
        if level is None:
            level = next((place for place, one in found.levels.items() if one.style and one.style == style), 0)
        if level not in found.levels:
            return ""
        counters = self._counters[found.abstract]
        if level in found.restarts and (list_id, level) not in self._restarted:
            self._restarted.add((list_id, level))
            counters[level] = found.restarts[level]
        else:
            counters[level] = counters[level] + 1 if level in counters else found.levels[level].start
        for deeper in [place for place in counters if place > level]:
            restart = found.levels[deeper].restart if deeper in found.levels else -1
            if restart < 0 or restart > level:
                del counters[deeper]
        return _draw(found, counters, level)


def _draw(found: _List, counters: dict[int, int], level: int) -> str:
    shape = found.levels[level]
    if shape.format == "bullet":
        return ""
    text = shape.text
    for place in range(9):
        if f"%{place + 1}" in text:
            one = found.levels.get(place, shape)
            value = counters.get(place, one.start)
            style = "decimal" if shape.legal else one.format
            text = text.replace(f"%{place + 1}", FORMATS.get(style, str)(value) if value > 0 else str(value))
    return text


def _read_level(level: Any) -> _Level:
    return _Level(
        start=_number(level.find(qn("w:start")), "w:val", 1),
        format=_value(level, "w:numFmt") or "decimal",
        text=_value(level, "w:lvlText")[:LONGEST_LABEL],
        legal=level.find(qn("w:isLgl")) is not None,
        style=_value(level, "w:pStyle"),
        restart=_number(level.find(qn("w:lvlRestart")), "w:val", -1),
    )


def _value(element: Any, child: str) -> str:
    found = element.find(qn(child))
    return str(found.get(qn("w:val")) or "") if found is not None else ""


def _number(element: Any | None, attribute: str, default: int = 0) -> int:
    text = element.get(qn(attribute)) if element is not None else None
    return int(text) if text and text.isdecimal() and len(text) < 6 else default
