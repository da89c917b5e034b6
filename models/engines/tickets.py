"""Tickets: how a request reaches what serves it on another thread, and how its events come back.

Cancelling, the deadline that holds whatever the other thread does, and the one terminal event of each
request are here, for every engine.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator

from ...errors import BusyError, LimnerError, UnavailableError
from .base import ChatEvent, ChatRequest, Done, EndReason, ToolCall


class Ticket:
    """One open request: the serving thread posts its events, the caller's event loop takes them."""

    def __init__(self, request: ChatRequest) -> None:
        self.request = request
        self.tokens_in = 0
        self.tokens_out = 0
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[ChatEvent] = asyncio.Queue()
        self._abandoned = False

    def post(self, event: ChatEvent) -> None:
        """Hand an event to the caller's loop, from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)
        except RuntimeError:
            # The loop was closed under the request: nobody is left to read the answer.
            self._abandoned = True

    def end(
        self,
        reason: EndReason,
        error: LimnerError | None = None,
        calls: tuple[ToolCall, ...] = (),
        likelihood: float | None = None,
    ) -> None:
        """Post the terminal event."""
        self.post(Done(reason, self.tokens_in, self.tokens_out, error, calls, likelihood))

    def over(self, now: float) -> EndReason | None:
        """Tell why the request needs no more work, if so."""
        if self._abandoned:
            return "cancelled"
        deadline = self.request.deadline
        return "deadline" if deadline is not None and now >= deadline else None

    def abandon(self) -> None:
        """Say that the caller takes no more events."""
        self._abandoned = True

    async def take(self) -> ChatEvent:
        """Wait for the next event; at the deadline that is the end, whatever the serving thread does."""
        deadline = self.request.deadline
        try:
            async with asyncio.timeout(None if deadline is None else max(0.0, deadline - time.monotonic())):
                return await self._events.get()
        except TimeoutError:
            return Done("deadline", self.tokens_in, self.tokens_out)


class TicketEngine(ABC):
    """What `ChatEngine.stream` is for every engine: a ticket, its events, and a good-bye."""

    def __init__(self, model_name: str, max_queue: int) -> None:
        self.model_name = model_name
        self.max_queue = max_queue
        self._closed = False
        self._requests = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Yield deltas, then one `Done`; see `ChatEngine.stream`."""
        ticket = Ticket(request)
        if ticket.over(time.monotonic()):
            yield Done("deadline")
            return
        self._submit(ticket)
        try:
            while True:
                event = await ticket.take()
                yield event
                if isinstance(event, Done):
                    return
        finally:
            self._leave(ticket)

    @abstractmethod
    def _submit(self, ticket: Ticket) -> None:
        """Hand a request over; never blocks."""

    @abstractmethod
    def _leave(self, ticket: Ticket) -> None:
        """Say that the caller takes no more events."""

    def _accept(self, waiting: int) -> None:
        """Count a request in; call it under the engine's lock.

        Raises:
            BusyError: `waiting` requests fill the queue.
            UnavailableError: The engine is closed.
        """
        if self._closed:
            raise UnavailableError(f"The engine of {self.model_name!r} is closed.", "Open a new one.")
        if waiting >= self.max_queue:
            raise BusyError(
                f"{waiting} requests wait for {self.model_name!r} already.",
                "Retry later, or raise max_queue under [model].",
            )
        self._requests += 1
