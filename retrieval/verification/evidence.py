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
MUST = re.compile(
    r"\b(?:must|ha(?:s|ve|d)\s+to|needs?\s+to|required|mandatory|obliged|obligatory|compulsory)\b",
    re.IGNORECASE,
)
"""Words of duty."""
_MOSTLY = 0.6
_PASSING = 6
"""Words of a claim found in the source from which one alone draws no further clause in."""
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
    clause: bool = False
    """Whether the claim is a clause of a sentence, which says more."""

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


def aligned(claim: Claim, sources: Sequence[Claim]) -> list[Claim]:
    """Return the parts of source sentences that a claim draws on: the fewest that cover its words."""
    parts = [part for source in sources for part in source.parts]
    missing = set(claim.stems) & {found for part in parts for found in part.stems}
    whole = len(missing)
    chosen: list[Claim] = []
    while missing:
        free = [part for part in parts if part not in chosen]
        best = max(free, key=lambda part: len(missing & set(part.stems)))
        if len(missing) == 1 and whole >= _PASSING:
            break  # one word of many, said elsewhere in passing
        chosen.append(best)
        missing -= set(best.stems)
    return chosen or parts[:1]


def turned_condition(claim: Claim, sources: Sequence[Claim]) -> bool:
    """Tell whether one says "if" where the other says "unless": the rest is the reverse, too."""
    mine = {condition.kind for condition in claim.conditions}
    theirs = {condition.kind for source in sources for condition in source.conditions}
    return (mine, theirs) in (({"if"}, {"unless"}), ({"unless"}, {"if"}))
