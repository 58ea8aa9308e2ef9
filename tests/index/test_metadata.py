import datetime

import pytest

from index.documents import Block, Metadata
from index.metadata import read_metadata
from index.parsing import parse_file
from tests.conftest import SHARED

REPORT = "data/speeches_gwr_prov_2025/docx/2025年四川省政府工作报告.docx"

DAY = datetime.date(2025, 1, 15)


CONGRESS = "云溪省第十三届人民代表大会第三次会议"
WHOLE = Metadata(speaker="岑远舟", date=DAY, occasion=CONGRESS, place="云溪省")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (["——2025年1月15日在云溪省第十三届人民代表大会第三次会议上", "省长 岑远舟"], WHOLE),
        (["2025年1月15日在云溪省第十三届人民代表大会第三次会议上云溪省省长岑远舟作政府工作报告"], WHOLE),
        (["----2025年1月15日岑远舟省长在云溪省第十三届人民代表大会第三次会议的政府工作报告"], WHOLE),
        (["——2025年1月15日云溪省代省长 岑远舟在云溪省第十三届人民代表大会第三次会议上的讲话"], WHOLE),
        (["二〇二五年一月十五日在云溪省第十三届人民代表大会第三次会议上", "云溪省人民政府省长　岑远舟"], WHOLE),
        (["（2025年1月15日）"], Metadata(date=DAY)),
        (["(2025年1月15日)", "岑 远 舟"], Metadata(date=DAY, speaker="岑远舟")),
        (["文件", "（2025年1月15日）"], Metadata(date=DAY)),
        (["（2025年1月15日）", "周远舟"], Metadata(date=DAY, speaker="周远舟")),
        (["中共临澜市委书记 祁砚秋", "2025年1月15日"], Metadata(date=DAY, speaker="祁砚秋", place="临澜市")),
        (
            ["讲话人：祁砚秋", "时间：2025年1月15日", "地点：柳汀会堂"],
            Metadata(speaker="祁砚秋", date=DAY, place="柳汀会堂"),
        ),
        (["云溪省人民政府省长　×××", "（20××年1月15日）"], Metadata(place="云溪省")),
        (
            ["摘自祁砚秋同志2025年1月15日在云溪省临澜市主持召开的社区工作座谈会上的讲话"],
            Metadata(speaker="祁砚秋", date=DAY, occasion="社区工作座谈会", place="云溪省临澜市"),
        ),
        (["Delivered on 15 January 2025 at the annual meeting"], Metadata(date=DAY)),
        (["Remarks by Mayor Odalys Fenwright, January 15, 2025"], Metadata(speaker="Odalys Fenwright", date=DAY)),
        (["代市长 岑 远 舟", "（2025年1月15日，根据录音整理）"], Metadata(speaker="岑远舟", date=DAY)),
        (["2025年1月15日 于云溪省人民会堂"], Metadata(date=DAY, place="云溪省人民会堂")),
        (["省长岑远舟代表省人民政府向大会作政府工作报告"], Metadata(speaker="岑远舟")),
        (["王书记在全县干部大会上的讲话"], Metadata(occasion="全县干部大会")),  # an office is no name
        (["主持人：李红", "2025年1月15日"], Metadata(date=DAY)),
        (["2025年1月15日云溪省人民代表大会通过"], Metadata()),
        (["（一九九二年一月十八日—二月二十一日）"], Metadata()),
        (["新华社北京3月5日电 记者 李明"], Metadata()),
        (
            ["学习祁砚秋同志在全市组织工作会议上的讲话心得体会", "2025年1月15日"],
            Metadata(date=DAY, occasion="全市组织工作会议"),
        ),
        (["支部书记上党课", "2025年1月15日"], Metadata(date=DAY)),
        (["全区教育局长会议讲话", "第一书记 驻村工作述职"], Metadata()),
        (["2025年1月15日，省委书记许明到临江调研并在座谈会上讲话，市长王强作汇报。"], Metadata()),
        (["党委书记 张明", "校长 李华"], Metadata()),  # two of them: whose speech it is, it does not say
        (["临澜市委书记 祁砚秋（2025年1月15日）"], Metadata(speaker="祁砚秋", date=DAY, place="临澜市")),
        (["时间：2025年1月15日上午9:00"], Metadata(date=DAY)),
        (["讲话人\t市长 祁砚秋", "时间\t2025年1月15日"], Metadata(speaker="祁砚秋", date=DAY)),
        (["临江日报", "2025年1月15日"], Metadata()),
        (["Introduction by Prof. Tom Hill", "Remarks by Mayor Anna Lee"], Metadata(speaker="Anna Lee")),
        (["2025年13月40日"], Metadata()),
        (["·2025年1月15日（省委确定乡镇）"], Metadata()),  # a date that occurs is not the date of the speech
        (["各位代表：", "2025年1月15日我们开会。"], Metadata()),
        (["今天我们召开会议，总结工作。"], Metadata()),
    ],
)
def test_the_head_says_who_spoke_when_and_where(head: list[str], expected: Metadata) -> None:
    assert read_metadata([Block(line) for line in head]) == expected


def test_the_title_may_name_the_occasion_and_the_last_line_the_date() -> None:
    body = ["同志们：", "今天开会，部署工作。", "一、抓项目", "二、抓民生", "谢谢大家。", "2025年1月15日"]
    found = read_metadata([Block(line) for line in body], "在临澜市社区工作推进会上的讲话")
    assert found == Metadata(date=DAY, occasion="临澜市社区工作推进会", place="临澜市")


def test_a_typist_in_the_properties_is_not_the_speaker() -> None:
    content = (SHARED / REPORT).read_bytes() if (SHARED / REPORT).exists() else pytest.skip("no shared data")
    document = parse_file(content, "report.docx")[0]
    assert (document.speaker, document.date) == ("施小琳", datetime.date(2025, 1, 20))
