from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import Section
from index.outline import parse_outline
from index.passages import cut_passages
from tests.index.spans import own_span


def tree(text: str) -> list[tuple[int, str, bool]]:
    return [(section.level, section.heading, section.inline) for section in parse_outline(text) if section.heading]


def section_of(text: str, words: str) -> str:
    """Heading of the innermost section that holds `words`."""
    place = text.index(words)
    inner = [s for s in parse_outline(text) if s.start <= place < s.end]
    return max(inner, key=lambda s: s.level).heading


def test_families_nest_in_the_order_in_which_they_appear() -> None:
    usual = "一、总体\n（一）目标\n1、产业\n(1)园区\n(2)企业\n2、民生\n（二）任务\n二、保障\n"
    assert [(level, heading) for level, heading, _ in tree(usual)][:4] == [
        (1, "一、总体"),
        (2, "（一）目标"),
        (3, "1、产业"),
        (4, "(1)园区"),
    ]
    reversed_ranks = "1、总体\n一是抓项目。甲。\n二是抓民生。乙。\n2、保障\n"
    assert [level for level, _, _ in tree(reversed_ranks)] == [1, 2, 2, 1]


def test_a_run_in_heading_ends_at_its_first_sentence() -> None:
    text = "一是社区组织进一步健全，体制不断完善。 目前，共有社区390个。\n二是平台进一步完善。全省90%的社区有用房。"
    assert tree(text) == [
        (1, "一是社区组织进一步健全，体制不断完善", False),
        (1, "二是平台进一步完善", False),
    ]


def test_an_enumeration_inside_a_paragraph_is_addressable_and_ends_with_it() -> None:
    text = "一、任务\n要抓三件事：一是抓项目；二是抓民生；三是抓安全。\n这些工作要按月调度。\n二、保障\n"
    assert tree(text) == [
        (1, "一、任务", False),
        (2, "一是抓项目", True),
        (2, "二是抓民生", True),
        (2, "三是抓安全", True),
        (1, "二、保障", False),
    ]
    assert section_of(text, "抓民生") == "二是抓民生"
    assert section_of(text, "按月调度") == ""  # back under 一、, in none of the three


def test_the_last_item_of_a_list_does_not_swallow_what_follows() -> None:
    text = "一、任务\n一要抓项目。甲。\n二要抓民生。乙。\n总之要抓好落实。\n"
    assert section_of(text, "乙。") == "二要抓民生"
    assert section_of(text, "抓好落实") == ""


def test_a_list_goes_on_over_paragraphs() -> None:
    text = "第四，加强组织。要明确责任。一是建立组织。甲。\n二是做好改造。乙。三是搞好调整。丙。\n"
    assert [heading for _, heading, _ in tree(text)] == ["一是建立组织", "二是做好改造", "三是搞好调整"]


def test_closing_words_belong_to_no_heading() -> None:
    text = "一、任务\n抓项目。\n二、保障\n抓监督。\n同志们，让我们行动起来！"
    assert section_of(text, "行动起来") == ""
    assert section_of(text, "抓监督") == "二、保障"


@pytest.mark.parametrize(
    "text",
    [
        "投入1.02亿元用于建设，2.5万人受益。",
        "一、二、三产业协调发展，十一、十二月完成。",
        "我们统一是为了发展。统二是没有的。",
        "首先，我代表省委表示感谢。",
        "第一次会议在第二会议室召开，取得第一名。",
        "问题的关键一是没有的事。",
        "2025年，3月，4日。",
    ],
)
def test_a_number_that_is_no_heading_is_none(text: str) -> None:
    assert tree(text) == []


def test_the_rows_of_a_table_head_nothing() -> None:
    text = "一、项目\n序号\t项目\t投资\n1.\t园区\t2亿元\n2.\t物流园\t3亿元\n以上项目要抓紧。\n二、保障\n抓监督。\n"
    assert tree(text) == [(1, "一、项目", False), (1, "二、保障", False)]
    assert section_of(text, "以上项目") == "一、项目"
    assert tree("一、\t目标\n二、\t任务\n") == [(1, "一、\t目标", False), (1, "二、\t任务", False)]


def test_a_list_of_enclosures_is_no_outline() -> None:
    text = "一、任务\n抓项目。\n二、保障\n抓监督。\n附件：1.名单\n2.清单\n"
    assert tree(text) == [(1, "一、任务", False), (1, "二、保障", False)]
    assert section_of(text, "2.清单") == ""


def test_articles_run_on_through_the_chapters() -> None:
    text = "第一章 总则\n第一条 甲。\n第二条 乙。\n第二章 附则\n第三条 丙。\n第四条 丁。\n"
    assert [level for level, _, _ in tree(text)] == [1, 2, 2, 1, 2, 2]


def test_format_headings_give_levels() -> None:
    text = "总则\n适用范围\n内容。\n附则\n"
    sections = parse_outline(text, [(0, 2), (3, 3), (12, 2)])
    assert [(s.level, s.heading) for s in sections] == [(1, "总则"), (2, "适用范围"), (1, "附则")]


def test_ids_stay_when_other_text_changes() -> None:
    before = "一、任务\n抓项目。\n二、保障\n抓监督。\n"
    after = "一、任务\n抓好重大项目，狠抓不放。\n二、保障\n抓监督。\n"
    ids = [{s.heading: s.id for s in parse_outline(text)} for text in (before, after)]
    assert ids[0] == ids[1]


MARKERS = [
    "一、",
    "二、",
    "（一）",
    "(2)",
    "1、",
    "2.",
    "第一，",
    "第二，",
    "一是",
    "二是",
    "一要",
    "首先，",
    "其次，",
    "最后",
    "①",
    "第一部分",
    "1.1 ",
    "1)",
    "Section 2 ",
    "其一，",
    "三是",
    "三、",
    "名词解释",
    "附件1",
]
LONG = "各级各部门要把社区工作摆到重要位置，加强领导，明确责任，按月调度，确保各项任务落到实处见到成效"
WORDS = [
    "抓项目",
    "各位代表，",
    LONG,
    "\n",
    "\n\n",
    "同志们，",
    "。",
    "；",
    "：",
    "\n",
    "，",
    " ",
    "2025年",
    "1.5",
    "ABC. Def",
]
pieces = st.sampled_from([*MARKERS, *WORDS])
generated = st.lists(pieces, min_size=1, max_size=80).map("".join).filter(lambda text: bool(text.strip()))


@given(generated)
@settings(max_examples=1000, deadline=None)
def test_own_texts_partition_every_text_and_nest_as_a_tree(text: str) -> None:
    sections = parse_outline(text)
    spans = sorted(own_span(section, sections) for section in sections)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    by_id: dict[str, Section] = {}
    for section in sections:
        assert section.id not in by_id
        by_id[section.id] = section
        if section.parent_id:
            parent = by_id[section.parent_id]
            assert parent.start <= section.start <= section.end <= parent.end
            assert parent.level == section.level - 1


@given(generated)
@settings(max_examples=200, deadline=None)
def test_passages_stay_inside_one_innermost_section_and_lose_no_words(text: str) -> None:
    sections = parse_outline(text)
    passages = cut_passages("d", text, sections)
    own = {section.id: own_span(section, sections) for section in sections}
    for passage in passages:
        start, end = own[passage.section_id]
        assert start <= passage.start < passage.end <= end
    covered = "".join(text[p.start : p.end] for p in passages)
    assert "".join(covered.split()) == "".join(text.split())


def test_passages_hold_whole_sentences_of_about_120_characters() -> None:
    sentence = "全省各级部门要把社区建设作为一项重要工作抓紧抓好抓出成效。"
    text = sentence * 20
    sizes = [p.end - p.start for p in cut_passages("d", text, parse_outline(text))]
    assert all(size % len(sentence) == 0 for size in sizes)
    assert all(80 <= size <= 160 for size in sizes[:-1])
