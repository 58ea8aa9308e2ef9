import pytest

from index.parsing import parse_file
from index.reference import reference

SPEECH = """在丙市大会上的讲话
（2025年3月1日）
丙市市长 祁砚秋
同志们：
今天开会，有三件事。
一是抓项目；二是抓民生。
一、目标
全市新建公园17座。
另外改造老旧小区26个。
（一）公园。由园林局负责。
按季度通报进展。
二、要求
抓紧落实。
"""
WHOLE = "《在丙市大会上的讲话》,祁砚秋,2025年3月1日"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("今天开会", f"{WHOLE},第1段"),
        ("抓民生", f"{WHOLE},二是抓民生 第2段"),
        ("一、目标", f"{WHOLE},一、目标"),
        ("全市新建", f"{WHOLE},一、目标 第1段"),
        ("另外改造", f"{WHOLE},一、目标 第2段"),
        ("由园林局", f"{WHOLE},一、目标 › （一）公园 第1段"),
        ("按季度", f"{WHOLE},一、目标 › （一）公园 第2段"),
        ("抓紧落实", f"{WHOLE},二、要求 第1段"),
    ],
)
def test_a_reference_names_the_heading_and_the_paragraph_below_it(words: str, expected: str) -> None:
    document = parse_file(SPEECH.encode(), "a.txt")[0]
    place = document.text.index(words)
    section = next(s for s in reversed(document.sections) if s.start <= place < s.end)
    assert reference(document, section.id, place) == expected


def test_a_reference_to_a_speech_is_its_title_and_what_is_known() -> None:
    document = parse_file(SPEECH.encode(), "a.txt")[0]
    assert reference(document) == WHOLE  # the occasion stands in the title already
    bare = parse_file("同志们：\n今天开会，有三件事要讲。".encode(), "b.txt")[0]
    assert reference(bare, bare.sections[-1].id, 6) == "《b》,第1段"
