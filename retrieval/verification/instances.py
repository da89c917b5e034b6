"""Numbers of one case under a rule: a parcel of 20 kg is "anything over 15 kg"."""

from __future__ import annotations

import re

from .bounds import bound
from .claim import Claim
from .evidence import Evidence
from .lexicon import item_of
from .segments import segments
from .units import Number

_CASE = re.compile(
    r"(?:\b(?:for|of|is|was|costs?|costing|weighs?|weighing|worth|book(?:s|ed)?|after|at|been|deleted|an?|aged|lasts?|takes?)\s+(?:an?\s+)?|^an?\s+|^at\s+)$",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:least|most|exactly|only|within|up\s+to|over|under|more|less|fewer|than|every|each|from|until|till|by|between|and|first|another|extra)\s+(?:an?\s+)?$",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:must|have\s+to|has\s+to|needs?\s+to|should|includes?|is|are|will|may|can)\b", re.IGNORECASE
)
_DAYTIME = re.compile(r"\b(?:before|after|until|by)\s+$", re.IGNORECASE)
_WITHIN = re.compile(r"\bwithin\s+(?:the\s+(?:last\s+)?)?$", re.IGNORECASE)
_RECIPIENT = re.compile(r"\b(?:to|for|by|of)\s+(?:\w+\s+){1,4}$", re.IGNORECASE)
_AGO = re.compile(r"\s*(?:\w+\s+)?(?:ago|later|earlier)\b", re.IGNORECASE)


def falls_under(claim: Claim, number: Number, evidence: Evidence) -> bool:
    """Tell whether a number of a case lies within a bound that the source sets for such cases."""
    before = claim.text[: number.start]
    if (
        _OWN.search(before)
        or bound(claim.text, number)
        or not _of_a_case(claim, number)
        or number.value[0] is None
    ):
        return False
    for sentence in evidence.near:
        for other in sentence.numbers:
            if _lies(claim, number, sentence, other) and _restricts(sentence, other):
                return True
    return False


def _of_a_case(claim: Claim, number: Number) -> bool:
    """Tell whether a number belongs to what a statement is about, or to a condition."""
    item = item_of(number)
    if any(item in each.about for each in segments(claim.text)) and _CASE.search(claim.text[: number.start]):
        return True
    return bool(_AGO.match(claim.text, number.end)) or any(item in content for content in _conditions(claim))


def _conditions(claim: Claim) -> list[set[str]]:
    return [set(Claim(condition.words).items) for condition in claim.conditions if condition.kind == "if"]


def _restricts(source: Claim, number: Number) -> bool:
    """Tell whether a bound says which cases are meant; "must be at least 18" says what holds of all."""
    item = item_of(number)
    before = source.text[: number.start]
    return any(item in each.about for each in segments(source.text)) or bool(
        _WITHIN.search(before) or _RECIPIENT.search(before)
    )


def _lies(claim: Claim, number: Number, source: Claim, other: Number) -> bool:
    mine, limit = number.value[0], other.value[0]
    if mine is None or limit is None or number.kind != other.kind or number.unit != other.unit:
        return False
    if number.kind == "time":
        side = _DAYTIME.search(source.text[: other.start])
        if side is None:
            return False
        return mine < limit if side.group().split()[0].lower() in ("before", "until", "by") else mine > limit
    if number.kind != "number":
        return False
    if _WITHIN.search(source.text[: other.start]):
        return bool(_AGO.match(claim.text, number.end)) and mine <= limit
    which = bound(source.text, other)
    return bool(which) and (mine > limit if which == "up" else mine < limit)
