"""Commands for whoever runs the service: what was asked, how it is used, and the tools for assistants."""

import dataclasses
import datetime
from typing import Annotated, Any

import anyio
import typer
from mcp.server.mcpserver import Context as CallContext

from service.audit import read_audit
from service.identity import AT_THE_MACHINE, Caller
from service.mcp import make_mcp
from service.statistics import usage
from ui.logs import configure_logs
from ui.printing import print_json, printable, say
from ui.running import DataOption, JsonOption, one_sentence_errors, settings_with
from ui.wiring import app_of, catalog_of, engine_of, library_of

SinceOption = Annotated[
    datetime.datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="From this day on")
]


def audit(since: SinceOption = None, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Who asked what when, and which sections he was shown."""
    with one_sentence_errors():
        found = list(read_audit(settings_with(data).data, since.date() if since else None))
    if as_json:
        print_json({"entries": found})
        return
    for entry in found:
        told = say("refused", reason=entry["refused"]) if entry.get("refused") else _shown(entry)
        parts = (entry["at"], entry["who"] or "-", entry["portal"] or "-", entry.get("action", "ask"), told)
        typer.echo("  ".join(printable(str(part)) for part in (*parts, entry["question"] or "-")))


def _shown(entry: dict[str, Any]) -> str:
    return str(entry["thumb"]) if "thumb" in entry else say("cites", count=len(entry["cited"]))


def stats(since: SinceOption = None, data: DataOption = None, as_json: JsonOption = False) -> None:
    """How the service is used: questions, refusals, citations, times, the speeches cited most."""
    with one_sentence_errors():
        settings = settings_with(data)
        with catalog_of(settings) as catalog:
            told = usage(read_audit(settings.data, since.date() if since else None), catalog)
    if as_json:
        print_json(dataclasses.asdict(told))
        return
    for name in ("index", "asked", "times", "others"):
        typer.echo(say(f"stats_{name}", **dataclasses.asdict(told)))
    for day, count in told.by_day.items():
        typer.echo(f"  {day} {count:6d}")
    if told.most_cited:
        typer.echo(say("stats_cited"))
    for document, title, count in told.most_cited:
        typer.echo(f"{count:6d}  {printable(title) or document}")


def mcp(data: DataOption = None) -> None:
    """Serve an assistant on this machine over the Model Context Protocol (stdin and stdout), read-only."""
    with one_sentence_errors():
        settings = settings_with(data)
        configure_logs(settings.log_format)
        with library_of(settings) as library:
            app = app_of(engine_of(library, settings), settings, with_ui=False)

            # Whoever can start this can read the data folder.
            def caller_of(_: CallContext[Any, Any]) -> Caller:
                return AT_THE_MACHINE

            anyio.run(make_mcp(app.state.context, app.version, caller_of).run_stdio_async)
