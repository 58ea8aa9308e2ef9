"""`NAME.meta.yaml` beside a file: what its owner says of its speeches, which wins over what is read."""

import datetime
import re
from collections.abc import Mapping

import yaml

from index.documents import Metadata
from index.errors import BadSidecar, NotText
from index.groups import clean_groups
from index.metadata import parse_date
from index.readers.plain import decode

SUFFIX = ".meta.yaml"
KEYS = ("title", "speaker", "date", "occasion", "place", "groups")
SPEECHES = "speeches"
LARGEST = 200_000
LONGEST_VALUE = 500
NUMBER = re.compile(r"^[1-9]\d{0,3}$")


class Sidecar:
    """The metadata of one file: for all its speeches, and for single ones by number."""

    def __init__(self, every: Metadata, single: Mapping[int, Metadata]) -> None:
        self._every = every
        self._single = single

    @property
    def groups(self) -> frozenset[str]:
        """The groups that it names, of whichever speech."""
        return frozenset(name for told in (self._every, *self._single.values()) for name in told.groups or ())

    def of(self, number: int) -> Metadata:
        """What it says of speech `number` of the file, counted from 1."""
        return merge(self._single.get(number, Metadata()), self._every)


def merge(first: Metadata, second: Metadata) -> Metadata:
    """`first`, with the fields it leaves empty taken from `second`."""
    return Metadata(
        title=first.title or second.title,
        speaker=first.speaker or second.speaker,
        date=first.date or second.date,
        occasion=first.occasion or second.occasion,
        place=first.place or second.place,
        groups=second.groups if first.groups is None else first.groups,
    )


def parse_sidecar(content: bytes, name: str) -> Sidecar:
    """Read a sidecar; raise `BadSidecar` naming it when it says something that has no meaning.

    `title`, `speaker`, `date`, `occasion`, `place` and `groups` (a list of who may see it) hold for every speech of the file; the same keys under
    `speeches: {2: …}` for its second speech alone.
    """
    if len(content) > LARGEST:
        raise _bad(name, "too long")
    try:
        text = decode(content, name) if content.strip() else ""
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.BaseLoader)):
            raise _bad(name, "&, *")
        # The base loader makes strings of everything: "no" is a word and 2025-01-15 is read as dates are read here.
        data = yaml.load(text, yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, NotText, RecursionError, ValueError) as error:
        raise _bad(name, (str(error).splitlines() or ["YAML"])[0][:200]) from error
    if not data:
        return Sidecar(Metadata(), {})
    if not isinstance(data, dict):
        raise _bad(name, "no keys")
    speeches = data.pop(SPEECHES, None) or {}
    if not isinstance(speeches, dict) or not all(NUMBER.match(str(number)) for number in speeches):
        raise _bad(name, f"{SPEECHES}: numbers from 1")
    return Sidecar(_metadata(data, name), {int(number): _metadata(fields, name) for number, fields in speeches.items()})


def _metadata(fields: object, name: str) -> Metadata:
    if not isinstance(fields, dict):
        raise _bad(name, "no keys")
    unknown = [str(key) for key in fields if key not in KEYS]
    if unknown:
        raise _bad(name, f"{unknown[0][:40]}?")
    values: dict[str, str | None] = {}
    for key in ("title", "speaker", "occasion", "place"):
        value = fields.get(key)
        if isinstance(value, dict | list):
            raise _bad(name, f"{key}: one line of text")
        words = " ".join(str(value).split()) if value is not None else ""
        if len(words) > LONGEST_VALUE:
            raise _bad(name, f"{key}: too long")
        values[key] = words or None
    return Metadata(date=_date(fields.get("date"), name), groups=_groups(fields, name), **values)


def _groups(fields: dict[str, object], name: str) -> tuple[str, ...] | None:
    # Left empty by mistake it would show a speech to everybody: it has to be left out, or to name somebody.
    if "groups" not in fields:
        return None
    value = fields["groups"]
    listed = value if isinstance(value, list) else str(value or "").split(",")
    try:
        groups = clean_groups(str(group) for group in listed if not isinstance(group, dict | list))
    except ValueError as error:
        raise _bad(name, f"groups: {error}") from error
    if not groups:
        raise _bad(name, "groups: at least one name")
    return groups


def _date(value: object, name: str) -> datetime.date | None:
    if value is None or value == "":
        return None
    day = parse_date(str(value)[:100])
    if day is None:
        raise _bad(name, f"date: {str(value)[:40]}")
    return day


def _bad(name: str, reason: str) -> BadSidecar:
    return BadSidecar(name=name, reason=reason, keys=", ".join((*KEYS, SPEECHES)))
