"""A judge of meaning: does evidence bear out what a sentence says, also in other words?

It is the bundled reader's network, trained further on evidence with sentences that it bears out and sentences that it
does not (`qa.gate.training`).
"""

from importlib import import_module
from pathlib import Path
from typing import Protocol

from index.embedding import Embedder
from qa.gate.binding import bind
from qa.reader.encoding import Context
from qa.reader.reading import PassageReader

WEIGHTS = Path(__file__).parent / "weights"


class Judge(Protocol):
    """Says how likely a piece of evidence bears out a sentence."""

    def judge(self, said: str, context: Context, evidence: str) -> float:
        """The logit of that; 0 is even odds."""
        ...

    def bind(self, said: str, evidence: str) -> float:
        """By how much what the figures are told of lies nearer to their own places in the evidence than to other ones."""
        ...


class BundledJudge:
    """The judge that ships with SpeechQA."""

    def __init__(self, reader: PassageReader, embedder: Embedder) -> None:
        self._reader, self._embedder = reader, embedder

    def judge(self, said: str, context: Context, evidence: str) -> float:
        """The logit of that; 0 is even odds."""
        return self._reader.read(said, [(context, evidence)])[0].logit

    def bind(self, said: str, evidence: str) -> float:
        """By how much what the figures are told of lies nearer to their own places in the evidence than to other ones."""
        return bind(said, evidence, self._embedder)


def load_judge(embedder: Embedder) -> Judge | None:
    """The bundled judge, None where it does not fit `embedder`.

    Raises:
        ReaderUnavailable: its file is damaged.
    """
    # Imported only here: torch takes seconds, and only a language model's sentences are judged.
    reader: PassageReader | None = import_module("qa.reader.bundled").load_bundled_reader(embedder, WEIGHTS)
    return None if reader is None else BundledJudge(reader, embedder)
