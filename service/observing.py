"""Every request in log and metrics, under an id that its answer carries, too."""

import logging
import re
import time

from asgi_correlation_id import CorrelationIdMiddleware
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import REQUEST_ID
from service.metrics import Metrics
from service.tracing import Tracing, describe

logger = logging.getLogger(__name__)

# A portal's own id is taken when nothing but an id can be in it.
ID = re.compile(r"[\w.\-]{8,64}", re.ASCII)
METHODS = frozenset(("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"))
# Parts with many paths of their own, told as one; of what has no route the path is told nowhere.
WHOLE = ("/chat", "/static", "/mcp")
NO_ROUTE = "(none)"
UNLOGGED = frozenset(("/healthz", "/readyz", "/metrics"))


class Observer:
    """ASGI middleware that counts and logs every request with its route, never with what was asked or by whom."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._tracing.request(Headers(scope=scope)) as span:
            try:
                await self._app(scope, receive, watch)
            finally:
                seconds = time.perf_counter() - started
                method = scope["method"] if scope["method"] in METHODS else "OTHER"
                route = _route_of(scope)
                describe(span, method, route, status)
                self._metrics.requested(route, method, status, seconds)
                if route not in UNLOGGED:
                    told = {"route": route, "method": method, "status": status, "ms": round(seconds * 1000)}
                    logger.info("%s %s %d, %d ms", method, route, status, told["ms"], extra=told)


def _route_of(scope: Scope) -> str:
    """The route as the API description has it, so that no path of a stranger's making becomes a label."""
    path = scope["path"]
    whole = next((part for part in WHOLE if path == part or path.startswith(f"{part}/")), None)
    return whole or str(getattr(scope.get("route"), "path", NO_ROUTE))


def with_request_id(app: ASGIApp) -> CorrelationIdMiddleware:
    """`app` with an id for every request: that of the portal, or a new one."""
    return CorrelationIdMiddleware(app, header_name=REQUEST_ID, validator=lambda told: bool(ID.fullmatch(told)))
