"""Threads that nobody waits for: work that may block or hang goes there, never on a caller's loop.

Every thread is a daemon, so a model that never returns cannot keep the process alive.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_CLEANING_SECONDS = 1.0
"""What cancelled work has for closing its files, before its loop ends under it."""


class _DaemonThreads(ThreadPoolExecutor):
    """One daemon thread a call: neither exit nor a loop's close waits for a thread that hangs.

    It is a ThreadPoolExecutor by type because asyncio takes nothing else as a default executor.
    """

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  (handed to whoever waits)
                future.set_exception(error)

        threading.Thread(target=work, name="limner-work", daemon=True).start()
        return future


_threads = _DaemonThreads(max_workers=1)


async def offload(fn: Callable[[], T]) -> T:
    """Run `fn` in a thread of ours, with the caller's context variables."""
    context = contextvars.copy_context()
    return await asyncio.wrap_future(_threads.submit(context.run, fn))


class GuardLoop:
    """An event loop in a daemon thread, for coroutines that we did not write.

    A coroutine there may block its loop; callers then still get their answer in time, and the next
    call gets a fresh loop.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answers = True

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Start `work()` with the caller's context variables; cancelling the future cancels it."""
        loop, context = self._ready_loop(), contextvars.copy_context()
        future: Future[T] = Future()

        def start() -> None:
            task = loop.create_task(work(), context=context)
            task.add_done_callback(lambda done: _hand_over(done, future))
            future.add_done_callback(
                lambda done: loop.call_soon_threadsafe(task.cancel) if done.cancelled() else None
            )

        loop.call_soon_threadsafe(start)
        return future

    def suspect(self) -> None:
        """Say that a call gave no answer in time: unless the loop answers now, it is replaced."""
        with self._lock:
            loop, self._answers = self._loop, False
        if loop is not None:
            loop.call_soon_threadsafe(self._answered, loop)

    def close(self) -> None:
        """End the loop and its thread; work still on it is cancelled."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(_stop, loop)

    def _answered(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            if loop is self._loop:
                self._answers = True

    def _ready_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or not self._answers:
                if self._loop is not None:
                    # whenever it comes to itself, it ends
                    self._loop.call_soon_threadsafe(_stop, self._loop)
                self._loop, self._answers = asyncio.new_event_loop(), True
                self._loop.set_default_executor(_threads)
                threading.Thread(target=_run, args=(self._loop,), name="limner-loop", daemon=True).start()
            return self._loop


def _stop(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is on a loop, and end it when that has cleaned up, or after a moment."""
    left = asyncio.all_tasks(loop)

    def ended(task: asyncio.Task[Any]) -> None:
        left.discard(task)
        if not left:
            loop.stop()

    for task in tuple(left):
        task.add_done_callback(ended)
        if not task.cancelling():  # a second time would break off its cleaning up
            task.cancel()
    loop.call_later(_CLEANING_SECONDS if left else 0, loop.stop)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _hand_over(task: asyncio.Task[T], future: Future[T]) -> None:
    if future.cancelled():
        return
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(task.result())


guard = GuardLoop()
"""The loop of this process for models that are not ours."""
