import pytest

from index.library import Library
from index.segmentation import fold
from index.sources import Source
from qa.corpus import find_folded
from qa.engine import Engine


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("有多少篇讲话提到了“社区”？分别是哪些？", "社区"),
        ("哪些讲话提到了隐患？", "隐患"),
        ("Which speeches mention “crowns”?", "crowns"),
        ("有多少篇講話提到了“水利”？", "水利"),
    ],
)
def test_every_speech_that_has_a_term_is_listed_and_no_other(engine: Engine, question: str, term: str) -> None:
    answer = engine.ask(question)
    documents = engine.library.catalog.documents()
    wanted = {document.id for document in documents if fold(term) in fold(document.text)}
    assert wanted
    assert answer.kind == "corpus"
    assert [c.document_id for c in answer.citations] == [d.id for d in documents if d.id in wanted]
    assert str(len(wanted)) in answer.sentences[0].text
    assert str(len(documents)) in answer.sentences[0].text
    for citation in answer.citations:
        document = engine.library.visible(citation.document_id)
        assert document.text[citation.start : citation.end] == citation.quote
        assert fold(term) in fold(citation.quote)


def test_a_figure_is_found_as_it_is_aimed_at_and_in_no_longer_number(library: Library) -> None:
    for name, plan, review in (
        ("甲", "生产总值增长6%左右", "投资增长8%"),
        ("乙", "地区生产总值增长5%左右，投资增长6%左右", "地区生产总值增长6%左右"),
        ("丙", "地区生产总值增长5%—6%", "投资增长6%"),
        ("丁", "地区生产总值增长16%左右", "投资增长6%"),
    ):
        text = (
            f"2025年{name}安省政府工作报告\n2025年1月8日\n各位代表：\n一、2024年工作回顾\n去年，全省{review}。\n"
            f"二、2025年主要目标\n今年的主要预期目标是：{plan}。\n"
        )
        library.stage(Source(name, f"{name}.txt", text.encode()))
    library.publish()
    answer = Engine(library).ask("哪些省2025年地区生产总值增长目标是6%左右？")
    assert [c.document_title for c in answer.citations] == ["2025年甲安省政府工作报告"]
    assert answer.citations[0].quote == "生产总值增长6%左右"


def test_a_term_that_no_speech_has_is_refused(engine: Engine) -> None:
    assert engine.ask("哪些讲话提到了“火星移民”？").abstained


def test_places_of_folded_words_are_those_of_the_text() -> None:
    text = "全市建設５Ｇ基站，社區工作者。"
    for folded in ("5g基站", "社区工作者"):
        span = find_folded(text, folded)
        assert span
        assert fold(text[slice(*span)]) == folded
    assert find_folded(text, "没有") is None
