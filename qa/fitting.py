"""Fitting the probability that a sentence answers, on questions whose answers are known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from qa.engine import Engine
from qa.errors import TooFewQuestions
from qa.evaluation import GoldQuestion, overlaps
from qa.selection import CALIBRATION_FILE, COST_OF_WRONG, FEATURES, Calibration

FEWEST = 10  # answerable and unanswerable questions each
# Inverse strength of the penalty on large weights; the features are few and the questions hundreds.
REGULARISATION = 1.0
READ_SENTENCES = 12  # sentences of each question that take part: those the weighing so far puts first


@dataclass(frozen=True, slots=True)
class Example:
    """The sentences read for one question: features, shape (sentences, features), and whether each is right."""

    answerable: bool
    features: np.ndarray
    right: np.ndarray


def examples(
    engine: Engine, questions: Sequence[GoldQuestion], progress: Callable[[], None] | None = None
) -> list[Example]:
    """Read every question that passages can answer and note which sentences hold the evidence."""
    found = []
    for gold in questions:
        if not gold.answerable or gold.evidence:
            read = engine.read(gold.question)
            if read:
                right = [
                    gold.is_right(piece.document)
                    and any(overlaps(piece.document.text, e, *span) for e in gold.evidence)
                    for piece, span, _ in read
                ]
                found.append(Example(gold.answerable, np.array([row for *_, row in read]), np.array(right)))
        if progress:
            progress()
    return found


def recalibrate(
    engine: Engine, questions: Sequence[GoldQuestion], progress: Callable[[], None] | None = None
) -> tuple[float, float]:
    """Fit the engine's calibration to `questions` and keep it in the data folder.

    Returns:
        What the answers cost before and after: a wrong one `COST_OF_WRONG`, a refusal of an answerable question 1.

    Raises:
        NothingToCalibrate, TooFewQuestions: nothing is changed.
    """
    found = examples(engine, questions, progress)
    shipped = engine.shipped_calibration
    fitted = refit(found, shipped) if shipped else fit(found)
    before = cost(engine.calibration, found) if engine.calibration else float("nan")
    fitted.save(engine.library.data / CALIBRATION_FILE)
    return before, cost(fitted, found)


def cost(calibration: Calibration, found: Sequence[Example]) -> float:
    """What answering `found` with `calibration` costs."""
    total = 0.0
    for example in found:
        best = top(example, calibration)[0]
        answered = calibration.probability(example.features[best]) >= calibration.threshold
        if answered and not example.right[best]:
            total += COST_OF_WRONG
        elif not answered and example.answerable:
            total += 1
    return total


def fit(found: Sequence[Example]) -> Calibration:
    """Fit all weights; the threshold weighs a wrong answer as `COST_OF_WRONG` refusals."""
    check_enough(found)
    calibration = Calibration(0.0, dict.fromkeys(FEATURES, 0.0) | {"reader": 1.0})
    for _ in range(3):  # which sentences take part depends on the weights
        chosen = [(e, top(e, calibration)) for e in found]
        rows = np.concatenate([e.features[order] for e, order in chosen])
        right = np.concatenate([e.right[order] for e, order in chosen])
        model = LogisticRegression(C=REGULARISATION, max_iter=2000).fit(rows, right)
        weights = dict(zip(FEATURES, map(float, model.coef_[0]), strict=True))
        calibration = Calibration(float(model.intercept_[0]), weights)
    return with_threshold(calibration, found)


def refit(found: Sequence[Example], shipped: Calibration) -> Calibration:
    """Keep the weights' proportions; refit how steep and how high, which few questions can tell."""
    check_enough(found)
    best = [e.features[top(e, shipped)[0]] for e in found]
    right = np.array([e.right[top(e, shipped)[0]] for e in found])
    weights = np.array([shipped.weights[name] for name in FEATURES])
    scores = np.array([[shipped.bias + row @ weights] for row in best])
    if right.all() or not right.any():
        return with_threshold(shipped, found)
    model = LogisticRegression(C=REGULARISATION, max_iter=2000).fit(scores, right)
    slope, shift = max(0.1, float(model.coef_[0, 0])), float(model.intercept_[0])
    scaled = {name: slope * value for name, value in shipped.weights.items()}
    return with_threshold(Calibration(slope * shipped.bias + shift, scaled), found)


def with_threshold(calibration: Calibration, found: Sequence[Example]) -> Calibration:
    """`calibration` with the threshold that costs least on `found`: wrong answers five times, refusals once."""
    steps = [*sorted({calibration.probability(e.features[top(e, calibration)[0]]) for e in found}), 1.0]
    costs = [cost(replace(calibration, threshold=step), found) for step in steps]
    # Between thresholds that cost the same, the middle is the safest.
    cheapest = [step for step, total in zip(steps, costs, strict=True) if total == min(costs)]
    return replace(calibration, threshold=float(cheapest[len(cheapest) // 2]))


def top(example: Example, calibration: Calibration) -> list[int]:
    """The sentences that the weighing puts first, best first."""
    scores = [calibration.probability(row) for row in example.features]
    return sorted(range(len(scores)), key=lambda i: -scores[i])[:READ_SENTENCES]


def check_enough(found: Sequence[Example]) -> None:
    """Raise `TooFewQuestions` when there is too little to fit on."""
    answerable = sum(1 for e in found if e.answerable)
    if min(answerable, len(found) - answerable) < FEWEST:
        raise TooFewQuestions(answerable=answerable, unanswerable=len(found) - answerable, fewest=FEWEST)
