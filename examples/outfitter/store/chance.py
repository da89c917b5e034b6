"""Choices of one seed: the same in every Python version."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def pick(rng: random.Random, choices: Sequence[T]) -> T:
    """Choose one element with ``random()`` alone, whose sequence is the same in every Python version."""
    return choices[int(rng.random() * len(choices))]


def between(rng: random.Random, low: int, high: int) -> int:
    """Choose an integer from ``low`` to ``high``, both included."""
    return low + int(rng.random() * (high - low + 1))
