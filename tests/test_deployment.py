import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from index.embedding import Embedder
from index.errors import StoreUnavailable
from index.library import open_library
from index.vectors import open_chroma
from qa.engine import Engine
from tests.conftest import ROOT, SAMPLES, index_files
from tests.serving import free_port


def test_compose_joins_the_service_and_chroma() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    service, chroma = compose["services"]["speechqa"], compose["services"]["chroma"]
    assert service["environment"]["SPEECHQA_CHROMA_URL"] == "http://chroma:8000"
    assert service["depends_on"]["chroma"]["condition"] == "service_healthy"
    assert "/dev/tcp" in " ".join(chroma["healthcheck"]["test"])
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text("utf-8")
    used = {
        mount.split(":")[0]
        for entry in compose["services"].values()
        for mount in entry["volumes"]
        if not mount.startswith(".")
    }
    assert used == set(compose["volumes"])
    pinned = next(
        line for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if line.startswith("chromadb==")
    )
    assert chroma["image"].rpartition(":")[2] == pinned.partition("==")[2]


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker client here")
def test_compose_is_valid() -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no compose plugin here")
    subprocess.run(["docker", "compose", "config", "--quiet"], cwd=ROOT, check=True)


@pytest.fixture
def chroma_server(tmp_path: Path) -> Iterator[str]:
    """`chroma run`, the server that the container image starts."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("chroma")),
        "run",
        "--path",
        str(tmp_path / "chroma"),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"ANONYMIZED_TELEMETRY": "FALSE"},
    )
    try:
        for _ in range(300):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def test_the_service_works_against_a_chroma_server(tmp_path: Path, chroma_server: str, embedder: Embedder) -> None:
    data = tmp_path / "data"
    with open_library(data, lambda: embedder, chroma_url=chroma_server) as library:
        index_files(library, SAMPLES / "2025年云溪省政府工作报告.txt")
        assert "260个" in Engine(library).ask("云溪省今年计划新建和改造社区服务中心多少个？").answer
        assert not (data / "chroma").exists()
        assert library.vectors.is_alive()
    with open_library(tmp_path / "other", lambda: embedder, chroma_url=chroma_server) as library:
        # Two data folders share a server without seeing each other's speeches.
        assert library.vectors.count() == 0
    with open_library(data, lambda: embedder, chroma_url=chroma_server) as library:
        document = library.catalog.documents()[0]
        assert library.vectors.count() == len(document.passages)
        library.delete(document.id)
        assert library.vectors.count() == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "not a url", "ftp://127.0.0.1"])
def test_a_chroma_server_that_does_not_answer_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreUnavailable, match="SPEECHQA_CHROMA_URL"):
        open_chroma(tmp_path, url)
