"""Groups: who may see a document. One with none is for everybody."""

import unicodedata
from collections.abc import Collection, Iterable

LONGEST_GROUP = 100
MOST_GROUPS = 50


def clean_groups(names: Iterable[str]) -> tuple[str, ...]:
    """Names of groups without white space around them, each once, sorted; raises `ValueError` for what is no name."""
    found = {unicodedata.normalize("NFC", name).strip() for name in names} - {""}
    for name in found:
        if len(name) > LONGEST_GROUP or not name.isprintable() or "," in name:
            raise ValueError(f"{name[:20]!r} is no name of a group")
    if len(found) > MOST_GROUPS:
        raise ValueError(f"more than {MOST_GROUPS} groups")
    return tuple(sorted(found))


def may_see(groups: Collection[str], own: Collection[str] | None) -> bool:
    """True when somebody in the groups `own` may see what is for `groups`; None stands for one who sees everything."""
    return own is None or not groups or not set(groups).isdisjoint(own)
