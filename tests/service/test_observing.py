"""What the operator sees: metrics, request ids, the log, feedback, limits."""

import json
import logging
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from service.audit import read_audit
from service.identity import Right
from service.tokens import Claims
from tests.service.test_rights import OPEN, ORIGIN, by
from ui.logs import configure_logs
from ui.settings import Settings
from ui.wiring import app_of

QUESTION = {"question": "新建老年食堂多少个？"}


@pytest.fixture
def speeches(library: Library) -> Library:
    library.stage(Source("o", "open.txt", OPEN.encode()))
    library.publish()
    return library


def opened(library: Library, **settings: Any) -> TestClient:
    app = app_of(Engine(library), Settings(allowed_origins=(ORIGIN,), **settings), with_ui=False)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def figures(client: TestClient, headers: dict[str, str] | None = None) -> dict[tuple[str, ...], float]:
    """Every sample of /metrics under its name and the values of its labels."""
    told = client.get("/metrics", headers=headers or {})
    assert told.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
    }


def test_metrics_tell_how_the_service_does(speeches: Library) -> None:
    with opened(speeches) as client:
        answer = client.post("/v1/ask", json=QUESTION).json()
        client.post("/v1/ask", json={"question": "火箭发射场有几个？"})
        client.post("/v1/ask", json={"question": " "})
        client.get("/v1/documents/of/nobody")
        client.post("/v1/feedback", json={"answer_id": answer["id"], "thumb": "down"})
        told = figures(client)
    assert told["speechqa_questions_total", "extractive"] == 2
    assert told["speechqa_refusals_total", "no_evidence"] == 1
    assert told[("speechqa_citations_total",)] == len(answer["citations"]) == 1
    assert told[("speechqa_gate_rejections_total",)] == 0
    assert told["speechqa_stage_seconds_count", "retrieve"] == 2
    assert told["speechqa_requests_total", "POST", "/v1/ask", "200"] == 2
    assert told["speechqa_requests_total", "POST", "/v1/ask", "422"] == 1
    assert told["speechqa_requests_total", "GET", "(none)", "404"] == 1
    assert told["speechqa_documents", "ready"] == 1
    assert told[("speechqa_passages",)] >= 2
    assert told[("speechqa_questions_waiting",)] == 0
    assert told["speechqa_feedback_total", "down"] == 1
    assert not any("nobody" in label for labels in told for label in labels)


def test_metrics_need_their_own_right(speeches: Library) -> None:
    _, reader = speeches.catalog.keys.create("reader", [Right.ASK, Right.READ], None)
    _, scraper = speeches.catalog.keys.create("prometheus", [Right.METRICS], ())
    with opened(speeches) as client:
        assert client.get("/metrics", headers=by(reader)).status_code == 403
        assert figures(client, by(scraper))
        assert client.post("/v1/ask", json=QUESTION, headers=by(scraper)).status_code == 403


def test_an_answer_carries_the_id_that_log_and_audit_have(
    speeches: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    own = "portal-7f3a.42"
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logs("json")
        with opened(speeches) as client:
            told = client.post("/v1/ask", json=QUESTION, headers={"X-Request-ID": own})
            forged = client.get("/healthz", headers={"X-Request-ID": "a b\tc"})
            missing = client.get("/v1/documents/x%0d%0aINFO forged")
    finally:
        root.handlers, root.level = handlers, level
    assert told.headers["X-Request-ID"] == own
    assert re.fullmatch("[0-9a-f]{32}", forged.headers["X-Request-ID"])
    assert missing.status_code == 404
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [line for line in lines if line["correlation_id"] == own]
    assert (line["route"], line["status"]) == ("/v1/ask", 200)
    assert "食堂" not in json.dumps(lines, ensure_ascii=False)
    assert [entry["request"] for entry in read_audit(speeches.data)] == [own]


def test_a_failure_carries_its_id_too(speeches: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("disk")

    with opened(speeches) as client:
        monkeypatch.setattr(speeches.catalog, "summaries", fail)
        told = client.get("/v1/documents")
    assert told.status_code == 500
    assert told.json()["error"]["code"] == "internal_error"
    assert re.fullmatch("[0-9a-f]{32}", told.headers["X-Request-ID"])


def test_no_message_passes_for_another_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logs("text")
        logging.getLogger("x").warning("%s: no text", "a.pdf\n2026-01-01 INFO service: forged\u2028\x1b[31m")
    finally:
        root.handlers, root.level = handlers, level
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("a.pdf\\n2026-01-01 INFO service: forged\\u2028\\x1b[31m: no text")


def test_feedback_is_for_an_answer_of_ones_own(speeches: Library) -> None:
    _, one = speeches.catalog.keys.create("one", [Right.ASK], None)
    _, other = speeches.catalog.keys.create("other", [Right.ASK], None)
    with opened(speeches) as client:
        answer = client.post("/v1/ask", json=QUESTION, headers=by(one)).json()
        told = {"answer_id": answer["id"], "thumb": "up", "comment": "正是这一段"}
        assert client.post("/v1/feedback", json=told, headers=by(one)).status_code == 204
        assert client.post("/v1/feedback", json=told, headers=by(other)).json()["error"]["code"] == "answer_not_found"
        assert client.post("/v1/feedback", json=told | {"thumb": "?"}, headers=by(one)).status_code == 422
    entries = list(read_audit(speeches.data))
    assert [(e["action"], e["answer"]) for e in entries] == [("ask", answer["id"]), ("feedback", answer["id"])]
    assert (entries[1]["thumb"], entries[1]["question"]) == ("up", "正是这一段")


def test_who_searches_checks_or_reads_is_in_the_audit_log(speeches: Library) -> None:
    with opened(speeches) as client:
        client.post("/v1/search", json={"query": "老年食堂"})
        client.post("/v1/quotes/check", json={"sentences": ["全县新建老年食堂12个。"]})
        (document,) = client.get("/v1/documents").json()["documents"]
        client.get(f"/v1/documents/{document['id']}/text")
    entries = list(read_audit(speeches.data))
    assert [entry["action"] for entry in entries] == ["search", "check_quotes", "read"]
    assert all(entry["cited"][0].startswith(document["id"]) for entry in entries)


def token(library: Library, client: TestClient, user: str, key_id: str) -> dict[str, str]:
    context = client.app.state.context  # type: ignore[attr-defined]
    issued, _ = context.tokens.issue(Claims(user, None, ("ask", "read"), key_id, ORIGIN))
    return by(issued) | {"Origin": ORIGIN}


def test_requests_a_minute_are_counted_by_user_and_by_key(speeches: Library) -> None:
    key, secret = speeches.catalog.keys.create("portal", [Right.ASK, Right.READ], None)
    with opened(speeches, user_requests=3, key_requests=5) as client:
        ann, ben = (token(speeches, client, user, key.id) for user in ("ann", "ben"))
        assert [client.get("/v1/documents", headers=ann).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = client.get("/v1/documents", headers=ann | {"Accept-Language": "zh"})
        assert refused.json()["error"]["code"] == "too_many_requests"
        assert "3 次" in refused.json()["error"]["message"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        # Whoever is refused takes nothing from the others.
        assert client.get("/v1/documents", headers=ben).status_code == 200
        assert client.get("/v1/documents", headers=by(secret)).status_code == 200
        assert client.get("/v1/documents", headers=by(secret)).status_code == 429
        assert client.get("/healthz").status_code == 200


def test_where_no_key_was_made_nothing_is_counted(speeches: Library) -> None:
    with opened(speeches, user_requests=2, key_requests=2) as client:
        assert {client.get("/v1/documents").status_code for _ in range(6)} == {200}


@pytest.fixture
def slow(speeches: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Answers wait until this is set."""
    go = threading.Event()
    retrieve = Engine._visible

    def wait(self: Engine, *told: Any) -> Any:
        go.wait(20)
        return retrieve(self, *told)

    monkeypatch.setattr(Engine, "_visible", wait)
    yield go
    go.set()


def test_questions_at_once_are_counted_by_user(speeches: Library, slow: threading.Event) -> None:
    key, _ = speeches.catalog.keys.create("portal", [Right.ASK], None)
    with opened(speeches, user_questions=2) as client:
        ann, ben = (token(speeches, client, user, key.id) for user in ("ann", "ben"))
        status: list[int] = []

        def ask(who: dict[str, str]) -> None:
            status.append(client.post("/v1/ask", json=QUESTION | {"stream": True}, headers=who).status_code)

        running = [threading.Thread(target=ask, args=(who,)) for who in (ann, ann, ann, ben)]
        for thread in running:
            thread.start()
        running[0].join(0.5)
        slow.set()
        for thread in running:
            thread.join(30)
        assert sorted(status) == [200, 200, 200, 429]
        # All are let go again.
        assert client.post("/v1/ask", json=QUESTION, headers=ann).status_code == 200
        asking = client.app.state.context.quotas._asking  # type: ignore[attr-defined]
        assert not asking


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A collector of traces on loopback; the spans that came in."""
    spans: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            spans.extend(s for r in told.resource_spans for scope in r.scope_spans for s in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield spans
        server.shutdown()
        thread.join()


def test_traces_go_where_opentelemetry_is_told(speeches: Library, collector: list[Any]) -> None:
    parent = "0af7651916cd43dd8448eb211c80319c"
    with opened(speeches) as client:
        client.post("/v1/ask", json=QUESTION, headers={"traceparent": f"00-{parent}-b7ad6b7169203331-01"})
    spans = {span.name: span for span in collector}
    assert set(spans) == {"POST /v1/ask", "retrieve", "answer"}
    assert {span.trace_id.hex() for span in collector} == {parent}
    request = spans["POST /v1/ask"]
    assert {spans["retrieve"].parent_span_id, spans["answer"].parent_span_id} == {request.span_id}
    assert request.start_time_unix_nano <= spans["retrieve"].start_time_unix_nano
    assert "食堂" not in str(collector)


def test_without_a_queue_an_idle_service_still_answers(speeches: Library) -> None:
    with opened(speeches, queue=0) as client:
        assert client.post("/v1/ask", json=QUESTION).status_code == 200


def test_a_failing_database_tells_no_question_to_log_or_traces(
    speeches: Library, collector: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lock(*_: object) -> None:
        with speeches.catalog._session() as session:
            session.execute(text("insert into nowhere values (:question)"), {"question": QUESTION["question"]})

    monkeypatch.setattr(speeches.catalog.history, "add", lock)
    with opened(speeches) as client:
        assert client.post("/v1/ask", json=QUESTION).status_code == 500
    assert "nowhere" in caplog.text
    assert "食堂" not in caplog.text
    assert "食堂" not in str(collector)
