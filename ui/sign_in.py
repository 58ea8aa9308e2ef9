"""Signing in to the pages in a browser: a key or token in a cookie that no script reads and no other site sends."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from index.errors import SpeechQAError
from service.deps import Context
from service.errors import NotPermitted, NotSignedIn, language_of
from service.identity import AT_THE_MACHINE, Caller, Doorkeeper, Right, own_origin
from ui.texts import PAGE_TEXTS

COOKIE = "speechqa"
SECONDS = 8 * 3600
LONGEST = 8000
# The form may be sent, and nothing else; nothing is loaded from elsewhere.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def caller_of_page(doorkeeper: Doorkeeper, headers: Mapping[str, str]) -> Caller:
    """Who looks at a page.

    Raises:
        NotSignedIn and its like: he has to sign in first.
    """
    if doorkeeper.stands_open:
        return AT_THE_MACHINE
    credential = credential_of(headers)
    if not credential:
        raise NotSignedIn()
    caller = doorkeeper.caller_of(credential, own_origin(headers))
    for right in (Right.ASK, Right.READ):
        if not caller.may(right):
            raise NotPermitted(right=right)
    return caller


def credential_of(headers: Mapping[str, str]) -> str:
    """The key or token in the cookie; empty for none."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def to_sign_in(path: str) -> RedirectResponse:
    """The way to the form, and from there back to `path`."""
    return RedirectResponse(f"/sign-in?next={quote(path)}", 303)


class PageDoor:
    """ASGI middleware: whoever is not signed in is led from the pages below `path` to the form."""

    def __init__(self, app: ASGIApp, path: str, doorkeeper: Doorkeeper) -> None:
        self._app = app
        self._path = path
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whoever is let in."""
        asked = str(scope.get("path", ""))
        if scope["type"] in ("http", "websocket") and (asked == self._path or asked.startswith(f"{self._path}/")):
            headers = Headers(scope=scope)
            try:
                await run_in_threadpool(caller_of_page, self._doorkeeper, headers)
            except SpeechQAError:
                await to_sign_in(f"{self._path}/")(scope, receive, send)
                return
        await self._app(scope, receive, send)


def install_sign_in(app: FastAPI, templates: Jinja2Templates) -> None:
    """Add the form and what it is sent to."""
    context: Context = app.state.context
    router = APIRouter(include_in_schema=False)

    def form(request: Request, next_: str, wrong: bool) -> HTMLResponse:
        language = language_of(request.headers)
        values = {"language": language, "texts": PAGE_TEXTS[language], "next": next_, "wrong": wrong}
        return templates.TemplateResponse(
            request, "sign_in.html", values, 401 if wrong else 200, headers={"Content-Security-Policy": POLICY}
        )

    @router.get("/sign-in")
    def show(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 - the name in the address
        return form(request, _local(next), wrong=False)

    @router.post("/sign-in")
    def sign_in(
        request: Request,
        credential: Annotated[str, Form(max_length=LONGEST)],
        next: Annotated[str, Form(max_length=500)] = "/",  # noqa: A002
    ) -> Response:
        secure = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
        told = {**request.headers, "cookie": f"{COOKIE}={credential.strip()}"}
        try:
            caller_of_page(context.doorkeeper, told)
        except SpeechQAError:
            return form(request, _local(next), wrong=True)
        response = RedirectResponse(_local(next), 303)
        response.set_cookie(
            COOKIE, credential.strip(), max_age=SECONDS, httponly=True, samesite="strict", secure=secure
        )
        return response

    app.include_router(router)


def _local(place: str) -> str:
    """A path of this service; anything else leads to its beginning."""
    parts = urlsplit(place)
    fits = place.startswith("/") and not place.startswith(("//", "/\\")) and not parts.netloc and place.isprintable()
    return place if fits else "/"
