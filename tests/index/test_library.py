import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from index.documents import State
from index.embedding import Embedder
from index.errors import (
    CatalogLost,
    DataFolderInUse,
    DocumentNotFound,
    EmptyFile,
    FileNotReadable,
    IndexMismatch,
    NothingToIndex,
    SpeechQAError,
)
from index.folder import hold_folder
from index.library import Library, find_document, open_library
from index.sources import Source, collect_files
from tests.conftest import OpenLibrary

FIRST = "甲市讲话\n同志们：\n全市共有社区386个。\n".encode()
SECOND = "甲市讲话\n同志们：\n全市共有社区412个。\n".encode()
OTHER = "乙县讲话\n同志们：\n全县新修公路88公里。\n".encode()


def add(library: Library, content: bytes, name: str = "a.txt") -> list[str]:
    outcomes = library.stage(Source(f"/files/{name}", name, content))
    library.publish()
    return [outcome.status for outcome in outcomes]


def stored(library: Library) -> tuple[int, int, int]:
    """Passages in catalog, vectors and lexical index."""
    catalog = sum(passages for _, passages in library.catalog.counts().values())
    return catalog, library.vectors.count(), library.lexical.count()


def found(library: Library, words: str) -> list[str]:
    hits = library.vectors.search(library.embedder.encode_query(words), 5)
    texts = []
    for passage_id, _ in hits:
        document_id, _, number = passage_id.rpartition(":")
        document = library.visible(document_id)
        passage = document.passages[int(number)]
        texts.append(document.text[passage.start : passage.end])
    return texts


def test_indexing_twice_changes_nothing(library: Library) -> None:
    assert add(library, FIRST) == ["added"]
    before = stored(library)
    assert add(library, FIRST) == ["unchanged"]
    assert stored(library) == before


def test_a_changed_file_takes_the_place_of_the_old_one_everywhere(library: Library) -> None:
    add(library, FIRST)
    add(library, OTHER, "b.txt")
    before = stored(library)
    assert add(library, SECOND) == ["updated"]
    assert stored(library) == before
    texts = " ".join(found(library, "全市有多少社区"))
    assert "412个" in texts
    assert "386个" not in texts
    assert [d.state for d in library.catalog.documents()] == [State.READY, State.READY]


def test_the_same_speech_in_two_files_is_one_document_until_both_are_gone(library: Library) -> None:
    add(library, FIRST, "a.txt")
    assert add(library, FIRST, "copy.txt") == ["unchanged"]
    assert len(library.catalog.documents()) == 1
    add(library, OTHER, "a.txt")
    assert {d.title for d in library.catalog.documents()} == {"甲市讲话", "乙县讲话"}
    add(library, OTHER, "copy.txt")
    assert {d.title for d in library.catalog.documents()} == {"乙县讲话"}


def test_like_passages_of_two_documents_are_both_kept(library: Library) -> None:
    add(library, FIRST, "a.txt")
    add(library, FIRST.replace("甲市".encode(), "丙市".encode()), "c.txt")
    assert len(found(library, "全市共有社区多少个")) == sum(len(d.passages) for d in library.catalog.documents())


def test_delete_leaves_nothing_behind(library: Library) -> None:
    add(library, FIRST, "a.txt")
    add(library, OTHER, "b.txt")
    gone = find_document(library.catalog, "甲市讲话")
    library.delete(gone.id)
    assert stored(library) == (len(library.catalog.documents()[0].passages),) * 3
    with pytest.raises(DocumentNotFound):
        library.visible(gone.id)
    with pytest.raises(DocumentNotFound):
        library.delete(gone.id)
    assert add(library, FIRST, "a.txt") == ["added"]


def test_a_speech_deleted_from_a_collection_comes_back_with_its_file(library: Library) -> None:
    collection = "讲话 篇1\n甲的内容。\n讲话 篇2\n乙的内容。\n".encode()
    add(library, collection)
    library.delete(find_document(library.catalog, "讲话 篇2").id)
    assert add(library, collection) == ["unchanged", "added"]
    assert add(library, collection) == ["unchanged", "unchanged"]


def test_a_version_replaced_before_it_answered_leaves_a_sound_index(tmp_path: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    with open_library(data, lambda: embedder) as library:
        library.stage(Source("/files/a.txt", "a.txt", FIRST))
        library.stage(Source("/files/a.txt", "a.txt", SECOND))
    with open_library(data, lambda: embedder) as library:
        library.publish()
        assert len(set(stored(library))) == 1
        assert "412个" in " ".join(found(library, "全市有多少社区"))


def test_a_version_that_comes_back_before_it_is_published_is_whole(library: Library) -> None:
    add(library, OTHER, "b.txt")
    for content in (FIRST, SECOND, FIRST):
        library.stage(Source("/files/a.txt", "a.txt", content))
    library.publish()
    assert len(set(stored(library))) == 1
    assert "386个" in " ".join(found(library, "全市有多少社区"))
    library.check()


def test_rebuild_brings_nothing_back(tmp_path: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    with open_library(data, lambda: embedder) as library:
        add(library, FIRST, "a.txt")
        add(library, OTHER, "b.txt")
        library.catalog.set_state([find_document(library.catalog, "甲市讲话").id], State.DELETING)
    with open_library(data, lambda: embedder, rebuild=True) as library:
        library.rebuild()
        assert [d.title for d in library.catalog.documents()] == ["乙县讲话"]
        assert len(set(stored(library))) == 1
        # Indexing its file again is what brings it back.
        assert add(library, FIRST, "a.txt") == ["added"]


def test_a_lost_catalog_is_told_and_nothing_is_thrown_away(tmp_path: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    with open_library(data, lambda: embedder) as library:
        add(library, FIRST)
        rows = library.lexical.count()
    (data / "catalog.sqlite").unlink()
    with pytest.raises(CatalogLost, match=str(rows)), open_library(data, lambda: embedder):
        pass


def test_a_document_deleted_while_it_is_embedded_stays_out(library: Library) -> None:
    add(library, OTHER, "b.txt")
    document_id = library.stage(Source("/files/a.txt", "a.txt", FIRST))[0].document_id
    library.publish(lambda done, total: library.delete(document_id) if library.catalog.known([document_id]) else None)
    assert library.catalog.known([document_id]) == set()
    assert len(set(stored(library))) == 1


def test_a_file_that_cannot_be_read_leaves_the_old_version(library: Library) -> None:
    add(library, FIRST)
    with pytest.raises(EmptyFile):
        library.stage(Source("/files/a.txt", "a.txt", b" "))
    library.publish()
    assert [d.title for d in library.catalog.documents()] == ["甲市讲话"]


def test_an_interrupted_run_goes_on_and_shows_nothing_half_done(tmp_path: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    calls: list[int] = []

    def stop(done: int, total: int) -> None:
        calls.append(done)
        raise KeyboardInterrupt

    with open_library(data, lambda: embedder) as library:
        add(library, FIRST)
        library.stage(Source("/files/a.txt", "a.txt", SECOND))
        with pytest.raises(KeyboardInterrupt):
            library.publish(stop)
        # The old version answers until the new one is whole.
        assert "386个" in " ".join(found(library, "全市有多少社区"))
    with open_library(data, lambda: embedder) as library:
        assert library.pending_passages() > 0
        library.publish()
        assert "412个" in " ".join(found(library, "全市有多少社区"))
        library.check()
    assert calls


def test_an_interrupted_delete_is_finished_by_the_next_run(tmp_path: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    with open_library(data, lambda: embedder) as library:
        add(library, FIRST, "a.txt")
        add(library, OTHER, "b.txt")
        gone = find_document(library.catalog, "甲市讲话")
        library.catalog.set_state([gone.id], State.DELETING)
        library.vectors.delete(gone.id)
    with open_library(data, lambda: embedder) as library:
        with pytest.raises(DocumentNotFound):
            library.visible(gone.id)
        library.publish()
        assert len(set(stored(library))) == 1


def test_an_index_of_another_embedder_is_refused_and_rebuilt(tmp_path: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    other = Embedder(embedder.model, "other-model")
    with open_library(data, lambda: embedder) as library:
        add(library, FIRST)
        before = stored(library)
    with open_library(data, lambda: other) as library, pytest.raises(IndexMismatch, match="speechqa rebuild"):
        _ = library.embedder
    changed = Embedder(embedder.model, embedder.name, document_prompt="another prompt: ")
    with open_library(data, lambda: changed) as library, pytest.raises(IndexMismatch, match="document_prompt"):
        _ = library.embedder
    with open_library(data, lambda: other, rebuild=True) as library:
        library.rebuild()
    with open_library(data, lambda: other) as library:
        assert stored(library) == before
        assert "386个" in " ".join(found(library, "全市有多少社区"))


def test_a_lost_index_is_told_and_rebuilt(tmp_path: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    with open_library(data, lambda: embedder) as library:
        add(library, FIRST)
        library.lexical.delete([library.catalog.documents()[0].id])
    with pytest.raises(IndexMismatch, match="speechqa rebuild"), open_library(data, lambda: embedder):
        pass
    with open_library(data, lambda: embedder, rebuild=True) as library:
        library.rebuild()
        library.check()


def hold(data: Path, ready: "multiprocessing.synchronize.Event", done: "multiprocessing.synchronize.Event") -> None:
    with hold_folder(data):
        ready.set()
        done.wait(60)


def test_a_second_process_is_refused(tmp_path: Path, open_data: OpenLibrary) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=hold, args=(tmp_path, ready, done))
    process.start()
    try:
        assert ready.wait(60)
        with pytest.raises(DataFolderInUse, match=str(process.pid)), open_data(tmp_path):
            pass
    finally:
        done.set()
        process.join(60)
    with open_data(tmp_path) as library:
        assert library.catalog.documents() == []


def test_files_of_a_folder_are_found_and_hidden_ones_left(tmp_path: Path) -> None:
    (tmp_path / "sub" / ".hidden").mkdir(parents=True)
    for name in ("b.md", "sub/a.TXT", "sub/.hidden/c.txt", "table.xlsx", ".d.txt"):
        (tmp_path / name).write_text("x")
    assert [file.name for file in collect_files(tmp_path)] == ["b.md", "a.TXT"]
    with pytest.raises(FileNotReadable):
        collect_files(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToIndex, match=r"\.txt"):
        collect_files(tmp_path / "empty")


def test_every_error_says_what_to_do_in_two_languages() -> None:
    def all_errors(base: type[SpeechQAError]) -> list[type[SpeechQAError]]:
        return [base, *(error for sub in base.__subclasses__() for error in all_errors(sub))]

    errors = all_errors(SpeechQAError)
    assert len({error.code for error in errors}) == len(errors)
    for error in errors:
        assert set(error.texts) == {"en", "zh"}
        for language in error.texts:
            message, hint = error.texts[language]
            assert message
            assert hint


def test_a_catalog_of_the_first_version_is_taken_over(tmp_path: Path, open_data: OpenLibrary) -> None:
    with open_data(tmp_path / "data") as library:
        add(library, FIRST)
    with sqlite3.connect(tmp_path / "data" / "catalog.sqlite") as connection:
        connection.execute("ALTER TABLE documents DROP COLUMN place")
        connection.execute("UPDATE properties SET value = '1' WHERE key = 'version'")
    connection.close()
    with open_data(tmp_path / "data") as library:
        assert [(s.title, s.place) for s in library.catalog.summaries()] == [("甲市讲话", None)]
        assert found(library, "全市有多少社区")
