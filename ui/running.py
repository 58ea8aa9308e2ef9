"""What every command of the command line shares: its data folder, and errors told in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from index.errors import NoDocuments, SpeechQAError
from ui.printing import printable, say
from ui.settings import Settings, load_settings
from ui.texts import terminal_language

DataOption = Annotated[Path | None, typer.Option("--data", help="Data folder; SPEECHQA_DATA or ./speechqa-data")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else")]


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


def settings_with(data: Path | None, *, existing: bool = True) -> Settings:
    """The settings, with the data folder of the command line in place.

    A folder that does not exist is told rather than made, unless `existing` is false.
    """
    settings = load_settings()
    if data:
        settings = settings.model_copy(update={"data": data})
    if existing and not settings.data.exists():
        raise NoDocuments(data=settings.data)
    return settings
