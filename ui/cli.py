"""The `speechqa` command line."""

import dataclasses
import datetime
import json
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from index.errors import EmptyFile, FileNotReadable, FileNotWritable, SpeechQAError
from index.groups import clean_groups
from index.library import Library, Outcome, find_document
from index.readers import SUPPORTED, read_file
from index.reference import reference
from index.sources import collect_files, left_out, read_sources
from qa.errors import NoLanguageModel
from qa.evaluation import Part, evaluate, load_questions, part_of
from qa.fitting import recalibrate
from qa.outline_evaluation import evaluate_outline, load_outline
from qa.quotes import Quote, sentences_in
from qa.texts import DAYS
from service.errors import KeyNeeded
from service.origins import LOOPBACK
from service.schemas import list_documents, outline_of
from ui.keys import keys
from ui.logs import configure_logs
from ui.operating import audit, mcp, stats
from ui.printing import (
    announce,
    describe_outcome,
    outcome_dict,
    print_answer,
    print_json,
    print_outline_report,
    print_quotes,
    print_report,
    printable,
    progress_bar,
    say,
)
from ui.quote_report import as_html, as_markdown
from ui.running import DataOption, JsonOption, one_sentence_errors, settings_with
from ui.settings import Settings
from ui.texts import terminal_language
from ui.wiring import app_of, catalog_of, engine_of, library_of, server_of

app = typer.Typer(
    name="speechqa",
    help="Ask an organisation's speeches; every sentence of an answer cites the exact words it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys)
for command in (audit, stats, mcp):
    app.command()(command)
DocumentArgument = Annotated[str, typer.Argument(help="Id, beginning of an id, title or file name")]
SHOWN = 10  # names of files left out
PARAGRAPH_START = 40  # characters shown of a paragraph in a speech without headings
REPORTS = (".md", ".html", ".json")
STATUSES = ("added", "updated", "unchanged", "removed", "failed")


@app.command()
def index(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders; folders are searched through")],
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", help="Who may see them; more than once for several; everybody when left out"),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add or update files and folders."""
    try:
        shown_to = clean_groups(groups or [])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with one_sentence_errors():
        settings = settings_with(data, existing=False)
        with library_of(settings) as library, progress_bar() as bar:
            outcomes = stage_paths(library, paths, bar, shown_to or None)
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


def stage_paths(
    library: Library, paths: list[Path], bar: Progress, groups: tuple[str, ...] | None = None
) -> list[Outcome]:
    """Read every file under `paths` into the catalog; a file that cannot be read is an outcome of its own."""
    outcomes: list[Outcome] = []
    files: list[Path] = []
    for path in paths:
        try:
            found = collect_files(path, library.data)
            files.extend(found)
            if others := left_out(path, found, library.data):
                names = ", ".join(printable(file.name) for file in others[:SHOWN]) + (
                    " …" if len(others) > SHOWN else ""
                )
                typer.echo(say("left_out", count=len(others), folder=printable(str(path)), names=names), err=True)
        except SpeechQAError as error:
            outcomes.append(Outcome("failed", str(path), error=error))
    for file in bar.track(files, description=say("reading")):
        try:
            for source in read_sources(file):
                if isinstance(source, SpeechQAError):
                    outcomes.append(Outcome("failed", source.name, error=source))
                else:
                    outcomes.extend(library.try_stage(dataclasses.replace(source, groups=groups)))
        except SpeechQAError as error:
            outcomes.append(Outcome("failed", str(file), error=error))
    return outcomes


def publish(library: Library, bar: Progress) -> None:
    """Embed and index what waits, with a progress bar; nothing is loaded when nothing waits."""
    waiting = library.pending_passages()
    if not waiting:
        library.publish()
        return
    task = bar.add_task(say("embedding"), total=waiting)
    library.publish(lambda done, total: bar.update(task, completed=done, total=total))


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="A question in plain words")],
    data: DataOption = None,
    most: Annotated[
        int | None, typer.Option("--max-citations", min=1, help="Citations at most; a long list gives 50 at a time")
    ] = None,
    skip: Annotated[int, typer.Option(min=0, help="Citations before the first that is given")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with citations."""
    with one_sentence_errors():
        settings = settings_with(data)
        with library_of(settings) as library:
            answer = engine_of(library, settings).ask(question, None, most, skip)
    if as_json:
        print_json(answer.as_dict())
    else:
        print_answer(answer)


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
    typer.echo(printable(reference(found)))
    for heading in headings.headings:
        typer.echo(f"{'    ' * (heading.level - 1)}{'· ' if heading.inline else ''}{printable(heading.heading)}")
    if not headings.headings:
        typer.echo(say("no_outline"))
        for number, section in enumerate(found.sections, start=1):
            words = found.text[section.start : section.end]
            typer.echo(
                f"{number:>4}  {printable(words[:PARAGRAPH_START].strip())}{'…' if len(words) > PARAGRAPH_START else ''}"
            )


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
    part: Annotated[
        Part, typer.Option(help="develop: three quarters, to look at daily; held-back: the rest, to look at rarely")
    ] = "all",
    llm: Annotated[bool, typer.Option("--llm", help="Beside the speeches' words, those of SPEECHQA_LLM")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a question set against the index and print the figures."""
    with one_sentence_errors():
        gold = part_of(load_questions(questions), part)
        settings = settings_with(data)
        if llm and not settings.llm:
            raise NoLanguageModel()
        plain = settings.model_copy(update={"llm": ""})
        with library_of(settings) as library, progress_bar() as bar:
            task = bar.add_task(say("asking"), total=len(gold) * (2 if llm else 1))
            reports = {
                name: evaluate(engine_of(library, chosen), gold, lambda: bar.advance(task))
                for name, chosen in {"extractive": plain, **({settings.llm: settings} if llm else {})}.items()
            }
    if as_json:
        figures = {name: dataclasses.asdict(report) for name, report in reports.items()}
        print_json(figures if llm else figures["extractive"])
        return
    for name, report in reports.items():
        if llm:
            typer.echo(f"\n{name}")
        print_report(report)


@app.command("check-quote")
def check_quote(
    words: Annotated[str, typer.Argument(metavar="TEXT|FILE", help="A sentence, or a manuscript (.txt, .docx, …)")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the report here: .md, .html or .json")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check quotations: is each sentence exact, altered or absent in the speeches, and where does it stand."""
    if out and out.suffix.lower() not in REPORTS:
        raise typer.BadParameter(say("report_type", file=out), param_hint="--out")
    with one_sentence_errors():
        sentences = sentences_in(read_manuscript(words))
        if not sentences:
            raise EmptyFile(name=words)
        settings = settings_with(data)
        with library_of(settings) as library, progress_bar() as bar:
            checker = engine_of(library, settings).quotes()
            task = bar.add_task(say("checking"), total=len(sentences))
            quotes = list(checker.check_all(sentences, lambda: bar.advance(task)))
        report = {"results": [dataclasses.asdict(quote) for quote in quotes]}
        if out:
            write_report(out, quotes, report, Path(words).name if is_file_name(words) else "")
            typer.echo(say("report_written", file=printable(str(out))), err=True)
    if as_json:
        print_json(report)
    else:
        print_quotes(quotes, in_full=out is None)


def is_file_name(words: str) -> bool:
    """True for the name of a file of a kind that can be read; other words are what is to be checked."""
    return Path(words).suffix.lower() in SUPPORTED


def read_manuscript(words: str) -> str:
    """The text of a file of that name, or the words themselves."""
    if not is_file_name(words):
        return words
    path = Path(words)
    try:
        return "\n".join(block.text for block in read_file(path.read_bytes(), path.name).blocks)
    except OSError as error:
        raise FileNotReadable(name=words, reason=error.strerror or error) from error


def write_report(out: Path, quotes: Sequence[Quote], report: dict[str, Any], name: str) -> None:
    """Write the report on the manuscript `name` of the kind that the file's name asks for, whole or not at all."""
    language = terminal_language()
    today = datetime.date.today()
    heading = " · ".join(filter(None, (name, DAYS[language](today))))
    report = {"manuscript": name or None, "date": today.isoformat(), **report}
    makers = {
        ".md": lambda: as_markdown(quotes, language, heading),
        ".html": lambda: as_html(quotes, language, heading),
        ".json": lambda: json.dumps(report, ensure_ascii=False, indent=2),
    }
    temporary = out.with_name(out.name + ".part")
    try:
        temporary.write_text(makers[out.suffix.lower()](), "utf-8")
        temporary.replace(out)
    except OSError as error:
        raise FileNotWritable(name=out, reason=error.strerror or error) from error


@app.command()
def calibrate(
    questions: Annotated[Path, typer.Argument(help="Question set, JSONL, with unanswerable questions among them")],
    data: DataOption = None,
) -> None:
    """Refit when to answer and when to refuse on questions of your own; kept in the data folder."""
    with one_sentence_errors():
        gold = load_questions(questions)
        settings = settings_with(data)
        with library_of(settings) as library, progress_bar() as bar:
            task = bar.add_task(say("asking"), total=len(gold))
            engine = engine_of(library, settings)
            before, after = recalibrate(engine, gold, lambda: bar.advance(task))
    typer.echo(say("calibrated", before=before, after=after))


@app.command("eval-outline")
def evaluate_outlines(
    gold: Annotated[Path, typer.Argument(help="Outline gold, JSONL: document, speech, marker, heading, level, inline")],
    source: Annotated[
        str,
        typer.Argument(help="Name of the indexed file, for a gold that names none; not needed when it is the only one"),
    ] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the outlines of an indexed file against a gold."""
    with one_sentence_errors():
        headings = load_outline(gold, source)
        with catalog_of(settings_with(data)) as catalog:
            report = evaluate_outline(catalog, headings)
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        print_outline_report(report)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; SPEECHQA_HOST or 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; SPEECHQA_PORT or 8000", min=1, max=65535)] = None,
    data: DataOption = None,
    no_ui: Annotated[bool, typer.Option("--no-ui", help="API only, without chat")] = False,
) -> None:
    """Serve API, chat and documentation."""
    with one_sentence_errors():
        settings = settings_with(data, existing=False)
        configure_logs(settings.log_format)
        settings = settings.model_copy(update={"host": host or settings.host, "port": port or settings.port})
        listener = listen(settings.host, settings.port)
        typer.echo(say("loading", data=settings.data), err=True)
        with library_of(settings) as library:
            if waiting := library.pending_passages():
                typer.echo(say("resuming", count=waiting), err=True)
                with progress_bar() as bar:
                    publish(library, bar)
            served_openly(library, settings)
            _ = library.embedder  # loads the model now, and refuses an index that another one made
            engine = engine_of(library, settings)
            _ = engine.calibrations  # loads the reader now, too
            _ = settings.llm and engine.judge
            served = app_of(engine, settings, with_ui=not no_ui)
            announce(settings, with_ui=not no_ui)
            # Ctrl+C is how a service is stopped; it is no failure.
            with suppress(KeyboardInterrupt):
                server_of(served).run(sockets=[listener])


def served_openly(library: Library, settings: Settings) -> None:
    """Tell that nobody needs a key, which is for this machine alone; raise `KeyNeeded` where others would get in."""
    if library.catalog.keys.any() or settings.oidc_issuer:
        return
    if settings.host not in LOOPBACK:
        raise KeyNeeded(host=settings.host)
    typer.echo(say("stands_open", host=settings.host), err=True)


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


def main() -> None:
    """Entry point of the `speechqa` command."""
    app()
