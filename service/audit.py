"""The audit log: who asked what when and which sections he was shown; one JSON line each, a file a day."""

import datetime
import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from asgi_correlation_id import correlation_id

from qa.answer import Answer
from service.identity import Caller

logger = logging.getLogger(__name__)

FOLDER = "audit"
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

    def answered(self, caller: Caller, portal: str, answer: Answer) -> None:
        """Keep that `caller`, on a page of `portal`, was given `answer`."""
        self.record(
            caller,
            portal,
            "ask",
            answer.question,
            ((citation.document_id, citation.section_id) for citation in answer.citations),
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
        **more: str | int | None,
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
            "cited": sorted({f"{document}#{section}" for document, section in shown}),
            **more,
        }
        # JSON writes line breaks as \\n: no question can pass for another line.
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        try:
            with self._lock:
                self._turn(now.date())
                place = self._folder / f"{now.date()}.jsonl"
                handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(handle, "a", encoding="utf-8") as file:
                    file.write(line)
        except OSError as error:
            logger.error("the audit log cannot be written: %s", error.strerror)

    def answer_of(self, caller: Caller, answer_id: str) -> bool:
        """True when `caller` was given this answer."""
        return any(
            entry.get("answer") == answer_id and entry.get("action") == "ask" and entry.get("who") == caller.name
            for entry in read_audit(self._folder.parent)
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
        for file in self._folder.glob("????-??-??.jsonl"):
            if file.stem < str(today - datetime.timedelta(days=self._days)):
                file.unlink()
        self._today = today


def read_audit(data: Path, since: datetime.date | None = None) -> Iterator[dict[str, Any]]:
    """What the log holds, oldest first; lines cut off by a crash are passed over."""
    for file in sorted((data / FOLDER).glob("????-??-??.jsonl")):
        if since and file.stem < str(since):
            continue
        for line in file.read_text("utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue
