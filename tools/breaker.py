"""A circuit breaker: a tool that keeps failing is left alone for a while."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field

from langchain_core.tools import BaseTool

FAILURES = 5
"""Failures in a row that open it."""
PAUSE = 30.0
"""Seconds that it stays open."""


@dataclass(slots=True)
class Breaker:
    """Open after `failures` in a row; after `pause` seconds one call is let through. Thread-safe."""

    failures: int = FAILURES
    pause: float = PAUSE
    _failed: int = 0
    _since: float = 0.0
    _trying: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def allow(self, now: float) -> bool:
        """Whether a call may be made at `now`, in seconds of the caller's clock."""
        with self._lock:
            if self._failed < self.failures:
                return True
            if self._trying or now - self._since < self.pause:
                return False
            self._trying = True
            return True

    def record(self, worked: bool, now: float) -> None:
        """Book how a call ended."""
        with self._lock:
            self._trying = False
            self._failed = 0 if worked else self._failed + 1
            if not worked:
                self._since = now


_breakers: dict[int, tuple[weakref.ref[BaseTool], Breaker]] = {}
_lock = threading.Lock()


def breaker_of(tool: BaseTool) -> Breaker:
    """The breaker of a tool object, for as long as the tool lives."""
    key = id(tool)
    with _lock:
        if key not in _breakers:
            # a dropped entry must not take the lock: it may be dropped while we hold it
            forget = weakref.ref(tool, lambda _: _breakers.pop(key, None))
            _breakers[key] = (forget, Breaker())
        return _breakers[key][1]
