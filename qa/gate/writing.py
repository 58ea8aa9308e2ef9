"""What is only another way of writing the same, written in one way: 星期 and 周, 三月 and 3月, 晚上11点, 23时 and 23点, 11 p.m. and 23 o'clock."""

import re
from functools import lru_cache

from index.numerals import parse_numeral
from index.segmentation import fold

WRITTEN_ALIKE = (
    (re.compile(r"(?<=\d) +(?=[年月日])"), ""),
    (re.compile("规上"), "规模以上"),
    (re.compile("(?<!上)(?<!下)(?:星期|礼拜)(?![一二三四五六日天])"), "周"),
    (re.compile("(?<![已曾])经(?=[省市县区镇][^济])"), "由"),
    (re.compile("未满"), "不满"),
    (re.compile("占比(?=比)"), "占比 "),
    (re.compile("上调"), "提高"),
    (re.compile("下调"), "降低"),
    (re.compile("第二天|翌日"), "次日"),
    (re.compile("免费"), "不收费"),
    (re.compile("翻了?一?番"), "增长1倍"),
    (re.compile("(?<![上下一每隔])半年(?![度来以])"), "6个月"),
    (re.compile("一刻钟"), "15分钟"),
    (re.compile("上年(?!度)"), "去年"),
    (re.compile("数(?=[十百千万亿])"), "几"),
)
HAN_DATE = re.compile(
    r"(?<![一二三四五六七八九十百个几])(?P<m>十[一二]?|[一二三四五六七八九])月(?:(?P<d>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?P<s>[日号])|(?!个))"
)
TIME_OF_DAY = re.compile(
    r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜间|夜里|半夜|深夜|午夜|[早晚夜])?"
    r"(?P<h>\d{1,2}|零|十[一二]?|二十[一二三四]?|[一二两三四五六七八九])(?P<sign>点|时)(?P<m>半|\d{1,2}分)?(?![\d多个期代间而常速差空限效下])"
)
ENGLISH_TIME = re.compile(r"\b(?:(?P<h>\d{1,2})(?::(?P<m>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?|midnight\b)")
STOP = r"(?<!\b[ap]\.m)\.(?=\s|$)"  # pattern of a full stop of an alphabet, not that of p.m.
LATE, NIGHT, EVENING = re.compile("下午|傍晚|[晚夜]"), re.compile("[夜晚]|凌晨"), re.compile("晚")
O_CLOCK = "o'clock"
NOON, MIDNIGHT = 12, 24
AFTER_MIDNIGHT, AFTER_NOON = 5, 2  # 夜里3点 and 中午1点 are hours after it


@lru_cache(maxsize=4_000)
def plain(text: str) -> str:
    """`text` folded, with what is only another way of writing the same written in one way."""
    folded = fold(text)
    for pattern, same in WRITTEN_ALIKE:
        folded = pattern.sub(same, folded)
    return ENGLISH_TIME.sub(_english_hour, TIME_OF_DAY.sub(_hour, HAN_DATE.sub(_in_digits, folded)))


def _in_digits(match: re.Match[str]) -> str:
    day = f"{parse_numeral(match['d'])}{match['s']}" if match["d"] else ""
    return f"{parse_numeral(match['m'])}月{day}"


def _hour(match: re.Match[str]) -> str:
    """A time of day by 24 hours; 三点 and 一时, which may be points and a while, stay as they are."""
    part, written = match["part"] or "", match["h"]
    hour = parse_numeral(written.replace("两", "二")) or 0
    if hour > MIDNIGHT or not (part or written == "零" or (match["sign"] == "时" and written.isdigit())):
        return match[0]
    if hour % NOON == 0:
        hour = 0 if hour == MIDNIGHT or NIGHT.search(part) else hour
    elif hour < NOON and (LATE.search(part) or (part == "中午" and hour <= AFTER_NOON)):
        hour += 0 if NIGHT.search(part) and not EVENING.search(part) and hour <= AFTER_MIDNIGHT else NOON
    return f"{hour}点{'30分' if match['m'] == '半' else match['m'] or ''}"


def _english_hour(match: re.Match[str]) -> str:
    if not match["h"]:
        return f"0 {O_CLOCK}"
    hour = int(match["h"]) % NOON + (NOON if match["half"] == "p" else 0)
    return f"{hour} {O_CLOCK}{' ' + match['m'] if match['m'] else ''}"
