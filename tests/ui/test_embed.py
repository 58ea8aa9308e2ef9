"""The embeddable chat in a page of another origin, under a strict Content-Security-Policy, in a real browser."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.browser import CHROMIUM, open_page
from tests.conftest import SAMPLES, OpenLibrary, index_files
from tests.serving import Served, serve

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/run installs it")
QUESTION = "云溪省2025年计划新建和改造社区服务中心多少个？"


@dataclass
class Portal:
    """A page of another origin; its back end gets tokens for its users."""

    origin: str = ""
    service: str = ""
    key: str = ""
    first: str = ""  # the token that the page comes with
    given: list[str] = field(default_factory=list)
    broken: bool = False


class Handler(BaseHTTPRequestHandler):
    portal: Portal

    def do_GET(self) -> None:
        """The page."""
        portal = self.portal
        policy = f"default-src 'none'; script-src {portal.service}; connect-src 'self' {portal.service}"
        token = f'token="{portal.first}"' if portal.first else ""
        page = (
            f'<!doctype html><meta charset="utf-8"><title>portal</title><script src="{portal.service}/embed.js" defer></script>'
            f'<speech-qa endpoint="{portal.service}" token-url="/token" {token}></speech-qa>'
        )
        self._send(page.encode(), "text/html; charset=utf-8", policy)

    def do_POST(self) -> None:
        """A token for whoever is signed in here."""
        portal = self.portal
        if portal.broken:
            self.send_error(503)
            return
        token = fetch_token(portal)
        portal.given.append(token)
        self._send(json.dumps({"token": token}).encode(), "application/json", "")

    def _send(self, body: bytes, kind: str, policy: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def fetch_token(portal: Portal) -> str:
    body = json.dumps({"user": "zhang", "origin": portal.origin}).encode()
    headers = {"Authorization": f"Bearer {portal.key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{portal.service}/v1/tokens", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["token"])


def start(portal: Portal) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Page", (Handler,), {"portal": portal}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    portal.origin = f"http://127.0.0.1:{server.server_port}"
    return server


@pytest.fixture(scope="module")
def portals(
    tmp_path_factory: pytest.TempPathFactory, open_data: OpenLibrary
) -> Iterator[tuple[Portal, Portal, Served]]:
    """An allowed portal, one that is not, and the service."""
    data = tmp_path_factory.mktemp("embed") / "data"
    with open_data(data) as library:
        index_files(library, SAMPLES)
        _, key = library.catalog.keys.create("portal", ["ask", "read"], ())
    allowed, other = Portal(key=key), Portal(key=key)
    servers = [start(allowed), start(other)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPEECHQA_ALLOWED_ORIGINS", allowed.origin)
        with serve(data) as service:
            allowed.service = other.service = service.base
            yield allowed, other, service
    for server in servers:
        server.shutdown()
        server.server_close()


def ask(page: Any, question: str) -> None:
    page.get_by_role("button", name="讲话问答").first.click()
    page.get_by_role("textbox").fill(question)
    page.get_by_role("textbox").press("Enter")


def test_a_question_is_asked_cited_and_its_passage_opened_in_another_page(portals: Any) -> None:
    portal, _, _ = portals
    with open_page("zh-CN") as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(portal.origin)
        ask(page, QUESTION)
        page.wait_for_selector("speech-qa .cite")
        assert "260个" in page.inner_text("speech-qa .log")
        page.click("speech-qa .cite")
        page.wait_for_selector("speech-qa .passage mark")
        assert "260个" in page.inner_text("speech-qa .passage mark")
        assert "2025年云溪省政府工作报告" in page.inner_text("speech-qa .passage .label")
        page.keyboard.press("Escape")
        ask_again = page.get_by_role("textbox")
        ask_again.fill("2024年呢？")
        ask_again.press("Enter")
        page.locator("speech-qa .said", has_text="320个").wait_for()
        assert errors == []


def test_an_expired_token_is_renewed_once_and_then_explained(portals: Any) -> None:
    portal, _, _ = portals
    portal.first = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im9sZCJ9.e30.AAAA"
    try:
        with open_page("zh-CN") as page:
            before = len(portal.given)
            page.goto(portal.origin)
            ask(page, QUESTION)
            page.wait_for_selector("speech-qa .cite")
            assert len(portal.given) == before + 1
        portal.broken = True
        with open_page("zh-CN") as page:
            page.goto(portal.origin)
            ask(page, QUESTION)
            page.wait_for_selector("speech-qa [role=alert]")
            assert "登录已过期" in page.inner_text("speech-qa [role=alert]")
    finally:
        portal.first, portal.broken = "", False


def test_a_page_of_another_origin_is_refused(portals: Any) -> None:
    portal, other, service = portals
    other.first = fetch_token(portal)
    with open_page("zh-CN") as page:
        page.goto(other.origin)
        ask(page, QUESTION)
        page.wait_for_selector("speech-qa [role=alert]")
        assert "260个" not in page.content()
        assert page.locator("speech-qa .cite").count() == 0
    for path in ("/chat/", "/embed/demo", "/docs"):
        with urllib.request.urlopen(f"{service.base}{path}", timeout=10) as answer:
            policies = answer.headers.get_all("Content-Security-Policy")
        assert any(f"frame-ancestors 'self' {portal.origin}" in policy for policy in policies)


def test_the_demo_shows_the_chat_and_what_to_paste(portals: Any) -> None:
    portal, _, service = portals
    with open_page("zh-CN") as page:
        page.goto(f"{service.base}/embed/demo")
        page.fill("#credential", portal.key)
        page.click("button")
        assert f'endpoint="{service.base}"' in page.inner_text("code")
        ask(page, QUESTION)
        page.wait_for_selector("speech-qa .cite")
        page.click("speech-qa .cite")
        page.wait_for_selector("speech-qa .passage mark")
