import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from fastapi.testclient import TestClient

from index.embedding import Embedder, load_embedder
from index.library import Library, open_library
from index.sources import Source, collect_files, read_sources
from qa.engine import Engine
from ui.settings import Settings
from ui.wiring import app_of

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared"

OpenLibrary = Callable[[Path], AbstractContextManager[Library]]


def index_files(library: Library, *paths: Path) -> None:
    """Index files as the command line does."""
    for path in paths:
        for file in collect_files(path):
            for source in read_sources(file):
                assert isinstance(source, Source), source
                library.stage(source)
    library.publish()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The default embedder, loaded once."""
    return load_embedder("", Settings().cache)


@pytest.fixture(scope="session")
def open_data(embedder: Embedder) -> OpenLibrary:
    """Opens a data folder with the session's embedder."""
    return lambda data: open_library(data, lambda: embedder)


@pytest.fixture
def library(tmp_path: Path, open_data: OpenLibrary) -> Iterator[Library]:
    """An empty library."""
    with open_data(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, open_data: OpenLibrary) -> Iterator[Library]:
    """The sample speeches, indexed once; tests do not change it."""
    with open_data(tmp_path_factory.mktemp("samples") / "data") as opened:
        index_files(opened, SAMPLES)
        yield opened


@pytest.fixture(scope="session")
def engine(samples: Library) -> Engine:
    """Questions over the sample speeches."""
    return Engine(samples)


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    """The service over an empty library, for tests that add and delete."""
    with TestClient(
        app_of(Engine(library), Settings(), with_ui=False), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as opened:
        yield opened


@pytest.fixture(scope="session")
def samples_client(engine: Engine) -> Iterator[TestClient]:
    """The service over the sample speeches."""
    with TestClient(
        app_of(engine, Settings(), with_ui=False), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as opened:
        yield opened
