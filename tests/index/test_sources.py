from pathlib import Path

import pytest

from index.errors import BadSidecar, DamagedFile, EmptyFile, NestedArchive, NothingToIndex, SpeechQAError, TooLarge
from index.library import Library
from index.sidecar import parse_sidecar
from index.sources import Source, collect_files, read_sources, unpack
from tests.index import files


def sources(content: bytes, name: str = "pack.zip") -> list[Source | SpeechQAError]:
    return list(unpack("/files/" + name, name, content))


def names(content: bytes) -> list[str]:
    return [source.name for source in sources(content)]


def test_an_archive_is_the_files_in_it() -> None:
    content = files.archive(
        {
            "讲话/a.txt": files.plain(),
            "b.docx": files.word(),
            "photo.jpg": b"x",
            "__MACOSX/._b.docx": b"x",
            "~$b.docx": b"x",
        }
    )
    assert names(content) == ["pack.zip/讲话/a.txt", "pack.zip/b.docx"]


def test_names_written_by_windows_and_names_that_point_outside_are_only_names() -> None:
    content = files.archive(
        {
            "AAAA.txt": files.plain(),
            "../../etc/讲话2.txt": files.plain(),
            "/abs/C:/x\\讲话3.txt": files.plain(),
        }
    ).replace(b"AAAA.txt", "讲话.txt".encode("gbk"))
    assert names(content) == ["pack.zip/讲话.txt", "pack.zip/etc/讲话2.txt", "pack.zip/abs/x/讲话3.txt"]


def test_two_members_of_one_name_are_two_sources() -> None:
    content = files.archive({"a/x.txt": files.plain(), "./a/x.txt": files.plain(["另一篇", "内容。"])})
    assert names(content) == ["pack.zip/a/x.txt", "pack.zip/a/x~2.txt"]


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(library: Library) -> None:
    content = files.archive(
        {
            "good.txt": files.plain(),
            "inner.zip": files.archive({"a.txt": files.plain()}),
            "bad.docx": b"PK",
            "empty.txt": b" ",
        }
    )
    found = sources(content)
    assert [type(item) for item in found] == [Source, NestedArchive, Source, Source]
    outcomes = [o for item in found if isinstance(item, Source) for o in library.try_stage(item)]
    assert [(o.status, o.name) for o in outcomes] == [
        ("added", "pack.zip/good.txt"),
        ("failed", "pack.zip/bad.docx"),
        ("failed", "pack.zip/empty.txt"),
    ]
    assert isinstance(outcomes[1].error, DamagedFile)
    assert isinstance(outcomes[2].error, EmptyFile)


def test_an_archive_with_nothing_to_read_and_a_bomb_are_refused() -> None:
    with pytest.raises(NothingToIndex, match=r"pack\.zip"):
        sources(files.archive({"a.jpg": b"x"}))
    with pytest.raises(TooLarge, match=r"pack\.zip"):
        sources(files.archive({"a.txt": bytes(80_000_000)}))
    with pytest.raises(DamagedFile, match=r"pack\.zip"):
        sources(files.archive({"a.txt": files.plain()})[:-30])


def test_a_sidecar_wins_and_changing_it_updates_the_document(library: Library, tmp_path: Path) -> None:
    speech, sidecar = tmp_path / "s.txt", tmp_path / "s.txt.meta.yaml"
    speech.write_bytes(files.plain())

    def index() -> list[tuple[str, str]]:
        found = [source for source in read_sources(speech) if isinstance(source, Source)]
        outcomes = [outcome for source in found for outcome in library.stage(source)]
        library.publish()
        return [(outcome.status, outcome.document_id) for outcome in outcomes]

    (added,) = index()
    sidecar.write_text("speaker: 岑远舟\ndate: 2025-03-07\nplace: 云溪省临澜市\n", "utf-8")
    (updated,) = index()
    assert updated == ("updated", added[1])
    document = library.visible(added[1])
    assert (document.speaker, str(document.date), document.place) == ("岑远舟", "2025-03-07", "云溪省临澜市")
    assert document.occasion == "全省社区工作推进会"  # what the sidecar leaves out is read from the text
    assert index() == [("unchanged", added[1])]
    sidecar.write_text("title: 另一个题名\n", "utf-8")
    assert index()[0][0] == "updated"
    assert [s.title for s in library.catalog.summaries()] == ["另一个题名"]


def test_a_sidecar_speaks_of_single_speeches_too() -> None:
    sidecar = parse_sidecar("place: 临澜市\nspeeches:\n  2: {speaker: 祁砚秋}\n".encode(), "a.meta.yaml")
    assert (sidecar.of(1).speaker, sidecar.of(2).speaker, sidecar.of(2).place) == (None, "祁砚秋", "临澜市")


@pytest.mark.parametrize(
    "content",
    [
        "speker: x",
        "date: 某一天",
        "- a\n- b",
        "a: [",
        "title: {a: 1}",
        "speeches: 3",
        "title: !!python/object/apply:os.system [x]",
        "title: &a x\nplace: *a",
    ],
)
def test_a_sidecar_that_means_nothing_is_refused_by_name(content: str) -> None:
    with pytest.raises(BadSidecar, match=r"s\.meta\.yaml.*title, speaker, date, occasion, place"):
        parse_sidecar(content.encode(), "s.meta.yaml")


def test_a_sidecar_is_words_and_nothing_else() -> None:
    told = parse_sidecar(b"speaker: no\ntitle: !!bool foo\ndate: 2025-01-15\n", "a.meta.yaml").of(1)
    assert (told.speaker, told.title, str(told.date)) == ("no", "foo", "2025-01-15")


def test_an_archives_sidecar_speaks_for_members_without_one() -> None:
    content = files.archive({"a.txt": files.plain(), "b.txt": files.plain(), "b.txt.meta.yaml": b"speaker: B"})
    found = list(unpack("k", "pack.zip", content, b"speaker: A", "pack.zip.meta.yaml"))
    assert [source.sidecar for source in found if isinstance(source, Source)] == [b"speaker: A", b"speaker: B"]


def test_what_one_sidecar_told_is_not_lost_to_the_same_speech_elsewhere(library: Library) -> None:
    told = library.stage(Source("/a.txt", "a.txt", files.plain(), "place: 松湖会堂".encode(), "a.meta.yaml"))
    again = library.stage(Source("/b.txt", "b.txt", files.plain()))
    assert again[0].document_id == told[0].document_id
    assert [summary.place for summary in library.catalog.summaries()] == ["松湖会堂"]


def test_sidecars_and_lock_files_are_not_speeches(tmp_path: Path) -> None:
    for name in ("a.docx", "~$a.docx", "a.docx.meta.yaml", "b.OFD", "c.xlsx"):
        (tmp_path / name).write_bytes(b"x")
    assert [file.name for file in collect_files(tmp_path)] == ["a.docx", "b.OFD"]
