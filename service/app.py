"""The FastAPI application: put together here, started elsewhere."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from qa.engine import Engine
from service.audit import AuditLog, Questions
from service.deps import QUEUE, Context
from service.errors import REQUEST_ID, install_error_handlers
from service.identity import Doorkeeper, SignOn
from service.jobs import Jobs
from service.limits import BodyLimit
from service.mcp import PATH, McpDoor
from service.observing import Observer, with_request_id
from service.origins import FrameAncestors, OriginCheck
from service.quotas import Quotas
from service.routes import ask, completions, documents, feedback, operations, quotes
from service.routes import tokens as tokens_route
from service.tokens import TokenIssuer
from service.tracing import Tracing

DESCRIPTION = """Ask an organisation's speeches; every sentence of an answer cites the exact words it rests on.

Errors have one shape on every route: `{"error": {"code", "message", "hint"}}`, in Chinese or English after
`Accept-Language`. Offsets count Unicode code points in `GET /v1/documents/{id}/text`."""


def create_app(
    engine: Engine,
    *,
    version: str,
    allowed_origins: Sequence[str] = (),
    max_upload_bytes: int = 20_000_000,
    open_without_keys: bool = True,
    sign_on: SignOn | None = None,
    queue: int = QUEUE,
    quotas: Quotas | None = None,
    audit_days: int = 365,
    audit_questions: Questions = "full",
) -> FastAPI:
    """Make the application over a ready `engine`.

    Args:
        engine: answers the questions; whoever made it closes it after the application has stopped.
        version: shown in the API description.
        allowed_origins: web origins whose pages may call the API; none by default.
        max_upload_bytes: larger uploads are refused.
        open_without_keys: whether everybody is let in while no API key was ever made; for loopback alone.
        sign_on: the organisation's own; None for none.
        queue: questions that may wait; more are refused at once.
        quotas: how much a key and a user may ask; None for the default.
        audit_days, audit_questions: how long the audit log is kept, and what of the questions.
    """
    catalog = engine.library.catalog
    tokens = TokenIssuer(catalog.signing)
    doorkeeper = Doorkeeper(catalog, tokens, open_without_keys=open_without_keys, sign_on=sign_on)
    audit = AuditLog(engine.library.data, audit_days, audit_questions)
    context = Context(
        engine,
        Jobs(engine.library),
        max_upload_bytes,
        doorkeeper,
        tokens,
        audit,
        frozenset(allowed_origins),
        queue,
        quotas or Quotas(),
        tracing=Tracing(version),
    )

    mcp = McpDoor(context, version)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with mcp.running():
            try:
                yield
            finally:
                context.jobs.close()
                context.tracing.close()

    # The documentation page is served from the package: there is no outside network to fetch it from.
    app = FastAPIOffline(
        title="SpeechQA",
        version=version,
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.context = context
    # A little more than the largest file, for what multipart puts around it.
    app.add_middleware(BodyLimit, limit=max_upload_bytes + 1_000_000)
    if allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(allowed_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Accept-Language"],
            expose_headers=[REQUEST_ID, "Retry-After"],
        )
    app.add_middleware(OriginCheck, allowed=allowed_origins, stands_open=lambda: doorkeeper.stands_open)
    app.add_middleware(FrameAncestors, allowed=allowed_origins)
    app.add_middleware(Observer, metrics=context.metrics, tracing=context.tracing)
    app.add_middleware(with_request_id)
    install_error_handlers(app)
    for module in (ask, completions, quotes, feedback, documents, tokens_route, operations):
        app.include_router(module.router)
    app.router.routes.append(Route(PATH, endpoint=mcp))
    return app
