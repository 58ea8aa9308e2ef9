"""Question sets the reader is trained on and the parts of them that are kept out for measuring."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Question languages of XQuAD that are trained on, over its Chinese passages.
LANGUAGES = ("zh", "en", "es", "ru", "de", "ar")
HELD_OUT_XQUAD = 80  # passages
HELD_OUT_CMRC = 4  # one passage in so many
HELD_OUT_REPORTS = 5  # one report in so many: their questions measure, never train
REPORTS = "speeches_gwr_prov_2025"
SPEECH_QUESTIONS = Path(__file__).parent / "questions"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a set, indexed as a document of its own; `key` is its file name without type."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """A question about the text `key`; no answers when that text (and every other) answers it not.

    `places` are offsets of the answers in the text without white space; empty where the set does not give them.
    """

    set: str
    id: str
    key: str
    language: str
    question: str
    answers: tuple[str, ...]
    places: tuple[int, ...] = ()


def wiki_texts(data: Path, held_out: bool) -> Iterator[Text]:
    """Passages of CMRC 2018, DRCD and XQuAD (Chinese), either those kept out or those to train on."""
    for name in ("cmrc2018", "drcd", "xquad"):
        rows = list(_rows(data / name / "passages.jsonl"))
        kept_out = held_out_passages(name, [row["id"] for row in rows])
        for row in rows:
            if (row["id"] in kept_out) == held_out:
                yield Text(row["id"], row["title"], row["text"])


def all_passages(data: Path) -> Iterator[Text]:
    """All passages of XQuAD (Chinese) and CMRC 2018: what held-out questions are asked of."""
    for name in ("xquad", "cmrc2018"):
        for row in _rows(data / name / "passages.jsonl"):
            yield Text(row["id"], row["title"], row["text"])


def english_passages(data: Path) -> Iterator[Text]:
    """The passages of XQuAD in English."""
    for row in _rows(data / "xquad" / "passages_en.jsonl"):
        yield Text(row["id"], row["title"], row["text"])


def english_questions(data: Path) -> Iterator[SetQuestion]:
    """XQuAD's English questions that are kept out of training, with their answers in English."""
    kept_out = held_out_passages("xquad", [row["id"] for row in _rows(data / "xquad" / "passages.jsonl")])
    for row in _rows(data / "xquad" / "questions.jsonl"):
        if row["passage_id"] in kept_out and row["lang"] == "en":
            yield SetQuestion("xquad", row["id"], row["passage_id"], "en", row["question"], tuple(row["answers"]))


def wiki_questions(data: Path, held_out: bool) -> Iterator[SetQuestion]:
    """Questions about the texts of `wiki_texts`, answers in the language of the text."""
    for name in ("cmrc2018", "drcd", "xquad"):
        kept_out = held_out_passages(name, [row["id"] for row in _rows(data / name / "passages.jsonl")])
        for row in _rows(data / name / "questions.jsonl"):
            if (row["passage_id"] in kept_out) != held_out or (name == "xquad" and row["lang"] not in LANGUAGES):
                continue
            answers = row["answers_zh"] if name == "xquad" else row["answers"]
            yield SetQuestion(name, row["id"], row["passage_id"], row["lang"], row["question"], tuple(answers))


def held_out_passages(name: str, ids: list[str]) -> frozenset[str]:
    """Passages of a set that are kept out of training, chosen by a hash of their ids."""
    if name == "xquad":
        return frozenset(sorted(ids, key=_hash)[:HELD_OUT_XQUAD])
    if name == "cmrc2018":
        return frozenset(id_ for id_ in ids if _hash(id_) % HELD_OUT_CMRC == 0)
    return frozenset()


def held_out(data: Path) -> dict[str, list[str]]:
    """The texts of each set whose questions are kept out of training."""
    kept = {
        name: sorted(held_out_passages(name, [row["id"] for row in _rows(data / name / "passages.jsonl")]))
        for name in ("cmrc2018", "xquad")
    }
    return kept | {"speeches": sorted({question.key for question in speech_questions(True)})}


def speech_texts(data: Path) -> Iterator[Text]:
    """The provincial work reports."""
    for file in sorted((data / REPORTS / "txt").glob("*.txt")):
        yield Text(file.stem, "", file.read_text("utf-8"))


def speech_questions(held_out: bool) -> Iterator[SetQuestion]:
    """Questions written for SpeechQA over the reports."""
    for file in sorted(SPEECH_QUESTIONS.glob("*.jsonl")):
        for number, row in enumerate(_rows(file)):
            if (_hash(row["document"]) % HELD_OUT_REPORTS == 0) == held_out:
                yield SetQuestion(
                    "speeches",
                    f"{file.stem}-{number}",
                    Path(row["document"]).stem,
                    row["lang"],
                    row["question"],
                    tuple(row["answers"]),
                    tuple(row["at"]),
                )


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
