"""What each part brings: `make ablation`. Facts and unanswerable questions of the development sets, part by part.

Dense retrieval; with words; with names (fields and documents that a question names); then answers from the checks
alone, from the reader alone, and from both. The reader alone is given weights of its own, fitted to the same sets.
"""

import datetime
import tempfile
from contextlib import ExitStack
from pathlib import Path

from index.embedding import load_embedder
from index.library import open_library
from qa.engine import Engine
from qa.evaluation import Figures, GoldQuestion, evaluate, load_questions
from qa.fitting import Example, examples, fit, keep_features
from qa.retriever import HybridRetriever
from tests.benchmark import SETS, write
from tests.conftest import index_files
from ui.settings import Settings

TYPES = ("fact", "unanswerable")
READER_FEATURES = ("reader", "span")


def main() -> None:
    """Print a table for each set."""
    write(f"{datetime.date.today()}")
    embedder = load_embedder("", Settings().cache)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        engines: list[tuple[str, Engine, list[GoldQuestion]]] = []
        found: list[Example] = []
        for name, speeches, questions in SETS:
            if questions.exists():
                library = stack.enter_context(open_library(Path(folder) / name, lambda: embedder))
                index_files(library, speeches)
                gold = [question for question in load_questions(questions) if question.type in TYPES]
                engines.append((name, Engine(library), gold))
                found += examples(engines[-1][1], gold)
        reader_alone = fit(keep_features(found, READER_FEATURES))
        for name, engine, gold in engines:
            library = engine.library
            write(f"\n{name}: {len(gold)} questions\n{'':22}  R@1    R@5   cited  answer  refused right  wrong")
            words = HybridRetriever(library=library, field_weights={"body": 1.0})
            dense = HybridRetriever(library=library, lexical_weight=0.0)
            write(row("dense", Engine(library, "none", retriever=dense, by_name=False), gold, answers=False))
            write(row("+ lexical", Engine(library, "none", retriever=words, by_name=False), gold, answers=False))
            write(row("+ context", Engine(library, "none"), gold, answers=False))
            write(row("+ checks, no reader", Engine(library, "none"), gold))
            alone = Engine(library)
            alone.calibration = reader_alone
            write(row("+ reader, no checks", alone, gold))
            write(row("+ reader and checks", engine, gold))


def row(name: str, engine: Engine, gold: list[GoldQuestion], answers: bool = True) -> str:
    """One line; without `answers`, retrieval alone."""
    figures: Figures = evaluate(engine, gold).overall
    parts = [figures.recall[1], figures.recall[5]]
    if answers:
        parts += [figures.cited_right, figures.answer_right, figures.refused_right, figures.refused_wrong]
    return f"{name:22}" + "".join(f"{'–' if part is None else f'{part:.3f}':>7}" for part in parts)


if __name__ == "__main__":
    main()
