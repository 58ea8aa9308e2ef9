"""Who spoke when and where, read from the lines above the salutation; what is not there stays empty."""

import datetime
import re
from dataclasses import dataclass

from index.documents import Block
from index.markers import match_marker
from index.splitting import SALUTATION

DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日|(\d{4})-(\d{1,2})-(\d{1,2})")
ENGLISH_DATE = re.compile(
    r"\b(\d{1,2})\s+(January|February|March|April|May|June|July|August|September|October|November|December)\s+(\d{4})\b"
)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
OCCASION = re.compile(r"在([^，,。；;]{2,40}?(?:会议|大会|全会|仪式|论坛|座谈会|推进会|动员会|典礼|研讨会|培训班))上")
_OFFICE = r"(?:省|市|县|区|州|镇|乡|自治区)?(?:人民政府)?(?:代理|代)?(?:省长|市长|县长|区长|州长|主席|书记|主任|部长|局长|厅长|校长|院长)"
_NAME = r"[\u4e00-\u9fff]{1,8}(?:·[\u4e00-\u9fff]{1,8})*"
# "省长 王予波" on its own line, "…市市长 殷勇同志作政府工作报告", "…省长龚正在…会议上" run together.
SPEAKER = (
    re.compile(rf"^[^，,。]{{0,20}}{_OFFICE}[\s:：]+({_NAME})$"),
    re.compile(rf"{_OFFICE}\s*({_NAME})同志"),
    re.compile(rf"{_OFFICE}\s*([\u4e00-\u9fff·]{{2,8}}?)(?=作政府工作报告|作工作报告|作报告|在[^，,。]{{2,40}}会议上)"),
)
HEAD_LINES = 6
HEAD_LINE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the head of a speech says of itself."""

    speaker: str | None = None
    date: datetime.date | None = None
    occasion: str | None = None


def read_metadata(blocks: tuple[Block, ...]) -> Metadata:
    """Read the short lines before the salutation, the first heading or the first long paragraph."""
    head: list[str] = []
    for block in blocks[:HEAD_LINES]:
        line = block.text
        if len(line) > HEAD_LINE_LENGTH or SALUTATION.match(line) or match_marker(line) or block.heading_level:
            break
        head.append(line)
    return Metadata(
        speaker=next((speaker for line in head if (speaker := _speaker(line))), None),
        date=next((day for line in head if (day := _date(line))), None),
        occasion=next((match[1] for line in head if (match := OCCASION.search(line))), None),
    )


def _speaker(line: str) -> str | None:
    for pattern in SPEAKER:
        match = pattern.search(line)
        if match:
            return str(match[1])
    return None


def _date(line: str) -> datetime.date | None:
    match = DATE.search(line)
    english = ENGLISH_DATE.search(line)
    try:
        if match:
            year, month, day = (int(part) for part in match.groups() if part)
            return datetime.date(year, month, day)
        if english:
            return datetime.date(int(english[3]), MONTHS.index(english[2]) + 1, int(english[1]))
    except ValueError:
        return None
    return None
