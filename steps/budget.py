"""What a run may spend, and the one ledger that all of its steps draw on."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Literal

from ..errors import InputError
from .outcome import Usage

Policy = Literal["degrade", "stop", "ask"]


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one run may spend; None is no limit.

    Raises:
        InputError: A limit is negative.
    """

    seconds: float | None = None
    tokens: int | None = None
    """Prompt and answer tokens together."""
    calls: int | None = None
    """Chat model calls."""
    images: int | None = None
    """Pictures asked of an image model."""
    steps: int | None = None
    """Guarded steps begun."""
    policy: Policy = "degrade"
    """At zero: take every remaining fallback, stop the run, or ask a person."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, int | float) and value < 0:
                raise InputError(
                    f"Budget {item.name}={value!r} is negative.", "Use 0 or more, or None for no limit."
                )


@dataclass(slots=True)
class Spent:
    """Running totals of a ledger."""

    tokens: int = 0
    calls: int = 0
    images: int = 0
    steps: int = 0

    @classmethod
    def of(cls, usage: Usage, steps: int) -> Spent:
        """What a receipt of so many rows says was spent."""
        return cls(tokens=usage.tokens_in + usage.tokens_out, calls=usage.calls, steps=steps)


@dataclass(slots=True)
class Reservation:
    """Budget set aside before a call; `settle` replaces the guess by what was used."""

    ledger: Ledger
    tokens: int
    calls: int
    images: int

    def settle(self, tokens: int) -> None:
        """Book `tokens` in place of what was reserved."""
        self.ledger._book(tokens=tokens - self.tokens)
        self.tokens = tokens


@dataclass(slots=True)
class Ledger:
    """One account for a whole run, its parallel branches and subgraphs. Thread-safe.

    Reserve before a call and settle after it, so that branches in parallel cannot overspend.
    """

    budget: Budget = Budget()
    deadline: float = math.inf
    """When the run must have ended, in seconds of `clock`."""
    keep: float = 0.0
    """Seconds before `deadline` that no model may use: they belong to the fallbacks."""
    clock: Callable[[], float] = time.monotonic
    spent: Spent = field(default_factory=Spent)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _seen: Counter[int] = field(default_factory=Counter, repr=False)

    def __post_init__(self) -> None:
        if self.budget.seconds is not None:
            self.deadline = min(self.deadline, self.clock() + self.budget.seconds)

    def time_left(self) -> float:
        """Seconds that models may still use; infinite without a deadline."""
        return max(0.0, self.deadline - self.keep - self.clock())

    def reserve(self, tokens: int = 0, calls: int = 1, images: int = 0) -> Reservation | None:
        """Set aside what a call may cost, or return None where the budget cannot pay for it."""
        with self._lock:
            wanted = {"tokens": tokens, "calls": calls, "images": images}
            for name, amount in wanted.items():
                limit = getattr(self.budget, name)
                if limit is not None and amount and getattr(self.spent, name) + amount > limit:
                    return None
            self._add(**wanted)
        return Reservation(self, tokens, calls, images)

    def begin_step(self) -> bool:
        """Count one step; False where the budget of steps is already spent."""
        with self._lock:
            allowed = self.budget.steps is None or self.spent.steps < self.budget.steps
            self.spent.steps += 1
            return allowed

    def seen(self, work: str) -> int:
        """Count one more sight of the same work, and return how often it was seen before."""
        fingerprint = hash(work)
        with self._lock:
            self._seen[fingerprint] += 1
            return self._seen[fingerprint] - 1

    def extend(self, extra: Budget) -> None:
        """Add to the limits, as when a person allows more."""
        with self._lock:
            sums = {
                name: limit + (getattr(extra, name) or 0)
                for name in ("tokens", "calls", "images", "steps")
                if (limit := getattr(self.budget, name)) is not None
            }
            self.budget = Budget(seconds=self.budget.seconds, policy=self.budget.policy, **sums)
            self.deadline += extra.seconds or 0

    def _book(self, **amounts: int) -> None:
        with self._lock:
            self._add(**amounts)

    def _add(self, **amounts: int) -> None:
        for name, amount in amounts.items():
            setattr(self.spent, name, getattr(self.spent, name) + amount)
