"""Chinese and Arabic numerals as they stand in the markers of headings."""

import unicodedata

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def parse_numeral(text: str) -> int | None:
    """Read 1 to 99 written as 十一, 11, １１ or ⑪; None when `text` is no such numeral."""
    folded = unicodedata.normalize("NFKC", text)
    if folded.isdecimal():
        return int(folded)
    if "十" in folded:
        tens, _, ones = folded.partition("十")
        if (tens and tens not in DIGITS) or (ones and ones not in DIGITS):
            return None
        return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
    return DIGITS.get(folded)


def to_chinese(value: int) -> str:
    """Write 1 to 9999 as people count: 十一, 一百零五; a larger number stays in digits."""
    if not 0 < value < 10_000:
        return str(value)
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            text += ("零" if zero else "") + "零一二三四五六七八九"[digit] + name
        zero = bool(text) and not digit
    return text.removeprefix("一") if text.startswith("一十") else text
