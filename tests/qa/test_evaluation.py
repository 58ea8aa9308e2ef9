import json
from pathlib import Path

import pytest

from qa.engine import Engine
from qa.errors import BadQuestionSet
from qa.evaluation import evaluate, load_questions
from qa.outline_evaluation import evaluate_outline, load_outline
from tests.conftest import SAMPLES


def test_the_samples_are_answered_with_exact_quotes_and_few_mistakes(engine: Engine) -> None:
    report = evaluate(engine, load_questions(SAMPLES / "questions.jsonl"))
    assert report.overall.questions == 45
    assert report.overall.quote_exact == 1.0
    facts = report.by_type["fact"]
    assert facts.cited_right is not None
    assert facts.cited_right >= 0.75
    assert report.overall.refused_right is not None
    assert report.overall.refused_right >= 0.85


def test_a_wrong_gold_lowers_the_figures(engine: Engine, tmp_path: Path) -> None:
    gold = {
        "id": "x",
        "type": "fact",
        "lang": "zh",
        "document": "2024年云溪省政府工作报告.txt",
        "question": "2024年云溪省政府工作报告提出的城镇新增就业目标是多少？",
        "evidence": ["城镇新增就业42万人"],
        "answers": ["42万人"],
        "answerable": True,
    }
    rows = [
        gold,
        gold | {"evidence": ["各位代表"]},
        gold | {"document": "2025年云溪省政府工作报告.txt", "answers": ["43万人"]},
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    report = evaluate(engine, load_questions(path))
    assert report.overall.cited_right == pytest.approx(1 / 3)
    assert report.overall.answer_right == pytest.approx(2 / 3)
    assert [failure["failure"] for failure in report.failures] == ["cited wrong", "cited wrong"]


@pytest.mark.parametrize("content", ["", "not json", '{"question": "?"}', "[1]"])
def test_a_broken_question_set_names_the_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(BadQuestionSet, match=r"bad\.jsonl"):
        load_questions(path)


def test_an_outline_is_scored_against_its_gold(engine: Engine, tmp_path: Path) -> None:
    source = "临澜市社区工作推进会讲话.txt"
    document = next(d for d in engine.library.catalog.documents() if d.source == source)
    rows = [
        {"speech": 1, "marker": s.marker, "heading": s.heading, "level": s.level, "inline": s.inline}
        for s in document.sections
        if s.heading
    ]
    path = tmp_path / "outline.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    perfect = evaluate_outline(engine.library.catalog, load_outline(path, source))
    assert (perfect.block.f1, perfect.block.level_accuracy, perfect.differences) == (1.0, 1.0, [])
    path.write_text("\n".join(json.dumps(row | {"level": 9}) for row in rows[1:]), "utf-8")
    worse = evaluate_outline(engine.library.catalog, load_outline(path, source))
    assert worse.block.precision < 1.0
    assert worse.block.level_accuracy == 0.0
    assert any(difference.startswith("extra") for difference in worse.differences)
