"""From the reader's judgements to an order of sentences and one probability each: what it reads, weighed with checks."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from index.sentences import Span
from qa.reader.reading import WEIGHTS, Judgement
from qa.retriever import Evidence
from qa.scoring import MISFITS, SentenceScorer

FEATURES = ("reader", "span", "coverage", "letters", "phrases", "lacks_here", "lacks_anywhere", "cosine", *MISFITS)
# What beside them says whether the best sentence is right: how far its passage is behind the best one, and its share
# among the sentences of its speech.
CONFIDENCE = (*FEATURES, "behind", "share")
CALIBRATION_FILE = "calibration.json"
DEFAULT_FILE = WEIGHTS / CALIBRATION_FILE
LARGEST_LOGIT = 8.0
# A wrong answer costs five times a refusal: answer only what is right with this probability.
COST_OF_WRONG = 5.0
THRESHOLD = COST_OF_WRONG / (1 + COST_OF_WRONG)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two linear models: which sentence answers, and how likely it does so; and when that is enough.

    Args:
        order: weights over `FEATURES`; the larger the sum, the likelier among the sentences of one question.
        bias, weights: a logistic model over `CONFIDENCE`.
        threshold: the probability from which on a sentence is taken for an answer.
    """

    order: dict[str, float]
    bias: float
    weights: dict[str, float]
    threshold: float = THRESHOLD

    def rank(self, rows: np.ndarray) -> np.ndarray:
        """The order's sums for sentences with features `rows`, shape (sentences, features)."""
        sums: np.ndarray = rows @ np.array([self.order[name] for name in FEATURES])
        return sums

    def confidence(self, rows: np.ndarray, documents: Sequence[str]) -> np.ndarray:
        """What the probability rests on, shape (sentences, confidence); `documents` has each sentence's document."""
        sums = self.rank(rows)
        share = np.empty(len(rows))
        for document in set(documents):
            inside = np.array([other == document for other in documents])
            likely = np.exp(sums[inside] - sums[inside].max())
            share[inside] = likely / likely.sum()
        reader = rows[:, FEATURES.index("reader")]
        return np.column_stack([rows, reader.max() - reader, share])

    def probabilities(self, rows: np.ndarray, documents: Sequence[str]) -> np.ndarray:
        """How likely each sentence answers, shape (sentences,)."""
        sums = self.bias + self.confidence(rows, documents) @ np.array([self.weights[name] for name in CONFIDENCE])
        likely: np.ndarray = 1 / (1 + np.exp(-np.clip(sums, -30, 30)))
        return likely


# Whether question and sentence are both Chinese, both in an alphabet, or one of each: other things tell in each case.
Scripts = Literal["chinese", "alphabetic", "across"]
SCRIPTS: tuple[Scripts, ...] = get_args(Scripts)


class Calibrations(dict[Scripts, Calibration]):
    """How sentences are weighed, for each pair of scripts."""

    def save(self, file: Path) -> None:
        """Write it, whole or not at all."""
        content = {scripts: asdict(calibration) for scripts, calibration in self.items()}
        temporary = file.with_suffix(".part")
        temporary.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        temporary.replace(file)


def load_calibrations(file: Path = DEFAULT_FILE) -> Calibrations | None:
    """Read what `save` wrote; None when it was written by a version that weighed other things."""
    content = json.loads(file.read_text("utf-8"))
    if content.keys() != set(SCRIPTS):
        return None
    loaded = Calibrations({scripts: Calibration(**content[scripts]) for scripts in SCRIPTS})
    fits = all(set(one.order) == set(FEATURES) and set(one.weights) == set(CONFIDENCE) for one in loaded.values())
    return loaded if fits else None


def features(scorer: SentenceScorer, piece: Evidence, span: Span, judgement: Judgement) -> list[float]:
    """The features of one sentence of a passage that was read, in the order of `FEATURES`."""
    first, last = span[0] - piece.passage.start, span[1] - piece.passage.start
    share = sum(part for start, end, part in judgement.spans if first <= start < last)
    misfits = scorer.misfits(piece, span)
    return [
        max(-LARGEST_LOGIT, min(LARGEST_LOGIT, judgement.logit)),
        share,
        scorer.coverage(piece, span),
        scorer.letters(piece, span),
        scorer.phrases(piece, span),
        *scorer.gaps(piece),
        max(0.0, piece.cosine - 0.7) * 10,
        *(float(misfit in misfits) for misfit in MISFITS),
    ]
