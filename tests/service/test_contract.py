"""The API description holds: schemathesis sends what it permits and what it does not, and every answer is described."""

import json
import subprocess
import sys
from pathlib import Path

from fastapi.testclient import TestClient

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from service.identity import Right
from tests.service.fields import KEPT, fields_of
from tests.service.test_rights import OPEN, ORIGIN
from tests.serving import serve_app
from ui.settings import Settings
from ui.wiring import app_of

CASES = 10  # of each route in each phase


def test_every_answer_is_described(library: Library, tmp_path: Path) -> None:
    for number in range(12):  # some are deleted on the way
        library.stage(Source(f"{number}", f"{number}.txt", OPEN.replace("12个", f"{number}个").encode()))
    library.publish()
    _, key = library.catalog.keys.create("contract", [Right.ADMIN], None)
    app = app_of(Engine(library), Settings(allowed_origins=(ORIGIN,), key_requests=0), with_ui=False)
    with serve_app(app) as base:
        told = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json"),
                *("--header", f"Authorization: Bearer {key}", "--max-examples", str(CASES), "--seed", "1"),
                # A schema cannot say which file is a speech, or that the last message has to be a user's.
                *("--generation-deterministic", "--no-color", "--exclude-checks", "positive_data_acceptance"),
            ],
            check=False,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=900,
        )
    assert told.returncode == 0, told.stdout[-20_000:] + told.stderr


def test_nothing_that_clients_of_v1_rely_on_is_gone(samples_client: TestClient) -> None:
    api = samples_client.get("/openapi.json").json()
    kept, now = json.loads(KEPT.read_text("utf-8")), fields_of(api)
    for route, fields in kept.items():
        assert set(fields) <= set(now.get(route, ())), f"{route} has lost fields that clients rely on"
        demanded = {line for line in now[route] if line.startswith(">") and line.endswith("required")}
        assert demanded <= set(fields), f"{route} demands what clients do not send"


def test_what_is_lost_or_newly_demanded_is_seen(samples_client: TestClient) -> None:
    api = samples_client.get("/openapi.json").json()
    before = fields_of(api)
    assert "< citations[].quote: string" in before["POST /v1/ask"]
    assert "> question: string required" in before["POST /v1/ask"]
    del api["components"]["schemas"]["CitationOut"]["properties"]["quote"]
    api["components"]["schemas"]["SearchIn"]["required"].append("limit")
    after = fields_of(api)
    assert set(before["POST /v1/ask"]) - set(after["POST /v1/ask"]) == {
        "< citations[].quote: string",
        "< near_misses[].quote: string",
    }
    assert "> limit: integer required" in after["POST /v1/search"]
