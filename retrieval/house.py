"""The house that documents speak for: "Harbour Books ships" says to a customer what "we ship" does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .terms import STOP_WORDS

FEWEST = 4
"""Documents from which a name that most of them use is that of the house."""
_MOST, _HALF = 0.75, 0.5
"""Share of the documents that use its name, and that use its second word."""
_NAME = re.compile(r"\b[A-Z][^\W\d_]{2,}\b")
_INSIDE = re.compile(rf"(?<=[a-z,;] ){_NAME.pattern}")
"""One that is not only written so because it begins a sentence."""
_SMALL = re.compile(r"(?<![\w@./-])[a-z]{3,}(?![\w@/-]|\.\w)")
"""A word in small letters, and no part of an address."""


def house_of(texts: Sequence[str]) -> str:
    """Return the name that most documents use and none writes small, as "Harbour Books"; "" for none."""
    if len(texts) < FEWEST:
        return ""
    used, inside, small = Counter[str](), set[str](), set[str]()
    for text in texts:
        used.update(set(_NAME.findall(text)))
        inside.update(_INSIDE.findall(text))
        small.update(_SMALL.findall(text))
    names = [
        (seen, name)
        for name, seen in used.items()
        if seen >= _MOST * len(texts)
        and name in inside
        and name.lower() not in small
        and name.lower() not in STOP_WORDS
    ]
    if not names:
        return ""
    name = max(names)[1]
    beside = Counter(
        after for text in texts for after in set(re.findall(rf"\b{name} ({_NAME.pattern})", text))
    )
    last, seen = max(beside.items(), key=lambda each: each[1], default=("", 0))
    return f"{name} {last}" if seen >= _HALF * len(texts) else name


def as_we(text: str, house: str) -> str:
    """Say what a text says of its house as the house itself would: "we", "our"."""
    first, _, last = house.partition(" ")
    if not first:
        return text
    name = rf"\b{first}(?: {last})?" if last else rf"\b{first}"
    return re.sub(rf"{name}\b", "we", re.sub(rf"{name}['’]s\b", "our", text))
