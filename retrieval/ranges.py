"""Numbers that lie in a range of a text: 40 in "38 to 41"."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\w.,$€£#-])\d{1,4}(?:\.\d+)?(?![\w.,-]*\d)")
_RANGE = re.compile(
    r"(?<![\w.,-])(?P<low>\d{1,4}(?:\.\d+)?)\s*(?:to|–|-)\s*(?P<high>\d{1,4}(?:\.\d+)?)(?![\w.,-]*\d)"
)


def in_range(question: str, text: str) -> bool:
    """Tell whether a text has a range around a number that the question names and the text does not."""
    own = set(_NUMBER.findall(text))
    asked = [float(number) for number in _NUMBER.findall(question) if number not in own]
    return any(
        float(match["low"]) <= number <= float(match["high"])
        for match in _RANGE.finditer(text)
        for number in asked
    )
