import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from service.audit import Questions, read_audit
from service.identity import Right
from tests.service.test_rights import OPEN, by
from ui.settings import Settings
from ui.wiring import app_of

PORTAL = "https://portal.example.org"
FORGED = '新建老年食堂多少个？\n{"at": "2020-01-01", "who": "别人"}\u2028 1 \u2028{}'


@pytest.fixture
def asked(library: Library) -> Any:
    """Asks questions as somebody with a key; gives the key and the folder of the log."""
    library.stage(Source("o", "open.txt", OPEN.encode()))
    library.publish()
    _, key = library.catalog.keys.create("portal", [Right.ASK], ())

    def ask(questions: Questions, *texts: str) -> tuple[str, Path]:
        app = app_of(Engine(library), Settings(allowed_origins=(PORTAL,), audit_questions=questions), with_ui=False)
        with TestClient(app, base_url="http://127.0.0.1") as client:
            for text in texts:
                for stream in (False, True):
                    sent = {"question": text, "stream": stream}
                    client.post("/v1/ask", json=sent, headers=by(key) | {"Origin": PORTAL})
                message = {"model": "speechqa", "messages": [{"role": "user", "content": text}]}
                client.post("/v1/chat/completions", json=message, headers=by(key))
        return key, library.data

    return ask


def test_every_answer_is_one_line_that_names_no_secret(asked: Any) -> None:
    key, data = asked("full", FORGED, "火箭发射场有几个？", "新建老年食堂多少个？")
    (file,) = (data / "audit").iterdir()
    lines = file.read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    assert len(entries) == 9
    assert {entry["who"] for entry in entries} == {f"key:{key.split('_')[1]}"}
    assert [entry["portal"] for entry in entries[:3]] == [PORTAL, PORTAL, ""]
    assert entries[0]["question"] == FORGED
    assert [entry["refused"] for entry in entries[3:6]] == ["no_evidence"] * 3
    assert [(entry["refused"], len(entry["cited"])) for entry in entries[6:]] == [(None, 1)] * 3
    assert key.rpartition("_")[2] not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0


def test_questions_are_kept_as_far_as_is_set(asked: Any) -> None:
    _, data = asked("hash", "新建老年食堂多少个？")
    asked("none", "新建老年食堂多少个？")
    kept = [entry["question"] for entry in read_audit(data)]
    assert kept[0] == kept[1]
    assert str(kept[0]).startswith("sha256:")
    assert kept[3:] == [None] * 3
    assert "食堂" not in "".join(file.read_text("utf-8") for file in (data / "audit").iterdir())


def test_what_is_too_old_goes_and_a_cut_line_is_passed_over(asked: Any, library: Library) -> None:
    folder = library.data / "audit"
    folder.mkdir()
    recent = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=9)
    (folder / "2001-01-01.jsonl").write_text("{}\n", "utf-8")
    (folder / f"{recent}.jsonl").write_text('{"who": "a"}\n{"who": "b', "utf-8")
    (folder / "notes.txt").write_text("mine", "utf-8")
    asked("full", "新建老年食堂多少个？")
    assert not (folder / "2001-01-01.jsonl").exists()
    assert (folder / "notes.txt").exists()
    assert next(entry["who"] for entry in read_audit(library.data)) == "a"
    assert len(list(read_audit(library.data))) == 4
    assert len(list(read_audit(library.data, datetime.datetime.now(datetime.UTC).date()))) == 3


def test_no_sign_in_a_question_hides_an_entry_or_stops_the_log(library: Library) -> None:
    folder = library.data / "audit"
    folder.mkdir()
    today = folder / f"{datetime.datetime.now(datetime.UTC).date()}.jsonl"
    today.write_bytes('1\n[]\n{"who": "食'.encode()[:-1])  # cut off inside a character
    app = app_of(Engine(library), Settings(), with_ui=False)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        library.stage(Source("p", "other.txt", OPEN.replace("12个", "13个").encode()))
        library.publish()
        assert client.post("/v1/search", json={"query": "\x85"}).status_code == 422
        for query in ("x\u2028 1 \u2028y", "食堂"):
            assert client.post("/v1/search", json={"query": query}).status_code == 200
        lone = client.post(
            "/v1/search", content=b'{"query": "\\ud800\\u98df\\u5802"}', headers={"content-type": "application/json"}
        )
        assert lone.status_code in (200, 422)
        answer = client.post("/v1/ask", json={"question": "新建老年食堂多少个？"}).json()
        judged = client.post("/v1/feedback", json={"answer_id": answer["id"], "thumb": "up"})
        assert judged.status_code == 204
    kept = [entry["question"] for entry in read_audit(library.data)]
    assert kept[:2] == ["x\u2028 1 \u2028y", "食堂"]
    assert kept[-2:] == ["新建老年食堂多少个？", None]


def test_what_was_shown_without_being_cited_is_kept_too(asked: Any, library: Library) -> None:
    asked("full", "火箭发射场有几个？")
    (entry, *_) = read_audit(library.data)
    assert entry["cited"] == []
    assert entry["also_shown"]
