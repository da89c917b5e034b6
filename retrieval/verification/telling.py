"""The words of a sentence that carry meaning, as stems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..terms import STOP_WORDS
from .numbers import Number, numbers
from .synonyms import root
from .units import unit_of

VAGUE = frozenset({"nearly", "about", "around", "almost", "approximately", "roughly", "circa", "some"})
"""Words that make a number a rough one."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNIT_REACH = 12
"""Characters after a number within which its unit stands; the unit is part of the number."""


def item_of(number: Number) -> str:
    """Return the item that stands for a number."""
    return f"#{number.kind}:{number.unit}:{number.value}"


def content(text: str) -> list[str]:
    """Return the stems of the words that carry meaning and are no numbers, in order."""
    return list(_content(text))


@lru_cache(maxsize=4096)
def _content(text: str) -> tuple[str, ...]:
    return tuple(found for _, found, _ in telling(text, numbers(text)))


def telling(text: str, counted: Sequence[Number]) -> Iterator[tuple[int, str, str]]:
    """Yield place, stem and writing of the words that carry meaning; a unit is part of its number."""
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if word in STOP_WORDS or len(word) < 2:
            continue
        inside = any(number.start <= match.start() < number.end for number in counted)
        measures = unit_of(word) and any(
            number.unit and 0 <= match.start() - number.end <= _UNIT_REACH for number in counted
        )
        if not inside and not measures:
            yield match.start(), root(word), match.group()
