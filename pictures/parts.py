"""What a card has besides its title: a quotation, a figure, a comparison, steps, dates, or numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation and who said it."""

    words: str
    """Shortened at 320 characters."""
    by: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure, large."""

    value: str
    """As it is to be shown: "38%", "4 of 5", "€ 12.5 m"."""
    label: str
    """What it counts."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One half of a comparison."""

    title: str
    points: tuple[str, ...]
    """One to four."""

    def __post_init__(self) -> None:
        _counted("A side has", len(self.points), 1, 4, "points")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things side by side."""

    left: Side
    right: Side


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do, in order; two to five."""

    steps: tuple[str, ...]

    def __post_init__(self) -> None:
        _counted("There are", len(self.steps), 2, 5, "steps")


@dataclass(frozen=True, slots=True)
class Event:
    """Something at a time."""

    when: str
    what: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events in order; two to six."""

    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        _counted("There are", len(self.events), 2, 6, "events")


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers with their names, and where they come from.

    Raises:
        InputError: There are too few or too many, one is no number, a share is negative or all are zero,
            or no source is named.
    """

    kind: Literal["bar", "line", "share"]
    values: tuple[tuple[str, float], ...]
    """Name and number; two to eight for bars and shares, two to twelve for a line."""
    source: str
    """Where the numbers stand; shown under them."""
    unit: str = ""
    """Set behind each number: " %", " km"."""

    def __post_init__(self) -> None:
        if self.kind not in ("bar", "line", "share"):
            raise InputError(f"There is no chart {self.kind!r}.", "Use bar, line or share.")
        _counted("There are", len(self.values), 2, 12 if self.kind == "line" else 8, "values")
        if not self.source.strip():
            raise InputError("The chart names no source.", "Say where its numbers come from.")
        numbers = [number for _, number in self.values]
        if not all(math.isfinite(number) and abs(number) < 1e15 for number in numbers):
            raise InputError("A value of the chart is no plain number.", "Give finite numbers under 1e15.")
        if self.kind == "share" and (min(numbers) < 0 or sum(numbers) <= 0):
            raise InputError("Shares cannot be negative or all zero.", "Use a bar chart.")


Part = Quote | Statistic | Comparison | Steps | Timeline | Chart
LAYOUT_OF: dict[type[Part], str] = {
    Quote: "quote",
    Statistic: "statistic",
    Comparison: "comparison",
    Steps: "steps",
    Timeline: "timeline",
    Chart: "chart",
}


def _counted(begin: str, number: int, least: int, most: int, things: str) -> None:
    if not least <= number <= most:
        raise InputError(f"{begin} {number} {things}.", f"Give {least} to {most}.")


def shown(number: float, unit: str = "") -> str:
    """A number as it is read: thousands apart, no more decimals than it has, at most two."""
    text = f"{number:,.2f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).replace(",", "\u2009").replace("-", "\u2212") + unit
