import pytest

from index.library import Library
from index.sources import Source
from qa.engine import Engine


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("2025年云溪省政府工作报告是哪一天、在什么会议上作的？", ["2025年1月15日在云溪省第十三届人民代表大会第三次会议上"]),
        ("松湖区全区教育大会的讲话是谁在哪天作的？", ["2024年8月27日", "松湖区区长 庾知微"]),
        ("Who delivered the address to the Harbour City Library Council, and on what date?", ["Odalys Fenwright"]),
    ],
)  # fmt: skip
def test_who_and_when_are_cited_to_the_line_that_says_so(engine: Engine, question: str, quotes: list[str]) -> None:
    answer = engine.ask(question)
    assert not answer.abstained
    assert len(answer.citations) == len(quotes)
    for citation, quote in zip(answer.citations, quotes, strict=True):
        assert quote in citation.quote
        document = engine.library.visible(citation.document_id)
        assert document.text[citation.start : citation.end] == citation.quote


def test_what_only_a_sidecar_says_is_not_quoted_from_the_text(library: Library) -> None:
    text = "在临江区教育大会上的讲话\n同志们：\n今年全区新增学位3200个。大家辛苦了。\n"
    library.stage(
        Source("k", "a.txt", text.encode(), "speaker: 闻人晓\ndate: 2024-03-02\n".encode(), "a.txt.meta.yaml")
    )
    library.publish()
    assert Engine(library).ask("临江区教育大会的讲话是谁作的？").abstained


def test_a_day_inside_the_speech_is_not_the_day_of_the_speech(engine: Engine) -> None:
    answer = engine.ask("临澜市的讲话是哪一天作的？")
    assert "2024年9月12日" in answer.answer
    assert "10月31日" not in answer.answer
