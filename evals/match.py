"""Patterns of task files: plain text, text && text in one place, or ``/a regular expression/``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints


def _compiles(pattern: str) -> str:
    for part in pattern.split("&&"):
        try:
            _expression(part)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
    return pattern


def _listed(given: Any) -> Any:
    return (given,) if isinstance(given, str | int | float) else given


def _text(given: Any) -> Any:
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


Pattern = Annotated[
    str, StringConstraints(min_length=1, max_length=300), BeforeValidator(_text), AfterValidator(_compiles)
]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_listed)]
"""A list of patterns; a single one may stand alone."""
Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def _expression(part: str) -> re.Pattern[str]:
    part = part.strip()
    if len(part) > 2 and part[0] == part[-1] == "/":
        return re.compile(part[1:-1], re.IGNORECASE)
    # whole words: "45" is not in "145"
    return re.compile(rf"(?<!\w){re.escape(_plain(part))}(?!\w)", re.IGNORECASE)


def _plain(text: str) -> str:
    """One kind of quote, dash and blank."""
    text = text.translate(str.maketrans("’‘“”–—\u00a0\u202f\u2011", "''\"\"--  -"))
    return " ".join(text.split())


def stands_in(pattern: str, text: str) -> bool:
    """Whether every part of a pattern, parted by ``&&``, is in the text, in any case and line."""
    text = _plain(text)
    return all(_expression(part).search(text) for part in pattern.split("&&"))


def covered(alternatives: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether one of the alternatives stands in one of the texts, each two or fewer sentences."""
    return any(stands_in(pattern, text) for pattern in alternatives for text in texts)
