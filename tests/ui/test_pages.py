import html
import re

from fastapi.testclient import TestClient

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from ui.chat import escape, source_card
from ui.settings import Settings
from ui.texts import PAGE_TEXTS
from ui.wiring import app_of

HOSTILE = (
    '讲话<script>alert("title")</script>\n一、<img src=x onerror=alert(1)>目标\n'
    "全市新建公园17座，${alert(2)} {{7*7}} [点](javascript:alert(3)) **粗**。\n"
)


def test_a_cited_place_is_marked_in_its_speech(samples_client: TestClient) -> None:
    answer = samples_client.post("/v1/ask", json={"question": "2025年云溪省计划新建和改造社区服务中心多少个?"}).json()
    citation = answer["citations"][0]
    page = samples_client.get(citation["url"])
    assert page.status_code == 200
    marked = "".join(re.findall(r"<mark>(.*?)</mark>", page.text, re.S))
    assert marked == citation["quote"]
    assert f'id="{citation["section_id"]}"' in page.text
    assert "default-src 'none'; script-src 'self';" in page.headers["content-security-policy"]
    assert html.escape(citation["label"]) in page.text


def test_the_page_speaks_the_readers_language(samples_client: TestClient) -> None:
    document = samples_client.get("/v1/documents").json()["documents"][0]["id"]
    assert "Outline" in samples_client.get(f"/documents/{document}", headers={"Accept-Language": "en"}).text
    assert "提纲" in samples_client.get(f"/documents/{document}", headers={"Accept-Language": "zh-CN"}).text


def test_nothing_in_a_speech_is_markup(library: Library) -> None:
    library.stage(Source("k", "hostile.txt", HOSTILE.encode()))
    library.publish()
    engine = Engine(library)
    document = library.catalog.documents()[0]
    with TestClient(app_of(engine, Settings(), with_ui=False), base_url="http://127.0.0.1") as client:
        page = client.get(f"/documents/{document.id}?start=0&end=99999").text
    assert re.findall("<script[^>]*>", page) == ['<script src="/static/document.js" defer>']
    assert "<img" not in page
    answer = engine.ask("全市新建公园多少座？")
    card = source_card(document, answer.citations[0], PAGE_TEXTS["zh"])
    assert "<script" not in card
    assert "<img" not in card
    assert escape("[x](javascript:1) <b> **y** `z`").isascii()
    assert not set("[]()<>*`:") & set(escape("[x](javascript:1) <b> **y** `z`").replace("&#", "").replace(";", ""))


def test_a_span_over_several_paragraphs_is_marked_in_each(library: Library) -> None:
    library.stage(Source("k", "a.txt", "讲话\n一、甲\n第一段。\n第二段。\n".encode()))
    library.publish()
    document = library.catalog.documents()[0]
    with TestClient(app_of(Engine(library), Settings(), with_ui=False), base_url="http://127.0.0.1") as client:
        start, end = document.text.index("一段"), document.text.index("二段") + 2
        page = client.get(f"/documents/{document.id}?start={start}&end={end}").text
    assert re.findall(r"<mark>(.*?)</mark>", page) == ["一段。", "第二段"]
