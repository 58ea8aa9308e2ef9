"""Every field of the API as the description has it: `python -m tests.service.fields` keeps in v1.json what it reads."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "v1.json"


def fields_of(api: dict[str, Any]) -> dict[str, list[str]]:
    """Route -> its fields: `> question: string required` goes in, `< citations[].quote: string` comes out."""
    found: dict[str, list[str]] = {}
    for path, item in sorted(api["paths"].items()):
        for method, operation in sorted(item.items()):
            lines = [f"> {p['name']} ({p['in']})" for p in operation.get("parameters", ())]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                lines += [f"> {line}" for line in _fields(api, content["schema"], "", demands=True)]
            for status, answer in sorted(operation["responses"].items()):
                if status.startswith("2"):
                    lines.append(f"< {status}")
                    for kind, content in answer.get("content", {}).items():
                        lines.append(f"< {kind}")
                        lines += [f"< {line}" for line in _fields(api, content.get("schema", {}), "", demands=False)]
            found[f"{method.upper()} {path}"] = list(dict.fromkeys(lines))
    return found


def _fields(api: dict[str, Any], schema: dict[str, Any], place: str, *, demands: bool) -> Iterator[str]:
    if "$ref" in schema:
        schema = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", ()):
        yield from _fields(api, choice, place, demands=demands)
    if "items" in schema and isinstance(schema["items"], dict):
        yield from _fields(api, schema["items"], f"{place}[]", demands=demands)
    for name, field in sorted(schema.get("properties", {}).items()):
        here = f"{place}.{name}" if place else name
        wanted = " required" if demands and name in schema.get("required", ()) else ""
        yield f"{here}: {_kind(field)}{wanted}"
        yield from _fields(api, field, here, demands=demands)


def _kind(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(sorted(_kind(choice) for choice in field["anyOf"]))
    return str(field.get("type", field.get("$ref", "any").rpartition("/")[2]))


def keep(api: dict[str, Any]) -> None:
    """Write down the fields of `api`, which is then what clients rely on."""
    KEPT.write_text(json.dumps(fields_of(api), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    keep(json.load(sys.stdin))
