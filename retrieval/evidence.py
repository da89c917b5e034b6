"""What a claim is held against, and what a rule may find.

"contradicted" is a fault where the source says otherwise, "unsupported" one where it does not say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .claim import Claim

Status = Literal["unsupported", "contradicted"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a claim does not hold."""

    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim is held against."""

    best: Claim
    near: Sequence[Claim]
    """The best sentence and, where there is one, the second of the same passage."""
    around: Claim
    """The whole passage with its headings."""

    @property
    def near_stems(self) -> set[str]:
        """Content stems of the sentences in `near`."""
        return {found for sentence in self.near for found in sentence.stems}
