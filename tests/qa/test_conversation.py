import json

import pytest

from index.history import MOST_TURNS, Turn
from index.library import Library
from qa.conversation import standalone
from qa.engine import Engine, turn_of
from qa.llm import LanguageModel, LanguageModelSettings
from qa.rewriting import stand_alone
from tests.scripted import scripted_server

NO_LIST = json.dumps({"kind": "extractive", "citations": []})


@pytest.mark.parametrize(
    ("before", "follow_up", "asked"),
    [
        ("临澜市有多少社区工作者？", "那志愿者呢？", "临澜市有多少志愿者？"),
        ("全省共有多少名社区工作者？", "社区志愿者呢", "全省共有多少名社区志愿者？"),
        ("临澜市有多少个社区？", "黄山市呢？", "黄山市有多少个社区？"),
        ("湖北省的研发经费投入强度是多少？", "湖南的呢？", "湖南的研发经费投入强度是多少？"),
        ("湖北省的研发经费投入强度是多少？", "专利授权量呢？", "湖北省的专利授权量是多少？"),
        ("云溪省2025年城镇新增就业目标是多少？", "2024年呢？", "云溪省2024年城镇新增就业目标是多少？"),
        ("城镇新增就业目标是多少？", "居民消费价格涨幅呢？", "居民消费价格涨幅是多少？"),
        ("望澜湾水利工程什么时候竣工？", "它的总投资是多少？", "望澜湾水利工程的总投资是多少？"),
        ("第四篇讲话提出社区规模多大？", "第二篇呢？", "第二篇提出社区规模多大？"),
        ("What is the growth target of Hubei?", "And in Shandong?", "What is the growth target of Shandong?"),
        ("社区工作者的平均工资是多少？", "全省有多少个社区？", "全省有多少个社区？"),
    ],
)
def test_a_follow_up_is_asked_as_it_would_be_alone(before: str, follow_up: str, asked: str) -> None:
    assert standalone(follow_up, [Turn(before, before, NO_LIST)]) == asked
    assert standalone(follow_up, []) == follow_up


def test_a_follow_up_is_answered_from_what_it_leans_on(engine: Engine) -> None:
    first = engine.ask("云溪省2025年计划新建和改造社区服务中心多少个？")
    second = engine.ask("2024年呢？", turns=[turn_of(first)])
    assert (second.question, second.standalone_question) == (
        "2024年呢？",
        "云溪省2024年计划新建和改造社区服务中心多少个？",
    )
    assert "320个" in second.answer
    assert engine.ask("2024年呢？").standalone_question == "2024年呢？"


def test_an_item_of_the_last_list_is_meant(engine: Engine) -> None:
    first = engine.ask("青禾县县长要打好哪三场仗？")
    second = engine.ask("第二个是什么？", turns=[turn_of(first)])
    assert "打好产业增收仗" in second.standalone_question


def test_history_is_bounded_and_can_be_forgotten(library: Library) -> None:
    history = library.catalog.history
    for number in range(MOST_TURNS + 5):
        history.add("a", Turn(str(number), str(number), "{}"))
    history.add("b", Turn("x", "x", "{}"))
    assert [turn.question for turn in history.turns("a")] == [str(n) for n in range(5, MOST_TURNS + 5)]
    assert history.delete("a")
    assert not history.delete("a")
    assert history.turns("a") == []
    assert len(history.turns("b")) == 1


def test_a_model_puts_a_follow_up_together_from_what_was_asked() -> None:
    turns = [Turn("云溪省有多少个社区？", "云溪省有多少个社区？", NO_LIST)]
    with scripted_server() as (url, script):
        model = LanguageModel(LanguageModelSettings("openai:scripted", url, timeout=5))
        for said, taken in (
            ("云溪省有多少名社区志愿者？", True),
            ("云溪省2024年有多少名社区志愿者？", False),  # a year that nobody named
            ("临澜市有多少名社区志愿者？", False),  # another place
            ("云溪省有多少个社区？", False),  # the new word is gone
            ("云溪省有社区志愿者25万人。\n好的", False),
            ("", False),
        ):
            script.text = said
            asked = stand_alone("那边的社区志愿者有多少名？", turns, model)
            assert (asked == said) is taken, said
            assert taken or asked == standalone("那边的社区志愿者有多少名？", turns)
        assert "<asked>云溪省有多少个社区？</asked>" in script.prompt
        script.manner = "500"
        assert stand_alone("志愿者呢？", turns, model) == "云溪省有多少个志愿者？"


def test_a_model_is_not_asked_to_rewrite_where_nothing_was_said_before(samples: Library) -> None:
    with scripted_server() as (url, script):
        script.text = "NO_ANSWER"
        engine = Engine(samples, llm=LanguageModel(LanguageModelSettings("openai:scripted", url, timeout=5)))
        engine.ask("临澜市有多少个社区？")
        assert [request["messages"][0]["content"] for request in script.asked if "追问" in str(request)] == []


def test_a_short_rewriting_shortens_no_answer() -> None:
    with scripted_server() as (url, script):
        model = LanguageModel(LanguageModelSettings("openai:scripted", url, timeout=5))
        script.text = "一。"
        for most in (120, 700):
            list(model.stream("", "", most))
        told = [request.get("max_completion_tokens") or request.get("max_tokens") for request in script.asked]
    assert told == [120, 700]
