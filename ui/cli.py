"""The `speechqa` command line."""

import dataclasses
import json
import logging
import os
import socket
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from index.errors import FileNotReadable, SpeechQAError
from index.library import Library, Outcome, collect_files, find_document
from qa.engine import Engine
from qa.evaluation import Figures, Report, evaluate, load_questions
from qa.outline_evaluation import OutlineReport, evaluate_outline, load_outline
from service.schemas import list_documents, outline_of
from ui.settings import Settings, load_settings
from ui.texts import TEXTS, terminal_language
from ui.wiring import app_of, catalog_of, library_of

app = typer.Typer(
    name="speechqa",
    help="Ask an organisation's speeches; every sentence of an answer cites the exact words it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
DataOption = Annotated[Path | None, typer.Option("--data", help="Data folder; SPEECHQA_DATA or ./speechqa-data")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else")]
DocumentArgument = Annotated[str, typer.Argument(help="Id, beginning of an id, title or file name")]
STATUSES = ("added", "updated", "unchanged", "removed", "failed")


def say(key: str, **details: object) -> str:
    """A sentence of the command line in the terminal's language."""
    return TEXTS[terminal_language()][key].format(**details)


def printable(text: str) -> str:
    """`text` on one line without control characters: titles and file names come from outside."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def one_sentence_errors() -> Iterator[None]:
    """Turn an error into its sentence and what to do, on stderr, with exit code 1."""
    try:
        yield
    except SpeechQAError as error:
        typer.echo(" ".join(printable(part) for part in error.describe(terminal_language())), err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("\n" + say("interrupted"), err=True)
        raise typer.Exit(130) from None


def settings_with(data: Path | None) -> Settings:
    """The settings, with the data folder of the command line in place."""
    settings = load_settings()
    return settings.model_copy(update={"data": data}) if data else settings


def progress_bar() -> Progress:
    """A progress bar on stderr, so that stdout stays clean."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


@app.command()
def index(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders; folders are searched through")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add or update files and folders."""
    with one_sentence_errors():
        settings = settings_with(data)
        with library_of(settings) as library, progress_bar() as bar:
            outcomes = stage_paths(library, paths, bar)
            publish(library, bar)
    counts = {status: sum(1 for outcome in outcomes if outcome.status == status) for status in STATUSES}
    if as_json:
        print_json({"documents": [outcome_dict(outcome) for outcome in outcomes], "counts": counts})
    else:
        for outcome in outcomes:
            typer.echo(describe_outcome(outcome), err=outcome.status == "failed")
        typer.echo(", ".join(f"{count} {say(status)}" for status, count in counts.items() if count))
        if outcomes and counts["unchanged"] == len(outcomes):
            typer.echo(say("nothing_changed"))
    if counts["failed"]:
        raise typer.Exit(1)


def stage_paths(library: Library, paths: list[Path], bar: Progress) -> list[Outcome]:
    """Read every file under `paths` into the catalog; a file that cannot be read is an outcome of its own."""
    outcomes: list[Outcome] = []
    files: list[Path] = []
    for path in paths:
        try:
            files.extend(collect_files(path, library.data))
        except SpeechQAError as error:
            outcomes.append(Outcome("failed", str(path), error=error))
    for file in bar.track(files, description=say("reading")):
        try:
            outcomes.extend(library.stage(str(file.resolve()), file.read_bytes(), file.name))
        except SpeechQAError as error:
            outcomes.append(Outcome("failed", str(file), error=error))
        except OSError as error:
            reason = FileNotReadable(name=file, reason=error.strerror or error)
            outcomes.append(Outcome("failed", str(file), error=reason))
    return outcomes


def publish(library: Library, bar: Progress) -> None:
    """Embed and index what waits, with a progress bar; nothing is loaded when nothing waits."""
    waiting = library.pending_passages()
    if not waiting:
        library.publish()
        return
    task = bar.add_task(say("embedding"), total=waiting)
    library.publish(lambda done, total: bar.update(task, completed=done, total=total))


def describe_outcome(outcome: Outcome) -> str:
    """One line for a document or a file that failed."""
    if outcome.error:
        return f"{say('failed')}  {' '.join(printable(part) for part in outcome.error.describe(terminal_language()))}"
    return f"{say(outcome.status)}  {outcome.document_id}  {printable(outcome.title)}  ({printable(outcome.name)})"


def outcome_dict(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON."""
    entry: dict[str, Any] = {
        "status": outcome.status,
        "name": outcome.name,
        "title": outcome.title,
        "id": outcome.document_id,
    }
    if outcome.error:
        message, hint = outcome.error.describe(terminal_language())
        entry["error"] = {"code": outcome.error.code, "message": message, "hint": hint}
    return entry


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="A question in plain words")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with citations."""
    with one_sentence_errors(), library_of(settings_with(data)) as library:
        answer = Engine(library).ask(question)
    if as_json:
        print_json(answer.as_dict())
        return
    typer.echo(printable(answer.answer))
    shown = answer.near_misses if answer.abstained else answer.citations
    if answer.abstained and shown:
        typer.echo("\n" + say("near_misses"))
    for citation in shown:
        typer.echo(f"\n[{citation.number}] {printable(citation.label)}")
        typer.echo(f"    “{printable(citation.quote)}”")


@app.command()
def documents(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the documents."""
    with one_sentence_errors(), catalog_of(settings_with(data)) as catalog:
        listed = list_documents(catalog)
    if as_json:
        print_json({"documents": [document.model_dump(mode="json") for document in listed]})
        return
    for document in listed:
        typer.echo(f"{document.id}  {printable(document.title)}  ({printable(document.source)}, {document.state})")
    if not listed:
        typer.echo(say("no_documents"))


@app.command()
def outline(document: DocumentArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show the outline of a document."""
    with one_sentence_errors(), catalog_of(settings_with(data)) as catalog:
        found = find_document(catalog, document)
    headings = outline_of(found.sections)
    if as_json:
        print_json(headings.model_dump(mode="json"))
        return
    typer.echo(printable(found.title))
    for heading in headings.headings:
        typer.echo(f"{'    ' * (heading.level - 1)}{'· ' if heading.inline else ''}{printable(heading.heading)}")
    if not headings.headings:
        typer.echo(say("no_outline"))


@app.command()
def delete(document: DocumentArgument, data: DataOption = None) -> None:
    """Delete a document from catalog, vectors and lexical index."""
    with one_sentence_errors(), library_of(settings_with(data)) as library:
        found = find_document(library.catalog, document)
        library.delete(found.id)
    typer.echo(say("deleted", title=printable(found.title)))


@app.command()
def rebuild(data: DataOption = None) -> None:
    """Make vectors and lexical index anew from the texts in the catalog, with the embedder set now."""
    with one_sentence_errors(), library_of(settings_with(data), rebuild=True) as library, progress_bar() as bar:
        task = bar.add_task(say("embedding"), total=None)
        count = library.rebuild(lambda done, total: bar.update(task, completed=done, total=total))
    typer.echo(say("rebuilt", count=count))


@app.command("eval")
def evaluate_questions(
    questions: Annotated[Path, typer.Argument(help="Question set, JSONL")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a question set against the index and print the figures."""
    with one_sentence_errors():
        gold = load_questions(questions)
        with library_of(settings_with(data)) as library, progress_bar() as bar:
            task = bar.add_task(say("asking"), total=len(gold))
            report = evaluate(Engine(library), gold, lambda: bar.advance(task))
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        print_report(report)


def print_report(report: Report) -> None:
    """The figures as a table, then the questions that failed."""
    typer.echo(FIGURES_HEADER)
    rows = [("overall", report.overall), *report.by_type.items(), *report.by_language.items()]
    for name, figures in rows:
        typer.echo(figures_row(name, figures))
    for failure in report.failures:
        typer.echo(
            f"\n{failure['id']} [{failure['type']}] {failure['failure']}: {printable(failure['question'])}\n"
            f"  → {printable(failure['answer'])}\n  expected: {', '.join(failure['expected'])}"
        )


FIGURES_HEADER = (
    f"{'':14}{'n':>4} {'R@1':>6} {'R@3':>6} {'R@5':>6} {'R@10':>6} {'cited':>6} {'answer':>6} {'exact':>6} "
    f"{'ref.ok':>6} {'ref.bad':>7} {'p50 ms':>7} {'p95 ms':>7}"
)


def figures_row(name: str, figures: Figures) -> str:
    """One line of the table of figures; a dash where a figure does not apply."""

    def share(value: float | None) -> str:
        return f"{value:6.3f}" if value is not None else f"{'–':>6}"

    return (
        f"{name:14}{figures.questions:4d} {' '.join(share(v) for v in figures.recall.values())} "
        f"{share(figures.cited_right)} {share(figures.answer_right)} {share(figures.quote_exact)} "
        f"{share(figures.refused_right)} {share(figures.refused_wrong):>7} "
        f"{figures.latency_ms_median:7.0f} {figures.latency_ms_p95:7.0f}"
    )


@app.command("eval-outline")
def evaluate_outlines(
    gold: Annotated[Path, typer.Argument(help="Outline gold, JSONL: speech, marker, heading, level, inline")],
    source: Annotated[str, typer.Argument(help="Name of the indexed file that the gold describes")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the outlines of an indexed file against a gold."""
    with one_sentence_errors():
        headings = load_outline(gold)
        with catalog_of(settings_with(data)) as catalog:
            report = evaluate_outline(catalog, headings, source)
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        print_outline_report(report)


def print_outline_report(report: OutlineReport) -> None:
    """Precision, recall, F1 and level accuracy, headings on their own line and inline ones apart."""
    for name, scores in (("block", report.block), ("inline", report.inline)):
        typer.echo(
            f"{name:8} gold {scores.gold:4d}  precision {scores.precision:.3f}  recall {scores.recall:.3f}  "
            f"F1 {scores.f1:.3f}  level {scores.level_accuracy:.3f}"
        )
    for difference in report.differences:
        typer.echo(f"  {printable(difference)}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; SPEECHQA_HOST or 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; SPEECHQA_PORT or 8000", min=1, max=65535)] = None,
    data: DataOption = None,
    no_ui: Annotated[bool, typer.Option("--no-ui", help="API only, without chat")] = False,
) -> None:
    """Serve API, chat and documentation."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with one_sentence_errors():
        settings = settings_with(data)
        settings = settings.model_copy(update={"host": host or settings.host, "port": port or settings.port})
        listener = listen(settings.host, settings.port)
        typer.echo(say("loading", data=settings.data), err=True)
        with library_of(settings) as library:
            if waiting := library.pending_passages():
                typer.echo(say("resuming", count=waiting), err=True)
                with progress_bar() as bar:
                    publish(library, bar)
            _ = library.embedder  # loads the model now, and refuses an index that another one made
            served = app_of(Engine(library), settings, with_ui=not no_ui)
            announce(settings, with_ui=not no_ui)
            config = uvicorn.Config(served, log_level="warning", timeout_graceful_shutdown=10)
            uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Take the port before the model is loaded, so that a port in use is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        typer.echo(
            f"{say('port_in_use', port=port, host=host, reason=error.strerror or error)} {say('port_hint')}", err=True
        )
        raise typer.Exit(1) from None
    return listener


def announce(settings: Settings, with_ui: bool) -> None:
    """Say where to go."""
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = f"http://{shown}:{settings.port}"
    typer.echo(say("serving"))
    if with_ui:
        typer.echo(f"  {say('chat')}: {base}/")
    typer.echo(f"  {say('api')}: {base}/v1\n  {say('docs')}: {base}/docs\n{say('stop')}")


def main() -> None:
    """Entry point of the `speechqa` command."""
    app()
