"""One daemon thread owns a model that turns items into vectors; calls from anywhere share its batches.

Steps are short and calls take turns, so that one search does not wait for a thousand passages.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import LimnerError, ModelError, UnavailableError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

log = logging.getLogger(__name__)

Item = TypeVar("Item")

STEP_CHARACTERS = {"cpu": 4096, "cuda": 131_072}
"""Characters of a step, padding included: 0.1 to 0.2 s of MiniLM on one core, and as fast a text as more."""
_MOST_ITEMS = {"cpu": 16, "cuda": 256}
_LONGEST = 4096
"""Characters that count of an item: models cut off what is far beyond them."""
_JOIN_SECONDS = 5.0
"""How long closing waits for a step to end; a thread that is still loading ends by itself later."""


@dataclass(frozen=True, slots=True)
class BatchStats:
    """What the owner thread is doing now and has done since it was made."""

    loaded: bool
    waiting: int
    """Items that no step has taken yet."""
    calls: int
    items: int
    """Computed, cancelled ones left out."""
    steps: int


class _Call(Generic[Item]):
    """One caller's items, by length."""

    def __init__(self, items: Sequence[Item], sizes: Sequence[int]) -> None:
        self.items = items
        self.future: Future[Vectors] = Future()
        self.rows: list[Vectors | None] = [None] * len(items)
        self.left = len(items)
        self.todo: dict[int, list[int]] = {}
        """Places of items not begun, in buckets of alike lengths, the longest first."""
        for place in sorted(range(len(items)), key=lambda place: -sizes[place]):
            self.todo.setdefault(sizes[place].bit_length(), []).append(place)

    def take(self, bucket: int) -> int | None:
        """Take a place of a bucket, if there is one."""
        places = self.todo.get(bucket)
        if not places:
            return None
        place = places.pop()
        if not places:
            del self.todo[bucket]
        return place

    def put(self, place: int, row: Vectors) -> None:
        """Fill a place; the last one ends the call."""
        self.rows[place] = row
        self.left -= 1
        if not self.left and self.future.set_running_or_notify_cancel():
            import numpy as np

            self.future.set_result(np.stack([row for row in self.rows if row is not None]))

    def fail(self, error: LimnerError) -> None:
        """End the call with an error, unless it has ended."""
        if not self.future.done() and self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


class BatchThread(Generic[Item]):
    """A model on one daemon thread, started by the first call.

    Args:
        name: What errors call the model.
        load: Loads the model, on the thread; returns what turns items into rows of float32 numbers.
        size: The characters of an item.
        device: "cpu" or "cuda": how large a step is.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[], Callable[[list[Item]], Vectors]],
        size: Callable[[Item], int],
        device: str = "cpu",
    ) -> None:
        self._name, self._load, self._size = name, load, size
        self._characters, self._most = STEP_CHARACTERS[device], _MOST_ITEMS[device]
        self._wake = threading.Condition()
        self._calls: deque[_Call[Item]] = deque()
        self._thread: threading.Thread | None = None
        self._loaded = self._closed = False
        self._begun = self._steps = self._items = 0

    def submit(self, items: Sequence[Item]) -> Future[Vectors]:
        """Return the future rows of some items, in their order; cancelling it drops what was not begun.

        Args:
            items: At least one.

        Raises:
            UnavailableError: The thread is closed.
        """
        call = _Call(items, [min(self._size(item), _LONGEST) for item in items])
        with self._wake:
            if self._closed:
                raise UnavailableError(f"Model {self._name!r} is closed.", "Open it anew.")
            self._begun += 1
            self._calls.append(call)
            if self._thread is None:
                self._thread = threading.Thread(target=self._main, name=f"limner-{self._name}", daemon=True)
                self._thread.start()
            self._wake.notify()
        return call.future

    def stats(self) -> BatchStats:
        """Return counters; safe from any thread."""
        with self._wake:
            waiting = sum(len(places) for call in self._calls for places in call.todo.values())
            return BatchStats(self._loaded, waiting, self._begun, self._items, self._steps)

    def close(self) -> None:
        """End every open call with an error, stop the thread, and let go of the model."""
        with self._wake:
            self._closed = True
            thread = self._thread
            self._wake.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)

    def _main(self) -> None:
        """Run on the thread: load, then compute until it is closed."""
        try:
            run = self._load()
        except Exception as error:
            if not isinstance(error, LimnerError):
                log.exception("loading %s failed", self._name)
            self._end(_unavailable(self._name, error))
            return
        self._loaded = True
        while batch := self._next():
            self._compute(run, batch)
        self._loaded = False
        del run
        gc.collect()
        self._end(UnavailableError(f"Model {self._name!r} was closed.", "Open it anew."))

    def _next(self) -> list[tuple[_Call[Item], int]]:
        """Wait for items and take a step's worth; none once the thread is closed.

        The call whose turn it is chooses the length; every other call may add items of that length.
        """
        with self._wake:
            while True:
                if self._closed:
                    return []
                self._calls = deque(call for call in self._calls if call.todo and not call.future.done())
                if self._calls:
                    break
                self._wake.wait()
            bucket = min(self._calls[0].todo)
            most = min(self._most, max(1, self._characters >> bucket))
            batch: list[tuple[_Call[Item], int]] = []
            sharing = deque(self._calls)
            while sharing and len(batch) < most:
                call = sharing.popleft()
                place = call.take(bucket)
                if place is not None:
                    batch.append((call, place))
                    sharing.append(call)
            self._calls.rotate(-1)
            return batch

    def _compute(self, run: Callable[[list[Item]], Vectors], batch: list[tuple[_Call[Item], int]]) -> None:
        """Compute a batch; one that fails is computed item by item, so that no call fails for another's."""
        self._steps += 1
        try:
            rows = run([call.items[place] for call, place in batch])
        except Exception as error:  # noqa: BLE001 - a failed item fails its call; the thread goes on
            if len(batch) > 1:
                for one in batch:
                    self._compute(run, [one])
                return
            log.warning("a step of %s failed: %r", self._name, error)
            batch[0][0].fail(ModelError(f"Model {self._name!r} failed: {type(error).__name__}: {error}"))
            return
        self._items += len(batch)
        for (call, place), row in zip(batch, rows, strict=True):
            call.put(place, row)

    def _end(self, error: LimnerError) -> None:
        """Tell every open call; after a failed load the next call tries again."""
        with self._wake:
            calls, self._thread = list(self._calls), None
            self._calls.clear()
        for call in calls:
            call.fail(error)


def _unavailable(name: str, error: Exception) -> LimnerError:
    if isinstance(error, LimnerError):
        return error
    return UnavailableError(
        f"Model {name!r} cannot be loaded: {type(error).__name__}: {error}",
        "Run `limner doctor`, or name another model.",
    )
