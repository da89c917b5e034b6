"""Where a sentence of the article stands in the passage that it cites."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.fuzz import token_set_ratio

from ....retrieval.sentences import sentences

_NEAR = 50.0
"""Least likeness, 0 to 100, at which a sentence of the passage is shown as the one that was used."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a passage: ``quote[start:end]``."""

    start: int
    end: int
    verbatim: bool
    """Whether the sentence stands there word for word, line wraps aside."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a passage, and the sentences of the article that rest on it."""

    text: str
    used_by: tuple[int, ...] = ()


def locate(text: str, quote: str) -> Evidence | None:
    """Find `text` in `quote`, else the sentence of `quote` most like it; None where none is near."""
    words = text.split()
    found = re.search(r"\s+(?:>\s)?".join(map(re.escape, words)), quote) if words else None
    if found:
        return Evidence(found.start(), found.end(), verbatim=True)
    scored = [(token_set_ratio(text, s.text), -s.start, s) for s in sentences(quote)]
    score, _, best = max(scored, default=(0.0, 0, None), key=lambda item: item[:2])
    return Evidence(best.start, best.end, verbatim=False) if best is not None and score >= _NEAR else None


def cut(quote: str, used: Mapping[int, Evidence]) -> tuple[Piece, ...]:
    """Cut a passage at the spans that sentences rest on; spans may overlap.

    Args:
        quote: The passage.
        used: Number of a sentence to its span.
    """
    edges = {0, len(quote), *(e.start for e in used.values()), *(e.end for e in used.values())}
    return tuple(
        Piece(quote[start:end], tuple(n for n, e in used.items() if e.start <= start and end <= e.end))
        for start, end in pairwise(sorted(edges))
    )
