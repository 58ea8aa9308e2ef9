from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from qa.engine import Engine
from qa.errors import TooFewQuestions
from qa.evaluation import GoldQuestion, load_questions
from qa.fitting import Example, best, cost, fit, fit_all, likelihood, recalibrate, refit, with_threshold
from qa.selection import CALIBRATION_FILE, FEATURES, load_calibrations
from tests.conftest import SAMPLES

READER, COVERAGE = FEATURES.index("reader"), FEATURES.index("coverage")


def questions(count: int = 60, seed: int = 5) -> list[Example]:
    """Made questions: the right sentence covers more of the words, and unanswerable ones read as less likely."""
    chance = np.random.default_rng(seed)
    found = []
    for number in range(count):
        answerable = number % 3 > 0
        rows = chance.normal(0, 0.3, (5, len(FEATURES)))
        right = np.zeros(5, bool)
        if answerable:
            right[2] = True
            rows[2, COVERAGE] += 3
            rows[:, READER] += 3
        found.append(Example(answerable, rows, ("a", "a", "b", "b", "b"), right))
    return found


def test_the_right_sentence_comes_first_and_the_unanswerable_are_refused() -> None:
    found, unseen = questions(), questions(seed=6)
    calibration = fit(found)
    for example in unseen:
        likely = likelihood(example, calibration)
        assert (likely >= calibration.threshold) is example.answerable
        if example.answerable:
            assert best(example, calibration) == 2
    assert cost(calibration, unseen) == 0


def test_a_wrong_answer_costs_five_refusals() -> None:
    found = questions()
    calibration = fit(found)
    mistaken = Example(False, found[1].features, found[1].documents, np.zeros(5, bool))
    # One question in five that reads as answerable is not: answering them all costs more than refusing them all.
    spoilt = [found[1]] * 4 + [mistaken] + [found[0]] * 2
    assert likelihood(found[1], with_threshold(calibration, spoilt)) < with_threshold(calibration, spoilt).threshold
    kept = [found[1]] * 6 + [mistaken]
    assert likelihood(found[1], with_threshold(calibration, kept)) >= with_threshold(calibration, kept).threshold


def test_refitting_moves_the_probabilities_to_what_was_seen() -> None:
    calibration = fit(questions())
    unlucky = [Example(e.answerable, e.features, e.documents, np.zeros(5, bool)) for e in questions()]
    mixed = questions() + unlucky
    refitted = refit(mixed, calibration)
    answerable = next(e for e in questions() if e.answerable)
    assert likelihood(answerable, refitted) < likelihood(answerable, calibration)
    assert refitted.order == calibration.order


def test_each_script_is_weighed_by_its_own_questions() -> None:
    across = [replace(example, features=-example.features, scripts="across") for example in questions()]
    fitted = fit_all([*questions(), *across])
    assert fitted["chinese"] == fit(questions())
    assert fitted["across"] == fit(across)
    # Of the third pair there is nothing to fit on.
    assert fitted["alphabetic"] == fit([*questions(), *across])


def test_few_questions_fit_nothing() -> None:
    with pytest.raises(TooFewQuestions):
        fit(questions(12))


def test_what_is_saved_is_read_again_and_what_an_older_version_saved_is_not_used(tmp_path: Path) -> None:
    calibrations = fit_all([*questions(), *(replace(e, scripts="across") for e in questions(seed=7))])
    calibrations.save(tmp_path / "c.json")
    assert load_calibrations(tmp_path / "c.json") == calibrations
    content = (tmp_path / "c.json").read_text("utf-8")
    (tmp_path / "c.json").write_text(content.replace('"coverage"', '"something_else"'), "utf-8")
    assert load_calibrations(tmp_path / "c.json") is None


NOT_SAID = (
    "临澜市有多少家咖啡馆？",
    "云溪省2024年的平均气温是多少度？",
    "青禾县县长的手机号码是多少？",
    "松湖区有几座游泳馆？",
)


def test_an_operators_own_questions_refit_and_are_kept_with_the_data(samples: Library) -> None:
    engine = Engine(samples)
    extra = [GoldQuestion(str(n), text, "unanswerable", "zh", (), (), False, (), ()) for n, text in enumerate(NOT_SAID)]
    gold = [*load_questions(SAMPLES / "questions.jsonl"), *extra]
    kept = samples.data / CALIBRATION_FILE
    try:
        before, after = recalibrate(engine, gold)
        assert after <= before
        refitted, shipped = load_calibrations(kept), engine.shipped_calibrations
        assert refitted
        assert shipped
        assert refitted["chinese"].order == shipped["chinese"].order
        # Too few of the questions are asked across scripts to tell.
        assert refitted["across"] == shipped["across"]
        assert Engine(samples).calibrations == refitted
    finally:
        kept.unlink(missing_ok=True)
    with pytest.raises(TooFewQuestions):
        recalibrate(engine, gold[:12])
    assert not kept.exists()
