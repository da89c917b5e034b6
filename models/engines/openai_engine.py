"""The OpenAI engine: a model behind a server that speaks the OpenAI API, such as vLLM or llama-server.

The client lives on an event loop and a thread of its own, so that callers' loops may come and go. Leaving
a request closes its connection, by which servers know to stop.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal

import stamina
from pydantic import SecretStr

from ...settings import ModelSettings
from ..loop_thread import LoopThread
from .base import Delta, EngineStats
from .server_answer import ServerAnswer, request_body
from .tickets import Ticket, TicketEngine

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk

_CONNECT_SECONDS = 10.0
_SILENT_SECONDS = 120.0
"""How long a server may say nothing while it owes an answer."""


class OpenAIEngine(TicketEngine):
    """A `ChatEngine` and `ToolEngine` over a server; needs the extra `remote`.

    Args:
        url: Of the API, as in http://host:8000/v1.
        model: Its name on that server.
        settings: `max_batch` requests are sent at once, one where `deterministic`; `max_queue` more wait.
        api_key: Empty for a server that asks for none.
        max_retries: How often the server is asked again while it is busy, failing or out of reach.
    """

    takes_tools: Literal[True] = True

    def __init__(
        self,
        url: str,
        model: str,
        settings: ModelSettings,
        api_key: SecretStr | None = None,
        max_retries: int = 2,
    ) -> None:
        super().__init__(model, settings.max_queue)
        self._url, self._key, self._retries = url, api_key or SecretStr(""), max_retries
        self._slots = asyncio.Semaphore(1 if settings.deterministic else settings.max_batch)
        self._thread = LoopThread()
        self._lock = threading.Lock()
        self._open: dict[Ticket, Future[None]] = {}
        self._client: AsyncOpenAI | None = None
        self._running = self._tokens_in = self._tokens_out = self._steps = 0

    def stats(self) -> EngineStats:
        """Return counters; a step is a piece of an answer."""
        with self._lock:
            waiting = max(0, len(self._open) - self._running)
        return EngineStats(
            self._client is not None,
            waiting,
            self._running,
            self._requests,
            self._tokens_in,
            self._tokens_out,
            self._steps,
        )

    def close(self) -> None:
        """End every open request as cancelled, close the connections, and stop the thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            pending = dict(self._open)
        for ticket in pending:
            ticket.end("cancelled")
        if self._requests:
            self._thread.run(self._shut(pending.values()))
        self._thread.close()

    def _submit(self, ticket: Ticket) -> None:
        with self._lock:
            self._accept(len(self._open) - self._running)
            task = self._open[ticket] = self._thread.submit(self._serve(ticket))
        task.add_done_callback(lambda _: self._forget(ticket))

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            task = self._open.get(ticket)
        if task is not None:
            task.cancel()

    def _forget(self, ticket: Ticket) -> None:
        with self._lock:
            del self._open[ticket]

    async def _serve(self, ticket: Ticket) -> None:
        """Run on the engine's loop: bring one request to its end."""
        try:
            body = request_body(ticket.request, self.model_name)
            async with self._slots:
                self._running += 1
                try:
                    await self._ask(ticket, body)
                finally:
                    self._running -= 1
                    self._tokens_in += ticket.tokens_in
                    self._tokens_out += ticket.tokens_out
        except Exception as error:  # noqa: BLE001 - the request fails alone
            from .server_errors import as_limner

            ticket.end("error", as_limner(error, self._url))

    async def _ask(self, ticket: Ticket, body: dict[str, Any]) -> None:
        answer, unsaid = ServerAnswer(ticket.request), 0
        async with await self._begin(body) as pieces:
            async for piece in pieces:
                self._steps += 1
                text, before = answer.add(piece), ticket.tokens_out
                ticket.tokens_in, ticket.tokens_out = answer.tokens_in, answer.tokens_out
                unsaid += ticket.tokens_out - before
                if text:
                    ticket.post(Delta(text, unsaid))
                    unsaid = 0
                if answer.over or ticket.over(time.monotonic()):
                    break
        left = ticket.over(time.monotonic())
        if left is not None:
            ticket.end(left)
            return
        rest, reason, error = answer.end()
        if rest:
            ticket.post(Delta(rest, unsaid))
        ticket.end(reason, error, answer.calls)

    async def _begin(self, body: dict[str, Any]) -> AsyncStream[ChatCompletionChunk]:
        """Send a request until the server takes it; nothing of the answer was read by then."""
        from .server_errors import may_pass

        if self._client is None:
            self._client = self._connect()
        attempts = stamina.retry_context(
            on=may_pass, attempts=1 + self._retries, timeout=None, wait_initial=0.2, wait_max=10
        )
        async for attempt in attempts:
            with attempt:
                pieces: AsyncStream[ChatCompletionChunk]
                pieces = await self._client.chat.completions.create(**body)
                return pieces
        raise AssertionError("the last attempt returns or raises")

    def _connect(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI, Timeout

        # The client refuses to have no key, and servers that ask for none take any.
        key = self._key.get_secret_value() or "none"
        silence = Timeout(_SILENT_SECONDS, connect=_CONNECT_SECONDS)
        return AsyncOpenAI(base_url=self._url, api_key=key, timeout=silence, max_retries=0)

    async def _shut(self, tasks: Iterable[Future[None]]) -> None:
        """Run on the engine's loop: let go of every request, then of the connections."""
        for task in tasks:
            task.cancel()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
