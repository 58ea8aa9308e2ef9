import datetime

import pytest

from index.library import Library
from index.sources import Source
from qa.naming import find_named, places_of, sure_places


@pytest.mark.parametrize(
    ("title", "places"),
    [
        ("2025年云溪省政府工作报告", {"云溪"}),
        ("2025年内蒙古自治区政府工作报告", {"内蒙古"}),
        ("在全省社区工作会议上的讲话 篇1", set()),
        ("在青禾县乡村振兴大会上的讲话", {"青禾"}),
    ],
)
def test_places_in_a_title(title: str, places: set[str]) -> None:
    assert places <= set(places_of(title, ""))
    assert not {"全省", "全", "社区"} & set(places_of(title, ""))


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("2025年云溪省政府工作报告提出了什么？", {"2025年云溪省政府工作报告"}),
        ("云溪省的目标是多少？", {"2024年云溪省政府工作报告", "2025年云溪省政府工作报告"}),
        ("第二篇讲话说了什么？", {"在全市安全生产工作会议上的讲话 篇2"}),
        ("最后一篇讲话说了什么？", {"在全市安全生产工作会议上的讲话 篇3"}),
        ("倒数第二篇讲话说了什么？", {"在全市安全生产工作会议上的讲话 篇2"}),
        ("岑省长提出了什么？", {"2024年云溪省政府工作报告", "2025年云溪省政府工作报告"}),
        ("请问省长提出了什么？", set()),
        ("青禾县修了多少公里公路？", {"在青禾县乡村振兴大会上的讲话"}),
        ("松湖区新增了多少学位？", {"在松湖区全区教育大会上的讲话"}),
        ("祁砚秋在会上讲了什么？", {"在临澜市社区工作推进会上的讲话"}),
        ("岑远舟2025年的报告提出了什么？", {"2025年云溪省政府工作报告"}),
        (
            "Who delivered the address to the Harbour City Library Council?",
            {"An Address to the Harbour City Library Council"},
        ),
        ("全区教育大会讲话是谁在什么时候讲的？", {"在松湖区全区教育大会上的讲话"}),
        ("怎样做好工作？", set()),
        ("城市社区怎么建？", set()),
    ],
)
def test_a_question_names_documents(samples: Library, question: str, titles: set[str]) -> None:
    named = find_named(question, samples.catalog, samples.catalog.visible_ids())
    assert {d.title for d in samples.catalog.documents(ids=named.document_ids)} == titles
    assert not named.missing


def test_last_years_report_counts_from_the_day_it_is_asked(library: Library) -> None:
    this_year = datetime.date.today().year
    for year in (this_year - 2, this_year - 1):
        text = f"{year}年云溪省政府工作报告\n{year}年1月5日\n各位代表：\n今年的目标是修路{year - 2000}公里。\n"
        library.stage(Source(str(year), f"{year}.txt", text.encode()))
    library.publish()
    for words, year in (("去年的政府工作报告", this_year - 1), ("前年的报告", this_year - 2)):
        named = find_named(f"{words}提出修路多少公里？", library.catalog, library.catalog.visible_ids())
        assert [library.visible(id_).title for id_ in named.document_ids] == [f"{year}年云溪省政府工作报告"]
    # What a report of any year says of the year before chooses none.
    assert not find_named("去年修路多少公里？", library.catalog, library.catalog.visible_ids()).document_ids


def test_a_report_of_a_year_that_is_not_there_is_missing(samples: Library) -> None:
    named = find_named("云溪省2023年政府工作报告的目标是多少？", samples.catalog, samples.catalog.visible_ids())
    assert named.missing


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("渚安市2024年的目标是多少？", {"渚安"}),
        ("陕西省西安市有多少社区？", {"陕西", "西安"}),
        ("湖北全省共建立了多少社区？", {"湖北"}),
        ("哪几个城市在农村社区建设方面进行了探索？", set()),
        ("全市共有多少个街道？", set()),
    ],
)
def test_places_named_beyond_doubt(question: str, places: set[str]) -> None:
    assert sure_places(question) == places
