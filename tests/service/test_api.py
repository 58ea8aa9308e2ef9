import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qa.engine import Engine
from tests.conftest import SAMPLES
from tests.index import files
from ui.settings import Settings
from ui.wiring import app_of

QUESTION = "2025年云溪省计划新建和改造社区服务中心多少个?"
SPEECH = "在丙市大会上的讲话\n（2025年3月1日）\n同志们：\n一、目标\n全市新建公园17座。\n"


def upload(client: TestClient, content: bytes, name: str = "丙市.txt", **form: str) -> dict[str, Any]:
    response = client.post("/v1/documents", files={"file": (name, content)}, data=form)
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.json()
    for _ in range(600):
        job = client.get(f"/v1/jobs/{job['id']}").json()
        if job["state"] != "running":
            break
        time.sleep(0.05)
    assert job["state"] == "done", job
    return job


def stream_events(body: str) -> list[tuple[str, dict[str, Any]]]:
    events = []
    for block in body.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((lines["event"], json.loads(lines["data"])))
    return events


def test_an_answer_has_the_whole_shape(samples_client: TestClient) -> None:
    answer = samples_client.post("/v1/ask", json={"question": QUESTION, "conversation_id": "c1"}).json()
    assert set(answer) == {
        "id", "conversation_id", "question", "standalone_question", "answer", "abstained", "reason", "kind", "sentences",
        "citations", "near_misses", "confidence", "model", "timings_ms", "total_citations", "withheld",
    }  # fmt: skip
    assert answer["conversation_id"] == "c1"
    assert "260个" in answer["answer"]
    assert answer["answer"].endswith("[1]")
    assert answer["sentences"][0]["support"] == "verbatim"
    citation = answer["citations"][0]
    text = samples_client.get(f"/v1/documents/{citation['document_id']}/text").json()["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["label"].startswith("《2025年云溪省政府工作报告》")
    assert citation["section_path"][0].startswith("三、")


def test_a_stream_gives_sources_sentences_and_the_same_answer(samples_client: TestClient) -> None:
    plain = samples_client.post("/v1/ask", json={"question": QUESTION}).json()
    response = samples_client.post("/v1/ask", json={"question": QUESTION, "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = stream_events(response.text)
    assert [name for name, _ in events] == ["sources", "sentence", "answer", "done"]
    assert events[1][1] == plain["sentences"][0]
    assert events[2][1]["citations"] == plain["citations"] == events[0][1]["citations"]


def test_a_conversation_is_kept_read_and_forgotten(client: TestClient) -> None:
    upload(client, SPEECH.encode())
    first = client.post("/v1/ask", json={"question": "全市新建公园多少座？"}).json()
    url = f"/v1/conversations/{first['conversation_id']}"
    follow_up = {"question": "第一个是什么？", "conversation_id": first["conversation_id"]}
    second = client.post("/v1/ask", json=follow_up).json()
    assert second["conversation_id"] == first["conversation_id"]
    turns = client.get(url).json()["turns"]
    assert [turn["question"] for turn in turns] == ["全市新建公园多少座？", "第一个是什么？"]
    assert turns[0]["answer"] == first
    assert client.delete(f"/v1/documents/{first['citations'][0]['document_id']}").status_code in (200, 204)
    assert client.get(url).json()["turns"][0]["answer"] is None
    assert client.delete(url).status_code == 204
    assert client.get(url).json()["error"]["code"] == "conversation_not_found"
    assert client.delete(url).status_code == 404


def test_a_refusal_is_a_normal_answer(samples_client: TestClient) -> None:
    response = samples_client.post("/v1/ask", json={"question": "黑龙江省的地铁票价是多少？"})
    answer = response.json()
    assert response.status_code == 200
    assert (answer["abstained"], answer["reason"], answer["citations"]) == (True, "no_evidence", [])
    assert answer["near_misses"]


def test_search_gives_exact_passages(samples_client: TestClient) -> None:
    passages = samples_client.post("/v1/search", json={"query": "城镇新增就业", "limit": 3}).json()["passages"]
    assert len(passages) == 3
    for passage in passages:
        text = samples_client.get(f"/v1/documents/{passage['document_id']}/text").json()["text"]
        assert text[passage["start"] : passage["end"]] == passage["quote"]


def test_documents_are_listed_with_source_and_metadata(samples_client: TestClient) -> None:
    documents = samples_client.get("/v1/documents").json()["documents"]
    assert len(documents) == 10
    by_source = {document["source"]: document for document in documents}
    report = by_source["2025年云溪省政府工作报告.txt"]
    assert report["date"] == "2025-01-15"
    assert report["speaker"]
    assert report["state"] == "ready"
    assert "在全市安全生产工作会议上的讲话(通用3篇).txt#3" in by_source
    assert samples_client.get(f"/v1/documents/{report['id']}").json() == report
    headings = samples_client.get(f"/v1/documents/{report['id']}/outline").json()["headings"]
    assert headings[0]["level"] == 1
    assert headings[0]["marker"] == "一、"
    assert len(headings) == report["sections"]


def test_upload_answer_and_delete(client: TestClient) -> None:
    job = upload(client, SPEECH.encode("gb18030"))
    assert job["progress"] == 1.0
    assert [document["status"] for document in job["documents"]] == ["added"]
    answer = client.post("/v1/ask", json={"question": "全市新建公园多少座？"}).json()
    assert answer["answer"] == "全市新建公园17座。[1]"
    assert [d["status"] for d in upload(client, SPEECH.encode("utf-8"))["documents"]] == ["unchanged"]
    document_id = job["documents"][0]["id"]
    assert client.delete(f"/v1/documents/{document_id}").status_code == 204
    assert client.get("/v1/documents").json() == {"documents": []}
    assert client.delete(f"/v1/documents/{document_id}").status_code == 404


def test_an_upload_replaces_only_when_asked_to(client: TestClient) -> None:
    first, second = SPEECH.encode(), SPEECH.replace("17座", "19座").encode()
    upload(client, first, replace="true")
    upload(client, second)
    assert len(client.get("/v1/documents").json()["documents"]) == 2
    third = SPEECH.replace("17座", "23座").encode()
    assert [d["status"] for d in upload(client, third, replace="true")["documents"]] == ["updated"]
    texts = [
        client.get(f"/v1/documents/{document['id']}/text").json()["text"]
        for document in client.get("/v1/documents").json()["documents"]
    ]
    assert not any("17座" in text for text in texts)
    assert any("19座" in text for text in texts)


def test_an_archive_is_indexed_file_by_file_and_what_fails_is_named(client: TestClient) -> None:
    content = files.archive({"甲/a.docx": files.word(), "b.pdf": files.scanned_pdf(), "c.txt": SPEECH.encode()})
    job = upload(client, content, "讲话.zip")
    assert [(d["status"], d["source"]) for d in job["documents"]] == [
        ("added", "讲话.zip/甲/a.docx"),
        ("failed", "讲话.zip/b.pdf"),
        ("added", "讲话.zip/c.txt"),
    ]
    assert job["documents"][1]["error"]["code"] == "scanned_file"
    assert "讲话.zip/b.pdf" in job["documents"][1]["error"]["message"]
    assert {d["source"] for d in client.get("/v1/documents").json()["documents"]} == {
        "讲话.zip/甲/a.docx",
        "讲话.zip/c.txt",
    }


def test_a_sidecar_goes_with_an_upload_and_its_fields_are_filters(client: TestClient) -> None:
    sidecar = "speaker: 岑远舟\nplace: 云溪省临澜市\noccasion: 丙市春季大会\n"
    response = client.post(
        "/v1/documents", files={"file": ("丙市.txt", SPEECH.encode()), "metadata": ("x.yaml", sidecar.encode())}
    )
    document_id = response.json()["documents"][0]["id"]
    while client.get(f"/v1/jobs/{response.json()['id']}").json()["state"] == "running":
        time.sleep(0.05)
    record = client.get(f"/v1/documents/{document_id}").json()
    assert (record["speaker"], record["place"], record["occasion"]) == ("岑远舟", "云溪省临澜市", "丙市春季大会")

    def answers(**filters: Any) -> bool:
        body = {"question": "全市新建公园多少座？", "filters": filters}
        return not client.post("/v1/ask", json=body).json()["abstained"]

    assert answers(places=["临澜"])
    assert answers(occasions=["春季大会"], titles=["丙市"], speakers=["岑远舟"], date_from="2025-03-01")
    assert not answers(places=["青禾"])
    assert not answers(titles=[])
    bad = client.post(
        "/v1/documents", files={"file": ("丙市.txt", SPEECH.encode()), "metadata": ("x.yaml", b"speker: x")}
    )
    assert (bad.status_code, bad.json()["error"]["code"]) == (422, "bad_sidecar")


def test_a_file_name_is_never_a_path(client: TestClient) -> None:
    upload(client, SPEECH.encode(), name="../../etc/<b>x</b>.txt")
    assert client.get("/v1/documents").json()["documents"][0]["source"] == "b>.txt"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/v1/ask", {"question": ""}, 422, "empty_question"),
        ("POST", "/v1/ask", {"question": " \n\u3000"}, 422, "empty_question"),
        ("POST", "/v1/ask", {"question": "问" * 2001}, 422, "question_too_long"),
        (
            "POST",
            "/v1/ask",
            {"question": "问", "stream": True, "filters": {"date_from": "tomorrow"}},
            422,
            "invalid_request",
        ),
        ("POST", "/v1/ask", {}, 422, "invalid_request"),
        ("POST", "/v1/ask", {"question": "问?", "surprise": 1}, 422, "invalid_request"),
        ("POST", "/v1/search", {"query": "x", "limit": 0}, 422, "invalid_request"),
        ("GET", "/v1/documents/unknown", None, 404, "document_not_found"),
        ("GET", "/v1/documents/unknown/text", None, 404, "document_not_found"),
        ("GET", "/v1/documents/unknown/outline", None, 404, "document_not_found"),
        ("DELETE", "/v1/documents/unknown", None, 404, "document_not_found"),
        ("GET", "/v1/jobs/unknown", None, 404, "job_not_found"),
        ("GET", "/v1/nowhere", None, 404, "not_found"),
        ("GET", "/v1/ask", None, 405, "method_not_allowed"),
        ("GET", "/documents/unknown", None, 404, "document_not_found"),
    ],
)
def test_every_failure_has_the_one_shape(
    samples_client: TestClient, method: str, path: str, body: dict[str, Any] | None, status: int, code: str
) -> None:
    response = samples_client.request(method, path, json=body)
    assert response.status_code == status
    error = response.json()["error"]
    assert set(response.json()) == {"error"}
    assert error["code"] == code
    assert error["message"]
    assert error["hint"]
    chinese = samples_client.request(method, path, json=body, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert chinese.json()["error"]["hint"] != error["hint"]


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.txt", b"", 422, "empty_file"),
        ("a.txt", bytes(range(256)) * 50, 415, "not_text"),
        ("a.exe", b"MZ", 415, "unsupported_format"),
        ("a.txt", "长".encode() * 6_800_000, 413, "upload_too_large"),
    ],
)
def test_a_bad_upload_is_refused_and_changes_nothing(
    client: TestClient, name: str, content: bytes, status: int, code: str
) -> None:
    response = client.post("/v1/documents", files={"file": (name, content)})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert name in response.json()["error"]["message"]
    assert client.get("/v1/documents").json() == {"documents": []}


def test_a_huge_body_is_refused_unread(samples_client: TestClient) -> None:
    for content in (b"x" * 22_000_000, iter([b"x" * 1_000_000] * 22)):
        response = samples_client.post("/v1/ask", content=content, headers={"Content-Type": "application/json"})
        assert (response.status_code, response.json()["error"]["code"]) == (413, "body_too_large")


def test_half_a_character_is_no_failure(samples_client: TestClient) -> None:
    content = rb'{"question": "\ud800 \u591a\u5c11\u4eba?"}'
    response = samples_client.post("/v1/ask", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 200


def test_a_broken_body_is_told(samples_client: TestClient) -> None:
    response = samples_client.post("/v1/ask", content=b"{not json", headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


def test_nothing_indexed_is_told(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": "有多少社区？"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_documents")


def test_health_is_answered_while_questions_are_worked_on(samples_client: TestClient) -> None:
    done: list[int] = []

    def ask() -> None:
        done.append(samples_client.post("/v1/ask", json={"question": QUESTION}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    answered_early = 0
    while any(thread.is_alive() for thread in threads):
        assert samples_client.get("/healthz").json() == {"status": "ok"}
        answered_early += len(done) < len(threads)
    for thread in threads:
        thread.join()
    assert done == [200] * 8
    assert answered_early > 0
    assert samples_client.get("/readyz").json() == {"status": "ready"}


def test_openapi_describes_every_route_with_chinese_examples(samples_client: TestClient) -> None:
    schema = samples_client.get("/openapi.json").json()
    assert {"/v1/ask", "/v1/search", "/v1/documents", "/v1/documents/{document_id}", "/healthz", "/readyz"} <= set(
        schema["paths"]
    )
    examples = schema["components"]["schemas"]["QuestionIn"]["examples"]
    assert "社区服务中心" in examples[0]["question"]
    for routes in schema["paths"].values():
        for route in routes.values():
            assert route["summary"]
            assert "500" in route["responses"]
            assert ("401" in route["responses"]) == ("security" in route)


def test_the_documentation_page_loads_nothing_from_elsewhere(samples_client: TestClient) -> None:
    page = samples_client.get("/docs").text
    assert "https://" not in page
    assert "http://" not in page


def test_the_examples_of_the_api_are_answered(samples_client: TestClient) -> None:
    schema = samples_client.get("/openapi.json").json()
    for example in schema["components"]["schemas"]["QuestionIn"]["examples"]:
        response = samples_client.post("/v1/ask", json=example | {"stream": False})
        assert response.json()["abstained"] is False


def test_the_samples_are_those_of_the_repository(engine: Engine) -> None:
    names = {document.source.partition("#")[0] for document in engine.library.catalog.documents()}
    assert names == {path.name for path in SAMPLES.iterdir() if path.suffix in (".txt", ".md")}


def test_quotations_are_checked(samples_client: TestClient) -> None:
    sentences = [
        "新建和改造社区服务中心260个，重点向山区四县和城郊结合部倾斜，每个中心至少配备专职社工8名",
        "新建和改造社区服务中心280个，重点向山区四县和城郊结合部倾斜，每个中心至少配备专职社工8名",
        "全省要建设三座太空港，向火星移民。",
    ]
    results = samples_client.post("/v1/quotes/check", json={"sentences": sentences}).json()["results"]
    assert [result["sentence"] for result in results] == sentences
    assert [result["verdict"] for result in results] == ["exact", "altered", "absent"]
    source = results[0]["sources"][0]
    text = samples_client.get(f"/v1/documents/{source['document_id']}/text").json()["text"]
    assert text[source["start"] : source["end"]] == source["quote"] == sentences[0]
    assert ["delete", "6"] in results[1]["difference"]
    assert ["insert", "8"] in results[1]["difference"]
    assert results[1]["sources"][0]["document_title"] == "2025年云溪省政府工作报告"
    assert results[2]["sources"] == results[2]["difference"] == []


@pytest.mark.parametrize("body", [{}, {"sentences": []}, {"sentences": ["x" * 2001]}, {"sentences": [1]}])
def test_a_check_without_sentences_is_refused(samples_client: TestClient, body: dict[str, Any]) -> None:
    response = samples_client.post("/v1/quotes/check", json=body)
    assert response.status_code == 422
    assert set(response.json()["error"]) == {"code", "message", "hint"}


def test_what_cannot_wait_is_refused_at_once_and_the_rest_answered(engine: Engine) -> None:
    app = app_of(engine, Settings(queue=1), with_ui=False)
    with TestClient(app, base_url="http://127.0.0.1") as client, ThreadPoolExecutor(12) as pool:
        asked = [
            pool.submit(client.post, "/v1/ask", json={"question": f"云溪省{2010 + n}年新建社区服务中心多少个？"})
            for n in range(12)
        ]
        answers = [one.result() for one in asked]
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.json()["error"]["code"] == "busy"
    assert int(refused.headers["Retry-After"]) > 0
