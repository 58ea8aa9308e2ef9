"""What the reader brings on questions it was not trained on: `python -m qa.reader.training.measure --data ../shared/data`."""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path
from sklearn.metrics import roc_auc_score

from index.documents import Document
from index.embedding import Embedder, load_embedder
from index.library import Library
from index.segmentation import fold
from qa.ranking import Ranked, rank
from qa.reader.reading import PassageReader, load_reader
from qa.reader.training.collection import collection, documents_by_key
from qa.reader.training.sets import (
    SetQuestion,
    all_passages,
    speech_questions,
    speech_texts,
    wiki_questions,
)
from qa.retriever import Evidence, HybridRetriever

RECALL_AT = (1, 3, 5)
SEED = 1


@dataclass(slots=True)
class Tally:
    """Sums over the questions of one set in one language."""

    questions: int = 0
    found: Counter[int] = field(default_factory=Counter)
    found_read: Counter[int] = field(default_factory=Counter)
    span_f1: float = 0.0

    def row(self, name: str) -> str:
        """One line of figures."""
        fused = " ".join(f"{self.found[k] / self.questions:.3f}" for k in RECALL_AT)
        read = " ".join(f"{self.found_read[k] / self.questions:.3f}" for k in RECALL_AT)
        return f"{name:18} {self.questions:5}  {fused}   {read}   {self.span_f1 / self.questions:.3f}"


def measure(library: Library, questions: Sequence[SetQuestion], reader: PassageReader | None) -> Iterator[str]:
    """Lines of figures: right passage among the first 1, 3, 5 by retrieval and by reader; F1 of the first span."""
    retriever = HybridRetriever(library=library)
    documents = documents_by_key(library)
    tallies: dict[str, Tally] = {}
    judged: list[tuple[bool, float, float]] = []
    for question in questions:
        evidence = retriever.retrieve(question.question)
        ranked = rank(question.question, evidence, reader)
        best = max((r.judgement.logit for r in ranked if r.judgement), default=0.0)
        judged.append((bool(question.answers), best, max(e.cosine for e in evidence)))
        if not question.answers:
            continue
        document = documents[question.key]
        tally = tallies.setdefault(f"{question.set} {question.language}", Tally())
        tally.questions += 1
        for k in RECALL_AT:
            tally.found[k] += any(holds(question, document, e) for e in evidence[:k])
            tally.found_read[k] += any(holds(question, document, r.evidence) for r in ranked[:k])
        tally.span_f1 += max(span_f1(ranked[0], answer) for answer in question.answers)
    for name, tally in tallies.items():
        yield tally.row(name)
    if len({answerable for answerable, _, _ in judged}) > 1:
        truth = [answerable for answerable, _, _ in judged]
        by_reader = roc_auc_score(truth, [logit for _, logit, _ in judged])
        by_cosine = roc_auc_score(truth, [cosine for _, _, cosine in judged])
        yield f"answerable or not, area under the curve: reader {by_reader:.3f}, cosine {by_cosine:.3f}"


def holds(question: SetQuestion, document: Document, piece: Evidence) -> bool:
    """True when the passage is of the right text and holds an answer; for texts of one passage its text is enough."""
    if piece.document.id != document.id:
        return False
    return question.set != "speeches" or any(squeeze(answer) in squeeze(piece.text) for answer in question.answers)


def span_f1(ranked: Ranked, answer: str) -> float:
    """Overlap in letters of the first span and the answer, as CMRC 2018 counts it (without the longest-run rule)."""
    spans = ranked.judgement.spans if ranked.judgement else ()
    if not spans:
        return 0.0
    said = Counter(squeeze(ranked.evidence.text[spans[0][0] : spans[0][1]]))
    wanted = Counter(squeeze(answer))
    common = (said & wanted).total()
    return 2 * common / (said.total() + wanted.total()) if common else 0.0


def squeeze(text: str) -> str:
    """Letters and figures alone."""
    return "".join(letter for letter in fold(text) if letter.isalnum() or letter in "%.")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m qa.reader.training.measure", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the question sets")
    parser.add_argument("--work", type=Path, default=Path(".reader-training"), help="folder of the libraries")
    parser.add_argument("--cache", type=Path, default=user_cache_path("speechqa"), help="folder of the embedder")
    parser.add_argument("--reader", default="", help="as SPEECHQA_READER")
    parser.add_argument("--sample", type=int, default=0, help="so many questions of each set and language; 0: all")
    arguments = parser.parse_args()
    embedder: Embedder = load_embedder("", arguments.cache)
    reader = load_reader(arguments.reader, embedder)
    say("set              questions  retrieval @1 @3 @5    with reader          span F1")
    for name, texts, questions in (
        ("speeches", speech_texts(arguments.data), speech_questions(True)),
        ("wiki-all", all_passages(arguments.data), wiki_questions(arguments.data, True)),
    ):
        with collection(arguments.work / name, texts, embedder, lambda done, total: None) as library:
            for line in measure(library, sample(list(questions), arguments.sample), reader):
                say(line)


def sample(questions: list[SetQuestion], size: int) -> list[SetQuestion]:
    """At most `size` questions of each set and language, the same ones each time."""
    random.Random(SEED).shuffle(questions)  # noqa: S311 # repeatable, no secret
    counts: Counter[str] = Counter()
    chosen = []
    for question in questions:
        key = f"{question.set} {question.language}"
        counts[key] += 1
        if not size or question.set == "speeches" or counts[key] <= size:
            chosen.append(question)
    return chosen


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
