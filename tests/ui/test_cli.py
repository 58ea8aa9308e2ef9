import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import SAMPLES, SHARED
from tests.index import files
from tests.serving import Served, free_port, serve
from ui.cli import app

RUNNER = CliRunner()
SPEECH = "在丙市大会上的讲话\n同志们：\n一、目标\n全市新建公园17座。\n"


def run(*arguments: str | Path, code: int = 0, **environment: str) -> Result:
    result = RUNNER.invoke(
        app, [str(argument) for argument in arguments], env={"LANG": "en_GB.UTF-8", "LC_ALL": ""} | environment
    )
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.txt"
    path.write_text(SPEECH, "utf-8")
    return path


def test_the_main_job(tmp_path: Path, speech: Path) -> None:
    data = tmp_path / "data"
    first = run("index", speech, "--data", data)
    assert "added" in first.stdout
    assert "1 added" in first.stdout
    again = run("index", speech, "--data", data)
    assert "1 unchanged" in again.stdout
    assert "Nothing has changed." in again.stdout

    answer = run("ask", "全市新建公园多少座？", "--data", data)
    assert "全市新建公园17座。[1]" in answer.stdout
    assert "《在丙市大会上的讲话》,一、目标" in answer.stdout
    as_json = json.loads(run("ask", "全市新建公园多少座？", "--data", data, "--json").stdout)
    assert as_json["citations"][0]["quote"] == "全市新建公园17座。"
    refused = run("ask", "全市有多少台电梯？", "--data", data)
    assert "没有找到" in refused.stdout

    listed = json.loads(run("documents", "--data", data, "--json").stdout)["documents"]
    assert [document["title"] for document in listed] == ["在丙市大会上的讲话"]
    outline = json.loads(run("outline", listed[0]["id"], "--data", data, "--json").stdout)
    assert [(h["marker"], h["heading"], h["level"]) for h in outline["headings"]] == [("一、", "一、目标", 1)]
    assert "一、目标" in run("outline", "speech.txt", "--data", data).stdout

    speech.write_text(SPEECH.replace("17", "19"), "utf-8")
    assert "1 updated" in run("index", speech, "--data", data).stdout
    assert "19座" in run("ask", "全市新建公园多少座？", "--data", data).stdout
    assert "Deleted" in run("delete", "在丙市大会上的讲话", "--data", data).stdout
    assert json.loads(run("documents", "--data", data, "--json").stdout) == {"documents": []}


def test_a_manuscript_is_checked_and_reported(tmp_path: Path, speech: Path) -> None:
    data = tmp_path / "data"
    run("index", speech, "--data", data)
    said = run("check-quote", "全市新建公园19座。", "--data", data).stdout
    assert "altered  全市新建公园1[-7-][+9+]座。" in said
    assert "《在丙市大会上的讲话》" in said
    assert "有改动" in run("check-quote", "全市新建公园19座。", "--data", data, LC_ALL="zh_CN.UTF-8").stdout

    manuscript = tmp_path / "manuscript.docx"
    manuscript.write_bytes(files.word(["全市新建公园17座。<script>alert(1)</script>市里要造飞船！"]))
    for name in ("report.md", "report.html", "report.json"):
        out = tmp_path / name
        assert "1 exact, 0 altered, 1 absent" in run("check-quote", manuscript, "--data", data, "--out", out).stdout
        assert "17" in out.read_text("utf-8")
    # Words of a manuscript are never markup.
    assert "<script>" not in (tmp_path / "report.html").read_text("utf-8")
    assert "&lt;script&gt;" in (tmp_path / "report.html").read_text("utf-8")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [result["verdict"] for result in report["results"]] == ["exact", "absent"]
    assert "report.exe" in run("check-quote", manuscript, "--out", tmp_path / "report.exe", code=2).output
    assert "cannot be read" in run("check-quote", tmp_path / "gone.docx", "--data", data, code=1).output
    assert (
        "cannot be written"
        in run("check-quote", manuscript, "--data", data, "--out", tmp_path / "no" / "r.md", code=1).output
    )


def test_a_bad_file_is_named_and_the_rest_is_indexed(tmp_path: Path, speech: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "photo.txt").write_bytes(bytes(range(256)) * 50)
    result = run("index", tmp_path, tmp_path / "missing.txt", "--data", tmp_path / "data", "--json", code=1)
    report = json.loads(result.stdout)
    assert report["counts"] == {"added": 1, "updated": 0, "unchanged": 0, "removed": 0, "failed": 3}
    failed = {Path(d["name"]).name: d["error"]["code"] for d in report["documents"] if d["status"] == "failed"}
    assert failed == {"empty.txt": "empty_file", "photo.txt": "not_text", "missing.txt": "file_not_readable"}


def test_messages_follow_the_terminals_language(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    english = run("index", tmp_path / "empty", "--data", tmp_path / "data", code=1)
    chinese = run("index", tmp_path / "empty", "--data", tmp_path / "data", code=1, LANG="zh_CN.UTF-8")
    assert "holds no file that can be indexed" in english.output
    assert "没有可以索引的文件" in chinese.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ask", ""), "question is empty"),
        (("ask", "问" * 2001), "2001 characters"),
        (("ask", "有多少社区？"), "holds no speeches yet"),
        (("outline", "unknown"), "no document unknown"),
        (("delete", "unknown"), "no document unknown"),
        (("eval", "missing.jsonl"), "missing.jsonl"),
    ],
)
def test_a_mistake_gets_one_sentence(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "data").mkdir()
    result = run(*arguments, "--data", tmp_path / "data", code=1)
    assert message in result.stderr
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [("documents",), ("ask", "有多少社区？"), ("rebuild",)])
def test_a_data_folder_that_is_not_there_is_told_and_not_made(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--data", tmp_path / "typo", code=1)
    assert "holds no speeches yet" in result.stderr
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize(
    "broken", ["catalog.sqlite", "lexical/meta.json", "chroma/chroma.sqlite3", "lexical/speechqa-format.json"]
)
def test_damaged_data_gets_one_sentence(tmp_path: Path, speech: Path, broken: str) -> None:
    data = tmp_path / "data"
    run("index", speech, "--data", data)
    (data / broken).write_bytes(b"garbage" * 100)
    result = run("ask", "全市新建公园多少座？", "--data", data, code=1)
    assert len(result.stderr.strip().splitlines()) == 1
    assert "nothing was changed" in result.stderr
    if broken != "catalog.sqlite":
        run("rebuild", "--data", data)
        assert "17座" in run("ask", "全市新建公园多少座？", "--data", data).stdout


@pytest.mark.parametrize("url", ["garbage", "sqlite:////nowhere/x.db", "nosuchdb://localhost/x"])
def test_a_database_that_cannot_be_used_is_told(tmp_path: Path, speech: Path, url: str) -> None:
    result = run("index", speech, "--data", tmp_path / "data", code=1, SPEECHQA_DATABASE_URL=url)
    assert "SPEECHQA_DATABASE_URL" in result.stderr


def test_a_model_that_is_not_there_changes_nothing(tmp_path: Path, speech: Path) -> None:
    data = tmp_path / "data"
    run("index", speech, "--data", data)
    other = tmp_path / "other.txt"
    other.write_text(SPEECH.replace("17", "23"), "utf-8")
    failed = run("index", other, "--data", data, code=1, SPEECHQA_EMBEDDING_MODEL="/nowhere")
    assert "cannot be loaded" in failed.stderr
    run("rebuild", "--data", data, code=1, SPEECHQA_EMBEDDING_MODEL="/nowhere")
    assert len(json.loads(run("documents", "--data", data, "--json").stdout)["documents"]) == 1
    assert "17座" in run("ask", "全市新建公园多少座？", "--data", data).stdout


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path, speech: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    result = run("index", speech, "--data", blocked / "data", code=1)
    assert "cannot be used" in result.stderr
    assert "--data" in result.stderr


def test_control_characters_of_a_title_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07 [bold].txt"
    path.write_text("正文内容。\n", "utf-8")
    run("index", path, "--data", tmp_path / "data")
    shown = run("documents", "--data", tmp_path / "data").stdout
    assert "\x1b" not in shown
    assert "[bold]" in shown


def test_a_folder_of_every_format_and_an_archive_is_indexed_and_what_fails_is_named(tmp_path: Path) -> None:
    folder, data = tmp_path / "speeches", tmp_path / "data"
    folder.mkdir()
    (folder / "a.docx").write_bytes(files.word())
    (folder / "a.docx.meta.yaml").write_text("speaker: 岑远舟\n", "utf-8")
    (folder / "table.xlsx").write_bytes(b"x")
    (folder / "scan.pdf").write_bytes(files.scanned_pdf())
    (folder / "pack.zip").write_bytes(files.archive({"b.ofd": files.ofd(["另一篇讲话", *files.SPEECH])}))
    result = run("index", folder, "--data", data, "--json", code=1)
    assert "1 files of other types" in result.stderr
    assert "table.xlsx" in result.stderr
    report = json.loads(result.stdout)
    assert report["counts"] == {"added": 2, "updated": 0, "unchanged": 0, "removed": 0, "failed": 1}
    failed = [document for document in report["documents"] if document["status"] == "failed"]
    assert failed[0]["error"]["code"] == "scanned_file"
    listed = {d["source"]: d for d in json.loads(run("documents", "--data", data, "--json").stdout)["documents"]}
    assert listed["a.docx"]["speaker"] == "岑远舟"
    assert listed["pack.zip/b.ofd"]["title"] == "另一篇讲话"
    shown = run("outline", "pack.zip/b.ofd", "--data", data).stdout
    assert "    （一）把用房问题解决好" in shown


def test_a_speech_without_headings_shows_its_paragraphs(tmp_path: Path) -> None:
    speech = tmp_path / "a.txt"
    speech.write_text("致辞\n朋友们：\n欢迎各位。\n祝大家愉快。\n", "utf-8")
    run("index", speech, "--data", tmp_path / "data")
    assert "   2  欢迎各位。" in run("outline", "a.txt", "--data", tmp_path / "data").stdout
    as_json = json.loads(run("outline", "a.txt", "--data", tmp_path / "data", "--json").stdout)
    assert as_json == {"headings": []}


@pytest.mark.skipif(not (SHARED / "eval").is_dir(), reason="the development sets are not here")
def test_the_seven_speeches_are_found_with_their_outline(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "7 added" in run("index", SHARED / "seeds", "--data", data).stdout
    assert "7 unchanged" in run("index", SHARED / "seeds", "--data", data).stdout
    source = next((SHARED / "seeds").glob("*.txt")).name
    gold = SHARED / "eval" / "seed_outline.jsonl"
    report = json.loads(run("eval-outline", gold, source, "--data", data, "--json").stdout)
    assert report["block"]["f1"] == report["block"]["level_accuracy"] == 1.0
    assert report["inline"]["f1"] >= 0.95


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    data = tmp_path_factory.mktemp("served") / "data"
    run("index", SAMPLES / "2025年云溪省政府工作报告.txt", "--data", data)
    with serve(data) as service:
        yield service, data


def test_a_second_process_on_the_same_data_is_refused(served: tuple[Served, Path], speech: Path) -> None:
    _, data = served
    result = run("index", speech, "--data", data, code=1)
    assert "in use by another process" in result.stderr
    assert "serve" in result.stderr
    assert "2025年云溪省政府工作报告" in run("documents", "--data", data).stdout


def test_a_port_in_use_is_told_before_anything_is_loaded(served: tuple[Served, Path], tmp_path: Path) -> None:
    service, _ = served
    result = run("serve", "--port", str(service.port), "--data", tmp_path / "other", code=1)
    assert f"Port {service.port}" in result.stderr
    assert "--port" in result.stderr
    assert not (tmp_path / "other").exists()


def test_the_served_api_answers(served: tuple[Served, Path]) -> None:
    service, _ = served
    request = urllib.request.Request(
        f"{service.base}/v1/ask",
        data=json.dumps({"question": "云溪省今年计划新建和改造社区服务中心多少个？"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        assert "260个" in json.load(response)["answer"]


def test_a_key_is_made_listed_rotated_and_revoked(tmp_path: Path) -> None:
    data = str(tmp_path / "new" / "data")
    made = run("keys", "create", "portal\nx", "--group", "办公室", "--days", "9", "--data", data)
    (text,) = made.stdout.split()
    (key,) = json.loads(run("keys", "list", "--json", "--data", data).stdout)["keys"]
    assert (key["name"], key["scopes"], key["groups"], key["valid"]) == ("portal x", ["ask", "read"], ["办公室"], True)
    assert text.startswith(f"sqa_{key['id']}_")
    fresh = run("keys", "rotate", key["id"], "--data", data).stdout.strip()
    assert fresh.startswith(f"sqa_{key['id']}_")
    assert fresh != text
    assert text not in run("keys", "list", "--data", data).stdout
    run("keys", "revoke", key["id"], "--data", data)
    assert json.loads(run("keys", "list", "--json", "--data", data).stdout)["keys"][0]["valid"] is False
    assert key["id"] in run("keys", "revoke", key["id"], "--data", data, code=1).stderr


def test_others_are_not_served_without_a_key(tmp_path: Path) -> None:
    port = str(free_port())
    refused = run("serve", "--host", "0.0.0.0", "--port", port, "--data", tmp_path / "data", code=1)
    assert "speechqa keys create" in refused.stderr


def test_the_audit_log_is_read_for_people(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    entry = {
        "at": "2026-01-02T03:04:05Z",
        "who": "key:a",
        "portal": "",
        "question": "甲\n乙",
        "refused": None,
        "cited": ["x#y"],
    }
    (folder / "2026-01-02.jsonl").write_text(json.dumps(entry) + "\n", "utf-8")
    (line,) = run("audit", "--data", tmp_path).stdout.splitlines()
    assert line == "2026-01-02T03:04:05Z  key:a  -  ask  1 sections  甲 乙"
    assert json.loads(run("audit", "--json", "--data", tmp_path).stdout) == {"entries": [entry]}
    assert run("audit", "--since", "2026-01-03", "--data", tmp_path).stdout == ""


def test_how_it_is_used_is_added_up(tmp_path: Path, speech: Path) -> None:
    data = tmp_path / "data"
    run("index", speech, "--data", data)
    (document,) = json.loads(run("documents", "--data", data, "--json").stdout)["documents"]
    assert "0 questions" in run("stats", "--data", data).stdout
    entry = {"at": "2026-01-02T03:04:05Z", "who": "user:a:b", "action": "ask", "model": "extractive", "refused": None}
    cited = [f"{document['id']}#s1", f"{document['id']}#s2"]
    entries = [
        entry | {"cited": cited, "ms": 200},
        entry | {"at": "2026-01-03T00:00:00Z", "refused": "no_evidence", "cited": [], "ms": 400},
        {"action": "feedback", "thumb": "up", "at": "2026-01-03T00:00:00Z"},
        {"action": "search", "at": "2026-01-03T00:00:00Z"},
    ]
    (data / "audit").mkdir()
    for day, lines in (("02", entries[:1]), ("03", entries[1:])):
        (data / "audit" / f"2026-01-{day}.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    told = run("stats", "--data", data).stdout
    assert "1 documents, 3 passages" in told
    assert "2 questions of 1 askers, 1 refused, 2 sections cited" in told
    assert "Median 300 ms" in told
    assert "1  在丙市大会上的讲话" in told
    assert (
        "提问 1 次，其中拒答 1 次" in run("stats", "--since", "2026-01-03", "--data", data, LC_ALL="zh_CN.UTF-8").stdout
    )
    usage = json.loads(run("stats", "--data", data, "--json").stdout)
    assert usage["by_day"] == {"2026-01-02": 1, "2026-01-03": 1}
    assert (usage["thumbs_up"], usage["searches"]) == (1, 1)
