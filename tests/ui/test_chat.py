from collections.abc import Iterator
from pathlib import Path

import pytest

from index.sources import Source
from tests.browser import CHROMIUM, open_page
from tests.conftest import SAMPLES, OpenLibrary, index_files
from tests.serving import serve

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/run installs it")
HOSTILE = (
    "敌意讲话\n一、目标\n全市新建<img src=x onerror='window.hacked=1'>公园17座，${window.hacked=2}，{{constructor}}，"
    "[点我](javascript:window.hacked=3)，**粗体**，`码`，<script>window.hacked=4</script>完毕。\n"
)


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, open_data: OpenLibrary) -> Iterator[str]:
    data = tmp_path_factory.mktemp("chat") / "data"
    with open_data(data) as library:
        index_files(library, SAMPLES)
    with serve(data) as service:
        yield service.base


def test_a_question_is_answered_with_the_cited_section_beside_it(chat: str) -> None:
    with open_page("zh-CN") as page:
        requests: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(chat)
        page.wait_for_selector("#question textarea")
        page.fill("#question textarea", "2025年云溪省计划新建和改造社区服务中心多少个?")
        page.click("#send")
        page.wait_for_selector("#sources mark")
        answer = page.inner_text("#chat")
        assert "260个" in answer
        assert "[1]" in answer
        assert "260个" in page.inner_text("#sources mark")
        assert "2025年云溪省政府工作报告" in page.inner_text("#sources .source header")
        assert "三、2025年重点任务" in page.inner_text("#sources .path")
        assert page.input_value("#question textarea") == ""

        with page.expect_popup() as opened:
            page.click("#sources footer a")
        speech = opened.value
        speech.wait_for_selector("mark")
        assert "260个" in speech.inner_text("mark")
        assert errors == []
        assert [url for url in requests if not url.startswith((chat, "data:", "blob:"))] == []


@pytest.mark.parametrize(("locale", "label"), [("zh-CN", "提问"), ("en-GB", "Ask")])
def test_the_page_is_in_the_browsers_language(chat: str, locale: str, label: str) -> None:
    with open_page(locale) as page:
        page.goto(chat)
        page.wait_for_selector("#send")
        page.wait_for_function(f"document.querySelector('#send').innerText.trim() === '{label}'")


def test_a_refusal_and_an_empty_question_are_said_plainly(chat: str) -> None:
    with open_page("zh-CN") as page:
        page.goto(chat)
        page.wait_for_selector("#question textarea")
        page.fill("#question textarea", "黑龙江省的地铁票价是多少？")
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#sources .near")
        assert "没有找到" in page.inner_text("#chat")
        page.fill("#question textarea", "？？")
        page.press("#question textarea", "Enter")
        page.wait_for_function("document.querySelector('#chat').innerText.includes('问题是空的')")


def test_words_of_a_speech_never_run_in_the_page(tmp_path: Path, open_data: OpenLibrary) -> None:
    with open_data(tmp_path / "data") as library:
        library.stage(Source("k", "hostile.txt", HOSTILE.encode()))
        library.publish()
    with serve(tmp_path / "data") as service, open_page("zh-CN") as page:
        page.goto(service.base)
        page.wait_for_selector("#question textarea")
        page.fill("#question textarea", "全市新建公园多少座？<img src=x onerror='window.hacked=5'>")
        page.click("#send")
        page.wait_for_selector("#sources mark")
        page.wait_for_timeout(300)
        for place in ("#chat", "#sources"):
            assert "onerror='window.hacked=1'" in page.inner_text(place)
            assert "**粗体**" in page.inner_text(place)
            assert "${window.hacked=2}" in page.inner_text(place)
        assert page.evaluate("window.hacked") is None
        assert page.query_selector_all("#chat img[src=x], #sources img[src=x], a[href^='javascript']") == []


def test_where_there_are_keys_a_person_signs_in_and_sees_what_he_may(tmp_path: Path, open_data: OpenLibrary) -> None:
    with open_data(tmp_path / "data") as library:
        for name, count, groups in (("open", 12, ()), ("secret", 47, ("民政局",))):
            text = f"在{'甲' if groups else '乙'}县养老工作会上的讲话\n同志们：\n全县新建老年食堂{count}个。\n"
            library.stage(Source(name, f"{name}.txt", text.encode(), groups=groups))
        library.publish()
        _, key = library.catalog.keys.create("office", ["ask", "read"], ())
        secret = next(document.id for document in library.catalog.documents() if document.groups)
    with serve(tmp_path / "data") as service, open_page("zh-CN") as page:
        page.goto(service.base)
        page.wait_for_url("**/sign-in**")
        assert page.request.get(f"{service.base}/chat/gradio_api/info", max_redirects=0).status == 303
        page.fill("#credential", "sqa_wrong_key")
        page.click("button")
        assert "无效" in page.inner_text("[role=alert]")
        page.fill("#credential", key)
        page.click("button")
        page.wait_for_selector("#question textarea")
        page.fill("#question textarea", "哪些讲话提到了“老年食堂”？")
        page.click("#send")
        page.wait_for_selector("#sources mark")
        answer = page.inner_text("#chat")
        assert "12个" in answer
        assert "已逐篇查看1篇讲话" in answer
        assert "47个" not in page.content()
        assert page.request.get(f"{service.base}/documents/{secret}").status == 404
        assert page.evaluate("document.cookie") == ""


def test_a_reference_is_copied_in_its_official_form(chat: str) -> None:
    with open_page("zh-CN") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        told = page.request.post(
            f"{chat}/v1/ask", data={"question": "2025年云溪省计划新建和改造社区服务中心多少个?"}
        ).json()
        citation = told["citations"][0]
        page.goto(chat + citation["url"])
        page.click("text=复制")
        page.wait_for_selector("text=已复制")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == f"“{citation['quote']}”（{citation['label']}）"
        # Words that the reader selects himself are told with their own place.
        page.evaluate(
            """() => {
                const paragraph = [...document.querySelectorAll("main p")].find((p) => p.textContent.includes("一、2024年工作回顾"));
                const text = paragraph.nextElementSibling.lastChild;
                document.getSelection().setBaseAndExtent(text, 0, text, 6);
            }"""
        )
        chosen = page.evaluate("document.getSelection().toString()")
        page.wait_for_selector(".copy:text-is('复制')")  # the first copy is no longer told
        page.click(".copy")
        page.wait_for_selector("text=已复制")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"“{chosen}”（《2025年云溪省政府工作报告》")
        assert copied.endswith("第1段）")


def test_words_of_an_item_within_a_paragraph_are_referred_to_by_that_item(chat: str) -> None:
    with open_page("zh-CN") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        listed = page.request.get(f"{chat}/v1/documents").json()["documents"]
        document = next(d for d in listed if d["title"] == "在全市安全生产工作会议上的讲话 篇1")
        page.goto(f"{chat}/documents/{document['id']}")
        page.evaluate(
            """() => {
                const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
                while (walker.nextNode()) {
                    const place = walker.currentNode.data.indexOf("问责负后果");
                    if (place < 0) continue;
                    document.getSelection().setBaseAndExtent(walker.currentNode, place, walker.currentNode, place + 5);
                    return;
                }
            }"""
        )
        page.click(".copy")
        page.wait_for_selector("text=已复制")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("“问责负后果”（《在全市安全生产工作会议上的讲话 篇1》")
        assert "第三，问责负后果" in copied
