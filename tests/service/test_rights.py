"""A person without the right must not learn that a document exists: every answer is that of a library without it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from service.identity import Right
from tests.conftest import OpenLibrary
from ui.settings import Settings
from ui.wiring import app_of

OPEN = "2025年青禾县政府工作报告\n2025年1月8日\n各位代表：\n一、养老\n全县新建老年食堂12个。\n二、水利\n修渠30公里。\n"
SECRET = (
    "2025年岚水县政府工作报告\n2025年1月9日\n各位代表：\n一、养老\n全县新建老年食堂47个。\n二、矿区\n矿区搬迁310户。\n"
)
GROUP = "矿区专班"
ORIGIN = "https://portal.example.org"
UNSTABLE = re.compile(
    r'"(?:id|conversation_id|created|timings_ms|score|cosine|bm25|confidence|token|expires)":\s*(?:"[^"]*"|\{[^}]*\}|[\d.]+)|[0-9a-f]{32}'
)


@contextmanager
def served(
    library: Library, speeches: list[tuple[str, str, tuple[str, ...]]]
) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """A service over the speeches, and the text of a key for each kind of caller."""
    for name, text, groups in speeches:
        library.stage(Source(name, name, text.encode(), groups=groups))
    library.publish()
    keys = library.catalog.keys
    texts = {
        "outsider": keys.create("outsider", [Right.ASK, Right.READ, Right.WRITE], ())[1],
        "insider": keys.create("insider", [Right.ASK, Right.READ], (GROUP,))[1],
        "clerk": keys.create("clerk", [Right.READ, Right.WRITE], (GROUP,))[1],
        "asker": keys.create("asker", [Right.ASK], ())[1],
        "admin": keys.create("admin", [Right.ADMIN], None)[1],
    }
    app = app_of(Engine(library), Settings(allowed_origins=(ORIGIN,)), with_ui=False)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client, texts


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, open_data: OpenLibrary) -> Iterator[Any]:
    """A service with the secret speech, and one without it."""
    folder: Path = tmp_path_factory.mktemp("rights")
    with (
        open_data(folder / "with") as first,
        open_data(folder / "without") as second,
        served(first, [("open.txt", OPEN, ()), ("secret.txt", SECRET, (GROUP,))]) as one,
        served(second, [("open.txt", OPEN, ())]) as other,
    ):
        secret = next(d.id for d in first.catalog.documents() if d.groups)
        yield one, other, secret


def by(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


QUESTIONS = (
    "岚水县新建老年食堂多少个？",
    "矿区搬迁多少户？",
    "有多少篇报告提到“矿区”？",
    "哪些报告提到了老年食堂？",
    "各篇讲话中新建老年食堂分别是多少个？",
    "青禾县和岚水县新建老年食堂各是多少个？",
    "2025年1月有哪些报告？",
    "岚水县的报告分哪几个部分？",
    "2025年岚水县政府工作报告是哪一天作的？",
    "最后一篇讲话讲了什么？",
)
UPLOAD = {"file": ("secret.txt", SECRET.encode())}


def requests_of(secret: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every route, asked for the secret speech: method, path as the API description has it, what is sent."""
    asked: list[tuple[str, str, dict[str, Any]]] = []
    for question in QUESTIONS:
        asked.append(("POST", "/v1/ask", {"json": {"question": question}}))
        asked.append(("POST", "/v1/search", {"json": {"query": question}}))
    asked += [
        ("POST", "/v1/ask", {"json": {"question": "新建老年食堂多少个？", "filters": {"document_ids": [secret]}}}),
        ("POST", "/v1/ask", {"json": {"question": "新建老年食堂多少个？", "stream": True}}),
        (
            "POST",
            "/v1/quotes/check",
            {"json": {"sentences": ["矿区搬迁310户。", "矿区搬迁320户。", "全县新建老年食堂47个。"]}},
        ),
        ("GET", "/v1/documents", {}),
        ("GET", "/v1/documents/{document_id}", {}),
        ("GET", "/v1/documents/{document_id}/text", {}),
        ("GET", "/v1/documents/{document_id}/outline", {}),
        ("DELETE", "/v1/documents/{document_id}", {}),
        ("GET", "/v1/conversations/{conversation_id}", {}),
        ("DELETE", "/v1/conversations/{conversation_id}", {}),
        ("GET", "/v1/jobs/{job_id}", {}),
        ("POST", "/v1/tokens", {"json": {"user": "a", "groups": [GROUP], "origin": ORIGIN}}),
        ("POST", "/v1/documents", {"files": UPLOAD, "data": {"groups": GROUP}}),
        *(
            (
                "POST",
                "/v1/chat/completions",
                {"json": {"model": "speechqa", "messages": [{"role": "user", "content": q}]}},
            )
            for q in QUESTIONS
        ),
        ("GET", "/v1/models", {}),
        ("GET", "/healthz", {}),
        ("GET", "/readyz", {}),
        ("GET", "/metrics", {}),
        ("POST", "/v1/feedback", {"json": {"answer_id": "c" * 32, "thumb": "up"}}),
    ]
    return asked


def test_who_may_not_see_a_speech_learns_nothing_of_it_on_any_route(both: Any) -> None:
    (one, keys), (other, other_keys), secret = both
    asked = requests_of(secret)
    described = {(m.upper(), path) for path, item in one.app.openapi()["paths"].items() for m in item}
    assert {(method, path) for method, path, _ in asked} == described, "a route is not tried"
    # The insider's conversation is there to be found, under an id that the outsider knows.
    known = {"question": "矿区搬迁多少户？", "conversation_id": "c" * 32}
    assert "310户" in one.post("/v1/ask", json=known, headers=by(keys["insider"])).json()["answer"]
    for method, path, sent in asked:
        place = path.format(document_id=secret, conversation_id="c" * 32, job_id="0" * 32) if "{" in path else path
        answers = []
        for client, key in ((one, keys["outsider"]), (other, other_keys["outsider"])):
            answer = client.request(method, place, headers=by(key), **sent)
            answers.append((answer.status_code, UNSTABLE.sub("~", answer.text)))
        assert answers[0] == answers[1], (method, path, sent)
        assert "310" not in answers[0][1].replace("310户。", "")
        assert answers[0][0] < 500


def test_who_may_see_it_is_answered_from_it(both: Any) -> None:
    (client, keys), _, secret = both
    for who in ("insider", "admin"):
        answer = client.post("/v1/ask", json={"question": "矿区搬迁多少户？"}, headers=by(keys[who])).json()
        assert answer["citations"][0]["document_id"] == secret
        assert "310户" in client.get(f"/v1/documents/{secret}/text", headers=by(keys[who])).json()["text"]


def test_a_speech_of_others_is_not_uploaded_over_nor_found_by_uploading_it(both: Any) -> None:
    (client, keys), (other, other_keys), secret = both
    told = []
    for to, key in ((client, keys["outsider"]), (other, other_keys["outsider"])):
        answer = to.post("/v1/documents", files=UPLOAD, data={"replace": "true"}, headers=by(key))
        told.append((answer.status_code, [d["status"] for d in answer.json()["documents"]]))
        own = answer.json()["documents"][0]["id"]
        assert own != secret
        assert to.delete(f"/v1/documents/{own}", headers=by(key)).status_code == 204
    assert told[0] == told[1] == (202, ["added"])
    assert client.get(f"/v1/documents/{secret}", headers=by(keys["insider"])).status_code == 200


def _upload(client: TestClient, key: str, text: str, groups: str = "") -> tuple[int, Any]:
    """Upload a file `plan.txt` that takes the place of the last one, with a sidecar."""
    sidecar = {"metadata": ("plan.txt.meta.yaml", f"groups: [{groups}]".encode())} if groups else {}
    files = {"file": ("plan.txt", text.encode()), **sidecar}
    answer = client.post("/v1/documents", files=files, data={"replace": "true"}, headers=by(key))
    return answer.status_code, answer.json()


def test_the_groups_of_an_uploads_sidecar_hold_whoever_uploads_it(both: Any) -> None:
    (client, keys), _, _ = both
    text = SECRET.replace("310", "311")
    assert _upload(client, keys["clerk"], text, "别处")[1]["error"]["code"] == "group_not_permitted"
    status, job = _upload(client, keys["clerk"], text, GROUP)
    place = f"/v1/documents/{job['documents'][0]['id']}"
    assert status == 202
    assert client.get(place, headers=by(keys["insider"])).status_code == 200
    assert client.get(place, headers=by(keys["outsider"])).status_code == 404
    assert client.delete(place, headers=by(keys["clerk"])).status_code == 204


def test_who_may_not_see_a_file_does_not_replace_it_by_its_name(both: Any) -> None:
    (client, keys), _, _ = both
    _, theirs = _upload(client, keys["admin"], SECRET.replace("310", "312"), GROUP)
    for text in (OPEN.replace("12", "13"), OPEN.replace("12", "14")):
        _, own = _upload(client, keys["outsider"], text)
    assert own["documents"][0]["status"] == "updated"  # only what he may see
    own_place, place = (f"/v1/documents/{job['documents'][0]['id']}" for job in (own, theirs))
    assert client.get(place, headers=by(keys["insider"])).status_code == 200
    for one in (own_place, place):
        assert client.delete(one, headers=by(keys["admin"])).status_code == 204


@pytest.mark.parametrize(
    ("who", "method", "path", "status", "code"),
    [
        (None, "GET", "/v1/documents", 401, "not_signed_in"),
        ("sqa_nobody_secret", "GET", "/v1/documents", 401, "not_let_in"),
        ("eyJhbGciOiJub25lIn0.e30.", "GET", "/v1/documents", 401, "not_let_in"),
        ("asker", "GET", "/v1/documents", 403, "not_permitted"),
        ("insider", "DELETE", "/v1/documents/x", 403, "not_permitted"),
        ("insider", "GET", "/v1/jobs/x", 403, "not_permitted"),
    ],
)
def test_who_is_not_let_in_is_told_why(
    both: Any, who: str | None, method: str, path: str, status: int, code: str
) -> None:
    (client, keys), _, _ = both
    headers = by(keys.get(who, who)) if who else {}
    answer = client.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ("www-authenticate" in answer.headers) is (status == 401)
