import datetime

import pytest

from index.documents import Block
from index.metadata import Metadata, read_metadata

DAY = datetime.date(2025, 1, 15)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            ["——2025年1月15日在云溪省第十三届人民代表大会第三次会议上", "省长 岑远舟"],
            Metadata("岑远舟", DAY, "云溪省第十三届人民代表大会第三次会议"),
        ),
        (
            ["2025年1月15日在云溪省第十三届人民代表大会第三次会议上云溪省省长岑远舟作政府工作报告"],
            Metadata("岑远舟", DAY, "云溪省第十三届人民代表大会第三次会议"),
        ),
        (["（2025年1月15日）"], Metadata(None, DAY, None)),
        (["Delivered on 15 January 2025 at the annual meeting"], Metadata(None, DAY, None)),
        (["2025年13月40日"], Metadata()),
        (["各位代表：", "2025年1月15日我们开会。"], Metadata()),
        (["今天我们召开会议，总结工作。"], Metadata()),
    ],
)
def test_the_head_says_who_spoke_when_and_where(head: list[str], expected: Metadata) -> None:
    assert read_metadata(tuple(Block(line) for line in head)) == expected
