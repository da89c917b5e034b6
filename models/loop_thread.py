"""An event loop on a thread of its own, for callers that have none or whose own loop is blocked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar, cast

T = TypeVar("T")

_END = object()


class LoopThread:
    """Runs coroutines for synchronous callers; the thread starts with the first one."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin `work`; cancelling what comes back cancels it."""
        return asyncio.run_coroutine_threadsafe(work, self._running_loop())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns or raise what it raises; an interrupt cancels it."""
        future = self.submit(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def iterate(self, items: AsyncGenerator[T, None]) -> Iterator[T]:
        """Yield what `items` yields; leaving the loop early closes it."""

        async def following() -> T | object:
            return await anext(items, _END)

        try:
            while (item := self.run(following())) is not _END:
                yield cast("T", item)
        finally:
            self.run(_close(items))

    def close(self) -> None:
        """Stop the thread."""
        with self._starting:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="limner-sync", daemon=True
                )
                self._thread.start()
            return self._loop


async def _close(items: AsyncGenerator[Any, None]) -> None:
    await items.aclose()
