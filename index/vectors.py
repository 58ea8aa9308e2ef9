"""The vectors of passages in Chroma, embedded in the data folder or behind a URL."""

import json
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from chromadb.utils.batch_utils import create_batches

from index.documents import Passage
from index.embedding import Embedder, Vectors
from index.errors import IndexMismatch, StoreUnavailable

# Raise when passages, prompts or metadata change their meaning, so that older collections are rebuilt.
FORMAT = 1
# Vectors of one fixed text that agree less than this come from another model.
SAME_MODEL = 0.999


class VectorStore:
    """One Chroma collection of passage vectors under cosine distance, made for one embedder.

    Args:
        client: where it is kept.
        name: the collection's name, one for each catalog.
        data: the data folder, named in errors.
    """

    def __init__(self, client: ClientAPI, name: str, data: Path) -> None:
        self._client = client
        self._name = name
        self._data = data
        self._collection: Collection | None
        try:
            self._collection = client.get_collection(name, embedding_function=None)
        except NotFoundError:
            self._collection = None
        except ChromaError as error:
            raise IndexMismatch(data=data, reason=f"chroma: {str(error).splitlines()[0]}") from error

    def prepare(self, embedder: Embedder) -> None:
        """Make the collection for `embedder`, or check that the one there was made by it.

        Raises:
            IndexMismatch: it was made by another model, with other prompts, or in another format.
        """
        wanted = _fingerprint(embedder)
        if self._collection is None:
            self._collection = self._client.create_collection(
                self._name,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
                metadata={**wanted, "probe": json.dumps([round(float(x), 5) for x in embedder.probe])},
            )
            return
        found = self._collection.metadata or {}
        for key, value in wanted.items():
            if found.get(key) != value:
                raise IndexMismatch(data=self._data, reason=f"{key}: {found.get(key)} → {value}")
        probe = np.asarray(json.loads(str(found.get("probe", "[0]"))), np.float32)
        if float(probe @ embedder.probe) < SAME_MODEL:
            raise IndexMismatch(data=self._data, reason=f"the weights of {embedder.name} have changed")

    def reset(self) -> None:
        """Drop the collection; `prepare` makes it anew."""
        if self._collection is not None:
            self._client.delete_collection(self._name)
            self._collection = None

    def upsert(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Write the vectors, shape (len(passages), dimension), of one or more documents."""
        if not passages or self._collection is None:
            return
        batches = create_batches(
            self._client,
            ids=[passage.id for passage in passages],
            embeddings=list(vectors),
            metadatas=[{"document_id": p.document_id, "section_id": p.section_id} for p in passages],
        )
        for ids, embeddings, metadatas, _ in batches:
            self._collection.upsert(ids=ids, embeddings=embeddings, metadatas=metadatas)

    def delete(self, document_id: str) -> None:
        """Remove every vector of a document."""
        if self._collection is not None:
            self._collection.delete(where={"document_id": document_id})

    def count(self) -> int:
        """Vectors kept."""
        return self._collection.count() if self._collection is not None else 0

    def search(self, vector: Vectors, limit: int, documents: Set[str] | None = None) -> list[tuple[str, float]]:
        """Return (passage id, cosine) best first, from `documents` only when given."""
        if self._collection is None or limit < 1 or documents == set():
            return []
        where: Any = {"document_id": {"$in": sorted(documents)}} if documents is not None else None
        query: Any = [vector]
        found = self._collection.query(
            query_embeddings=query,
            n_results=limit,
            where=where,
            include=["distances"],
        )
        distances = (found["distances"] or [[]])[0]
        return [(id_, 1.0 - float(distance)) for id_, distance in zip(found["ids"][0], distances, strict=True)]

    def close(self) -> None:
        """Give back files and connections, so that the folder can be opened or removed."""
        close = getattr(self._client, "close", None)  # the interface leaves it out; every client has it
        if close:
            close()

    def is_alive(self) -> bool:
        """True when the store answers."""
        try:
            self._client.heartbeat()
        except (ChromaError, ValueError, OSError):
            return False
        return True


def open_chroma(folder: Path, url: str) -> ClientAPI:
    """A client for the server at `url`, or for `folder` when it is empty.

    Raises:
        StoreUnavailable: the server does not answer or `url` is none.
    """
    settings = ChromaSettings(anonymized_telemetry=False)
    if not url:
        try:
            return chromadb.PersistentClient(path=str(folder), settings=settings)
        except (ChromaError, ValueError, OSError) as error:
            SharedSystemClient.clear_system_cache()  # else the failed start is remembered for this folder
            raise IndexMismatch(data=folder.parent, reason=f"chroma: {str(error).splitlines()[0]}") from error
    parts = urlparse(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StoreUnavailable(url=url, reason="not an http:// or https:// address")
    secure = parts.scheme == "https"
    try:
        client = chromadb.HttpClient(
            host=parts.hostname, port=parts.port or (443 if secure else 8000), ssl=secure, settings=settings
        )
        client.heartbeat()
    except (ValueError, OSError, ChromaError) as error:
        raise StoreUnavailable(url=url, reason=str(error).splitlines()[0]) from error
    return client


def _fingerprint(embedder: Embedder) -> dict[str, str | int]:
    return {
        "format": FORMAT,
        "embedder": embedder.name,
        "dimension": embedder.dimension,
        "query_prompt": embedder.query_prompt,
        "document_prompt": embedder.document_prompt,
    }
