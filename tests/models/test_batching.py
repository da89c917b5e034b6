"""Batches across callers: what shares a step, who goes first, and how calls end."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from limner.errors import ModelError, UnavailableError
from limner.models.batching import BatchThread


class Gate:
    """A model that counts letters; it waits at the gate for its first step, and remembers its batches."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        self.batches: list[list[str]] = []

    def load(self) -> Any:
        def run(items: list[str]) -> Any:
            self.batches.append(items)
            self.entered.set()
            self.open.wait(30)
            if "bad" in items:
                raise ValueError("no such word")
            return np.array([[len(item)] for item in items], np.float32)

        return run


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def thread(gate: Gate) -> Any:
    thread: BatchThread[str] = BatchThread("letters", gate.load, len)
    yield thread
    gate.open.set()
    thread.close()


def begun(thread: BatchThread[str], gate: Gate, *calls: list[str]) -> list[Future[Any]]:
    """Submit calls so that the first is computed alone and the others wait behind it."""
    first = thread.submit(calls[0])
    assert gate.entered.wait(30)
    return [first, *map(thread.submit, calls[1:])]


def numbers(future: Future[Any]) -> list[float]:
    return [float(row[0]) for row in future.result(30)]


def test_rows_come_back_in_the_order_of_the_items(thread: BatchThread[str], gate: Gate) -> None:
    gate.open.set()
    words = ["a" * (1 + n * 37 % 50) for n in range(60)]
    assert numbers(thread.submit(words)) == [len(word) for word in words]


def test_calls_that_wait_share_a_batch(thread: BatchThread[str], gate: Gate) -> None:
    futures = begun(thread, gate, ["one"], ["two"], ["six"], ["ten"])
    gate.open.set()
    assert [numbers(future) for future in futures] == [[3.0]] * 4
    assert sorted(gate.batches[1]) == ["six", "ten", "two"]
    assert thread.stats().steps == 2 and thread.stats().calls == 4


def test_a_short_call_waits_for_a_step_of_a_long_one_and_not_for_all(
    thread: BatchThread[str], gate: Gate
) -> None:
    long, short = begun(thread, gate, ["x" * 1000] * 100, ["query"])
    short.add_done_callback(lambda _: ended.append(len(gate.batches)))
    ended: list[int] = []
    gate.open.set()
    assert numbers(short) == [5.0]
    long.result(30)
    assert ended[0] <= 3 < len(gate.batches)


def test_items_of_unlike_length_are_computed_apart(thread: BatchThread[str], gate: Gate) -> None:
    _, *rest = begun(thread, gate, ["one"], ["x" * 1000, "two"], ["y" * 900, "six"])
    gate.open.set()
    for future in rest:
        future.result(30)
    assert [sorted(map(len, batch)) for batch in gate.batches[1:]] == [[3, 3], [900, 1000]]


def test_a_cancelled_call_is_not_computed(thread: BatchThread[str], gate: Gate) -> None:
    first, second, third = begun(thread, gate, ["one"], ["two"], ["six"])
    assert second.cancel()
    gate.open.set()
    assert numbers(first) == numbers(third) == [3.0]
    assert ["six"] in gate.batches and thread.stats().items == 2


def test_a_bad_item_fails_its_call_alone(thread: BatchThread[str], gate: Gate) -> None:
    _, bad, good = begun(thread, gate, ["one"], ["bad"], ["two"])
    gate.open.set()
    assert numbers(good) == [3.0]
    with pytest.raises(ModelError, match="no such word"):
        bad.result(30)


def test_closing_ends_the_thread_and_every_open_call(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    thread: BatchThread[str] = BatchThread("letters", gate.load, len)
    _, waiting = begun(thread, gate, ["one"], ["x" * 500])
    join = threading.Thread.join

    def opened(thread: threading.Thread, timeout: float | None = None) -> None:
        gate.open.set()  # The step ends when closing waits for it, and not before.
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", opened)
    thread.close()
    with pytest.raises(UnavailableError, match="closed"):
        waiting.result(30)
    with pytest.raises(UnavailableError, match="closed"):
        thread.submit(["two"])
    assert threading.active_count() == before


def test_a_model_that_cannot_be_loaded_is_tried_again() -> None:
    tries = []

    def load() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the disk is away")
        return lambda items: np.ones((len(items), 1), np.float32)

    thread: BatchThread[str] = BatchThread("letters", load, len)
    with pytest.raises(UnavailableError, match="the disk is away"):
        thread.submit(["one"]).result(30)
    assert numbers(thread.submit(["one"])) == [1.0]
    thread.close()
