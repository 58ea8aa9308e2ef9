"""Requests that are too large or stall are refused while they come in, before they fill memory or hold a place."""

from contextlib import suppress

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import SpeechQAError
from service.errors import BodyTooLarge, RequestStalled, error_response, language_of

PIECE_SECONDS, BODY_SECONDS = 15.0, 300.0


class _RefusedError(Exception):
    pass


class BodyLimit:
    """ASGI middleware that answers 413 to bodies of more than `limit` bytes, declared or counted, and 408 to slow ones.

    Args:
        limit: bytes.
        piece, whole: seconds that the next piece of a body, and all of it, may take.
    """

    def __init__(self, app: ASGIApp, limit: int, piece: float = PIECE_SECONDS, whole: float = BODY_SECONDS) -> None:
        self._app = app
        self._limit = limit
        self._piece, self._whole = piece, whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while it stays within the limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        too_large = BodyTooLarge(megabytes=self._limit // 1_000_000)
        refused: SpeechQAError | None = too_large if declared.isdecimal() and int(declared) > self._limit else None
        received, complete, begun = 0, False, False
        last = anyio.current_time() + self._whole

        async def count() -> Message:
            nonlocal received, complete, refused
            if complete:  # what still comes is that the client has gone
                return await receive()
            now = anyio.current_time()
            try:
                with anyio.fail_after(min(self._piece, last - now)):
                    message = await receive()
            except TimeoutError:
                refused = RequestStalled()
                raise _RefusedError from None
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > self._limit:
                refused = too_large
                raise _RefusedError
            return message

        async def watch(message: Message) -> None:
            nonlocal begun
            # The framework tells a body that breaks off in words of its own; ours come in their place.
            if begun or not refused:
                begun = True
                await send(message)

        if not refused:
            with suppress(_RefusedError):
                await self._app(scope, count, watch)
        if refused and not begun:
            response = error_response(refused, language_of(headers))
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
