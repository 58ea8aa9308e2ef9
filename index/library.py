"""The library: catalog, vectors and lexical index kept in step while documents come and go."""

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from index.catalog import Catalog, Summary
from index.documents import VISIBLE, Document, State
from index.embedding import Embedder, Vectors
from index.errors import (
    AmbiguousDocument,
    CatalogLost,
    DocumentNotFound,
    IndexMismatch,
    SpeechQAError,
)
from index.folder import hold_folder, prepare_folder
from index.groups import may_see
from index.lexical import LexicalIndex, remove_index
from index.outline import parse_outline
from index.parsing import parse_file
from index.passages import cut_passages
from index.sidecar import parse_sidecar
from index.sources import Source
from index.vectors import VectorStore, open_chroma

# Passages embedded between two commits: enough to fill batches of like length, little to lose on a stop.
PASSAGES_A_COMMIT = 512
PASSAGES_A_STEP = 128  # between two steps of a progress bar
CACHED_DOCUMENTS = 1024

Status = Literal["added", "updated", "unchanged", "removed", "failed"]
Progress = Callable[[int, int], None]  # passages done, passages in all


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document, or of one file that could not be read."""

    status: Status
    name: str
    title: str = ""
    document_id: str = ""
    error: SpeechQAError | None = None


class Library:
    """Documents in a data folder. A document answers questions only while all three stores have it.

    Args:
        data: the data folder.
        catalog, vectors, lexical: its three stores.
        load_embedder: called once, when vectors are needed for the first time.
    """

    def __init__(
        self,
        data: Path,
        catalog: Catalog,
        vectors: VectorStore,
        lexical: LexicalIndex,
        load_embedder: Callable[[], Embedder],
    ) -> None:
        self.data = data
        self.catalog = catalog
        self.vectors = vectors
        self.lexical = lexical
        self._load_embedder = load_embedder
        self._cache: OrderedDict[str, Document] = OrderedDict()
        self.cached_documents = CACHED_DOCUMENTS
        self._writing = threading.RLock()
        self._publishing = threading.Lock()

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder, checked against the vectors kept; raises `IndexMismatch` when they do not fit."""
        embedder = self._load_embedder()
        self.vectors.prepare(embedder)
        return embedder

    # -- adding ---------------------------------------------------------------------------------------

    def stage(self, source: Source) -> list[Outcome]:
        """Read one file into the catalog; `publish` makes its new documents answer.

        A later file under the same key takes its place.

        Raises:
            SpeechQAError: the file cannot be read; nothing is changed.
        """
        with self._writing:
            if self.catalog.source_sha256(source.key) == source.fingerprint:
                same = self._of_source(source.key)
                if same and all(s.state in (State.READY, State.INDEXING) for s in same):
                    return [Outcome("unchanged", s.source, s.title, s.id) for s in same]
        # Reading may take a converter's minutes; meanwhile others go on.
        sidecar = parse_sidecar(source.sidecar, source.sidecar_name) if source.sidecar is not None else None
        documents = parse_file(source.content, source.name, sidecar, source.groups)
        with self._writing:
            return self._stage(source, documents)

    def try_stage(self, source: Source) -> list[Outcome]:
        """Like `stage`; a file that cannot be read is an outcome, so that the rest can go on."""
        try:
            return self.stage(source)
        except SpeechQAError as error:
            return [Outcome("failed", source.name, error=error)]

    def _stage(self, source: Source, documents: list[Document]) -> list[Outcome]:
        key = source.key
        before = self._of_source(key)
        known = self.catalog.known([d.id for d in documents])
        fresh = {d.id: d for d in documents if d.id not in known}
        if fresh:
            _ = self.embedder  # refuses an index of another model before anything is written
        origins = [(number, d.id, d.source) for number, d in enumerate(documents, start=1)]
        gone = self.catalog.stage(key, source.fingerprint, origins, fresh.values())
        # What others may see from now on does not go on answering for those who might see it before.
        titles = {document.title: document.groups for document in documents}
        changed_hands = {d.id for d in before if d.id in gone and titles.get(d.title, d.groups) != d.groups}
        if changed_hands:
            self.catalog.set_state(changed_hands, State.DELETING)
        # What another file's sidecar told of the same speech is not lost to a file that tells nothing.
        told = known if source.sidecar is not None else known - self.catalog.held_elsewhere(known, key)
        described = self.catalog.describe([d for d in documents if d.id in told])
        for document_id in described:
            self._cache.pop(document_id, None)
        self.lexical.replace([d for d in self.catalog.documents(described) if d.state in VISIBLE])
        old_titles = [d.title for d in before if d.id in gone]
        outcomes = []
        for document in documents:
            status: Status = "added"
            if document.id in known:
                status = "updated" if document.id in described else "unchanged"
            if status == "added" and document.title in old_titles:
                old_titles.remove(document.title)
                status = "updated"
            outcomes.append(Outcome(status, document.source, document.title, document.id))
        changed = [o for o in outcomes if o.status == "added"]
        for title in old_titles:
            if changed:
                # Another title under the same file: the file's content was exchanged.
                place = outcomes.index(changed.pop(0))
                outcomes[place] = dataclasses.replace(outcomes[place], status="updated")
            else:
                outcomes.append(Outcome("removed", key, title))
        return outcomes

    def holds_for_others(self, key: str, own: Collection[str] | None) -> bool:
        """True when a source has a speech that somebody in the groups `own` may not see."""
        return own is not None and any(not may_see(summary.groups, own) for summary in self._of_source(key))

    def _of_source(self, key: str) -> list[Summary]:
        ids = self.catalog.source_ids(key)
        by_id = {summary.id: summary for summary in self.catalog.summaries(ids)}
        return [by_id[id_] for id_ in ids]

    def pending_passages(self) -> int:
        """Passages that are in the catalog and not yet in both indexes."""
        return self.catalog.passage_count([State.INDEXING])

    def publish(self, progress: Progress | None = None) -> int:
        """Embed and index every pending document, then take out what was replaced or deleted.

        May be stopped at any point: the next call goes on from the last commit. Other threads may stage and
        delete meanwhile; embedding, which takes the time, holds nobody up.

        Returns:
            Number of passages embedded.
        """
        with self._publishing:
            total, done = self.pending_passages(), 0

            def step(count: int) -> None:
                nonlocal done
                done += count
                if progress:
                    progress(done, max(done, total))

            while True:
                while batch := self._next_batch():
                    self._publish(batch, step)
                with self._writing:
                    # An old version goes only when its new one answers, also one staged just now.
                    if not self.catalog.summaries(states=[State.INDEXING]):
                        for summary in self.catalog.summaries(states=[State.REPLACED, State.DELETING]):
                            self._remove(summary.id)
                        return done

    def _next_batch(self) -> list[Document]:
        """Pending documents with about `PASSAGES_A_COMMIT` passages; none when nothing waits."""
        batch: list[Document] = []
        size = 0
        for summary in self.catalog.summaries(states=[State.INDEXING]):
            batch.extend(self.catalog.documents([summary.id]))
            size += len(batch[-1].passages) if batch else 0
            if size >= PASSAGES_A_COMMIT:
                break
        return batch

    def _publish(self, batch: list[Document], step: Callable[[int], None]) -> None:
        vectors = self._embed([d.text[p.start : p.end] for d in batch for p in d.passages], step)
        with self._writing:
            # What was deleted or replaced while it was being embedded stays out.
            waiting = {summary.id for summary in self.catalog.summaries(states=[State.INDEXING])}
            passages = [p for document in batch for p in document.passages]
            keep = [row for row, passage in enumerate(passages) if passage.document_id in waiting]
            self.vectors.upsert([passages[row] for row in keep], vectors[keep])
            kept = [document for document in batch if document.id in waiting]
            self.lexical.replace(kept)
            self.catalog.set_state([document.id for document in kept], State.READY)

    def _embed(self, texts: list[str], step: Callable[[int], None]) -> Vectors:
        """Vectors of `texts`, shape (len(texts), dimension), texts of like length together."""
        embedder = self.embedder
        vectors = np.empty((len(texts), embedder.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for first in range(0, len(order), PASSAGES_A_STEP):
            rows = order[first : first + PASSAGES_A_STEP]
            vectors[rows] = embedder.encode_documents([texts[i] for i in rows])
            step(len(rows))
        return vectors

    # -- taking out -----------------------------------------------------------------------------------

    def delete(self, document_id: str) -> None:
        """Take a document out of all three stores; it stops answering at once."""
        with self._writing:
            if not self.catalog.known([document_id]):
                raise DocumentNotFound(document=document_id)
            self.catalog.set_state([document_id], State.DELETING)
            self._remove(document_id)

    def _remove(self, document_id: str) -> None:
        # The catalog goes last: whatever is interrupted, `publish` finds the document and finishes.
        self.vectors.delete(document_id)
        self.lexical.delete([document_id])
        self.catalog.remove(document_id)
        self._cache.pop(document_id, None)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make both indexes anew from the catalog's texts, with the embedder that is set now."""
        embedder = self._load_embedder()
        with self._writing:
            for summary in self.catalog.summaries(states=[State.REPLACED, State.DELETING]):
                self.catalog.remove(summary.id)
            for document in self.catalog.documents():
                sections = parse_outline(document.text, document.hints)
                passages = cut_passages(document.id, document.text, sections)
                self.catalog.replace_parts(dataclasses.replace(document, sections=sections, passages=passages))
            self._cache.clear()
            self.vectors.reset()
            self.vectors.prepare(embedder)
            self.lexical.delete_all()
        return self.publish(progress)

    # -- reading --------------------------------------------------------------------------------------

    def visible(self, document_id: str) -> Document:
        """A document that questions may see, with its parts; raises `DocumentNotFound`."""
        document = self.visible_documents([document_id]).get(document_id)
        if document is None:
            raise DocumentNotFound(document=document_id)
        return document

    def visible_documents(self, ids: Collection[str]) -> dict[str, Document]:
        """Those of the documents `ids` that questions may see, with their parts, by id."""
        wanted = set(ids)
        # The catalog is asked each time: a deleted document must not live on in memory.
        visible = self.catalog.visible_ids(wanted)
        found = {id_: document for id_ in visible if (document := self._cache.get(id_))}
        for document in self.catalog.documents(visible - found.keys()) if visible - found.keys() else ():
            found[document.id] = document
        with self._writing:
            for id_ in wanted - visible:
                self._cache.pop(id_, None)
            for id_, document in found.items():
                self._cache[id_] = document
                self._cache.move_to_end(id_)
            while len(self._cache) > self.cached_documents:
                self._cache.popitem(last=False)
        return found

    def check(self) -> None:
        """Raise `IndexMismatch` when an index has lost what the catalog says is ready."""
        expected = self.catalog.passage_count(VISIBLE)
        waiting = self.catalog.passage_count([State.INDEXING, State.DELETING]) > 0
        if not expected and not waiting and self.lexical.count():
            raise CatalogLost(data=self.data, count=self.lexical.count())
        for name, count in (("chroma", self.vectors.count()), ("lexical", self.lexical.count())):
            if count < expected or (count > expected and not waiting):
                raise IndexMismatch(data=self.data, reason=f"{name}: {count}/{expected}")


def find_document(catalog: Catalog, wanted: str) -> Document:
    """The visible document with this id, id prefix, title or source name.

    Raises:
        DocumentNotFound, AmbiguousDocument: none fits, or several do.
    """
    summaries = catalog.summaries(states=VISIBLE)
    for fits in (
        lambda s: s.id == wanted,
        lambda s: wanted in (s.title, s.source),
        lambda s: len(wanted) >= 4 and s.id.startswith(wanted),
        lambda s: s.source.partition("#")[0] == wanted,
    ):
        found = [summary for summary in summaries if fits(summary)]
        if len(found) > 1:
            raise AmbiguousDocument(document=wanted, count=len(found))
        if found:
            return catalog.documents([found[0].id])[0]
    raise DocumentNotFound(document=wanted)


@contextmanager
def open_library(
    data: Path,
    load_embedder: Callable[[], Embedder],
    chroma_url: str = "",
    database_url: str = "",
    rebuild: bool = False,
) -> Iterator[Library]:
    """Open `data` for this process alone and close it at the end of the block.

    Args:
        data: the data folder, made when missing.
        load_embedder: called when vectors are first needed.
        chroma_url: a Chroma server; empty for the embedded store in `data`.
        database_url: an SQLAlchemy URL; empty for SQLite in `data`.
        rebuild: drop the indexes in `data`, whatever state they are in, rather than refuse them.
    """
    prepare_folder(data)
    with ExitStack() as stack:
        stack.enter_context(hold_folder(data))
        catalog = open_catalog(data, database_url)
        stack.callback(catalog.close)
        if rebuild:
            # The model first: without one, what is there stays as it is.
            embedder = load_embedder()
            load_embedder = lambda: embedder  # noqa: E731
            remove_index(data / "lexical")
            if not chroma_url:
                remove_index(data / "chroma")
        lexical = LexicalIndex(data / "lexical", data)
        vectors = VectorStore(open_chroma(data / "chroma", chroma_url), f"speechqa-{catalog.id[:16]}", data)
        stack.callback(vectors.close)
        library = Library(data, catalog, vectors, lexical, load_embedder)
        if not rebuild:
            library.check()
        yield library


def open_catalog(data: Path, database_url: str = "") -> Catalog:
    """The catalog alone, for commands that only list or show; works while another process holds `data`."""
    return Catalog(database_url or f"sqlite:///{data / 'catalog.sqlite'}", data)
