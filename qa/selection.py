"""From the reader's judgements to one probability a sentence: what it reads, weighed with the checks of `qa.scoring`."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.sentences import Span
from qa.reader.reading import WEIGHTS, Judgement
from qa.retriever import Evidence
from qa.scoring import MISFITS, SentenceScorer

FEATURES = ("reader", "span", "coverage", "lacks_here", "lacks_anywhere", "across_scripts", "cosine", *MISFITS)
CALIBRATION_FILE = "calibration.json"
DEFAULT_FILE = WEIGHTS / CALIBRATION_FILE
LARGEST_LOGIT = 8.0
# A wrong answer costs five times a refusal: answer only what is right with this probability.
COST_OF_WRONG = 5.0
THRESHOLD = COST_OF_WRONG / (1 + COST_OF_WRONG)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over `FEATURES` that says how likely a sentence answers, and when that is enough."""

    bias: float
    weights: dict[str, float]
    threshold: float = THRESHOLD

    def probability(self, features: Sequence[float]) -> float:
        """How likely a sentence with these features, in the order of `FEATURES`, answers."""
        total = self.bias + sum(self.weights[name] * value for name, value in zip(FEATURES, features, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def save(self, file: Path) -> None:
        """Write it, whole or not at all."""
        temporary = file.with_suffix(".part")
        temporary.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")
        temporary.replace(file)


def load_calibration(file: Path = DEFAULT_FILE) -> Calibration:
    """Read what `save` wrote."""
    return Calibration(**json.loads(file.read_text("utf-8")))


def features(scorer: SentenceScorer, piece: Evidence, span: Span, judgement: Judgement) -> list[float]:
    """The features of one sentence of a passage that was read, in the order of `FEATURES`."""
    first, last = span[0] - piece.passage.start, span[1] - piece.passage.start
    share = sum(part for start, end, part in judgement.spans if first <= start < last)
    same_script = scorer.same_script(piece.document.text[span[0] : span[1]])
    misfits = scorer.misfits(piece, span)
    return [
        max(-LARGEST_LOGIT, min(LARGEST_LOGIT, judgement.logit)),
        share,
        scorer.coverage(piece, span) if same_script else 0.0,
        *(scorer.gaps(piece) if same_script else (0.0, 0.0)),
        0.0 if same_script else 1.0,
        max(0.0, piece.cosine - 0.7) * 10,
        *(float(misfit in misfits) for misfit in MISFITS),
    ]
