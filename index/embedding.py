"""Sentence embeddings: the bundled model or any other SentenceTransformer, and LangChain's view of it."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from index.bundled import NAME as BUNDLED
from index.bundled import bundled_model_folder
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
QUERY_PROMPTS = ("query",)
# A model that names only "passage" is loaded with an empty "document" prompt beside it: take the filled one.
DOCUMENT_PROMPTS = ("document", "passage", "corpus")
BATCH = 32
PROBE = "社区服务中心 community service centre 2025"


class Embedder(Embeddings):
    """A SentenceTransformer with its prompts; rows are L2-normalised float32, one thread at a time.

    Args:
        model: the loaded model.
        name: what settings call it.
        query_prompt, document_prompt: put before each text; by default the model's own.
    """

    def __init__(
        self,
        model: "SentenceTransformer",
        name: str,
        query_prompt: str | None = None,
        document_prompt: str | None = None,
    ) -> None:
        self.model = model
        self.name = name
        self.query_prompt = _own_prompt(model, QUERY_PROMPTS) if query_prompt is None else query_prompt
        self.document_prompt = _own_prompt(model, DOCUMENT_PROMPTS) if document_prompt is None else document_prompt
        self._lock = threading.Lock()
        self.probe: Vectors = self.encode_documents([PROBE])[0]

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.probe.shape[0])

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (len(texts), dimension).

        The lock is taken batch by batch, so that a question waits for one batch of an indexing run at most.
        """
        # Texts of like length share a batch, which saves padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        rows = np.empty((len(texts), 0), np.float32)
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            batch = self._encode([texts[i] for i in chosen], self.document_prompt)
            if not rows.shape[1]:
                rows = np.empty((len(texts), batch.shape[1]), np.float32)
            rows[chosen] = batch
        return rows

    def encode_query(self, text: str) -> Vectors:
        """Embed a question: shape (dimension,)."""
        row: Vectors = self._encode([text], self.query_prompt)[0]
        return row

    def _encode(self, texts: list[str], prompt: str) -> Vectors:
        with self._lock:
            rows = self.model.encode(
                texts, prompt=prompt, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(rows, np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `encode_documents`."""
        rows: list[list[float]] = self.encode_documents(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `encode_query`."""
        row: list[float] = self.encode_query(text).tolist()
        return row


def load_embedder(
    model: str, cache: Path, query_prompt: str | None = None, document_prompt: str | None = None
) -> Embedder:
    """Load the bundled model when `model` is empty or its name, else the SentenceTransformer named.

    Raises:
        ModelUnavailable: it is not there, is no SentenceTransformer, or its files are damaged.
    """
    # Torch takes seconds to import; commands that need no vectors do not wait for it.
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    if model in ("", BUNDLED):
        return Embedder(_load(str(bundled_model_folder(cache)), BUNDLED), BUNDLED, query_prompt, document_prompt)
    return Embedder(_load(model, model), model, query_prompt, document_prompt)


def _load(folder: str, name: str) -> "SentenceTransformer":
    import torch
    from sentence_transformers import SentenceTransformer

    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return SentenceTransformer(folder, device=device)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise ModelUnavailable(
            model=name,
            reason=(str(error).splitlines() or [type(error).__name__])[0],
            advice="Set SPEECHQA_EMBEDDING_MODEL to a SentenceTransformer's folder or name, or leave it empty.",
        ) from error


def _own_prompt(model: "SentenceTransformer", names: Sequence[str]) -> str:
    return next((prompt for name in names if (prompt := model.prompts.get(name))), "")
