"""What routes need, as dependencies; and the one way model work leaves the event loop."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from index.documents import Document
from index.errors import DocumentNotFound, Language
from qa.answer import Answer
from qa.engine import Engine
from service.audit import AuditLog
from service.errors import Busy, NotPermitted, TooManyAtOnce, TooManyRequests, language_of
from service.identity import Caller, Doorkeeper, Right
from service.jobs import Jobs
from service.metrics import Metrics
from service.quotas import Quotas
from service.tokens import TokenIssuer
from service.tracing import Tracing

T = TypeVar("T")
# Questions worked on at once: torch already uses every core for one.
QUESTIONS_AT_ONCE = 2
STREAMS_AT_ONCE = 16
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
    quotas: Quotas = field(default_factory=Quotas)
    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(QUESTIONS_AT_ONCE))
    tracing: Tracing = field(default_factory=lambda: Tracing(""))
    # Answers that are streamed wait for a language model: they have threads of their own.
    streams: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(STREAMS_AT_ONCE))
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.engine.library.catalog, self.waiting)

    def waiting(self) -> tuple[int, int]:
        """How many questions are worked on, and how many wait."""
        told = self.limiter.statistics()
        return told.borrowed_tokens, told.tasks_waiting

    def answered(self, caller: Caller, portal: str, answer: Answer, sources: Iterable[tuple[str, str]] = ()) -> None:
        """Note in audit log, metrics and traces that `caller` was given `answer`."""
        self.audit.answered(caller, portal, answer, sources)
        self.metrics.answered(answer)
        self.tracing.answered(answer)

    def admit(self, caller: Caller) -> None:
        """Count a request of `caller`; raises `TooManyRequests`."""
        try:
            self.quotas.request(caller)
        except TooManyRequests as error:
            self.metrics.limited(error.code)
            raise

    def document(self, document_id: str, caller: Caller) -> Document:
        """A document that `caller` may see; for him one that he may not see is not there."""
        document = self.engine.library.visible(document_id)
        if not caller.sees(document.groups):
            raise DocumentNotFound(document=document_id)
        return document

    def read(self, document_id: str, caller: Caller, portal: str) -> Document:
        """The same, shown to him whole: noted in the audit log."""
        document = self.document(document_id, caller)
        self.audit.record(caller, portal, "read", shown=[(document.id, "")])
        return document

    async def work(self, caller: Caller, call: Callable[[], T]) -> T:
        """Run model work for `caller` on a thread, a few at a time; health checks never wait for it.

        Raises:
            Busy: too many wait already; answered at once, rather than everybody late.
            TooManyAtOnce: too many of them are his.
        """
        try:
            working, waiting = self.waiting()
            if working >= QUESTIONS_AT_ONCE and waiting >= self.queue:
                raise Busy()
            with self.quotas.question(caller):
                return await anyio.to_thread.run_sync(call, limiter=self.limiter)
        except (Busy, TooManyAtOnce) as error:
            self.metrics.limited(error.code)
            raise


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
        context.admit(found)
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
MetricsDep = Annotated[Caller, Depends(caller_with(Right.METRICS))]


def get_portal(request: Request) -> str:
    """The origin of the page that asks; empty for none."""
    return request.headers.get("origin", "")


PortalDep = Annotated[str, Depends(get_portal)]
