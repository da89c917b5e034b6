"""Numbers that lie in a range of a text: 40 in "38 to 41", 5 in "below 10"."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"(?<![\w.,$€£#-])\d{1,4}(?:\.\d+)?(?![\w.,-]*\d)")
_RANGE = re.compile(
    r"(?<![\w.,-])(?P<low>\d{1,4}(?:\.\d+)?)\s*(?:to|–|-)\s*(?P<high>\d{1,4}(?:\.\d+)?)(?![\w.,-]*\d)"
)
_OPEN = re.compile(
    r"\b(?:(?P<most>below|under|less than)|above|over|more than)\s+(?P<end>\d{1,4}(?:\.\d+)?)(?![\w.,-]*\d)",
    re.IGNORECASE,
)


def in_range(question: str, text: str) -> bool:
    """Tell whether a text has a range around a number that the question names and the text does not."""
    own = set(_NUMBER.findall(text))
    asked = [float(number) for number in _NUMBER.findall(question) if number not in own]
    closed = [(float(match["low"]), float(match["high"])) for match in _RANGE.finditer(text)]
    opened = [
        (-math.inf, float(match["end"])) if match["most"] else (float(match["end"]), math.inf)
        for match in _OPEN.finditer(text)
    ]
    return any(low <= number <= high for low, high in [*closed, *opened] for number in asked)
