"""What a reader is, and which one is used."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.embedding import Embedder
from qa.errors import ReaderUnavailable
from qa.reader.encoding import Context

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BUNDLED, NO_READER = "bundled", "none"
WEIGHTS = Path(__file__).parent / "weights"
WEIGHTS_FILE, REPORT_FILE = "reader.safetensors", "report.json"
BATCH = 8


@dataclass(frozen=True, slots=True)
class Judgement:
    """What reading one passage gave.

    `logit` says how likely it answers (0 is even odds); `spans` are likely answers, best first, as (start, end) in
    code points of the passage and their share of the probability. Empty when the reader gave it up early.
    """

    logit: float
    spans: tuple[tuple[int, int, float], ...] = ()


class PassageReader(Protocol):
    """Says how likely each passage answers a question."""

    name: str

    def read(self, question: str, passages: Sequence[tuple[Context, str]]) -> list[Judgement]:
        """One judgement a passage, in their order."""
        ...


class CrossEncoderReader:
    """A cross-encoder of the user's choice; it says how likely, not where."""

    def __init__(self, model: "CrossEncoder", name: str) -> None:
        self._model, self.name = model, name
        self._lock = threading.Lock()

    def read(self, question: str, passages: Sequence[tuple[Context, str]]) -> list[Judgement]:
        """One judgement a passage, in their order."""
        pairs = [(question, f"{context}\n{text}") for context, text in passages]
        import torch

        with self._lock:
            logits = self._model.predict(pairs, batch_size=BATCH, activation_fn=torch.nn.Identity())
        return [Judgement(float(logit)) for logit in logits]


def load_reader(name: str, embedder: Embedder) -> PassageReader | None:
    """The bundled reader when `name` is empty, none when it is "none", else the cross-encoder named.

    None, too, where the bundled reader does not fit: it was made for the bundled embedder.

    Raises:
        ReaderUnavailable: it cannot be loaded.
    """
    if name == NO_READER:
        return None
    if not name:
        # Imported only here: torch takes seconds, and commands that ask nothing do not wait for it.
        reader: PassageReader | None = import_module("qa.reader.bundled").load_bundled_reader(embedder)
        return reader
    from sentence_transformers import CrossEncoder

    try:
        return CrossEncoderReader(CrossEncoder(name, num_labels=1), name)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ReaderUnavailable(name=name, reason=reason) from error
