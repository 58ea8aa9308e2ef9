import pytest

from index.errors import BadSidecar
from index.groups import clean_groups, may_see
from index.library import Library
from index.sources import Source

SPEECH = "在全县养老工作会上的讲话\n同志们：\n老年食堂要办到每个村。\n".encode()


def add(library: Library, sidecar: str = "", groups: tuple[str, ...] | None = None) -> list[str]:
    library.stage(Source("a", "a.txt", SPEECH, sidecar.encode() or None, "a.txt.meta.yaml", groups))
    library.publish()
    return [document.id for document in library.catalog.documents()]


@pytest.mark.parametrize(
    ("groups", "own", "seen"),
    [
        ((), set(), True),
        (("a",), set(), False),
        (("a", "b"), {"b"}, True),
        (("a",), {"b"}, False),
        (("a",), None, True),
    ],
)
def test_a_document_is_seen_by_its_groups_alone(groups: tuple[str, ...], own: set[str] | None, seen: bool) -> None:
    assert may_see(groups, own) is seen


def test_groups_come_from_the_sidecar_or_from_who_adds_it(library: Library) -> None:
    add(library, "groups: [办公室, 民政局]")
    assert library.catalog.documents()[0].groups == ("办公室", "民政局")
    add(library, "groups: 办公室", groups=("财政局",))
    assert [document.groups for document in library.catalog.documents()] == [("财政局",)]


def test_what_is_taken_from_a_group_is_gone_before_it_is_there_again(library: Library) -> None:
    (everybody,) = add(library)
    library.stage(Source("a", "a.txt", SPEECH, groups=("民政局",)))
    assert library.catalog.visible_ids(groups=()) == set()
    library.publish()
    (document,) = library.catalog.documents()
    assert document.id != everybody
    assert library.catalog.visible_ids(groups={"民政局"}) == {document.id}
    assert library.catalog.visible_ids(groups={"财政局"}) == set()
    assert library.catalog.visible_ids() == {document.id}


def test_the_same_words_for_others_are_another_document(library: Library) -> None:
    add(library, groups=("民政局",))
    (outcome,) = library.stage(Source("b", "b.txt", SPEECH))
    assert outcome.status == "added"
    library.publish()
    assert len(library.catalog.documents()) == 2


@pytest.mark.parametrize("text", ["groups:", "groups: []", "groups: [[a]]", f"groups: {'a' * 101}"])
def test_groups_that_name_nobody_are_refused(library: Library, text: str) -> None:
    with pytest.raises(BadSidecar):
        add(library, text)


def test_names_of_groups_are_cleaned() -> None:
    assert clean_groups([" 乙 ", "甲", "甲", ""]) == ("乙", "甲")
