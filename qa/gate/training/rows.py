"""What the judge learns from: pieces of evidence, each with sentences that it bears out and sentences that it does not."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.reader.encoding import Context

SENTENCES = Path(__file__).parent / "sentences"
HELD_OUT = 8  # rows at the end of each file that are never trained on
# Shares of the evidence that is read with a sentence of another before or behind it, as passages hold more than is cited.
CROWDED = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """Evidence and its sentences, each with what was altered in it, empty for what the evidence bears out."""

    context: Context
    evidence: str
    sentences: tuple[tuple[str, str], ...]


def rows(held_out: bool, folder: Path = SENTENCES) -> list[Row]:
    """The rows to train on, or those held out to measure."""
    found: list[Row] = []
    for file in sorted(folder.glob("*.jsonl"), key=lambda file: int(file.stem)):
        read = [_row(json.loads(line)) for line in file.read_text("utf-8").splitlines() if line.strip()]
        found += read[-HELD_OUT:] if held_out else read[:-HELD_OUT]
    return found


def _row(told: dict[str, object]) -> Row:
    def listed(name: str) -> Iterable[object]:
        value = told.get(name, ())
        return value if isinstance(value, list) else ()

    faithful = [("", str(said)) for name in ("faithful", "faithful_en") for said in listed(name)]
    altered = [(str(kind), str(said)) for name in ("false", "false_en") for kind, said in _pairs(listed(name))]
    name, _, path = str(told["about"]).partition(">")
    sentences = tuple((said, kind) for kind, said in [*faithful, *altered])
    return Row(Context(name.strip(), path.strip()), str(told["evidence"]), sentences)


def _pairs(values: Iterable[object]) -> Iterator[tuple[object, object]]:
    for value in values:
        if isinstance(value, list):
            yield value[0], value[1]


def crowd(known: Sequence[Row], seed: int) -> list[Row]:
    """The rows with other sentences put beside some of the evidence: what a sentence rests on is seldom alone."""
    chance = random.Random(seed)  # noqa: S311 # repeatable, no secret
    crowded = []
    for row in known:
        evidence = row.evidence
        if chance.random() < CROWDED:
            beside = chance.choice(known).evidence.split("。")[0] + "。"
            evidence = evidence + beside if chance.random() < 0.5 else beside + evidence
        crowded.append(Row(row.context, evidence, row.sentences))
    return crowded
