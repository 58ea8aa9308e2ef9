"""The texts of the question sets as real libraries: passages, outlines and retrieval as in production."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from index.documents import Document
from index.embedding import Embedder
from index.library import Library, Progress, open_library
from index.sources import Source
from qa.evaluation import speech_of
from qa.reader.training.sets import Text

ALL_DOCUMENTS = 10_000


@contextmanager
def collection(folder: Path, texts: Iterable[Text], embedder: Embedder, progress: Progress) -> Iterator[Library]:
    """A library of `texts` under `folder`, made where it is not there yet; an interrupted making goes on."""
    with open_library(folder, lambda: embedder) as library:
        library.cached_documents = ALL_DOCUMENTS
        known = {summary.source for summary in library.catalog.summaries()}
        for text in texts:
            name = f"{text.key}.txt"
            if name not in known:
                sidecar = yaml.safe_dump({"title": text.title}, allow_unicode=True).encode() if text.title else None
                library.try_stage(Source(name, name, text.text.encode(), sidecar, f"{name}.meta.yaml"))
        library.publish(progress)
        yield library


def documents_by_key(library: Library) -> dict[str, Document]:
    """Each text's document."""
    return {speech_of(document.source)[0]: document for document in library.catalog.documents()}
