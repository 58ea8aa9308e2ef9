"""Fitting which sentence answers, and how likely, on questions whose answers are known."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from sklearn.linear_model import LogisticRegression

from qa.engine import Engine
from qa.errors import TooFewQuestions
from qa.evaluation import GoldQuestion, overlaps
from qa.question import Filters
from qa.selection import (
    CALIBRATION_FILE,
    CONFIDENCE,
    COST_OF_WRONG,
    FEATURES,
    SCRIPTS,
    Calibration,
    Calibrations,
    Scripts,
)

NOT_READ = ("outline", "metadata", "corpus")  # types of question that are answered otherwise
# Answerable and unanswerable questions each: those that are asked, and those of them that leave something to weigh.
FEWEST, FEWEST_READ = 10, 5
# Penalties on large weights, over features of unit variance: there are many of them for some hundred questions.
ORDER_PENALTY, CONFIDENCE_PENALTY = 0.002, 3.0
SPEAKS_FOR = ("reader", "span", "coverage", "cosine", "translated", "letters", "phrases", "share")
NEUTRAL = ("across_scripts",)  # everything else speaks against


@dataclass(frozen=True, slots=True)
class Example:
    """The sentences read for one question: features (sentences, features), each one's document, and whether it is right.

    `scripts` are theirs and the question's.
    """

    answerable: bool
    features: np.ndarray
    documents: tuple[str, ...]
    right: np.ndarray
    scripts: Scripts = "chinese"


def examples(
    engine: Engine, questions: Sequence[GoldQuestion], progress: Callable[[], None] | None = None
) -> list[Example]:
    """Read every question that passages can answer and note which sentences hold the evidence."""
    found = []
    for gold in questions:
        if is_read(gold) and (example := read_example(engine, gold)):
            found.append(example)
        if progress:
            progress()
    return found


def read_example(engine: Engine, gold: GoldQuestion, filters: Filters | None = None) -> Example | None:
    """Read one question and note which sentences hold the evidence; None where nothing is left to weigh."""
    sides = engine.read(gold.question, filters)
    if not sides:
        return None
    scripts, sentences = max(sides.items(), key=lambda side: len(side[1]))
    documents = [sentence.evidence.document for sentence in sentences]
    right = [
        gold.is_right(document) and any(overlaps(document.text, evidence, *sentence.span) for evidence in gold.evidence)
        for document, sentence in zip(documents, sentences, strict=True)
    ]
    rows = np.array([sentence.features for sentence in sentences])
    ids = tuple(document.id for document in documents)
    return Example(gold.answerable, rows, ids, np.array(right), scripts)


def is_read(gold: GoldQuestion) -> bool:
    """True for a question that is answered from passages, where what is right is known."""
    return gold.type not in NOT_READ and bool(gold.evidence or not gold.answerable)


def recalibrate(
    engine: Engine, questions: Sequence[GoldQuestion], progress: Callable[[], None] | None = None
) -> tuple[float, float]:
    """Fit the engine's calibration to `questions` and keep it in the data folder.

    Returns:
        What the answers cost before and after: a wrong one `COST_OF_WRONG`, a refusal of an answerable question 1.

    Raises:
        NothingToCalibrate, TooFewQuestions: nothing is changed.
    """
    # Of all that are asked: one where every sentence speaks of another thing leaves nothing to weigh, and counts.
    check_enough([gold.answerable for gold in questions if is_read(gold)])
    found = examples(engine, questions, progress)
    shipped = engine.shipped_calibrations or fit_all(found)
    fitted = Calibrations({scripts: refit(_side(found, scripts), one) for scripts, one in shipped.items()})
    before = cost_of_all(engine.calibrations or fitted, found)
    fitted.save(engine.library.data / CALIBRATION_FILE)
    return before, cost_of_all(fitted, found)


def _side(found: Sequence[Example], scripts: Scripts) -> list[Example]:
    return [example for example in found if example.scripts == scripts]


def cost_of_all(calibrations: Calibrations, found: Sequence[Example]) -> float:
    """What answering `found` costs."""
    return sum(cost(one, _side(found, scripts)) for scripts, one in calibrations.items())


def fit_all(found: Sequence[Example], deciding: Sequence[Example] = ()) -> Calibrations:
    """Fit how sentences are weighed for each pair of scripts; where its questions are too few, by all of them.

    Where some questions tell better than the others how often speeches answer, those are `deciding`: probabilities and
    thresholds are fitted to them, where they are enough.
    """
    fitted = Calibrations()
    for scripts in SCRIPTS:
        side = _side(found, scripts)
        fitted[scripts] = refit(_side(deciding, scripts), fit(side if _is_enough(side) else found))
    return fitted


def best(example: Example, calibration: Calibration) -> int:
    """The sentence that the order puts first."""
    return int(calibration.rank(example.features).argmax())


def likelihood(example: Example, calibration: Calibration) -> float:
    """How likely that sentence answers."""
    return float(calibration.probabilities(example.features, example.documents)[best(example, calibration)])


def cost(calibration: Calibration, found: Sequence[Example]) -> float:
    """What answering `found` with `calibration` costs."""
    return sum(_costs(example, calibration, likelihood(example, calibration)) for example in found)


def _costs(example: Example, calibration: Calibration, likely: float) -> float:
    if likely < calibration.threshold:
        return float(example.answerable)
    return 0.0 if example.right[best(example, calibration)] else COST_OF_WRONG


def fit(found: Sequence[Example]) -> Calibration:
    """Fit all weights and the threshold on `found`."""
    check_enough([example.answerable for example in found], FEWEST_READ)
    order = fit_order([example for example in found if example.answerable and example.right.any()])
    unfit = Calibration(order, 0.0, dict.fromkeys(CONFIDENCE, 0.0))
    chosen = [best(example, unfit) for example in found]
    rows = np.array([unfit.confidence(e.features, e.documents)[i] for e, i in zip(found, chosen, strict=True)])
    right = np.array([bool(e.right[i]) for e, i in zip(found, chosen, strict=True)])
    bias, weights = fit_confidence(rows, right)
    return with_threshold(Calibration(order, bias, weights), found)


def fit_confidence(rows: np.ndarray, right: np.ndarray) -> tuple[float, dict[str, float]]:
    """A logistic model of `right` over `rows`, shape (questions, confidence), with weights of the sign they mean."""
    mean, spread = rows.mean(0), rows.std(0) + 1e-6
    scaled, sign = (rows - mean) / spread, np.where(right, 1.0, -1.0)

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        margins = sign * (values[0] + scaled @ values[1:])
        slope = -sign * expit(-margins)
        total = np.logaddexp(0, -margins).sum() + CONFIDENCE_PENALTY / 2 * float(values[1:] @ values[1:])
        return total, np.concatenate([[slope.sum()], slope @ scaled + CONFIDENCE_PENALTY * values[1:]])

    bounds = [(None, None), *map(bounds_of, CONFIDENCE)]
    values = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = values[1:] / spread
    return float(values[0] - weights @ mean), dict(zip(CONFIDENCE, map(float, weights), strict=True))


def bounds_of(name: str) -> tuple[float | None, float | None]:
    """The sign a weight may have: what speaks for an answer never counts against it, nor the other way round."""
    if name in SPEAKS_FOR:
        return 0.0, None
    return None, 0.0


def keep_features(found: Iterable[Example], names: Collection[str]) -> list[Example]:
    """The examples as they are told by some features alone: what the others bring can then be measured."""
    kept = np.array([name in names for name in FEATURES])
    return [replace(example, features=example.features * kept) for example in found]


def fit_order(found: Sequence[Example]) -> dict[str, float]:
    """Weights under which the right sentence of each question is likeliest among all (a conditional logit)."""
    spread = np.concatenate([example.features for example in found]).std(0) + 1e-6
    rows = [example.features / spread for example in found]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, 2 * ORDER_PENALTY * weights
        for features, example in zip(rows, found, strict=True):
            sums = features @ weights
            everything, right = logsumexp(sums), logsumexp(sums[example.right])
            total += everything - right
            chance = np.exp(sums - everything)
            wanted = np.where(example.right, np.exp(sums - right), 0.0)
            slope = slope + (chance - wanted) @ features / len(found)
        return total / len(found) + ORDER_PENALTY * float(weights @ weights), slope

    bounds = list(map(bounds_of, FEATURES))
    result = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", bounds=bounds)
    return dict(zip(FEATURES, map(float, result.x / spread), strict=True))


def refit(found: Sequence[Example], shipped: Calibration) -> Calibration:
    """Keep the weights' proportions; refit how steep and how high, which few questions can tell, though not too few."""
    if len(found) < 2 * FEWEST:
        return shipped
    likely = np.array([likelihood(example, shipped) for example in found]).clip(1e-6, 1 - 1e-6)
    right = np.array([bool(example.right[best(example, shipped)]) for example in found])
    if right.all() or not right.any():
        return with_threshold(shipped, found)
    model = LogisticRegression().fit(np.log(likely / (1 - likely))[:, None], right)
    slope, shift = max(0.1, float(model.coef_[0, 0])), float(model.intercept_[0])
    scaled = {name: slope * value for name, value in shipped.weights.items()}
    return with_threshold(replace(shipped, bias=slope * shipped.bias + shift, weights=scaled), found)


def with_threshold(calibration: Calibration, found: Sequence[Example]) -> Calibration:
    """`calibration` with the threshold that costs least on `found`: wrong answers five times, refusals once."""
    likely = [likelihood(example, calibration) for example in found]

    def total(threshold: float) -> float:
        trial = replace(calibration, threshold=threshold)
        return sum(_costs(example, trial, value) for example, value in zip(found, likely, strict=True))

    steps = _between(likely)
    costs = [total(step) for step in steps]
    # Between thresholds that cost the same, the middle is the safest.
    cheapest = [step for step, cost_of_step in zip(steps, costs, strict=True) if cost_of_step == min(costs)]
    return replace(calibration, threshold=float(cheapest[len(cheapest) // 2]))


def _between(values: Iterable[float]) -> list[float]:
    """Thresholds that tell every two neighbouring values apart, and one above and below all."""
    ordered = [0.0, *sorted(set(values)), 1.0]
    return [(low + high) / 2 for low, high in pairwise(ordered)] + [1.0]


def check_enough(answerable: Sequence[bool], fewest: int = FEWEST) -> None:
    """Raise `TooFewQuestions` when there is too little to fit on."""
    yes, no = sum(answerable), len(answerable) - sum(answerable)
    if min(yes, no) < fewest:
        raise TooFewQuestions(answerable=yes, unanswerable=no, fewest=fewest)


def _is_enough(found: Sequence[Example]) -> bool:
    try:
        check_enough([example.answerable for example in found], FEWEST_READ)
    except TooFewQuestions:
        return False
    return True
