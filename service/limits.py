"""Requests that are too large are refused while they come in, before they fill memory or disk."""

from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import BodyTooLarge, error_response, language_of


class _TooMuchError(Exception):
    pass


class BodyLimit:
    """ASGI middleware that answers 413 to bodies of more than `limit` bytes, declared or counted."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while it stays within the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        received, exceeded, begun = 0, declared.isdecimal() and int(declared) > self._limit, False

        async def count() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                exceeded = True
                raise _TooMuchError
            return message

        async def watch(message: Message) -> None:
            nonlocal begun
            # The framework tells a body that breaks off in words of its own; ours come in their place.
            if begun or not exceeded:
                begun = True
                await send(message)

        if not exceeded:
            with suppress(_TooMuchError):
                await self._app(scope, count, watch)
        if exceeded and not begun:
            response = error_response(BodyTooLarge(megabytes=self._limit // 1_000_000), language_of(headers))
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
