"""Numbers, amounts, shares and dates in a text, in one form: 1.02亿元 is 10200万元, 百分之四十 is 40%."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from index.segmentation import fold

_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_ENGLISH_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ENGLISH_DIGITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
} | dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_ENGLISH_PARTS = {
    word: value for value, word in enumerate("third quarter fifth sixth seventh eighth ninth tenth".split(), 3)
}
MONTHS = "january february march april may june july august september october november december".split()

_FIGURE = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN = "[零〇一二两三四五六七八九十百千万亿]"
_HAN_NUMBER = rf"{_HAN}+(?:点[零〇一二三四五六七八九]+[万亿]?)?"
_MEASURES = (
    "平方公里 平方千米 平方米 立方米 公里 千米 公斤 公顷 千克 千瓦时 千瓦 兆瓦 瓦 毫克 微克 吨 亩 斤 米 里 升 度 "
    "美元 港元 欧元 澳元 加元 新元 韩元 台币 卢布 卢比 法郎 元 块 小时 分钟 秒 "
    "个月 个工作日 工作日 周岁 岁 周 天 年 月 日 倍 个百分点 百分点 个 名 位 人次 人 户 家 所 座 处 项 条 件 次 场 台 辆 架 艘 套 栋 幢 "
    "间 张 份 版 本 册 门 只 头 匹 盏 株 棵 片 块 段 篇 批 类 种 支 节 期 届 级 层 成 例 起 宗 对 组 队 笔 道 枚 眼 口 床 席 轮 步 点 "
    "元件 号 点 标箱 标准箱 吉瓦时 吉瓦 兆瓦时 瓦时 桶 车次 班次 航次 架次 家次 毫升 厘米 毫米 平米 立方 枚 票 担 箱 包 袋 瓶 盒 颗 粒 幅 双 页 趟 "
    "遍 字 股 部 部分 部门 课时 学时 学分 批次 台次 件次 剂次 剂 针 克 海里 英里 磅 英镑 日元 吨公里 丈 尺 番 折 农户"
).split()
UNIT = "|".join(sorted(dict.fromkeys(_MEASURES), key=len, reverse=True))
# Units as English writes them, singular, with the Chinese ones that they may stand for.
_ENGLISH_UNITS = {
    "week": ("周",),
    "month": ("个月", "月"),
    "day": ("天", "日", "个工作日", "工作日"),
    "year": ("年", "岁", "周岁"),
    "hour": ("小时", "学时", "课时"),
    "minute": ("分钟",),
    "kilometre": ("公里", "千米"),
    "kilometer": ("公里", "千米"),
    "km": ("公里", "千米"),
    "hectare": ("公顷",),
    "tonne": ("吨",),
    "ton": ("吨",),
}
# Measure words that are used for the same things.
_SAME = (
    ("人", "名", "位"),
    ("个", "家", "处", "座", "所", "项", "条", "件"),
    ("公里", "千米"),
    ("公斤", "千克"),
    ("平方公里", "平方千米"),
    ("元", "块"),
    ("起", "例", "宗", "件"),
    ("例", "台"),
    ("例", "名", "人"),
    ("标箱", "标准箱"),
    ("点", "o'clock"),
    ("平方米", "平米"),
    ("立方米", "立方"),
    ("家", "家次"),
    ("项", "种", "类"),
    ("个百分点", "百分点"),
    ("天", "日"),
    ("岁", "周岁"),
    ("户", "农户"),
    ("个", "部分"),
    *((word, *chinese) for word, chinese in _ENGLISH_UNITS.items()),
    ("kilometre", "kilometer", "km"),
    ("tonne", "ton"),
)
# Units that are so many of another, in which they are compared.
_CONVERTED: dict[str, tuple[str, int | Decimal]] = {
    "公顷": ("亩", 15),
    "平方公里": ("亩", 1500),
    "平方千米": ("亩", 1500),
    "吨": ("公斤", 1000),
    "斤": ("公斤", Decimal("0.5")),
    "兆瓦": ("千瓦", 1000),
    "平方米": ("亩", Decimal("0.0015")),
    "平米": ("亩", Decimal("0.0015")),
    "小时": ("分钟", 60),
    "公里": ("米", 1000),
    "千米": ("米", 1000),
    "千克": ("公斤", 1),
}
_CONVERTED |= {word: _CONVERTED.get(chinese[0], (chinese[0], 1)) for word, chinese in _ENGLISH_UNITS.items()}
_PLURAL = {word + end: word for word in _ENGLISH_UNITS for end in ("", "s")}
QUANTITY = re.compile(
    rf"""
    (?P<date>(?:(?P<y>(?:19|20)\d\d)年)?(?:(?P<m>\d{{1,2}})月(?!份?以来)(?:(?P<d>\d{{1,2}})[日号])?)|(?P<y1>(?:19|20)\d\d)年(?!\d))
    |(?P<edate>(?:(?P<ed>\d{{1,2}})\s+)?\b(?P<em>{"|".join(MONTHS)})\b(?:\s+(?P<ed1>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,?\s+(?P<ey>(?:19|20)\d\d)\b)?)
    |(?P<share>百分之(?P<sp>{_HAN_NUMBER}|{_FIGURE}))
    |(?P<fraction>(?P<fb>{_HAN}+|\d+)分之(?P<ft>{_HAN}+|\d+))
    |(?P<tenths>(?P<tn>[一二两三四五六七八九])成(?P<half>半|[一二三四五六七八九])?(?![立为员本果绩效长功就都分]))
    |(?P<halves>半数|一半|对半|过半)
    |(?P<parts>\b(?P<pt>one|two|three|four|a(?=[\s-]\w+\s+of\b))[\s-](?P<pb>{"|".join(_ENGLISH_PARTS)})s?\b(?!\s+(?:of\s+(?:the\s+year|20)|20)))
    |(?P<number>(?P<nordinal>第)?(?P<n>{_FIGURE})\s*(?P<nmore>[多余几](?=[十百千万亿]))?(?:[\s-]*(?P<scale>(?:[十百万亿]|千(?![瓦克米]))+(?!分)|\b(?:{"|".join(_ENGLISH_SCALES)})\b))?
       (?P<more>[多余几来])?\s*(?P<unit>%|percentage\s+points?|per\s*cent\b|percent\b|o'clock|(?:{UNIT})|(?:{"|".join(_ENGLISH_UNITS)})s?\b)?)
    |(?P<han>(?!零[件部售工])(?P<ordinal>第)?(?P<hn>{_HAN_NUMBER})(?P<hmore>[多余几来])?(?P<hscale>[万亿]+)?(?P<hunit>{UNIT}))
    |(?<=[\u4e00-\u9fff])第(?P<place>[二三四五六七八九十]+)(?![是大方])
    |(?<!{_HAN})(?P<bare>[两二三四五六七八九十]+)(?=[县市区省镇乡村校院企])
    |(?P<word>\b(?P<ew>{"|".join(_ENGLISH_DIGITS)})(?:[-\s](?P<ew1>{"|".join(list(_ENGLISH_DIGITS)[1:10])}))?
       (?:\s+(?P<escale>hundred|{"|".join(_ENGLISH_SCALES)}))?\b(?P<eunit>\s+(?:per\s*cent|percent|percentage\s+points?)\b|[\s-](?:{"|".join(_ENGLISH_UNITS)})s?\b)?)
    """,
    re.VERBOSE,
)
ORDINAL = "第"  # the unit of a place in an order
TIMES = frozenset(
    "个月 个工作日 工作日 小时 分钟 秒 周岁 岁 周 天 年 月 日 期 届 week month day year hour minute".split()
)
ABOUT_TWO = re.compile("[一二三四五六七八九]{2}[十百千万亿]")
ITEM_BEFORE, ITEM_AFTER = re.compile(r"(?:^|[。；;\n])\s*\(?$"), re.compile(r"[.、)](?!\d)")
YEAR_ALONE = re.compile(r"(?:19|20)\d\d")


class Kind(StrEnum):
    """What a quantity measures."""

    COUNT = "count"
    SHARE = "share"
    POINTS = "points"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity at `start:end` of a folded text.

    `value` is the number written out (for a date None), `unit` the measure word or empty where none is written, `date`
    the year, month and day as far as they are written.
    """

    kind: Kind
    value: Decimal | None
    unit: str
    start: int
    end: int
    more: bool = False  # 多, 余: the number and something
    date: tuple[int | None, int | None, int | None] = (None, None, None)

    def agrees(self, other: "Quantity") -> bool:
        """True for the same number of the same kind of unit, 3公顷 for 45亩; a unit that is not written agrees with any."""
        if self.kind is not other.kind:
            return False
        if self.kind is Kind.DATE:
            return all(mine is None or mine == theirs for mine, theirs in zip(self.date, other.date, strict=True))
        if same_unit(self.unit, other.unit):
            return self.value == other.value
        return self._converted() == other._converted()

    def measures_like(self, other: "Quantity") -> bool:
        """True when both may tell how many of the same."""
        return self.kind is other.kind and same_unit(self.unit, other.unit)

    def _converted(self) -> tuple[str, Decimal]:
        unit, times = _CONVERTED.get(self.unit, (self.unit, 1))
        return unit, (self.value or Decimal(0)) * times


def same_unit(one: str, other: str) -> bool:
    """True when two units may count the same thing."""
    if one == other or not one or not other:
        return True
    return any(one in group and other in group for group in _SAME)


def quantities(folded: str) -> list[Quantity]:
    """The quantities in a folded text, in order."""
    return list(_found(folded))


def _found(folded: str) -> Iterator[Quantity]:
    for match in QUANTITY.finditer(folded):
        groups = match.groupdict()
        start, end = match.span()
        if groups["date"] or groups["edate"]:
            found = _date(groups, start, end)
        elif told := groups["place"] or groups["bare"]:
            found = _counted(told, None, ORDINAL if groups["place"] else "", start, end)
        elif any(groups[kind] for kind in ("share", "fraction", "tenths", "halves", "parts")):
            found = Quantity(Kind.SHARE, _share(groups), "", start, end)
        elif groups["number"] and not (groups["unit"] or groups["scale"]) and _in_a_name(folded, match.end("n")):
            continue  # 5A级, 4G: a name
        elif groups["number"] and not groups["scale"] and _begins_an_item(folded, start, match.end("n")):
            continue
        elif groups["number"]:
            unit = ORDINAL if groups["nordinal"] else groups["unit"]
            found = _counted(groups["n"] or "", groups["scale"], unit, start, end)
            found = replace(found, more=bool(groups["nmore"] or groups["more"]))
        elif groups["word"]:
            found = _in_words(groups, start, end)
        else:
            found = _in_han(groups, start, end)
        if found:
            yield found


def _begins_an_item(folded: str, start: int, end: int) -> bool:
    """True for the 2 of a list's "2.村级集体经济…", which counts nothing."""
    return bool(ITEM_BEFORE.search(folded, 0, start) and ITEM_AFTER.match(folded, end))


def _in_a_name(folded: str, end: int) -> bool:
    """True when a letter of an alphabet follows a number at once."""
    return folded[end : end + 1].isascii() and folded[end : end + 1].isalpha()


def _date(groups: dict[str, str | None], start: int, end: int) -> Quantity | None:
    year = groups["y"] or groups["y1"] or groups["ey"]
    month = groups["m"] or (str(MONTHS.index(groups["em"]) + 1) if groups["em"] else None)
    day = groups["d"] or groups["ed"] or groups["ed1"]
    if groups["em"] == "may" and not (day or year):
        return None  # the verb
    date = (int(year) if year else None, int(month) if month else None, int(day) if day else None)
    return Quantity(Kind.DATE, None, "", start, end, date=date)


def _share(groups: dict[str, str | None]) -> Decimal:
    """百分之四十, 三分之一, 四成半, 一半 and two thirds in hundredths."""
    if groups["halves"]:
        return Decimal(50)
    if groups["pb"]:
        return Decimal(_ENGLISH_DIGITS.get(groups["pt"] or "", 1)) * 100 / _ENGLISH_PARTS[groups["pb"]]
    if groups["sp"]:
        return _number(groups["sp"])
    if groups["ft"]:
        return _number(groups["ft"]) * 100 / max(_number(groups["fb"] or ""), Decimal(1))
    rest = groups["half"]
    return _number(groups["tn"] or "") * 10 + (5 if rest == "半" else _number(rest) if rest else 0)


def _in_han(groups: dict[str, str | None], start: int, end: int) -> Quantity | None:
    number, unit = groups["hn"] or "", groups["hunit"] or ""
    if groups["ordinal"]:
        return _counted(number, None, ORDINAL, start, end)
    if ABOUT_TWO.search(number):
        return None  # 五六百户: no number that a claim could repeat by itself
    if number in ("千万", "万", "百", "千", "亿", "一") and unit not in ("倍", "个百分点", "番"):
        return None  # 一个, 千万条: hardly ever a number that anybody claims
    return replace(_counted(number, groups["hscale"], unit, start, end), more=bool(groups["hmore"]))


def _counted(number: str, scale: str | None, unit: str | None, start: int, end: int) -> Quantity:
    value = _number(number)
    for letter in scale if scale and scale not in _ENGLISH_SCALES else ():
        value *= _SCALES[letter]
    value *= _ENGLISH_SCALES.get(scale or "", 1)
    unit = re.sub(r"\s+", " ", unit or "")
    unit = _PLURAL.get(unit, unit)
    if unit in ("%", "percent", "per cent"):
        return Quantity(Kind.SHARE, value, "", start, end)
    if unit.endswith("百分点") or unit.startswith("percentage"):
        return Quantity(Kind.POINTS, value, "", start, end)
    if not unit and not scale and YEAR_ALONE.fullmatch(number):
        return Quantity(Kind.DATE, None, "", start, end, date=(int(number), None, None))
    return Quantity(Kind.COUNT, value, unit, start, end)


def _in_words(groups: dict[str, str | None], start: int, end: int) -> Quantity | None:
    unit = groups["eunit"] or ""
    measure = _PLURAL.get(unit.strip(" -"), "")
    if groups["ew"] == "one" and not groups["escale"] and (measure or not unit):
        return None  # one school, one year: as 一个, 一年
    value = Decimal(_ENGLISH_DIGITS[groups["ew"] or ""] + _ENGLISH_DIGITS.get(groups["ew1"] or "", 0))
    value *= {"hundred": 100}.get(groups["escale"] or "", _ENGLISH_SCALES.get(groups["escale"] or "", 1))
    kind = Kind.COUNT if measure or not unit else Kind.POINTS if "point" in unit else Kind.SHARE
    return Quantity(kind, value, measure, start, end)


def _number(text: str) -> Decimal:
    """The value of 12,345.6 or 一千二百三十四点五."""
    if text[0].isdigit():
        return Decimal(text.replace(",", ""))
    whole, _, rest = text.partition("点")
    times = _SCALES[rest[-1]] if rest and rest[-1] in _SCALES else 1
    fraction = "".join(str(_DIGITS[letter]) for letter in rest if letter in _DIGITS)
    return (_whole(whole) + (Decimal(f"0.{fraction}") if fraction else 0)) * times


def _whole(text: str) -> Decimal:
    for scale in ("亿", "万"):
        before, found, after = text.rpartition(scale)
        if found:
            return (_whole(before) if before else Decimal(1)) * _SCALES[scale] + (
                _whole(after) if after else Decimal(0)
            )
    if not any(letter in _SCALES for letter in text):
        return Decimal("".join(str(_DIGITS[letter]) for letter in text) or "0")
    total, digit = Decimal(0), None
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        else:
            total += (1 if digit is None else digit) * _SCALES[letter]
            digit = None
    return total + (digit or 0)


def folded_quantities(text: str) -> list[Quantity]:
    """The quantities in a text as it is written; offsets are those of `fold(text)`."""
    return quantities(fold(text))
