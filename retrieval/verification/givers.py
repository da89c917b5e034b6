"""Who gives to whom, and who takes from whom."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..terms import STOP_WORDS
from .claim import Claim
from .frames import frames
from .lexicon import root

_TAKER = re.compile(
    r"\b(?:to|for|from)\s+(?:the|an?|its|their|his|her|our|your)?\s*(?P<whom>[^\W\d_]+)", re.IGNORECASE
)


def taken(claim: Claim, source: Claim) -> bool:
    """Tell whether "B gets it from A" is said of "A gives it to B"."""
    mine, theirs = _sides(claim), _sides(source)
    return any(
        one.word == "from" and two.word == "to" and one.whom in two.subject and two.whom in one.subject
        for one in mine
        for two in theirs
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """Who does something, and to or from whom."""

    subject: frozenset[str]
    word: str
    whom: str


def _sides(claim: Claim) -> list[_Side]:
    return [
        _Side(frame.subject, word, whom)
        for frame in frames(claim.text, bare=True)
        if frame.subject and (frame.finite or frame.plural)
        for word in ("to", "from")
        for whom in takers(claim, frame.verb, only=word)
    ]


def turned_round(claim: Claim, source: Claim) -> bool:
    """Tell whether who gives to somebody takes from them, or the other way round."""
    theirs = _sides(source)
    return any(
        {one.word, two.word} == {"from", "to"} and one.whom == two.whom and one.subject & two.subject
        for one in _sides(claim)
        for two in theirs
        if one.whom not in one.subject | two.subject
        and not any(one.word == each.word and one.whom == each.whom for each in theirs)
    )


def takers(claim: Claim, verb: str, only: str = "") -> set[str]:
    """Return what follows a verb with "to", "for" or "from", or with only one of them."""
    for match in re.finditer(r"[^\W\d_]+", claim.text):
        if root(match.group().lower()) == verb:
            rest = re.split(r"[,;.]", claim.text[match.end() :], maxsplit=1)[0]
            return {
                root(found["whom"].lower())
                for found in _TAKER.finditer(rest)
                if found["whom"].lower() not in STOP_WORDS and found.group().lower().startswith(only)
            }
    return set()
