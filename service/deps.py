"""What routes need, as dependencies; and the one way model work leaves the event loop."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Depends, Request

from index.errors import Language
from qa.engine import Engine
from service.errors import language_of
from service.jobs import Jobs

T = TypeVar("T")
# Questions worked on at once: torch already uses every core for one.
QUESTIONS_AT_ONCE = 2


@dataclass(slots=True)
class Context:
    """What the service runs on; one an application."""

    engine: Engine
    jobs: Jobs
    max_upload_bytes: int
    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(QUESTIONS_AT_ONCE))

    async def work(self, call: Callable[[], T]) -> T:
        """Run model work on a thread, a few at a time; health checks never wait for it."""
        return await anyio.to_thread.run_sync(call, limiter=self.limiter)


def get_context(request: Request) -> Context:
    """The application's context."""
    context: Context = request.app.state.context
    return context


def get_language(request: Request) -> Language:
    """The caller's language."""
    return language_of(request.headers)


ContextDep = Annotated[Context, Depends(get_context)]
LanguageDep = Annotated[Language, Depends(get_language)]
