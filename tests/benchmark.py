"""The figures of the README: `make bench`. Timings are medians of one run on this machine; quote them with its date."""

import argparse
import datetime
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from index.documents import State
from index.embedding import Embedder, load_embedder
from index.library import open_library
from index.parsing import parse_file
from index.sources import Source
from qa.engine import Engine
from qa.evaluation import evaluate, load_questions
from qa.quotes import QuoteChecker, sentences_in
from qa.reader.bundled import BundledReader, load_bundled_reader, load_trained, make_encoder
from qa.reader.encoding import context_of
from qa.retriever import HybridRetriever
from tests.collection_questions import check_lists, collection_questions, is_kept, random_terms
from tests.conftest import SAMPLES, SHARED, index_files
from tests.golds import REPORT_GOLDS, score_reports, score_seeds, score_speeches
from tests.misquoting import check_cases, make_cases
from tests.serving import serve
from ui.printing import FIGURES_HEADER, figures_row, print_outline_report
from ui.settings import Settings

ROUNDS = 3
SETS = (
    ("samples", SAMPLES, SAMPLES / "questions.jsonl"),
    ("seven speeches", SHARED / "seeds", SHARED / "eval" / "seed_questions.jsonl"),
    (
        "31 reports",
        SHARED / "data" / "speeches_gwr_prov_2025" / "docx",
        SHARED / "eval" / "reports2025_questions.jsonl",
    ),
)


def write(line: str) -> None:
    """Print a line of the report at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def work_folder(description: str | None) -> Iterator[Path]:
    """The folder of the libraries that are measured: the one that `--work` names, kept, or one that goes at the end."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--work", type=Path, help="keep the indexed sets here, so that the next run need not index them"
    )
    work: Path | None = parser.parse_args().work
    if work:
        work.mkdir(parents=True, exist_ok=True)
        yield work
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def measure_indexing(embedder: Embedder, folder: Path) -> None:
    """Passages a second of indexing against plain `SentenceTransformer.encode`, in turns in one run."""
    ratios, ours, plain = [], [], []
    for number in range(ROUNDS):
        with open_library(folder / f"round{number}", lambda: embedder) as library:
            for copy in range(3):
                for file in sorted(SAMPLES.iterdir()):
                    if file.suffix == ".txt":
                        content = file.read_bytes() + f"\n第{copy}次。".encode(
                            "gb18030" if "全区" in file.name else "utf-8"
                        )
                        library.stage(Source(f"{copy}/{file.name}", file.name, content))
            waiting = library.catalog.documents(states=[State.INDEXING])
            texts = [d.text[p.start : p.end] for d in waiting for p in d.passages]
            started = time.perf_counter()
            embedder.model.encode(
                texts, prompt=embedder.document_prompt, normalize_embeddings=True, show_progress_bar=False
            )
            plain.append(len(texts) / (time.perf_counter() - started))
            started = time.perf_counter()
            library.publish()
            ours.append(len(texts) / (time.perf_counter() - started))
            ratios.append(ours[-1] / plain[-1])
    write(
        f"indexing: {statistics.median(ours):.1f} passages/s, plain encode {statistics.median(plain):.1f}, "
        f"ratio {statistics.median(ratios):.2f} ({ROUNDS} rounds of {len(texts)} passages)"
    )


def measure_reading(embedder: Embedder, folder: Path) -> None:
    """Reading 20 passages as shipped (8 bits, hopeless ones given up) against float32 to the end, in turns in one run."""
    exact_model = load_trained(embedder)
    shipped = load_bundled_reader(embedder)
    if exact_model is None or shipped is None:
        write("reading: no bundled reader")
        return
    exact = BundledReader(exact_model, make_encoder(embedder), float("-inf"), 0)
    ratios, times, same, questions = [], [], 0, load_questions(SAMPLES / "questions.jsonl")
    with open_library(folder / "read", lambda: embedder) as library:
        index_files(library, SAMPLES)
        for question in questions:
            evidence = HybridRetriever(library=library).retrieve(question.question)
            passages = [(context_of(e.document, e.passage.section_id), e.text) for e in evidence]
            started = time.perf_counter()
            slow = exact.read(question.question, passages)
            middle = time.perf_counter()
            fast = shipped.read(question.question, passages)
            times.append(time.perf_counter() - middle)
            ratios.append((middle - started) / times[-1])
            first = max(range(len(passages)), key=lambda i: slow[i].logit)
            same += first == max(range(len(passages)), key=lambda i: fast[i].logit)
    write(
        f"reading 20 passages: median {statistics.median(times) * 1000:.0f} ms, {statistics.median(ratios):.2f} times as "
        f"fast as float32 to the end; the same passage first in {same} of {len(questions)}"
    )


def measure_service(embedder: Embedder, folder: Path) -> None:
    """Seconds from start to ready, memory at rest, and the time of answers over HTTP."""
    with open_library(folder / "served", lambda: embedder) as library:
        index_files(library, SAMPLES)
    with serve(folder / "served") as service:
        write(f"start to ready: {service.seconds_to_ready:.1f} s")
        questions = [question.question for question in load_questions(SAMPLES / "questions.jsonl")]
        times = [ask_over_http(service.base, question) for question in questions]
        write(f"answer over HTTP: median {statistics.median(times) * 1000:.0f} ms ({len(times)} questions)")
        time.sleep(5)
        write(f"memory at rest: {psutil.Process(service.pid).memory_info().rss / 2**20:.0f} MiB")


def ask_over_http(base: str, question: str) -> float:
    """Seconds for one answer."""
    body: dict[str, Any] = {"question": question}
    request = urllib.request.Request(f"{base}/v1/ask", json.dumps(body).encode(), {"Content-Type": "application/json"})
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as response:
        json.load(response)
    return time.perf_counter() - started


def measure_answers(embedder: Embedder, folder: Path) -> None:
    """The figures of every question set at hand, and of the outline gold."""
    for name, speeches, questions in SETS:
        if not questions.exists():
            write(f"\n{name}: not here")
            continue
        with open_library(folder / name, lambda: embedder) as library:
            index_files(library, speeches)
            report = evaluate(Engine(library), load_questions(questions))
            write(f"\n{name}\n{FIGURES_HEADER}\n{figures_row('overall', report.overall)}")
            for kind, figures in report.by_type.items():
                write(figures_row(kind, figures))


def measure_quotes(embedder: Embedder, folder: Path) -> None:
    """Quotations from the reports: 1,000 altered, 500 untouched, 300 sentences of other texts; then a manuscript's time."""
    if not SHARED.exists():
        write("quotations: no reports here")
        return
    # A third each from an encyclopedia, from the samples (some of them work reports, too) and from the seven speeches.
    lines = (SHARED / "data" / "cmrc2018" / "passages.jsonl").read_text("utf-8").splitlines()
    foreign = [[json.loads(line)["text"] for line in lines]]
    for name, speeches, _ in SETS[:2]:
        with open_library(folder / name, lambda: embedder) as other:
            index_files(other, speeches)
            foreign.append([d.text for d in other.visible_documents(other.catalog.visible_ids()).values()])
    chance = random.Random(1)
    others = [
        sentence
        for texts in foreign
        for sentence in chance.sample([s for text in texts for s in sentences_in(text) if len(s) > 15], 100)
    ]
    with open_library(folder / "31 reports", lambda: embedder) as library:
        index_files(library, SETS[2][1])
        documents = list(library.visible_documents(library.catalog.visible_ids()).values())
        checker = QuoteChecker(library)
        cases = list(make_cases(documents, others, altered=1000, untouched=500))
        tallies, _ = check_cases(checker, cases)
        for kind, tally in tallies.items():
            source = "" if kind == "foreign" else f", right source {tally.sourced / tally.cases:.3f}"
            write(f"quotations, {kind}: {tally.cases}, right verdict {tally.right / tally.cases:.3f}{source}")
        manuscript = [case.text for case in chance.sample(cases, 1000)]
        started = time.perf_counter()
        list(checker.check_all(manuscript))
        write(f"a manuscript of 1,000 sentences over {len(documents)} reports: {time.perf_counter() - started:.1f} s")


def measure_collection(embedder: Embedder, folder: Path) -> None:
    """Questions over the 31 reports as a whole, and whether the lists for random terms are what plain search finds."""
    if not SHARED.exists():
        write("questions over the collection: no reports here")
        return
    texts = SHARED / "data" / "speeches_gwr_prov_2025" / "txt"
    with open_library(folder / "31 reports", lambda: embedder) as library:
        index_files(library, SETS[2][1])
        engine = Engine(library)
        for name, kept in (("developed with", False), ("kept for the end", True)):
            questions = [question for question in collection_questions(texts) if is_kept(question) is kept]
            report = evaluate(engine, questions)
            write(
                f"\nquestions over the collection, {name}\n{FIGURES_HEADER}\n{figures_row('overall', report.overall)}"
            )
            for kind, figures in report.by_type.items():
                write(figures_row(kind, figures))
        lists = list(check_lists(engine, texts, random_terms(texts, 300)))
        right = sum(len(listing.given & listing.wanted) for listing in lists)
        wanted = sum(len(listing.wanted) for listing in lists)
        given = sum(len(listing.given) for listing in lists)
        write(
            f"lists for {len(lists)} random terms: {wanted} mentions, recall {right / wanted:.4f}, "
            f"precision {right / given:.4f}, median {statistics.median(one.seconds for one in lists) * 1000:.0f} ms"
        )


def measure_outlines() -> None:
    """Outlines against every gold at hand, read straight from the files."""
    write("\noutline, fourteen structures")
    print_outline_report(score_speeches())
    if SHARED.exists():
        write("\noutline, seven speeches")
        print_outline_report(score_seeds())
        for gold in REPORT_GOLDS:
            write(f"\noutline, {gold}")
            print_outline_report(score_reports(gold))


def measure_parsing() -> None:
    """Seconds to parse a line of one megabyte, and how they grow with its length."""
    for name, words in (
        ("prose", "我们要坚持以人民为中心，全市共有社区3900多个。"),
        ("numbers", "一是抓项目；二是抓民生；三是抓安全。"),
    ):
        line = words * (1_000_000 // len(words.encode()))
        times = []
        for times_longer in (1, 2, 4):
            content = (line * times_longer).encode()
            started = time.perf_counter()
            parse_file(content, "line.txt")
            times.append(time.perf_counter() - started)
        growth = ", ".join(f"{longer / times[0]:.1f}" for longer in times[1:])
        write(f"one line of 1 MB, {name}: {times[0]:.2f} s; twice and four times as long: {growth} times that")


def main() -> None:
    """Measure everything and print it."""
    with work_folder(__doc__) as folder:
        measure_all(folder)


def measure_all(folder: Path) -> None:
    """The figures, with libraries in `folder`."""
    write(f"{datetime.date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    measure_outlines()
    measure_parsing()
    embedder = load_embedder("", Settings().cache)
    measure_service(embedder, folder)
    with tempfile.TemporaryDirectory() as fresh:
        measure_indexing(embedder, Path(fresh))
    measure_reading(embedder, folder)
    measure_answers(embedder, folder)
    measure_quotes(embedder, folder)
    measure_collection(embedder, folder)


if __name__ == "__main__":
    main()
