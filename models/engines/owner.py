"""One daemon thread owns a model; requests from any event loop reach it through tickets.

What is common to every in-process engine is here: the bounded queue, and deadlines that hold while a
model loads.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from abc import abstractmethod
from collections import deque
from typing import Literal, Protocol

from ...errors import LimnerError, UnavailableError
from .base import EngineStats
from .tickets import Ticket, TicketEngine

log = logging.getLogger(__name__)

_JOIN_SECONDS = 5.0
"""How long `close` waits for a step to end; a thread that is still loading ends by itself later."""


class Core(Protocol):
    """A loaded model, touched by the owner thread alone."""

    steps: int
    tokens_in: int
    tokens_out: int
    reused: int
    """Prompt tokens that were known from earlier prompts."""

    @property
    def kept(self) -> int:
        """Tokens held for prompts to come."""

    @property
    def running(self) -> int:
        """Requests admitted and not ended."""

    @property
    def room(self) -> int:
        """Requests that may be admitted now."""

    def admit(self, ticket: Ticket) -> None:
        """Take a request; end it at once where it cannot be served. Never raises for a request's fault."""

    def step(self) -> None:
        """Do a small piece of work for the running requests; end those that fail. Never raises."""

    def close(self) -> None:
        """End every running request as cancelled and let go of the model."""


class OwnerEngine(TicketEngine):
    """A `LikelihoodEngine` whose model lives on one daemon thread, started by the first request."""

    tells_likelihoods: Literal[True] = True

    def __init__(self, model_name: str, max_queue: int) -> None:
        super().__init__(model_name, max_queue)
        self._wake = threading.Condition()
        self._waiting: deque[Ticket] = deque()
        self._thread: threading.Thread | None = None
        self._core: Core | None = None
        self._busy = 0.0

    @abstractmethod
    def _load(self) -> Core:
        """Load the model, on the owner thread.

        Raises:
            LimnerError: What is missing or wrong.
        """

    def stats(self) -> EngineStats:
        """Return counters; safe from any thread."""
        with self._wake:
            core = self._core
            waiting, requests = len(self._waiting), self._requests
        if core is None:
            return EngineStats(False, waiting, 0, requests, 0, 0, 0)
        return EngineStats(
            loaded=True,
            waiting=waiting,
            running=core.running,
            requests=requests,
            tokens_in=core.tokens_in,
            tokens_out=core.tokens_out,
            steps=core.steps,
            busy_seconds=self._busy,
            reused_tokens=core.reused,
            kept_tokens=core.kept,
        )

    def close(self) -> None:
        """End every open request as cancelled, stop the thread, and free the memory."""
        with self._wake:
            self._closed = True
            thread, waiting = self._thread, list(self._waiting)
            self._waiting.clear()
            self._wake.notify()
        for ticket in waiting:
            ticket.end("cancelled")
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)

    def _submit(self, ticket: Ticket) -> None:
        with self._wake:
            self._accept(len(self._waiting))
            self._waiting.append(ticket)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._main, name=f"limner-{self.model_name}", daemon=True
                )
                self._thread.start()
            self._wake.notify()

    def _leave(self, ticket: Ticket) -> None:
        ticket.abandon()
        with self._wake:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            self._wake.notify()

    def _main(self) -> None:
        """Run on the owner thread: load, then serve until the engine is closed."""
        try:
            core = self._load()
        except Exception as error:
            if not isinstance(error, LimnerError):
                log.exception("loading %s failed", self.model_name)
            self._fail_to_load(error)
            return
        self._core = core
        while self._next(core):
            began = time.monotonic()
            core.step()
            self._busy += time.monotonic() - began
        core.close()
        self._core = None
        del core
        gc.collect()

    def _next(self, core: Core) -> bool:
        """Wait for work and admit newcomers; False when the engine is closed."""
        with self._wake:
            while not (self._closed or self._waiting or core.running):
                self._wake.wait()
            if self._closed:
                return False
            now = time.monotonic()
            newcomers: list[Ticket] = []
            for ticket in list(self._waiting):
                reason = ticket.over(now)
                if reason is None and len(newcomers) >= core.room:
                    continue
                self._waiting.remove(ticket)
                if reason is None:
                    newcomers.append(ticket)
                else:
                    ticket.end(reason)
        for ticket in newcomers:
            core.admit(ticket)
        return True

    def _fail_to_load(self, error: Exception) -> None:
        """Tell every waiting request; the next one after them tries to load again."""
        if not isinstance(error, LimnerError):
            error = UnavailableError(
                f"Model {self.model_name!r} cannot be loaded: {type(error).__name__}: {error}",
                "Run `limner doctor`, or name another model.",
            )
        with self._wake:
            waiting = list(self._waiting)
            self._waiting.clear()
            self._thread = None
        for ticket in waiting:
            ticket.end("error", error)
