"""The Model Context Protocol with its official client: over HTTP to a running service, over stdin to `speechqa mcp`."""

import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from service.audit import read_audit
from service.identity import Right
from tests.conftest import ROOT, OpenLibrary
from tests.service.test_rights import GROUP, OPEN, SECRET
from tests.serving import serve_app
from ui.settings import Settings
from ui.wiring import app_of

TOOLS = {"ask", "search", "get_section", "check_quote"}
Use = Callable[[Client], Awaitable[None]]


@pytest.fixture
def speeches(library: Library) -> Library:
    for name, text, groups in (("open.txt", OPEN, ()), ("secret.txt", SECRET, (GROUP,))):
        library.stage(Source(name, name, text.encode(), groups=groups))
    library.publish()
    return library


@pytest.fixture
def served(speeches: Library) -> Iterator[str]:
    """The address of a running service."""
    with serve_app(app_of(Engine(speeches), Settings(), with_ui=False)) as base:
        yield f"{base}/mcp"


def over_http(address: str, key: str, use: Use) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def run() -> None:
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            await use(client)

    anyio.run(run)


async def structured(client: Client, tool: str, **arguments: Any) -> Any:
    told = await client.call_tool(tool, arguments)
    assert not told.is_error, told.content
    return told.structured_content


async def error_of(client: Client, tool: str, **arguments: Any) -> str:
    told = await client.call_tool(tool, arguments)
    assert told.is_error
    return str(getattr(told.content[0], "text", ""))


async def tries_every_tool(client: Client) -> None:
    listed = (await client.list_tools()).tools
    assert {tool.name for tool in listed} == TOOLS
    assert all(tool.annotations and tool.annotations.read_only_hint and tool.description for tool in listed)
    answer = await structured(client, "ask", question="青禾县新建老年食堂多少个？")
    (citation,) = answer["citations"]
    assert citation["quote"] == "全县新建老年食堂12个。"
    section = await structured(
        client, "get_section", document_id=citation["document_id"], section_id=citation["section_id"]
    )
    assert citation["quote"] in section["text"]
    assert section["section_path"] == ["一、养老"]
    found = await structured(client, "search", query="修渠", limit=1)
    assert "修渠30公里" in found["passages"][0]["quote"]
    checked = await structured(client, "check_quote", sentences=["修渠30公里。", "修渠40公里。", "太空港开工。"])
    assert [quote["verdict"] for quote in checked["results"]] == ["exact", "altered", "absent"]
    refused = await structured(client, "ask", question="火箭发射场有几个？")
    assert refused["abstained"]
    assert "2000" in await error_of(client, "check_quote", sentences=["长" * 2001])
    assert "empty" in (await error_of(client, "ask", question=" ")).lower()
    assert "no section" in await error_of(client, "get_section", document_id=citation["document_id"], section_id="s99")


def test_the_tools_work_over_http(served: str, speeches: Library) -> None:
    over_http(served, "", tries_every_tool)
    told = [(entry["action"], entry["portal"]) for entry in read_audit(speeches.data)]
    assert told[0] == ("ask", "mcp")
    assert {action for action, _ in told} == {"ask", "read", "search", "check_quotes"}


def test_an_assistant_sees_what_its_key_may_see(served: str, speeches: Library) -> None:
    _, outsider = speeches.catalog.keys.create("assistant", [Right.ASK, Right.READ], ())
    _, insider = speeches.catalog.keys.create("insider", [Right.ASK], (GROUP,))
    secret = next(document for document in speeches.catalog.documents() if document.groups)

    async def sees_nothing(client: Client) -> None:
        assert (await structured(client, "ask", question="矿区搬迁多少户？"))["abstained"]
        found = await structured(client, "search", query="矿区搬迁")
        assert all(passage["document_id"] != secret.id for passage in found["passages"])
        (quote,) = (await structured(client, "check_quote", sentences=["矿区搬迁310户。"]))["results"]
        assert quote["verdict"] == "absent"
        section = secret.sections[-1].id
        assert await error_of(client, "get_section", document_id=secret.id, section_id=section) == await error_of(
            client, "get_section", document_id=secret.id, section_id="s99"
        )

    async def sees_it(client: Client) -> None:
        assert "310户" in (await structured(client, "ask", question="矿区搬迁多少户？"))["answer"]
        assert "permit" in await error_of(client, "get_section", document_id=secret.id, section_id="s1")

    over_http(served, outsider, sees_nothing)
    over_http(served, insider, sees_it)


@pytest.mark.parametrize("key", ["", "sqa_nobody_secret"])
def test_nobody_else_is_let_in(served: str, speeches: Library, key: str) -> None:
    speeches.catalog.keys.create("somebody", [Right.ASK], ())
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    told = httpx2.post(served, json={}, headers=headers)
    assert (told.status_code, told.json()["error"]["code"]) == (401, "not_let_in" if key else "not_signed_in")
    assert httpx2.post(served, json={}, headers={"Origin": "https://evil.example"}).status_code == 403
    endless = httpx2.get(served, headers={"Accept": "text/event-stream"})
    assert (endless.status_code, endless.headers["allow"]) == (405, "POST")


def test_the_tools_work_over_stdin(tmp_path: Path, open_data: OpenLibrary) -> None:
    data = tmp_path / "data"
    with open_data(data) as library:
        library.stage(Source("o", "open.txt", OPEN.encode()))
        library.publish()
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "ui", "mcp", "--data", str(data)], cwd=ROOT, env=dict(os.environ)
    )

    async def run() -> None:
        async with Client(command) as client:
            await tries_every_tool(client)

    anyio.run(run)
