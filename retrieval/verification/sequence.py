"""The rules about how statements are joined: why something is so, and what comes first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..terms import words
from .claim import Claim
from .evidence import Evidence, Fault
from .lexicon import LIGHT, content, root

_REASON = re.compile(
    r"(?:\b(?:because(?:\s+of)?|due\s+to|owing\s+to|thanks\s+to|as\s+a\s+result\s+of|so\s+that|since(?!\s+(?:\d|then\b)))"
    r"|,\s+as(?!\s+(?:well|soon|long|far|many|much|if|of|in|at|an?|on|by|with)\b))\s+(?P<why>[^,;]+)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"\b(?:because|due|owing|thanks|result(?:s|ed)?|since|as|so|therefore|hence|thus|caus(?:e|es|ed|ing)|led|leads?|mak(?:e|es|ing)|made"
    r"|means?|meant|why|reasons?|after|when|if|which|who|that|once|to|by|from|for|with)\b",
    re.IGNORECASE,
)
_SINCE_WHEN = 0.5
"""The same where "since" may tell of a time."""
_CAUSE = re.compile(
    r"\b(?:because|since|so|therefore|as|caused?|led|result|reason|means?|why|after|when|it|they|this|that|its|their"
    r"|he|she|him|her)\b",
    re.IGNORECASE,
)
"""Words by which a sentence gives a reason for another, or refers to it."""
_EARLIER = re.compile(
    r"\b(?:before\w*|until|till|prior|earlier|by|ahead|advance|first|then|after\w*|later|once|when|since|already|because"
    r"|had|from|ago|still|not|never|next|following|last|finally|now|so|no)\b",
    re.IGNORECASE,
)
_SOME = 2
"""Items that a sentence shares with a claim of which it says some."""
_AFTER = re.compile(r"(?<!^)(?<!not\s)\b(?:after(?!\s+\w+ing\b)|afterwards?|later)\b", re.IGNORECASE)
_NOT_AFTER = re.compile(r"\b(?:not|never)\s+(?:after(?:wards?)?|later)\b", re.IGNORECASE)
_LATER = re.compile(
    r"\b(?:after\w*|later|once|when|whenever|following|then|since|from|until|till|before|first|if|next|past|ago|end|has|have|had|because|within)\b",
    re.IGNORECASE,
)
_GIVEN = 0.7
"""Share of a reason's words that the source must hold."""
_ORDERED = re.compile(
    r"\b(?P<before>before|until|till|prior\s+to)\b|\b(?P<after>after|following|once(?!\s+(?:an?|per|every|each)\b)|as\s+soon\s+as|because)\b",
    re.IGNORECASE,
)
_SO = re.compile(r",?\s+so\s+(?!that\b|\w+\s+that\b|(?:far|long|much|many|as)\b)", re.IGNORECASE)
_NEXT = re.compile(r"[^,;]*?\b(?:then|later|afterwards?|subsequently|after\s+that)\b", re.IGNORECASE)
_STEPS = re.compile(r",\s+(?:and\s+)?|;\s+|\s+and\s+", re.IGNORECASE)
_ORDER_WORDS = re.compile(
    r"\b(?:before|after|until|till|once|when|then|first|last|later|afterwards?|subsequently|since|while|during|earlier|already"
    r"|following|next|finally|prior|ago|by|unless|soon|ends?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Order:
    """Content of what comes first and of what comes after it."""

    first: frozenset[str]
    then: frozenset[str]
    told: bool = True
    """Whether the text says so; a reason comes first without a word about it."""


def reasons(claim: Claim, evidence: Evidence) -> Fault | None:
    """A reason is one that the source gives."""
    near = {found for sentence in evidence.near for found in sentence.all_stems}
    for match in _REASON.finditer(claim.text):
        told = [found for found in content(match["why"]) if found not in LIGHT]
        if not told:
            continue
        given = [set(content(found["why"])) for found in _REASON.finditer(evidence.best.text)]
        share = _SINCE_WHEN if match.group().lower().startswith("since") else _GIVEN
        if given and not any(len(why & set(told)) >= share * len(told) for why in given):
            return Fault("contradicted", f"the source gives another reason than {match['why'].strip()!r}")
        rest = set(content(claim.text[: match.start()] + claim.text[match.end() :])) - LIGHT
        holders = [
            sentence
            for sentence in evidence.near
            if len(set(sentence.all_stems) & set(told)) >= _GIVEN * len(told)
        ]
        apart = holders and not any(
            (rest & set(sentence.all_stems) and _LINK.search(sentence.text)) or _CAUSE.search(sentence.text)
            for sentence in holders
        )
        if (
            len(near & set(told)) < _GIVEN * len(told)
            or apart
            or not any(_LINK.search(sentence.text) for sentence in evidence.near)
        ):
            return Fault("unsupported", f"the reason {match['why'].strip()!r} is not in the source")
    return None


def ordered(claim: Claim, evidence: Evidence) -> Fault | None:
    """What comes first in the source comes first in the claim."""
    theirs = [order for sentence in evidence.near for order in _orders(sentence.text)]
    alike = agrees(claim, evidence)
    for mine in _orders(claim.text):
        for other in theirs:
            crossed = (mine.first & other.then, mine.then & other.first)
            kept = len(mine.first & other.first) + len(mine.then & other.then)
            if not alike and all(crossed) and sum(map(len, crossed)) > kept:
                return Fault("contradicted", "the source has it in the opposite order")
        if (
            re.search(r"\bafter", claim.text, re.IGNORECASE)
            and not claim.denied
            and any(_NOT_AFTER.search(s.text) for s in evidence.near)
        ):
            return Fault("contradicted", "the source says not afterwards")
        after = _AFTER.search(claim.text)
        if (
            after
            and mine.told
            and not any(_LATER.search(sentence.text) for sentence in _about(claim, evidence))
        ):
            return Fault("unsupported", "the source does not say that it comes after")
        before = re.search(r"\bbefore\b", claim.text, re.IGNORECASE)
        if before and not any(_EARLIER.search(sentence.text) for sentence in evidence.near):
            return Fault("unsupported", "the source does not say that it comes before")
        if mine.told and not any(_ORDER_WORDS.search(sentence.text) for sentence in evidence.near):
            places = _places(evidence.around, mine)
            if places is not None and places[0] > places[1]:
                return Fault("unsupported", "the order is not in the source")
    return None


def _about(claim: Claim, evidence: Evidence) -> list[Claim]:
    """Return the near sentences that say some of a claim."""
    return [each for each in evidence.near if len(set(each.items) & set(claim.items)) >= _SOME]


def agrees(claim: Claim, evidence: Evidence) -> bool:
    """Tell whether both say that one thing comes before another, whatever words they use."""
    theirs = [order for sentence in evidence.near for order in _orders(sentence.text)]
    return any(
        mine.first & other.first
        and mine.then & other.then
        and not (mine.first & other.then or mine.then & other.first)
        for mine in _orders(claim.text)
        for other in theirs
    )


def _places(source: Claim, order: _Order) -> tuple[int, int] | None:
    """Return where the first of either stands in a source; None where one is not there."""
    every = [root(word) for word in words(source.text)]
    found = [[every.index(stem) for stem in side if stem in every] for side in (order.first, order.then)]
    return (min(found[0]), min(found[1])) if all(found) else None


def _orders(text: str) -> Sequence[_Order]:
    found = []
    for match in _ORDERED.finditer(text):
        outside, inside = _around(text, match)
        sides = (outside, inside) if match["before"] else (inside, outside)
        found.append(_made(*sides, told=match.group().lower() != "because"))
    for match in _SO.finditer(text):
        found.append(_made(re.split(r"[;]", text[: match.start()])[-1], text[match.end() :], told=False))
    steps = _STEPS.split(text)
    for one, two in pairwise(steps):
        if _NEXT.match(two) and not _ORDERED.search(one + two):
            found.append(_made(one, two))
    return [order for order in found if order.first and order.then]


def _around(text: str, match: re.Match[str]) -> tuple[str, str]:
    """Return what a clause with "before" or the like is joined to, and the clause."""
    inside, _, rest = re.sub(r"[,;]", "\0", text[match.end() :], count=1).partition("\0")
    outside = re.split(r";", text[: match.start()])[-1]
    return (outside if content(outside) else rest), inside


def _made(first: str, then: str, told: bool = True) -> _Order:
    one, two = set(content(first)), set(content(then))
    return _Order(frozenset(one - two), frozenset(two - one), told)
