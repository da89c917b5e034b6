"""Threads by what they run: whoever names the same model gets the same thread, and the last one ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from .batching import BatchThread

Item = TypeVar("Item")


class Shared(Generic[Item]):
    """The open threads of one kind in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Hashable, tuple[BatchThread[Item], int]] = {}

    def borrow(self, key: Hashable, make: Callable[[], BatchThread[Item]]) -> BatchThread[Item]:
        """Return the thread of `key`, made where there is none; give it back with `release`."""
        with self._lock:
            thread, users = self._open.get(key) or (make(), 0)
            self._open[key] = (thread, users + 1)
            return thread

    def release(self, key: Hashable) -> None:
        """Say that one borrower is done."""
        with self._lock:
            thread, users = self._open.pop(key)
            if users > 1:
                self._open[key] = (thread, users - 1)
                return
        thread.close()
