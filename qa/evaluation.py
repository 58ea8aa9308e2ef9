"""Figures of a question set over an index: evidence recall, cited right, answer right, refusals, latency."""

import json
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Literal
from zlib import crc32

from index.documents import Document
from index.errors import FileNotReadable
from index.segmentation import fold
from qa.answer import Answer, Citation
from qa.engine import Engine
from qa.errors import BadQuestionSet

RECALL_AT = (1, 3, 5, 10)


def file_stem(name: str) -> str:
    """A file's name without folder and type: the same speech as .docx and as .txt is the same speech."""
    return PurePath(name).stem


def speech_of(source: str) -> tuple[str, int]:
    """(stem of the file, which speech in it) of a document's source."""
    name, _, number = source.rpartition("#") if "#" in source else (source, "", "1")
    return file_stem(name), int(number)


Part = Literal["all", "develop", "held-back"]
HELD_BACK = 4  # one question in so many


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """One line of a question set. `documents` are source file names, `speeches` numbers within a file."""

    id: str
    question: str
    type: str
    language: str
    evidence: tuple[str, ...]
    answers: tuple[str, ...]
    answerable: bool
    documents: tuple[str, ...]
    speeches: tuple[int, ...]

    def is_right(self, document: Document) -> bool:
        """True when `document` is one the answer should come from."""
        name, number = speech_of(document.source)
        right_file = not self.documents or name in {file_stem(document) for document in self.documents}
        return right_file and (not self.speeches or number in self.speeches)


@dataclass(slots=True)
class Scores:
    """Figures of one question; None where a figure does not apply to it."""

    gold: GoldQuestion
    answer: Answer
    recall: dict[int, float] | None
    cited_right: float | None
    answer_right: float | None
    exact_quotes: int
    latency_ms: float


@dataclass(slots=True)
class Figures:
    """Averages over some questions."""

    questions: int
    recall: dict[int, float | None]
    cited_right: float | None
    answer_right: float | None
    quote_exact: float | None
    refused_right: float | None
    refused_wrong: float | None
    latency_ms_median: float
    latency_ms_p95: float


@dataclass(slots=True)
class Report:
    """Figures overall, by type and by language, and the questions that failed."""

    overall: Figures
    by_type: dict[str, Figures]
    by_language: dict[str, Figures]
    failures: list[dict[str, Any]] = field(default_factory=list)


def load_questions(path: Path) -> list[GoldQuestion]:
    """Read a JSONL question set; raise `BadQuestionSet` naming the line that does not fit."""
    questions = []
    lines = read_lines(path)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            questions.append(_parse(json.loads(line), number))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadQuestionSet(name=path, line=number, reason=f"{type(error).__name__}: {error}") from error
    if not questions:
        raise BadQuestionSet(name=path, line=0, reason="no question")
    return questions


def part_of(questions: list[GoldQuestion], part: Part) -> list[GoldQuestion]:
    """All questions, those to develop with, or those held back, told apart by a hash of their ids."""
    if part == "all":
        return questions
    return [q for q in questions if (crc32(q.id.encode()) % HELD_BACK == 0) == (part == "held-back")]


def read_lines(path: Path) -> list[str]:
    """Lines of a question set or gold; raise a `SpeechQAError` that names the file when it cannot be read."""
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise FileNotReadable(name=path, reason=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise BadQuestionSet(name=path, line=0, reason="not UTF-8") from error


def _parse(row: dict[str, Any], number: int) -> GoldQuestion:
    return GoldQuestion(
        id=str(row.get("id", number)),
        question=row["question"],
        type=row["type"],
        language=row["lang"],
        evidence=tuple(row["evidence"]),
        answers=tuple(row["answers"]),
        answerable=bool(row["answerable"]),
        documents=tuple(str(x) for x in _as_list(row.get("document"))),
        speeches=tuple(int(x) for x in _as_list(row.get("speech"))),
    )


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def evaluate(engine: Engine, questions: list[GoldQuestion], progress: Callable[[], None] | None = None) -> Report:
    """Ask every question and score what comes back."""
    scores = []
    for gold in questions:
        scores.append(_score(engine, gold))
        if progress:
            progress()
    return Report(
        overall=_average(scores),
        by_type=dict(_grouped(scores, lambda s: s.gold.type)),
        by_language=dict(_grouped(scores, lambda s: s.gold.language)),
        failures=[failure for s in scores if (failure := _failure(s))],
    )


def _score(engine: Engine, gold: GoldQuestion) -> Scores:
    answer = engine.ask(gold.question)
    exact = sum(1 for c in answer.citations if _document(engine, c).text[c.start : c.end] == c.quote)
    return Scores(
        gold=gold,
        answer=answer,
        recall=evidence_recall(engine, gold),
        cited_right=_cited_right(engine, gold, answer) if gold.answerable else None,
        answer_right=float(_holds_all(answer.answer, gold.answers)) if gold.answerable and gold.answers else None,
        exact_quotes=exact,
        latency_ms=float(answer.timings_ms["total"]),
    )


def evidence_recall(engine: Engine, gold: GoldQuestion) -> dict[int, float] | None:
    """Share of the gold evidence among the first so many passages; None for a question without evidence."""
    if not gold.evidence:
        return None
    passages = [citation for _, citation in engine.search(gold.question, limit=max(RECALL_AT))]
    return {k: _share_found(engine, gold, passages[:k]) for k in RECALL_AT}


def _document(engine: Engine, citation: Citation) -> Document:
    return engine.library.visible(citation.document_id)


def _cited_right(engine: Engine, gold: GoldQuestion, answer: Answer) -> float:
    if gold.evidence:
        return _share_found(engine, gold, answer.citations)
    if not gold.documents:
        return float(bool(answer.citations))
    # A question about the collection has no one passage: the share of its documents that are cited.
    cited = {speech_of(_document(engine, c).source)[0] for c in answer.citations}
    wanted = {file_stem(document) for document in gold.documents}
    return len(cited & wanted) / len(wanted)


def _share_found(engine: Engine, gold: GoldQuestion, citations: tuple[Citation, ...] | list[Citation]) -> float:
    """Share of the gold evidence that a citation in a right document overlaps."""
    found = sum(
        1
        for evidence in gold.evidence
        if any(
            gold.is_right(document) and overlaps(document.text, evidence, c.start, c.end)
            for c in citations
            for document in (_document(engine, c),)
        )
    )
    return found / len(gold.evidence)


def overlaps(text: str, evidence: str, start: int, end: int) -> bool:
    """True when some occurrence of `evidence` (white space apart) shares a character with the span."""
    pattern = r"\s*".join(re.escape(character) for character in evidence if not character.isspace())
    return any(match.start() < end and start < match.end() for match in re.finditer(pattern, text))


def _holds_all(text: str, answers: tuple[str, ...]) -> bool:
    folded = re.sub(r"\s", "", fold(text))
    return all(re.sub(r"\s", "", fold(answer)) in folded for answer in answers)


def _average(scores: list[Scores]) -> Figures:
    answerable = [s for s in scores if s.gold.answerable]
    unanswerable = [s for s in scores if not s.gold.answerable]
    quotes = sum(len(s.answer.citations) for s in scores)
    latencies = sorted(s.latency_ms for s in scores)
    return Figures(
        questions=len(scores),
        recall={k: _mean([s.recall[k] for s in scores if s.recall]) for k in RECALL_AT},
        cited_right=_mean([s.cited_right for s in scores if s.cited_right is not None]),
        answer_right=_mean([s.answer_right for s in scores if s.answer_right is not None]),
        quote_exact=sum(s.exact_quotes for s in scores) / quotes if quotes else None,
        refused_right=_mean([float(s.answer.abstained) for s in unanswerable]),
        refused_wrong=_mean([float(s.answer.abstained) for s in answerable]),
        latency_ms_median=statistics.median(latencies),
        latency_ms_p95=latencies[min(len(latencies) - 1, round(0.95 * (len(latencies) - 1)))],
    )


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _grouped(scores: list[Scores], key: Callable[[Scores], str]) -> Iterator[tuple[str, Figures]]:
    for name in dict.fromkeys(map(key, scores)):
        yield name, _average([s for s in scores if key(s) == name])


def _failure(scores: Scores) -> dict[str, Any] | None:
    gold, answer = scores.gold, scores.answer
    wrong = (
        (gold.answerable and answer.abstained and "refused wrong")
        or (not gold.answerable and not answer.abstained and "answered the unanswerable")
        or (scores.cited_right is not None and scores.cited_right < 1 and "cited wrong")
        or (scores.answer_right == 0 and "answer wrong")
    )
    if not wrong:
        return None
    return {
        "id": gold.id,
        "type": gold.type,
        "failure": wrong,
        "question": gold.question,
        "answer": answer.answer,
        "expected": list(gold.answers),
        "confidence": answer.confidence,
    }
