import pytest

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from qa.outlines import read_list_question
from qa.question import read_question


@pytest.mark.parametrize(
    ("question", "title", "count", "first", "last"),
    [
        ("2024年云溪省政府工作报告“2024年重点任务”部分分哪几个方面？", "2024年云溪省政府工作报告", 5, "（一）以重大项目扩大有效投资", "（五）"),
        ("临澜市副市长在社区工作推进会上讲了哪三个问题？", "在临澜市社区工作推进会上的讲话", 3, "一、肯定成绩", "三、压实责任"),
        ("松湖区全区教育大会讲话第二部分提出了哪三方面的重点工作？", "在松湖区", 3, "(一)让每个孩子", "(三)让每所学校"),
        ("What are the eleven tasks in Linlan City?", "在临澜市社区工作推进会上的讲话", 11, "一要", "十一要"),
        ("“十一要”具体是哪十一件事？", "在临澜市社区工作推进会上的讲话", 11, "一要", "十一要"),
        ("青禾县县长要打好哪三场仗？", "在青禾县", 3, "1、打好粮食稳产仗", "3、"),
    ],
)  # fmt: skip
def test_a_list_is_quoted_whole_and_in_order(
    engine: Engine, question: str, title: str, count: int, first: str, last: str
) -> None:
    answer = engine.ask(question)
    assert answer.kind == "outline"
    assert len(answer.citations) == len(answer.sentences) == count
    assert answer.citations[0].quote.startswith(first)
    assert answer.citations[-1].quote.startswith(last)
    assert [c.start for c in answer.citations] == sorted(c.start for c in answer.citations)
    for citation in answer.citations:
        assert title in citation.document_title
        document = engine.library.visible(citation.document_id)
        assert document.text[citation.start : citation.end] == citation.quote
        assert citation.section_path[-1].startswith(citation.quote[:4])


def test_a_list_tells_whose_it_is_unless_the_question_does(engine: Engine) -> None:
    assert engine.ask("“十一要”具体是哪十一件事？").answer.startswith("《在临澜市社区工作推进会上的讲话》：“一要")
    assert engine.ask("临澜市副市长在社区工作推进会上讲了哪三个问题？").answer.startswith("一、肯定成绩")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("青禾县县长要打好哪四场仗？", "问的是4项，讲话中找到的是3项："),
        ("临澜市副市长在社区工作推进会上讲了哪五个问题？", "问的是5项，讲话中找到的是3项："),
    ],
)
def test_a_list_of_another_length_says_so(engine: Engine, question: str, told: str) -> None:
    answer = engine.ask(question)
    assert answer.answer.startswith(told)
    assert len(answer.citations) == 3


def test_of_lists_that_fit_alike_in_several_speeches_none_is_given(engine: Engine) -> None:
    assert engine.ask("有哪三个方面？").abstained


@pytest.mark.parametrize(
    "question",
    ["哪几个城市进行了探索？", "哪些部门要在大厅开设窗口？", "全省有多少个社区？", "哪一项工作最难？", "Who spoke?"],
)
def test_other_questions_ask_for_no_list(question: str) -> None:
    assert read_list_question(read_question(question)) is None


@pytest.mark.parametrize(
    ("question", "count", "part"),
    [
        ("提出要抓好哪十一项工作？", 11, None),
        ("讲话分几个部分？", None, None),
        ("第二部分提出了哪三条措施？", 3, 2),
        ("四项安全工程分别是什么？", 4, None),
        ("Which three areas does the mayor name?", 3, None),
    ],
)
def test_how_many_items_are_asked_for(question: str, count: int | None, part: int | None) -> None:
    asked = read_list_question(read_question(question))
    assert asked
    assert (asked.count, asked.part) == (count, part)


def test_a_list_that_no_speech_has_is_not_made_up(engine: Engine) -> None:
    answer = engine.ask("云溪省2024年政府工作报告提出了哪九条航天发射的要求？")
    assert answer.kind != "outline"


def test_of_two_lists_under_one_heading_the_one_led_in_to_is_quoted(library: Library) -> None:
    text = (
        "在全县水务会上的讲话\n一、抓水源\n水库除险有三件事：一是清淤；二是加固；三是蓄水。清淤要快。\n"
        "管护队伍有两条要求：一是专人专岗；二是持证上岗。\n二、抓水质\n水质要好。\n"
    )
    library.stage(Source("k", "a.txt", text.encode()))
    library.publish()
    answer = Engine(library).ask("对管护队伍提出了哪两条要求？")
    assert [c.quote for c in answer.citations] == ["一是专人专岗", "二是持证上岗"]
