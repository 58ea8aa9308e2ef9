"""Fit the shipped weighing on the development sets: `python -m qa.reader.training.fit --shared ../shared`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from index.documents import Document
from index.embedding import load_embedder
from index.errors import SpeechQAError
from index.library import Library, open_library
from index.sentences import Span
from index.sources import collect_files, read_sources
from qa.engine import Engine
from qa.evaluation import GoldQuestion, load_questions
from qa.fitting import Example, examples, fit
from qa.reader.training.collection import collection, documents_by_key
from qa.reader.training.samples import place_answers
from qa.reader.training.sets import SetQuestion, speech_questions, speech_texts
from qa.selection import DEFAULT_FILE

SAMPLES = Path(__file__).parents[3] / "samples"
AROUND = 8  # letters beside an answer that make its place in the text unmistakable


def as_gold(question: SetQuestion, document: Document, spans: Sequence[Span]) -> GoldQuestion:
    """The question in the form that evaluation takes."""
    return GoldQuestion(
        id=question.id,
        question=question.question,
        type="fact" if question.answers else "unanswerable",
        language=question.language,
        evidence=tuple(document.text[max(0, start - AROUND) : end + AROUND] for start, end in spans),
        answers=question.answers,
        answerable=bool(question.answers),
        documents=(f"{question.key}.txt",) if question.answers else (),
        speeches=(),
    )


def held_out_questions(library: Library) -> list[GoldQuestion]:
    """The questions over the reports that were kept out of training."""
    documents = documents_by_key(library)
    questions = list(speech_questions(True))
    placed = place_answers(questions, documents)
    return [as_gold(q, documents[q.key], placed.get(q.id, ())) for q in questions if not q.answers or q.id in placed]


def index_folder(library: Library, folder: Path) -> None:
    """Index every file of a folder."""
    for file in collect_files(folder):
        for source in read_sources(file):
            if isinstance(source, SpeechQAError):
                raise source
            library.try_stage(source)
    library.publish()


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(prog="python -m qa.reader.training.fit", description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder of the development sets")
    parser.add_argument("--work", type=Path, default=Path(".reader-training"), help="folder of the libraries")
    parser.add_argument("--cache", type=Path, default=user_cache_path("speechqa"), help="folder of the embedder")
    arguments = parser.parse_args()
    found = list(gather(arguments.shared, arguments.work, arguments.cache))
    calibration = fit(found)
    calibration.save(DEFAULT_FILE)
    sys.stdout.write(f"{len(found)} questions\n{calibration}\n")


def gather(shared: Path, work: Path, cache: Path) -> Iterator[Example]:
    """What is read for the samples, the seven speeches, the reports and the held-out questions about them."""
    embedder = load_embedder("", cache)
    for name, folder, questions in (
        ("samples", SAMPLES, SAMPLES / "questions.jsonl"),
        ("seeds", shared / "seeds", shared / "eval" / "seed_questions.jsonl"),
    ):
        with open_library(work / name, lambda: embedder) as library:
            index_folder(library, folder)
            yield from examples(Engine(library), load_questions(questions))
    with collection(work / "speeches", speech_texts(shared / "data"), embedder, lambda done, total: None) as library:
        yield from examples(Engine(library), load_questions(shared / "eval" / "reports2025_questions.jsonl"))
        yield from examples(Engine(library), held_out_questions(library))


if __name__ == "__main__":
    main()
