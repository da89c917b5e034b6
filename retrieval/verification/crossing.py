"""The rule about which statement says what: the subject of one does not go with the predicate of another."""

from __future__ import annotations

from itertools import permutations

from .antonyms import related, siblings
from .claim import Claim
from .evidence import Evidence, Fault
from .lexicon import LIGHT, akin
from .segments import Segment, segments
from .units import unit_of

_ALL = 0.75
"""Share of a predicate in a source's that makes the two the same."""
_MOSTLY = 0.5
"""Share of a predicate's known words that are another statement's."""


def crossed(claim: Claim, evidence: Evidence) -> Fault | None:
    """What a claim is about is not what the source says it of, where the source says something else of it."""
    every = set(claim.items)
    for sentence in evidence.near:
        theirs = [each for each in segments(sentence.text) if each.said]
        for mine in segments(claim.text):
            for home, other in permutations(theirs, 2):
                if _crossed(mine, home, other, every):
                    return Fault("contradicted", f"the source says this of {min(other.about - home.about)!r}")
    return None


def usurped(claim: Claim, evidence: Evidence) -> Fault | None:
    """What the source says of one thing a claim does not say of another thing of the passage."""
    known, every = set(evidence.around.items) | evidence.everything, set(claim.items)
    for mine in segments(claim.text):
        about = {item for item in mine.about if not item.startswith("#")} - LIGHT
        if not about or not about <= known or all(map(unit_of, about)):
            continue
        holders = []
        for sentence in evidence.near:
            theirs = segments(sentence.text)
            for other in theirs:
                told = [item for item in mine.said if item in other.said or akin(item) & other.said]
                if told and len(told) >= _ALL * len(mine.said):
                    holders.append((sentence, other))
        if holders and all(_usurps(about, every, *holder) for holder in holders):
            return Fault("contradicted", f"the source says this of another than {min(about)!r}")
    return None


def _usurps(about: set[str], every: set[str], sentence: Claim, other: Segment) -> bool:
    """Tell whether a statement is about what the claim does not name, and not about what it does."""
    there = set(sentence.items)
    if any(item in there or akin(item) & there for item in about):
        return False
    rivals = {item for item in other.about if not item.startswith("#")} - LIGHT
    return bool(rivals) and not any(item in every or akin(item) & every for item in rivals)


def _crossed(mine: Segment, home: Segment, other: Segment, every: set[str]) -> bool:
    """Tell whether a statement has the subject of one of the source's, and the predicate of another."""
    about = (mine.about & home.about) - other.every
    if not about or mine.about & other.every - home.about:
        return False
    taken, own = (mine.said & other.said) - home.every, (mine.said & home.said) - other.said
    # A day of the other's where its own has another day.
    instead = any(siblings(each) & home.said - every for each in taken)
    if (
        not taken - LIGHT
        or (len(taken) <= len(own) and not instead)
        or len(taken) < _MOSTLY * len(mine.said & (home.said | other.said))
    ):
        return False
    rivals = {each for each in other.about - home.about - every - LIGHT if not akin(each) & every}
    unsaid = {each for each in home.said - every if not related(each, every)}
    return bool(rivals and unsaid)
