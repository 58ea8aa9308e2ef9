"""Uploads indexed in the background, one at a time, each a job with progress."""

import logging
import threading
import uuid
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

from index.errors import SpeechQAError
from index.library import Library, Outcome
from service.errors import JobNotFound

logger = logging.getLogger(__name__)

REMEMBERED = 1000


class _ClosingError(Exception):
    pass


@dataclass(slots=True)
class Job:
    """An upload on its way into the indexes."""

    id: str
    outcomes: list[Outcome]
    owner: str = ""
    state: Literal["running", "done", "failed"] = "running"
    progress: float = 0.0
    error: SpeechQAError | None = None


@dataclass(slots=True)
class Jobs:
    """Runs jobs on one thread. A document is in the catalog before its job starts, so a crash loses none."""

    library: Library
    _jobs: OrderedDict[str, Job] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "index"))

    def start(self, outcomes: list[Outcome], owner: str = "") -> Job:
        """Publish what has been staged and return the job to follow it by."""
        job = Job(uuid.uuid4().hex, outcomes, owner)
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > REMEMBERED:
                self._jobs.popitem(last=False)
        self._pool.submit(self._run, job)
        return job

    def get(self, job_id: str, owner: str) -> Job:
        """The job of `owner` with this id; raises `JobNotFound`."""
        with self._lock:
            if job_id not in self._jobs or self._jobs[job_id].owner != owner:
                raise JobNotFound(job=job_id)
            return self._jobs[job_id]

    def close(self) -> None:
        """Stop at the running job's next step; the next start goes on from there."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job) -> None:
        def progress(done: int, total: int) -> None:
            if self._closing.is_set():
                raise _ClosingError
            job.progress = round(done / total, 3) if total else 1.0

        try:
            self.library.publish(progress)
        except _ClosingError:
            logger.info("job %s stops here and goes on at the next start", job.id)
        except SpeechQAError as error:
            logger.error("job %s: %s", job.id, error)
            job.error, job.state = error, "failed"
        except Exception:
            # A job is the last to see its error: it has to end in a state that a person can read.
            logger.exception("job %s failed", job.id)
            job.error, job.state = SpeechQAError(), "failed"
        else:
            job.progress, job.state = 1.0, "done"
