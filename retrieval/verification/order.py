"""The rule about who does what to whom: subject and object of a verb keep their places, in either voice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from ..terms import words
from .antonyms import opposites
from .claim import Claim
from .evidence import Evidence, Fault
from .frames import WE, Frame, frames
from .lexicon import LIGHT, root, verb_share

_A_VERB = 2
"""Share of a word that is mostly a verb."""


def swapped(claim: Claim, evidence: Evidence) -> Fault | None:
    """Who acts in the source does not suffer in the claim."""
    theirs: dict[str, list[Frame]] = {}
    for sentence in evidence.near:
        for frame in frames(sentence.text, bare=True):
            theirs.setdefault(frame.verb, []).append(frame)
    mixed = _mixed(frames(claim.text, bare=True), frames(evidence.best.text, bare=True))
    if mixed:
        return Fault("contradicted", f"who does what has changed places around {mixed!r}")
    known = set(evidence.around.stems) - LIGHT | _speaker(evidence)
    said = set(claim.all_stems)
    # "The town" may be what the source calls by its name.
    named = {
        root(name.lower())
        for each in (claim, *evidence.near)
        for name in (*each.names, each.first)
        if name in each.names
    }
    for mine in frames(claim.text):
        others = theirs.get(mine.verb, [])
        if mine.finite and mine.subject and mine.object:
            others = [other for other in others if other.subject and other.object] or others
        if others and all(_crossed(mine, other) and (other.object or other.present) for other in others):
            return Fault("contradicted", f"who does what has changed places around {mine.verb!r}")
    if claim.negated:
        return None
    for mine in frames(claim.text, bare=True):
        if _said_by_opposite(mine, evidence):
            continue
        others = [other for other in theirs.get(mine.verb, []) if mine.finite]
        acting = [other for other in theirs.get(mine.verb, []) if mine.plural]
        if acting and all(
            (other.plural or other.finite) and _supplanted(mine, other, claim, evidence) for other in acting
        ):
            return Fault("contradicted", f"the source says {mine.verb!r} of another")
        if (
            others
            and all(
                _exchanged(mine, other, claim, evidence)
                or _supplanted(mine, other, claim, evidence)
                or _another(mine.subject, other.subject, mine.object, other.object, known, said)
                or (
                    not named & (mine.object ^ other.object)
                    and _another(mine.object, other.object, mine.subject, other.subject, known, said)
                )
                for other in others
                if other.finite
            )
            and any(other.finite for other in others)
            and not any(mine.subject & other.subject for other in others if not other.finite)
        ):
            return Fault("contradicted", f"the source says {mine.verb!r} of another")
    return None


def _mixed(mine: Sequence[Frame], theirs: Sequence[Frame]) -> str:
    """Return a verb that has the subject, or the object, of another one; "" where there is none."""
    for one, other in product(mine, theirs):
        if one.verb != other.verb or not (
            one.finite or other.finite or verb_share(one.verb) == _A_VERB or one.verb in LIGHT
        ):
            continue
        rest = [frame for frame in mine if frame.verb != one.verb]
        others = [frame for frame in theirs if frame.verb != one.verb]
        acting = one.subject - other.subject
        if acting - LIGHT and one.verb not in LIGHT and other.subject and not one.subject & other.subject:
            pairs = [(a, b) for a, b in product(rest, others) if a.verb == b.verb and a.subject]
            if any(acting & b.subject and not a.subject & b.subject for a, b in pairs):
                return one.verb
        if one.object and other.object and not one.object & other.object:
            taken = any(one.object <= each.object for each in others)
            if taken and any(other.object <= each.object for each in rest):
                return one.verb
    return ""


def _said_by_opposite(mine: Frame, evidence: Evidence) -> bool:
    """Tell whether the source denies the opposite: what is not accepted is refused."""
    return any(
        each.denied
        and mine.object
        and mine.object <= set(each.stems)
        and opposites(mine.verb) & set(each.stems)
        for each in evidence.near
    )


def _exchanged(mine: Frame, other: Frame, claim: Claim, evidence: Evidence) -> bool:
    """Tell whether the objects of one subject have changed places: honey instead of sugar."""
    apart = bool(mine.object) and bool(other.object) and not mine.object & other.object
    moved = mine.object <= set(evidence.best.stems) and other.object <= set(claim.stems)
    alone = not re.search(r"\b(?:and|or|nor)\b", claim.text)
    return apart and moved and alone and bool(mine.subject & other.subject)


def _supplanted(mine: Frame, other: Frame, claim: Claim, evidence: Evidence) -> bool:
    """Tell whether one stands where the source has another, which the claim names in another place."""
    if mine.subject & other.subject or not mine.subject or not mine.object & other.object:
        return False
    elsewhere = other.subject & set(claim.stems) - mine.subject - other.object
    return bool(elsewhere) and mine.subject <= set(evidence.around.stems) | _speaker(evidence)


def _speaker(evidence: Evidence) -> set[str]:
    return {WE} & set(words(evidence.around.text))


def _another(
    mine: frozenset[str],
    theirs: frozenset[str],
    beside: frozenset[str],
    beside_theirs: frozenset[str],
    known: set[str],
    said: set[str],
) -> bool:
    """Tell whether another of the passage stands where the source names one that the claim does not name."""
    same = not beside or not beside_theirs or bool(beside & beside_theirs)
    return (
        bool(mine)
        and bool(theirs - LIGHT)
        and same
        and mine <= known
        and WE not in theirs  # a name may stand for it
        and not theirs & said
        and not mine & theirs
    )


def _crossed(mine: Frame, other: Frame) -> bool:
    # What is said of both sides ("a wooden bridge", "the stone bridge") tells nothing.
    subject, object_ = mine.subject - mine.object, mine.object - mine.subject
    acting = subject & other.object - other.subject
    suffering = object_ & other.subject - other.object
    kept = subject & other.subject or object_ & other.object
    return bool(acting or suffering) and not kept
