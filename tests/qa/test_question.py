import pytest

from index.segmentation import fold
from qa.errors import EmptyQuestion, QuestionTooLong
from qa.question import content_words, holds_asked, read_question
from qa.wording import Asked


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u3000", "？？！", "\u200b\u200b"])
def test_an_empty_question_is_refused(text: str) -> None:
    with pytest.raises(EmptyQuestion):
        read_question(text)


def test_the_longest_question_is_2000_characters() -> None:
    assert read_question("问" * 2000).text == "问" * 2000
    with pytest.raises(QuestionTooLong, match="2001"):
        read_question("问" * 2001)


@pytest.mark.parametrize(
    ("text", "asked", "unit"),
    [
        ("全省有多少社区志愿者?", Asked.NUMBER, None),
        ("最大的社区有多少户?", Asked.NUMBER, "户"),
        ("集中揭牌是在哪一天?", Asked.DAY, None),
        ("什么时候完成挂牌?", Asked.TIME, None),
        ("每年投入多少钱?", Asked.MONEY, "钱"),
        ("选举的社区占多大比例?", Asked.PERCENT, None),
        ("报告是谁作的?", Asked.PERSON, None),
        ("哪几个城市进行了探索?", None, None),
        ("How many households are there?", Asked.NUMBER, None),
    ],
)
def test_the_kind_of_thing_asked_for(text: str, asked: Asked | None, unit: str | None) -> None:
    question = read_question(text)
    assert (question.asked, question.unit) == (asked, unit)


@pytest.mark.parametrize(
    ("text", "sentence", "holds"),
    [
        ("有多少户?", "平均达到2828户。", True),
        ("有多少户?", "现有社区工作者558人。", False),
        ("有多少人?", "现有社区工作者558名。", True),
        ("哪一天揭牌?", "5月31日集中揭牌。", True),
        ("哪一天揭牌?", "今年以来开局良好。", False),
        ("月工资多少元?", "现有社区工作者558人。", False),
        ("为什么要建社区?", "建社区是因为社区是城市的细胞。", True),
        ("为什么要建社区?", "去年建社区12个。", False),
        ("这项工作称为什么?", "这项工作叫建社区。", True),
    ],
)
def test_a_sentence_holds_what_is_asked_or_not(text: str, sentence: str, holds: bool) -> None:
    assert holds_asked(read_question(text), fold(sentence)) is holds


def test_words_of_speeches_are_kept_and_words_of_asking_left() -> None:
    words = content_words("讲话提出要坚持什么、加强什么、保障安全?")
    assert {"坚持", "加强", "保障", "安全"} <= set(words)
    assert not {"什么", "提出", "要"} & set(words)


@pytest.mark.parametrize("text", ["請問社區有多少戶", "请问社区有多少户", "请问社区有多少户？"])
def test_traditional_and_simplified_ask_the_same(text: str) -> None:
    assert read_question(text).words == read_question("请问社区有多少户").words


@pytest.mark.parametrize("text", ["请写一首关于春天的诗。", "帮我写一篇演讲稿", "Write a poem about spring"])
def test_a_wish_for_something_else_is_out_of_scope(text: str) -> None:
    assert read_question(text).out_of_scope


def test_things_asked_side_by_side_are_questions_of_their_own() -> None:
    question = read_question("甲城铁路和乙湾水利工程的总投资分别是多少？")
    assert question.several
    assert [part.text for part in question.parts] == ["甲城铁路的总投资是多少？", "乙湾水利工程的总投资是多少？"]
    several = read_question("岚渡市的专职安全员有多少名，每月增发多少岗位津贴？")
    assert [part.unit for part in several.parts] == ["名", None]
    assert not several.several


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("临澜市社区工作者的平均月工资是多少元？", "工资"),
        ("水利工程的总工期是多少个月？", "工期"),
        ("全省城镇新增就业预期目标是多少？", "就业"),
        ("单个企业的补助最高是多少？", "补助"),
        ("全省有多少个社区？", None),
    ],
)
def test_what_a_figure_is_asked_of(text: str, measured: str | None) -> None:
    assert read_question(text).measured == measured
