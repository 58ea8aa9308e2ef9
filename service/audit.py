"""The audit log: who asked what when and which sections he was shown; one JSON line each, a file a day."""

import datetime
import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

from asgi_correlation_id import correlation_id

from qa.answer import Answer
from service.identity import Caller

logger = logging.getLogger(__name__)

FOLDER, NAMES = "audit", "????-??-??.jsonl"
JUDGED_DAYS = 14  # days of which answers may still be judged
# What is kept of a question: its words, a hash by which the same question is known again, or nothing.
Questions = Literal["full", "hash", "none"]
Action = Literal["ask", "search", "check_quotes", "read", "feedback"]


class AuditLog:
    """Appends to `audit/YYYY-MM-DD.jsonl` in the data folder; files older than `days` go.

    Never holds a key or token. A line that cannot be written is told in the service's own log; the answer is given.
    """

    def __init__(self, data: Path, days: int, questions: Questions = "full") -> None:
        self._folder = data / FOLDER
        self._days = days
        self._questions = questions
        self._lock = threading.Lock()
        self._today: datetime.date | None = None

    def answered(self, caller: Caller, portal: str, answer: Answer, sources: Iterable[tuple[str, str]] = ()) -> None:
        """Keep that `caller`, on a page of `portal`, was given `answer`, and shown `sources` on the way to it."""
        cited, near = sections_of(answer.citations), sections_of(answer.near_misses)
        self.record(
            caller,
            portal,
            "ask",
            answer.question,
            cited,
            also_shown=places({*near, *sources} - cited),
            answer=answer.id,
            refused=answer.reason if answer.abstained else None,
            model=answer.model,
            ms=answer.timings_ms.get("total", 0),
        )

    def record(
        self,
        caller: Caller,
        portal: str,
        action: Action,
        words: str | None = None,
        shown: Iterable[tuple[str, str]] = (),
        **more: str | int | list[str] | None,
    ) -> None:
        """Keep what `caller` did on a page of `portal`: his `words`, as far as is set, and the sections he was shown.

        Args:
            shown: document and section ids.
        """
        now = datetime.datetime.now(datetime.UTC)
        entry = {
            "at": now.isoformat(timespec="milliseconds"),
            "request": correlation_id.get(),
            "who": caller.name,
            "portal": portal[:200],
            "action": action,
            "question": self._kept(words),
            "cited": places(shown),
            **more,
        }
        # In ASCII no question can pass for another line, whatever signs are in it, nor be what no file can hold.
        line = json.dumps(entry) + "\n"
        try:
            with self._lock:
                self._turn(now.date())
                place = self._folder / f"{now.date()}.jsonl"
                handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(handle, "ab+") as file:
                    # A line that a crash cut off takes no other with it.
                    if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                        line = f"\n{line}"
                    file.write(line.encode("ascii"))
        except OSError as error:
            logger.error("the audit log cannot be written: %s", error.strerror)

    def answer_of(self, caller: Caller, answer_id: str) -> bool:
        """True when `caller` was given this answer, within the last days."""
        files = sorted(self._folder.glob(NAMES), reverse=True)[:JUDGED_DAYS]
        return any(
            entry.get("answer") == answer_id and entry.get("action") == "ask" and entry.get("who") == caller.name
            for file in files
            for entry in _entries(file)
        )

    def _kept(self, question: str | None) -> str | None:
        if question is not None and self._questions == "hash":
            return f"sha256:{hashlib.sha256(question.encode()).hexdigest()}"
        return question if self._questions == "full" else None

    def _turn(self, today: datetime.date) -> None:
        """Once a day, let go what is too old."""
        if self._today == today:
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for file in self._folder.glob(NAMES):
            if file.stem < str(today - datetime.timedelta(days=self._days)):
                file.unlink()
        self._today = today


def read_audit(data: Path, since: datetime.date | None = None) -> Iterator[dict[str, Any]]:
    """What the log holds, oldest first; lines cut off by a crash are passed over."""
    for file in sorted((data / FOLDER).glob(NAMES)):
        if not since or file.stem >= str(since):
            yield from _entries(file)


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry


class Cited(Protocol):
    """Whatever names a section of a document."""

    @property
    def document_id(self) -> str: ...  # noqa: D102
    @property
    def section_id(self) -> str: ...  # noqa: D102


def sections_of(cited: Iterable[Cited]) -> set[tuple[str, str]]:
    """Document and section ids of citations."""
    return {(one.document_id, one.section_id) for one in cited}


def places(shown: Iterable[tuple[str, str]]) -> list[str]:
    """Sections as the log names them, DOCUMENT#SECTION, each once."""
    return sorted({f"{document}#{section}" for document, section in shown})
