"""What routes need, as dependencies; and the one way model work leaves the event loop."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from index.documents import Document
from index.errors import DocumentNotFound, Language
from qa.engine import Engine
from service.audit import AuditLog
from service.errors import Busy, NotPermitted, language_of
from service.identity import Caller, Doorkeeper, Right
from service.jobs import Jobs
from service.tokens import TokenIssuer

T = TypeVar("T")
# Questions worked on at once: torch already uses every core for one.
QUESTIONS_AT_ONCE = 2
QUEUE = 32  # questions that may wait
BEARER = HTTPBearer(
    auto_error=False, description="An API key, a token of POST /v1/tokens, or one of the organisation's own sign-on"
)


@dataclass(slots=True)
class Context:
    """What the service runs on; one an application."""

    engine: Engine
    jobs: Jobs
    max_upload_bytes: int
    doorkeeper: Doorkeeper
    tokens: TokenIssuer
    audit: AuditLog
    allowed_origins: frozenset[str] = frozenset()
    queue: int = QUEUE
    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(QUESTIONS_AT_ONCE))

    def document(self, document_id: str, caller: Caller) -> Document:
        """A document that `caller` may see; for him one that he may not see is not there."""
        document = self.engine.library.visible(document_id)
        if not caller.sees(document.groups):
            raise DocumentNotFound(document=document_id)
        return document

    async def work(self, call: Callable[[], T]) -> T:
        """Run model work on a thread, a few at a time; health checks never wait for it.

        Raises:
            Busy: too many wait already; answered at once, rather than everybody late.
        """
        if self.limiter.statistics().tasks_waiting >= self.queue:
            raise Busy()
        return await anyio.to_thread.run_sync(call, limiter=self.limiter)


def get_context(request: Request) -> Context:
    """The application's context."""
    context: Context = request.app.state.context
    return context


def get_language(request: Request) -> Language:
    """The caller's language."""
    return language_of(request.headers)


def caller_with(right: Right | None) -> Callable[..., Caller]:
    """A dependency that gives who asks, and refuses one who may not do this."""

    def caller(
        request: Request,
        context: Annotated[Context, Depends(get_context)],
        _: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
    ) -> Caller:
        found = context.doorkeeper.caller(request.headers)
        if right is not None and not found.may(right):
            raise NotPermitted(right=right)
        return found

    return caller


ContextDep = Annotated[Context, Depends(get_context)]
LanguageDep = Annotated[Language, Depends(get_language)]
CallerDep = Annotated[Caller, Depends(caller_with(None))]
AskerDep = Annotated[Caller, Depends(caller_with(Right.ASK))]
ReaderDep = Annotated[Caller, Depends(caller_with(Right.READ))]
WriterDep = Annotated[Caller, Depends(caller_with(Right.WRITE))]
