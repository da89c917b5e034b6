"""Which words of a claim a source says in other words."""

from __future__ import annotations

from collections.abc import Collection

from .antonyms import opposites
from .lexicon import akin

_BUILT_ON = 5
"""Letters of a stem on which another word may be built."""


def related(found: str, near: Collection[str]) -> bool:
    """Tell whether a stem means the same as one of a source, or is built on it: photo and photography.

    An opposite is not new either: other rules see to it that one of the two is denied.
    """
    given = set(near)
    return bool((akin(found) | opposites(found)) & given) or any(
        min(len(found), len(other)) >= _BUILT_ON and (found.startswith(other) or other.startswith(found))
        for other in given
    )


def covers(mine: Collection[str], wanted: Collection[str], share: float) -> bool:
    """Tell whether a share of some words is there, in these words or others."""
    return sum(found in mine or related(found, mine) for found in wanted) >= share * len(wanted)
