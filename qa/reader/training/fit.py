"""Fit the shipped weighing on the development sets: `python -m qa.reader.training.fit --shared ../shared`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from platformdirs import user_cache_path

from index.documents import Document
from index.embedding import Embedder, load_embedder
from index.errors import SpeechQAError
from index.library import Library, open_library
from index.sentences import Span
from index.sources import collect_files, read_sources
from qa.engine import Engine
from qa.evaluation import GoldQuestion, load_questions
from qa.fitting import Example, examples, fit_all, read_example
from qa.question import Filters
from qa.reader.training.collection import collection, documents_by_key
from qa.reader.training.measure import sample
from qa.reader.training.samples import place_answers
from qa.reader.training.sets import (
    SetQuestion,
    all_passages,
    english_passages,
    english_questions,
    speech_questions,
    speech_texts,
    wiki_questions,
)
from qa.selection import DEFAULT_FILE

SAMPLES = Path(__file__).parents[3] / "samples"
ENGLISH_QUESTIONS = 240
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
    embedder = load_embedder("", arguments.cache)
    speeches = list(gather_speeches(arguments.shared, arguments.work, embedder))
    others = list(gather_others(arguments.shared / "data", arguments.work, embedder))
    calibrations = fit_all([*speeches, *others], speeches)
    calibrations.save(DEFAULT_FILE)
    sys.stdout.write(f"{len(speeches)} questions about speeches, {len(others)} others\n{calibrations}\n")


def gather_others(data: Path, work: Path, embedder: Embedder) -> Iterator[Example]:
    """English questions that training left out, over Chinese and over English passages: speeches have too few of them.

    Each second one is asked of all passages but its own, and so has no answer.
    """
    english = [q for q in wiki_questions(data, True) if q.set == "xquad" and q.language == "en"]
    for name, texts, questions in (
        ("wiki-all", all_passages(data), english),
        ("wiki-english", english_passages(data), list(english_questions(data))),
    ):
        with collection(work / name, texts, embedder, lambda done, total: None) as library:
            documents = documents_by_key(library)
            everything = Filters(document_ids=tuple(document.id for document in documents.values()))
            engine = Engine(library)
            for number, question in enumerate(sample(questions, ENGLISH_QUESTIONS)):
                document = documents[question.key]
                gold = as_gold(question, document, ())
                said = tuple(answer for answer in question.answers if answer in document.text)
                if number % 2:
                    others = tuple(id_ for id_ in everything.document_ids or () if id_ != document.id)
                    gold = replace(gold, type="unanswerable", answerable=False, documents=())
                    example = read_example(engine, gold, Filters(document_ids=others))
                else:
                    example = read_example(engine, replace(gold, evidence=said)) if said else None
                if example:
                    yield example


def gather_speeches(shared: Path, work: Path, embedder: Embedder) -> Iterator[Example]:
    """What is read for the samples, the seven speeches, the reports and the held-out questions about them."""
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
