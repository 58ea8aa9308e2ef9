import pytest

from index.library import Library
from index.segmentation import fold
from index.sources import Source
from qa.corpus import find_folded
from qa.engine import Engine
from qa.errors import PastTheLastCitation


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


@pytest.fixture
def years(library: Library) -> Library:
    for year, speaker, words in (
        (2021, "岑远舟", "要推进老年食堂建设。要推进老年食堂建设，管好老年食堂。"),
        (2022, "祁砚秋", "要推进老年食堂建设。"),
        (2023, "祁砚秋", "要加快推进老年食堂提质。"),
        (2024, "祁砚秋", "要加快推进老年食堂提质，办好水利。"),
    ):
        text = f"在全县养老工作会上的讲话（{year}）\n{year}年3月5日\n县长 {speaker}\n同志们：\n{words}\n"
        library.stage(Source(str(year), f"{year}.txt", text.encode()))
    undated = "在全县座谈会上的讲话\n同志们：\n老年食堂要办好。\n"
    library.stage(Source("undated", "undated.txt", undated.encode()))
    library.publish()
    return library


@pytest.mark.parametrize(
    ("question", "years_found", "told"),
    [
        ("最早是谁在哪次会议上提出“老年食堂”？", [2021], "岑远舟,2021年3月5日"),
        ("最近一次提到“老年食堂”的是哪篇讲话？", [2024], "祁砚秋,2024年3月5日"),
        ("提到“老年食堂”最多的是哪篇讲话？", [2021], "3次"),
        ("Which speech was the first to mention “老年食堂”?", [2021], "the earliest is"),
        (
            "按年份列出提到“老年食堂”的讲话有哪些",
            [2021, 2022, 2023, 2024, None],
            "2021年（1篇）",
        ),
        ("按讲话人列出提到“老年食堂”的讲话有哪些", [2021, None, 2022, 2023, 2024], "祁砚秋（3篇）"),
        ("提到老年食堂的讲话按讲话人列出", [2021, None, 2022, 2023, 2024], "岑远舟（1篇）"),
    ],
)
def test_first_last_most_and_groups(years: Library, question: str, years_found: list[int | None], told: str) -> None:
    answer = Engine(years).ask(question)
    documents = [years.visible(citation.document_id) for citation in answer.citations]
    assert answer.kind == "corpus"
    assert [document.date.year if document.date else None for document in documents] == years_found
    assert told in answer.answer
    assert "5" in answer.sentences[0].text  # all that were looked through


def test_how_a_wording_changed_is_told_by_its_first_and_last_use(years: Library) -> None:
    answer = Engine(years).ask("“老年食堂”的提法有什么变化？")
    lead = answer.sentences[0].text
    assert "“推进老年食堂建设”：2021年3月5日 — 2022年3月5日，2篇" in lead
    assert "“加快推进老年食堂提质”：2023年3月5日 — 2024年3月5日，2篇" in lead
    assert lead.index("推进老年食堂建设") < lead.index("加快推进老年食堂提质")
    assert "4篇注明日期" in lead
    for citation in answer.citations:
        assert "老年食堂" in citation.quote
        assert years.visible(citation.document_id).text[citation.start : citation.end] == citation.quote


def test_what_was_built_first_is_no_question_of_the_collection(years: Library) -> None:
    assert Engine(years).ask("最早建成的老年食堂在哪里？").kind == "extractive"


def test_a_group_stands_once_above_its_speeches(years: Library) -> None:
    lines = Engine(years).ask("按讲话人列出提到“老年食堂”的讲话有哪些").answer.splitlines()
    heads = [line for line in lines if line.endswith("篇）")]
    assert heads == ["岑远舟（1篇）", "未注明（1篇）", "祁砚秋（3篇）"]
    assert lines.index("祁砚秋（3篇）") == len(lines) - 4


def test_a_long_list_is_given_in_pages_and_numbers_stay(years: Library) -> None:
    engine = Engine(years)
    whole = engine.ask("哪些讲话提到“老年食堂”？")
    pages = [engine.ask("哪些讲话提到“老年食堂”？", max_citations=2, skip=skip) for skip in (0, 2, 4)]
    assert [c for page in pages for c in page.citations] == list(whole.citations)
    assert {page.total_citations for page in pages} == {5}
    assert "共5处，以下是第3至4处" in pages[1].answer
    assert "以下是" not in whole.answer
    assert pages[1].answer.rstrip().endswith("[4]")
    with pytest.raises(PastTheLastCitation):
        engine.ask("哪些讲话提到“老年食堂”？", skip=5)


def test_a_term_that_no_speech_has_is_told_so(engine: Engine) -> None:
    answer = engine.ask("哪些讲话提到了“火星移民”？")
    assert answer.abstained
    assert answer.reason == "no_evidence"
    assert answer.answer == f"已逐篇查看{len(engine.library.catalog.documents())}篇讲话，没有一篇有“火星移民”。"


def test_titles_that_have_a_term_are_told(engine: Engine) -> None:
    answer = engine.ask("哪些讲话提到“政府工作报告”？")
    assert "另有2篇只在题名中出现：《2024年云溪省政府工作报告》、《2025年云溪省政府工作报告》" in answer.answer


def test_a_place_that_is_looked_for_does_not_choose_the_speech(library: Library) -> None:
    for place, words in (("甲州省", "要学习乙州省的做法"), ("乙州省", "乙州省有32个县")):
        library.stage(Source(place, f"{place}.txt", f"{place}政府工作报告\n各位代表：\n{words}。\n".encode()))
    library.publish()
    assert len(Engine(library).ask("哪些报告提到“乙州省”？").citations) == 2


def test_a_word_in_latin_letters_is_found_whole(library: Library) -> None:
    for name, words in (("甲", "推广ＡＩ应用"), ("乙", "建设AIDC中心"), ("丙", "plain words, said again")):
        library.stage(Source(name, f"{name}.txt", f"在{name}大会上的讲话\n同志们：\n{words}。\n".encode()))
    library.publish()
    (citation,) = Engine(library).ask("哪些讲话提到“AI”？").citations
    assert citation.quote == "推广ＡＩ应用。"


def test_places_of_folded_words_are_those_of_the_text() -> None:
    text = "全市建設５Ｇ基站，社區工作者。"
    for folded in ("5g基站", "社区工作者"):
        span = find_folded(text, folded)
        assert span
        assert fold(text[slice(*span)]) == folded
    assert find_folded(text, "没有") is None


@pytest.fixture
def reports(library: Library) -> Library:
    """Fourteen reports of one year, one by each of fourteen provinces."""
    for number, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯"):
        grain = "" if number == 3 else f"，粮食产量{200 + number}亿斤以上"
        text = (
            f"2025年{name}安省政府工作报告\n2025年1月{number + 1}日\n各位代表：\n一、2024年工作回顾\n"
            f"去年，粮食产量达到{100 + number}亿斤，城镇新增就业{30 + number}.5万人。\n"
            f"二、2025年主要目标\n今年的主要预期目标是：生产总值增长{number % 5 + 3}%左右{grain}。\n"
            f"三、2025年重点工作\n发展{'电商' if number == 0 else '电子商务' if number == 1 else '服务贸易'}。\n"
        )
        library.stage(Source(name, f"{name}.txt", text.encode()))
    library.publish()
    return library


def test_a_figure_is_compared_over_every_report_and_those_without_it_are_told(reports: Library) -> None:
    answer = Engine(reports).ask("各省2025年粮食产量目标分别是多少？")
    assert [c.quote for c in answer.citations] == [f"粮食产量{200 + n}亿斤以上" for n in range(14) if n != 3]
    assert "13篇" in answer.sentences[0].text
    assert "没有找到的：《2025年丁安省政府工作报告》。" in answer.sentences[0].text


def test_what_was_reached_is_not_taken_for_what_is_aimed_at(reports: Library) -> None:
    engine = Engine(reports)
    answer = engine.ask("各省2024年粮食产量分别是多少？")
    assert [c.quote for c in answer.citations] == [f"粮食产量达到{100 + n}亿斤" for n in range(14)]
    assert engine.ask("各省2023年粮食产量分别是多少？").kind != "corpus"


def test_two_reports_that_are_named_are_each_asked(reports: Library) -> None:
    answer = Engine(reports).ask("庚安省和辛安省2025年粮食产量目标各是多少？")
    assert [c.document_title[5:9] for c in answer.citations] == ["庚安省政", "辛安省政"]
    assert "206亿斤" in answer.citations[0].quote
    assert "207亿斤" in answer.citations[1].quote


def test_a_report_that_is_named_and_does_not_say_it_is_told(reports: Library) -> None:
    answer = Engine(reports).ask("丙安省和丁安省2025年粮食产量目标各是多少？")
    assert [c.document_title for c in answer.citations] == ["2025年丙安省政府工作报告"]
    assert "《2025年丁安省政府工作报告》" in answer.answer


def test_what_reports_say_of_a_thing_is_given_in_their_own_words(reports: Library) -> None:
    answer = Engine(reports).ask("丙安省和丁安省对服务贸易怎么说？")
    assert [c.quote for c in answer.citations] == ["发展服务贸易。", "发展服务贸易。"]


def test_the_other_name_of_a_thing_is_counted_apart(reports: Library) -> None:
    engine = Engine(reports)
    answer = engine.ask("哪些报告提到了电商？")
    assert [c.quote for c in answer.citations] == ["发展电商。", "发展电子商务。"]
    assert "其中1篇有“电商”" in answer.answer
    assert "另有1篇没有“电商”，而有它的另一名称“电子商务”" in answer.answer
    # In quotation marks the words are meant as they stand.
    assert [c.quote for c in engine.ask("哪些报告提到了“电商”？").citations] == ["发展电商。"]
