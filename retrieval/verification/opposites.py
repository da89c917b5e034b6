"""The rules about opposites: no word stands where the source has its opposite, or another of its kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .antonyms import negates_by_prefix, opposites, siblings
from .bounds import flipped
from .claim import Claim
from .evidence import Evidence, Fault, aligned, turned_condition
from .frames import frames
from .lexicon import LIGHT, LIGHT_VERBS, root
from .roles import inverted
from .sequence import agrees
from .units import unit_of

_CONVERSE = tuple(
    {root(word) for word in pair.split()}
    for pair in ("send receive", "give receive", "give get", "sell buy", "lend borrow")
)
"""What one does where another does the other: opposites only of one subject."""
_BOUNDS = frozenset(root(word) for word in "more less fewer over under above below most least".split())
_ORDER = frozenset({root("before"), root("after"), root("until")})


def antonyms(claim: Claim, evidence: Evidence) -> Fault | None:
    """No word stands where the source has its opposite."""
    parts = aligned(claim, evidence.near)
    found = opposed(claim, parts, evidence.best)
    if found is None or found.turned(claim) or inverted(claim, evidence.best):
        return None
    if found.converse and claim.denied == found.part.denied and not found.same_subject(claim):
        return None  # "we get the form from you" of "you send us the form"
    if turned_condition(claim, [found.part]):
        return None  # "free if A" of "charged for unless A"
    if {found.mine, found.theirs} <= _ORDER and agrees(claim, evidence):
        return None  # "B after A" of "A before B"
    return Fault("contradicted", f"{found.mine!r} stands where the source has {found.theirs!r}")


@dataclass(frozen=True, slots=True)
class _Opposed:
    """A word of a claim and its opposite in a source."""

    mine: str
    theirs: str
    part: Claim

    @property
    def converse(self) -> bool:
        """Whether one does the one where another does the other."""
        return {self.mine, self.theirs} in _CONVERSE

    def same_subject(self, claim: Claim) -> bool:
        """Tell whether the source says its word of what the claim is about."""
        acting = [each.subject for each in frames(claim.text, bare=True) if each.verb == self.mine]
        others = [each.subject for each in frames(self.part.text, bare=True) if each.verb == self.theirs]
        if any(acting) and any(others):
            return any(one & two for one in acting for two in others)
        said = self.part.all_stems
        return claim.subject in said[: said.index(self.theirs)]

    def turned(self, claim: Claim) -> bool:
        """Tell whether one of the two is negated, so that both say the same: "not open" is "closed"."""
        if self.converse:
            return False
        denied = any(self.mine in focus for focus in claim.negated)
        return denied != any(self.theirs in focus for focus in self.part.negated)


def opposed(claim: Claim, parts: Sequence[Claim], whole: Claim | None = None) -> _Opposed | None:
    """Return a word of a claim and its opposite in some clauses of a source; None where there is none."""
    mine = Counter(claim.spoken)
    rest = set(claim.stems)
    for part in parts:
        theirs = Counter(part.spoken)
        for one, count in mine.items():
            if count <= theirs[one] or _as_unit(one, claim):
                continue
            against = [
                other
                for other in theirs
                if mine[other] < theirs[other] and (other in opposites(one) or negates_by_prefix(one, other))
            ]
            if not against or (whole is not None and _says_both(claim, whole, one)):
                continue
            if len(claim.parts) > 1 and any(
                one in each.stems and set(each.stems) & rest - {one} for each in parts
            ):
                continue  # another clause says it
            for other in against:
                # Opposites only by themselves: events take place, concerts are given.
                if not {one, other} <= LIGHT_VERBS and not (
                    one in _BOUNDS and claim.numbers and flipped(claim, part)
                ):
                    return _Opposed(one, other, part)
    return None


def _says_both(claim: Claim, whole: Claim, one: str) -> bool:
    """Tell whether a sentence says a word and its opposite, and the word of what the claim is about."""
    rest = set(claim.stems) - {one}
    told = [len(rest & set(part.stems)) for part in whole.parts if one in part.all_stems]
    against = [len(rest & set(part.stems)) for part in whole.parts if opposites(one) & set(part.all_stems)]
    return bool(told) and bool(against) and max(told) >= max(against)


def kinds(claim: Claim, evidence: Evidence) -> Fault | None:
    """No colour, day, season or the like stands where the source has another."""
    near = evidence.near_stems
    for mine in claim.stems:
        if _as_unit(mine, claim):
            continue  # "in the summer months"
        theirs = siblings(mine) & set(evidence.part(claim).stems) - set(claim.stems)
        if (
            theirs
            and (mine not in near or _beside(claim, mine) & _beside(evidence.best, *theirs) - LIGHT)
            and mine not in evidence.best.stems
        ):
            return Fault("contradicted", f"{mine!r} stands where the source has {min(theirs)!r}")
    return None


def _beside(claim: Claim, *found: str) -> set[str]:
    """Return what stands right after some words: "bin" of a green bin."""
    return {after for before, after in pairwise(claim.stems) if before in found}


def _as_unit(found: str, claim: Claim) -> bool:
    """Tell whether a word is a unit that says nothing of how often: "in the summer months"."""
    return unit_of(found) is not None and bool(re.search(rf"\b{found}s\b", claim.text, re.IGNORECASE))
