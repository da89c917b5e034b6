"""What a claim is held against, and what a rule may find.

"contradicted" is a fault where the source says otherwise, "unsupported" one where it does not say it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .claim import Claim, Condition

ELLIPSIS = re.compile(
    r"\b(?:do|does|did|is|are|was|were|can|will|has|have|may|must)(?:\s+not|n['’]t)?\W*$|\bcannot\W*$"
)
"""A clause that is understood from the one before: "while animal cells do not"."""
LIMITING = re.compile(
    r"\b(?:only|sole|just|alone|no\s+other|unless|nowhere|else|except|without|reserved|limited|restricted|exclusive)\b",
    re.IGNORECASE,
)
"""Words by which a source says "only"."""
_MOSTLY = 0.6
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
    everything: frozenset[str] = frozenset()
    """Content stems of all passages."""
    kept: Sequence[Condition] = ()
    """Conditions in other clauses of the sentence that a claim is a clause of."""

    @property
    def near_stems(self) -> set[str]:
        """Content stems of the sentences in `near`."""
        return {found for sentence in self.near for found in sentence.stems}

    def part(self, claim: Claim, share: float = _MOSTLY) -> Claim:
        """Return the clause of the best sentence that says most of what a simple claim does.

        Args:
            claim: Of one clause; one of several is held against the whole sentence.
            share: Of what sentence and claim have in common, how much the clause must hold.
        """
        parts = self.best.parts
        if len(claim.parts) > 1 or len(parts) < 2 or any(ELLIPSIS.search(part.text) for part in parts):
            return self.best
        mine = set(claim.items)
        held = [len(mine & set(part.items)) for part in parts]
        whole = share * len(mine & set(self.best.items))
        return parts[held.index(max(held))] if max(held) >= whole else self.best
