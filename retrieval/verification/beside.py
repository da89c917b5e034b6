"""The rule about figures side by side: 8 km/h in the hall and 15 in the yard stay where they are."""

from __future__ import annotations

import re

from .claim import Claim, claim_of
from .evidence import Evidence, Fault
from .numbers import Number
from .synonyms import LIGHT, root

_SEGMENT = re.compile(r",\s|;\s|:\s|\b(?:and|but|while|whereas|or)\b", re.IGNORECASE)

_ELSE = re.compile(
    r"\b(?:(?:every|any)(?:one|body)\s+else|(?:all\s+|the\s+)?others|the\s+rest)\b", re.IGNORECASE
)
_GROUP = re.compile(r"\b(?:for|to)\s+(?P<whom>[^\W\d_]+)", re.IGNORECASE)
_YEAR = 1000
"""A bare number from here on may be a year."""


def displaced(claim: Claim, evidence: Evidence) -> Fault | None:
    """A number is said of what stands beside it, not of what stands beside another number."""
    segments = [part for part in map(claim_of, _SEGMENT.split(claim.text)) if part.numbers and part.items]
    for part in [claim, *(segments if len(segments) > 1 else [])]:
        fault = _displaced(part, evidence)
        if fault is not None:
            return fault
    return _regrouped(claim, evidence)


def _regrouped(claim: Claim, evidence: Evidence) -> Fault | None:
    """What everyone else pays is not what those pay whom the source sets apart."""
    if claim.negated or claim.conditions:
        return None
    for sentence in evidence.near:
        for rest in _ELSE.finditer(sentence.text):
            segments = list(map(claim_of, _SEGMENT.split(sentence.text[: rest.end()])))
            home, apart = (
                segments[-1],
                [found["whom"] for each in segments[:-1] for found in _GROUP.finditer(each.text)],
            )
            for number in claim.numbers:
                whom = [each for each in apart if root(each.lower()) in set(claim.stems) - set(home.stems)]
                if _says(number, home) and whom and not any(_says(number, each) for each in segments[:-1]):
                    written = claim.text[number.start : number.end]
                    return Fault("contradicted", f"{written!r} is for others than {whom[0]!r} in the source")
    return None


def _displaced(claim: Claim, evidence: Evidence) -> Fault | None:
    mine = set(claim.stems)
    for sentence in evidence.near:
        parts = [part for part in map(claim_of, _SEGMENT.split(sentence.text)) if part.items]
        for number in claim.numbers:
            homes = [part for part in parts if _says(number, part)]
            if len(homes) != 1:
                continue
            home = set(homes[0].stems)
            for other in parts:
                rivals = [each for each in other.numbers if _alike(each, number)]
                if other is homes[0] or not rivals or any(_says(each, claim) for each in rivals):
                    continue
                moved = mine & set(other.stems) - home - LIGHT
                lost = home - set(other.stems) - mine - LIGHT
                if moved and lost:
                    written = claim.text[number.start : number.end]
                    return Fault("contradicted", f"{written!r} goes with something else in the source")
    return None


def _says(number: Number, part: Claim) -> bool:
    return any(number.says(other) for other in part.numbers)


def _alike(one: Number, two: Number) -> bool:
    """Tell whether two numbers count the same; "for six days, the other for two" leaves the unit out."""
    same = one.unit == two.unit and (bool(one.unit) or one.noun == two.noun)
    bare = not one.unit and not one.noun and (one.value[0] or 0) < _YEAR
    return one.kind == two.kind and (same or bare)
