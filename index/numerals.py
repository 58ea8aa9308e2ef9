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
