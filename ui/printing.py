"""What the command line prints: plain lines on stdout, progress on stderr, nothing a terminal would obey."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from index.library import Outcome
from qa.answer import Answer
from qa.evaluation import Figures, Report
from qa.outline_evaluation import OutlineReport
from qa.quotes import Quote
from ui.quote_report import SHOWN_SOURCES, summary
from ui.settings import Settings
from ui.texts import QUOTE_TEXTS, TEXTS, terminal_language


def say(key: str, **details: object) -> str:
    """A sentence of the command line in the terminal's language."""
    return TEXTS[terminal_language()][key].format(**details)


def printable(text: str) -> str:
    """`text` on one line without control characters: titles and file names come from outside."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def progress_bar() -> Progress:
    """A progress bar on stderr, so that stdout stays clean."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


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


def print_answer(answer: Answer) -> None:
    """The answer, then where it says so; for a refusal, the nearest passages."""
    for line in answer.answer.splitlines():
        typer.echo(printable(line))
    shown = answer.near_misses if answer.abstained else answer.citations
    if answer.abstained and shown:
        typer.echo("\n" + say("near_misses"))
    for citation in shown:
        typer.echo(f"\n[{citation.number}] {printable(citation.label)}")
        typer.echo(f"    “{printable(citation.quote)}”")


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


def print_outline_report(report: OutlineReport) -> None:
    """Precision, recall, F1 and level accuracy, headings on their own line and inline ones apart."""
    for name, scores in (("block", report.block), ("inline", report.inline)):
        typer.echo(
            f"{name:8} gold {scores.gold:4d}  precision {scores.precision:.3f}  recall {scores.recall:.3f}  "
            f"F1 {scores.f1:.3f}  level {scores.level_accuracy:.3f}"
        )
    for difference in report.differences:
        typer.echo(f"  {printable(difference)}")


def announce(settings: Settings, with_ui: bool) -> None:
    """Say where to go."""
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = f"http://{shown}:{settings.port}"
    typer.echo(say("serving"))
    if with_ui:
        typer.echo(f"  {say('chat')}: {base}/")
    typer.echo(f"  {say('api')}: {base}/v1\n  {say('docs')}: {base}/docs\n{say('stop')}")


def print_quotes(quotes: Sequence[Quote], in_full: bool) -> None:
    """How the sentences came out; one by one when `in_full`."""
    language = terminal_language()
    texts, frames = QUOTE_TEXTS[language], {"equal": "{}", "insert": "[+{}+]", "delete": "[-{}-]"}
    for number, quote in enumerate(quotes if in_full else (), start=1):
        steps = quote.difference or (("equal", quote.sentence),)
        marked = "".join(frames[operation].format(printable(text)) for operation, text in steps)
        typer.echo(f"{number}. {texts[quote.verdict]}  {marked}")
        for source in quote.sources[:SHOWN_SOURCES]:
            typer.echo(f"   {printable(source.label)}")
        if len(quote.sources) > SHOWN_SOURCES:
            typer.echo(f"   {texts['more'].format(count=len(quote.sources) - SHOWN_SOURCES)}")
    typer.echo(summary(quotes, language))
