"""What each part brings: `make ablation`. Facts and unanswerable questions of the development sets, part by part.

Dense retrieval; with words; with names (fields and documents that a question names); then answers from the checks
alone, from the reader alone, and from both. The reader alone is given weights of its own, fitted to the same sets.
"""

import datetime
import statistics
from contextlib import ExitStack

from index.embedding import load_embedder
from index.library import open_library
from qa.engine import Engine
from qa.evaluation import GoldQuestion, evaluate, evidence_recall, load_questions
from qa.fitting import Example, examples, fit_all, keep_features
from qa.retriever import HybridRetriever
from tests.benchmark import SETS, work_folder, write
from tests.conftest import index_files
from ui.settings import Settings

TYPES = ("fact", "unanswerable")
READER_FEATURES = ("reader", "span")


def main() -> None:
    """Print a table for each set."""
    write(f"{datetime.date.today()}")
    embedder = load_embedder("", Settings().cache)
    with work_folder(__doc__) as folder, ExitStack() as stack:
        engines: list[tuple[str, Engine, list[GoldQuestion]]] = []
        found: list[Example] = []
        for name, speeches, questions in SETS:
            if questions.exists():
                library = stack.enter_context(open_library(folder / name, lambda: embedder))
                index_files(library, speeches)
                gold = [question for question in load_questions(questions) if question.type in TYPES]
                engines.append((name, Engine(library), gold))
                found += examples(engines[-1][1], gold)
        reader_alone = fit_all(keep_features(found, READER_FEATURES))
        for name, engine, gold in engines:
            library = engine.library
            write(f"\n{name}: {len(gold)} questions\n{'':22}  R@1    R@5   cited  answer  refused right  wrong")
            words = HybridRetriever(library=library, field_weights={"body": 1.0})
            dense = HybridRetriever(library=library, lexical_weight=0.0)
            write(recall_row("dense", Engine(library, "none", retriever=dense, by_name=False), gold))
            write(recall_row("+ lexical", Engine(library, "none", retriever=words, by_name=False), gold))
            write(recall_row("+ context", Engine(library, "none"), gold))
            write(row("+ checks, no reader", Engine(library, "none"), gold))
            alone = Engine(library)
            alone.calibrations = reader_alone
            write(row("+ reader, no checks", alone, gold))
            write(row("+ reader and checks", engine, gold))


def recall_row(name: str, engine: Engine, gold: list[GoldQuestion]) -> str:
    """One line of retrieval alone."""
    found = [recall for question in gold if (recall := evidence_recall(engine, question))]
    return line(name, [statistics.mean(recall[k] for recall in found) for k in (1, 5)])


def row(name: str, engine: Engine, gold: list[GoldQuestion]) -> str:
    """One line of answers."""
    figures = evaluate(engine, gold).overall
    answered = [figures.cited_right, figures.answer_right, figures.refused_right, figures.refused_wrong]
    return line(name, [figures.recall[1], figures.recall[5], *answered])


def line(name: str, parts: list[float | None] | list[float]) -> str:
    """A name and its figures; a dash where one does not apply."""
    return f"{name:22}" + "".join(f"{'–' if part is None else f'{part:.3f}':>7}" for part in parts)


if __name__ == "__main__":
    main()
