"""Which web pages may use the service: its own and those of the allowed origins; the browser of nobody else's."""

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import SpeechQAError
from service.errors import HostNotAllowed, OriginNotAllowed, error_response, language_of

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OriginCheck:
    """ASGI middleware that refuses requests of pages that may not send any.

    Args:
        allowed: origins beside the service's own.
        stands_open: whether everybody is let in just now. Then only this machine's own names are answered, so that a
            page whose name was pointed at this machine reaches nothing.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str], stands_open: Callable[[], bool]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        self._stands_open = stands_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        error = self._error(scope) if scope["type"] in ("http", "websocket") else None
        if error is None:
            await self._app(scope, receive, send)
        else:
            await error_response(error, language_of(Headers(scope=scope)))(scope, receive, send)

    def _error(self, scope: Scope) -> SpeechQAError | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        origin = headers.get("origin")
        if origin is not None and origin not in self._allowed and urlsplit(origin).netloc != host:
            return OriginNotAllowed(origin=origin[:200])
        if urlsplit(f"//{host}").hostname not in LOOPBACK and self._stands_open():
            return HostNotAllowed(host=host[:200])
        return None


class FrameAncestors:
    """ASGI middleware: only the service's own pages and those of the allowed origins may show it in a frame."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._policy = " ".join(["frame-ancestors 'self'", *allowed])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the policy to every response; what a page's own policy forbids stays forbidden."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("Content-Security-Policy", self._policy)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, add if scope["type"] == "http" else send)
