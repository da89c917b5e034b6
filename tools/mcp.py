"""MCP client: tools of any MCP server, allow-listed by name, as LangChain tools under a policy.

What a server says of itself is data: its hints decide nothing, and a description that speaks to the model
is left out. Needs the extra ``mcp``.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.tools import BaseTool, StructuredTool

from ..errors import InputError, LimnerError, UnavailableError
from ..screening import injection
from .output import plain
from .policy import Policy, PolicyTool

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult, Tool

T = TypeVar("T")

CONNECTING = 60.0
"""Seconds that a server may take to start and to list its tools."""
LONGEST_DESCRIPTION = 600
"""Characters of a description that are kept."""
LARGEST_SCHEMA = 20_000
"""Characters of an input schema that are taken."""
_NAME = re.compile(r"[\w.-]{1,64}")
_UNTOLD = "(no description)"


class McpToolError(LimnerError):
    """An MCP server says that its tool failed."""

    code = "mcp"


class McpClient:
    """One connection to one MCP server, on a thread and a loop of its own.

    Args:
        server: A command with its arguments, started as a child process (stdio), or the ``http(s)`` URL of
            a streamable-HTTP endpoint.
        allow: Names of the tools that may be used; no others are made.
        read_only: Those of them that change nothing. All others count as effects and want a confirmation,
            whatever the server says of them.
        env: Further environment variables of the child process, which inherits only a safe few.
        headers: HTTP headers, such as an authorization.
        timeout: Seconds for each call.

    Raises:
        InputError: A tool that is allowed does not exist, or the URL is of another kind.
        UnavailableError: The server cannot be reached, or the ``mcp`` package is missing.
    """

    def __init__(
        self,
        server: Sequence[str] | str,
        *,
        allow: Collection[str],
        read_only: Collection[str] = (),
        env: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
    ) -> None:
        if isinstance(server, str) and not server.startswith(("http://", "https://")):
            raise InputError(f"{server!r} is no http URL.", "Pass a URL, or a command as a list of words.")
        if set(read_only) - set(allow):
            raise InputError(f"read_only names {sorted(set(read_only) - set(allow))}.", "Allow them too.")
        self._server, self._env, self._headers, self._timeout = server, env, headers, timeout
        self._ready: Future[tuple[Client, list[Tool]]] = Future()
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="limner-mcp", daemon=True)
        self._thread.start()
        try:
            self._client, offered = self._ready.result(CONNECTING)
            self.tools: list[BaseTool] = self._made(offered, allow, frozenset(read_only))
        except BaseException as error:
            self.close()
            if isinstance(error, LimnerError):
                raise
            raise UnavailableError(
                f"The MCP server {self._shown!r} gave no answer: {type(error).__name__}.",
                "Start it, or check its command or URL.",
            ) from error

    def close(self) -> None:
        """End the connection, and the child process where there is one."""
        with suppress(RuntimeError):  # its loop has closed itself: nothing was reached, or the server is gone
            self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(self._timeout)

    def __enter__(self) -> McpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- on the connection's own thread

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._hold())
        finally:
            self._loop.close()

    async def _hold(self) -> None:
        """Open the connection, and hold it until it is closed: its scopes belong to one task."""
        try:
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(await self._opened(stack))
                offered: list[Tool] = []
                cursor = None
                while len(offered) < 1000:
                    page = await client.list_tools(cursor=cursor)
                    offered += page.tools
                    cursor = page.next_cursor
                    if not cursor:
                        break
                self._ready.set_result((client, offered))
                await self._closing.wait()
        except BaseException as error:  # noqa: BLE001  (told to whoever waits for the connection)
            if not self._ready.done():
                self._ready.set_exception(error)

    async def _opened(self, stack: AsyncExitStack) -> Client:
        try:
            from mcp import Client, StdioServerParameters
            from mcp.client.stdio import stdio_client
        except ImportError as error:
            raise UnavailableError("The package mcp is missing.", "pip install 'limner[mcp]'") from error
        if not isinstance(self._server, str):
            command, *arguments = self._server
            parameters = StdioServerParameters(
                command=command, args=list(arguments), env=dict(self._env or {})
            )
            # what a server writes to its error output is nobody's result
            nowhere = stack.enter_context(open(os.devnull, "w"))  # noqa: PTH123, SIM115
            return Client(stdio_client(parameters, errlog=nowhere), read_timeout_seconds=self._timeout)
        if not self._headers:
            return Client(self._server, read_timeout_seconds=self._timeout)
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        http = await stack.enter_async_context(
            httpx2.AsyncClient(headers=dict(self._headers), timeout=self._timeout)
        )
        return Client(
            streamable_http_client(self._server, http_client=http), read_timeout_seconds=self._timeout
        )

    # -- tools

    def _made(self, offered: list[Tool], allow: Collection[str], read_only: frozenset[str]) -> list[BaseTool]:
        known = {tool.name: tool for tool in offered}
        missing = sorted(set(allow) - set(known))
        if missing:
            names = sorted(name for name in known if _NAME.fullmatch(name))
            raise InputError(
                f"The MCP server {self._shown!r} has no tool {missing[0]!r}.", f"It has {names[:50]}."
            )
        return [self._tool(known[name], name in read_only) for name in dict.fromkeys(allow)]

    def _tool(self, offered: Tool, reads: bool) -> StructuredTool:
        name = offered.name
        schema = plain(offered.input_schema, LARGEST_SCHEMA)
        if schema.cut or not _NAME.fullmatch(name):
            raise InputError(
                f"The MCP tool {name[:64]!r} has an odd name or a huge schema.", "Do not allow it."
            )

        def call(**arguments: Any) -> Any:
            return self._submit(self._call(name, arguments)).result()

        async def acall(**arguments: Any) -> Any:
            return await asyncio.wrap_future(self._submit(self._call(name, arguments)))

        return PolicyTool(
            name=name,
            description=_harmless(offered.description or ""),
            args_schema=_harmless_schema(schema.data),
            func=call,
            coroutine=acall,
            metadata=asdict(Policy(effect=not reads, confirm=not reads, timeout=self._timeout + 1)),
        )

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        if not self._thread.is_alive() or self._closing.is_set():
            work.close()
            # nothing was sent, so nothing was changed
            raise UnavailableError(f"The MCP server {self._shown!r} was closed.", "Connect again.")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        from mcp import MCPError

        try:
            result = await self._client.call_tool(name, arguments)
        except MCPError as error:
            raise McpToolError(f"The MCP server refused the call of {name!r}: {str(error)[:200]}") from error
        except Exception as error:
            raise ConnectionError(f"The MCP server was lost during a call: {type(error).__name__}") from error
        value = _value(result)
        if result.is_error:
            raise McpToolError(f"The tool {name!r} of the MCP server failed: {str(value)[:200]}")
        return value

    @property
    def _shown(self) -> str:
        return self._server if isinstance(self._server, str) else self._server[0]


def _value(result: CallToolResult) -> Any:
    if result.structured_content is not None:
        content = result.structured_content
        # a plain return value is wrapped by the protocol
        return content["result"] if isinstance(content, dict) and set(content) == {"result"} else content
    return "\n".join(getattr(block, "text", f"[{block.type}]") for block in result.content)


def _harmless(text: str) -> str:
    """A description of a server's as data: short, in one line, and silent where it speaks to the model."""
    flat = " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())
    return flat[:LONGEST_DESCRIPTION] if flat and not injection(text).flagged else _UNTOLD


def _harmless_schema(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: _harmless(item)
            if key in ("description", "title") and isinstance(item, str)
            else _harmless_schema(item)
            for key, item in schema.items()
        }
    return [_harmless_schema(item) for item in schema] if isinstance(schema, list) else schema
