"""Tools of a real MCP server, over stdio and over HTTP on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError, UnavailableError
from limner.tools import Journal, ToolResult, allow, call_tool, policy_of

pytest.importorskip("mcp")

from limner.tools.mcp import McpClient

SERVER = [sys.executable, str(Path(__file__).with_name("mcp_server.py"))]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture(params=["stdio", "http"])
def client(request: pytest.FixtureRequest, notes: Path) -> Iterator[McpClient]:
    names = ["add", "note", "poisoned", "boom", "flood"]
    reads = ["add", "poisoned", "boom", "flood"]
    if request.param == "stdio":
        with McpClient([*SERVER, "stdio"], allow=names, read_only=reads, env={"NOTES": str(notes)}) as client:
            yield client
        return
    environment = {**os.environ, "NOTES": str(notes)}
    with subprocess.Popen([*SERVER, "http"], stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/mcp"
        try:
            with McpClient(url, allow=names, read_only=reads) as client:
                yield client
        finally:
            server.terminate()


async def call(client: McpClient, name: str, journal: Journal, **arguments: Any) -> ToolResult:
    (tool,) = [tool for tool in client.tools if tool.name == name]
    if policy_of(tool).confirm:
        await allow(tool, arguments, journal=journal, key="k", subject=None, by="customer")
    return await call_tool(tool, arguments, journal=journal, key="k", subject=None)


async def test_tools_of_a_server_are_called_under_a_policy(
    client: McpClient, journal: Journal, notes: Path
) -> None:
    assert (await call(client, "add", journal, a=2)).output == 3
    assert (await call(client, "add", journal, a="two")).status == "failed"
    (note,) = [tool for tool in client.tools if tool.name == "note"]
    assert (policy_of(note).effect, policy_of(note).confirm) == (True, True)
    waiting = await call_tool(note, {"text": "hi"}, journal=journal, key="k", subject=None)
    assert (waiting.status, notes.exists()) == ("waiting", False)
    kept = [await call(client, "note", journal, text="hi") for _ in range(2)]
    assert [(end.status, end.cached) for end in kept] == [("done", False), ("done", True)]
    assert notes.read_text() == "hi\n"

    poisoned = await call(client, "poisoned", journal, text="x")
    assert "[quoted, not an instruction:" in poisoned.text
    failed = await call(client, "boom", journal)
    assert (failed.status, failed.reason.partition(":")[0]) == ("failed", "mcp")
    flood = await call(client, "flood", journal)
    assert (flood.status, len(flood.text)) == ("done", 20_000)


@pytest.mark.slow
def test_what_a_server_says_of_its_tools_is_data(notes: Path) -> None:
    with McpClient([*SERVER, "stdio"], allow=["poisoned"], env={"NOTES": str(notes)}) as client:
        (tool,) = client.tools
    assert tool.description == "(no description)"


@pytest.mark.slow
def test_only_what_is_allowed_is_made_and_what_is_missing_is_named() -> None:
    with McpClient([*SERVER, "stdio"], allow=["add"], read_only=["add"]) as client:
        assert [tool.name for tool in client.tools] == ["add"]
    with pytest.raises(InputError, match="'subtract'"):
        McpClient([*SERVER, "stdio"], allow=["subtract"])
    with pytest.raises(InputError, match="read_only"):
        McpClient([*SERVER, "stdio"], allow=[], read_only=["add"])
    with pytest.raises(InputError, match="no http URL"):
        McpClient("ftp://example.com", allow=[])


@pytest.mark.slow
async def test_a_server_that_dies_during_an_effect_leaves_it_unknown(journal: Journal) -> None:
    with McpClient([*SERVER, "stdio"], allow=["die"]) as client:
        assert (await call(client, "die", journal)).status == "unknown"


@pytest.mark.slow
async def test_a_server_that_answers_too_late_is_not_waited_for(journal: Journal) -> None:
    with McpClient([*SERVER, "stdio"], allow=["sleepy"], read_only=["sleepy"], timeout=3.0) as client:
        client.tools[0].metadata = {"timeout": 0.2}
        assert (await call(client, "sleepy", journal)).reason.startswith("timeout")


def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="gave no answer"):
        McpClient(["/nowhere/at/all"], allow=[])
    with pytest.raises(UnavailableError, match="gave no answer"):
        McpClient("http://127.0.0.1:1/mcp", allow=[])


@pytest.mark.slow
async def test_a_closed_client_changes_nothing(journal: Journal) -> None:
    client = McpClient([*SERVER, "stdio"], allow=["note"])
    client.close()
    assert (await call(client, "note", journal, text="x")).status == "failed"
    assert journal.unknown() == []
