"""`speechqa keys`: API keys for portals and programs."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from index.catalog import Catalog
from index.folder import make_folder
from index.groups import clean_groups
from index.keys import Key
from service.identity import Right
from ui.printing import print_json, printable, say
from ui.running import DataOption, JsonOption, one_sentence_errors, settings_with
from ui.wiring import catalog_of

keys = typer.Typer(name="keys", help="API keys: make, list, rotate, revoke.", no_args_is_help=True)
KeyArgument = Annotated[str, typer.Argument(help="Id of the key, as `speechqa keys list` shows it")]


@contextmanager
def _catalog(data: Path | None, *, existing: bool = True) -> Iterator[Catalog]:
    with one_sentence_errors():
        settings = settings_with(data, existing=existing)
        make_folder(settings.data)
        with catalog_of(settings) as catalog:
            yield catalog


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, for the list")],
    scopes: Annotated[
        list[Right] | None, typer.Option("--scope", help="What it lets do; more than once for several [ask, read]")
    ] = None,
    groups: Annotated[
        list[str] | None, typer.Option("--group", help="Whose documents it sees, beside those for everybody")
    ] = None,
    every_group: Annotated[bool, typer.Option("--every-group", help="It sees every document")] = False,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="It ends after so many days")] = None,
    data: DataOption = None,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    try:
        named = clean_groups(groups or [])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days) if days else None
    with _catalog(data, existing=False) as catalog:
        key, text = catalog.keys.create(
            " ".join(printable(name).split()),
            scopes or [Right.ASK, Right.READ],
            None if every_group else named,
            ends,
        )
    typer.echo(say("key_made", id=key.id), err=True)
    typer.echo(text)


@keys.command("list")
def list_keys(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Every key, without its secret."""
    with _catalog(data) as catalog:
        found = catalog.keys.all()
    if as_json:
        print_json({"keys": [_as_dict(key) for key in found]})
    elif not found:
        typer.echo(say("no_keys"))
    else:
        for key in found:
            typer.echo(_line(key))


@keys.command()
def rotate(
    key_id: KeyArgument,
    grace: Annotated[int, typer.Option("--grace", min=0, max=720, help="Hours that the old secret is let in")] = 24,
    data: DataOption = None,
) -> None:
    """Give a key a new secret and print it."""
    with _catalog(data) as catalog:
        key, text = catalog.keys.rotate(key_id, datetime.timedelta(hours=grace))
    typer.echo(say("key_rotated", id=key.id, hours=grace), err=True)
    typer.echo(text)


@keys.command()
def revoke(key_id: KeyArgument, data: DataOption = None) -> None:
    """Let a key in no more, from now on."""
    with _catalog(data) as catalog:
        key = catalog.keys.revoke(key_id)
    typer.echo(say("key_revoked", id=key.id, name=key.name))


@keys.command("end-tokens")
def end_tokens(data: DataOption = None) -> None:
    """End every token given out so far, and sign with a new secret."""
    with _catalog(data) as catalog:
        catalog.signing.renew()
    typer.echo(say("tokens_ended"))


def _as_dict(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "groups": None if key.groups is None else list(key.groups),
        "created": key.created.isoformat(),
        "expires": key.expires.isoformat() if key.expires else None,
        "last_used": key.last_used.isoformat() if key.last_used else None,
        "valid": key.valid,
    }


def _line(key: Key) -> str:
    sees = say("every_group") if key.groups is None else ",".join(key.groups) or "-"
    ends = f"{key.expires:%Y-%m-%d}" if key.expires else "-"
    used = f"{key.last_used:%Y-%m-%d %H:%M}Z" if key.last_used else "-"
    state = say("valid" if key.valid else "ended")
    return f"{key.id}  {state}  {printable(key.name)}  {','.join(key.scopes)}  {sees}  {ends}  {used}"
