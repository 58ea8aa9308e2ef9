from itertools import pairwise

from index.documents import Document
from index.library import Library
from index.sources import Source
from qa.retriever import Evidence
from qa.windows import widen


def evidence_of(document: Document, *numbers: int) -> list[Evidence]:
    return [Evidence(document, document.passages[n], 1 / (place + 1), 0.9, 1.0) for place, n in enumerate(numbers)]


def test_neighbours_that_were_both_found_are_read_as_one(library: Library) -> None:
    sentence = "各乡镇要把灌溉渠道的清淤、衬砌和管护放在同一张清单上，一条一条落实到人，一个月一个月对账，不留死角。"
    library.stage(Source("k", "a.txt", f"在全县水利会上的讲话\n一、抓渠道\n{sentence * 9}\n".encode()))
    library.publish()
    document = library.catalog.documents()[0]
    first, second, third = [p for p in document.passages if p.end - p.start > len("一、抓渠道")][:3]
    windows = widen(evidence_of(document, second.number, first.number))
    assert [w.text for w in windows] == [document.text[first.start : second.end]]
    apart = widen(evidence_of(document, third.number, first.number))
    assert [w.passage for w in apart] == [third, first]


def test_a_window_never_leaves_its_section_and_none_overlap(samples: Library) -> None:
    for document in samples.catalog.documents():
        sections = {section.id: section for section in document.sections}
        windows = widen(evidence_of(document, *range(len(document.passages))))
        spans = sorted((w.passage.start, w.passage.end) for w in windows)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        for window in windows:
            section = sections[window.passage.section_id]
            assert section.start <= window.passage.start < window.passage.end <= section.end


def test_a_long_passage_found_alone_stays_as_it_is(samples: Library) -> None:
    document = max(samples.catalog.documents(), key=lambda d: len(d.text))
    longest = max(document.passages, key=lambda p: p.end - p.start)
    assert widen(evidence_of(document, longest.number))[0].passage == longest
