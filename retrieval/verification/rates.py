"""The rules about what a number goes with: 45 a day is not 45 a week, 8 km/h in the hall not in the yard."""

from __future__ import annotations

import re

from ..terms import stem
from .claim import Claim, claim_of
from .evidence import Evidence, Fault
from .lexicon import LIGHT, root
from .units import Number, unit_of

_PER = re.compile(
    r"[%°]?\s*(?:[^\W\d_]+\s+){0,2}?(?P<word>(?:per|an?|each|every)(?=\s)|/)\s*(?P<of>[^\W\d_]+)",
    re.IGNORECASE,
)
_PERIODS = frozenset(stem(word) for word in "night person head item piece session visit user seat".split())
"""What an amount may be "a" of, besides units."""
_BOUNDARY = re.compile(
    r"\b(?:and|or|but|in|on|at|for|to|of|with|from|by|before|after|within|during|is|are|was|were)\b"
)
_UNTIL = re.compile(
    r"\b(?:by|until|till|before|prior\s+to|(?:no|not)\s+later\s+than|ends?\s+(?:at|on|in)|ended\s+(?:at|on|in)|closes?\s+(?:at|on))"
    r"\s+(?:the\s+|about\s+)?$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:from|since|after|starting|as\s+of|(?:no|not)\s+(?:earlier|sooner)\s+than|begins?\s+(?:at|on|in)|began\s+(?:at|on|in)"
    r"|starts?\s+(?:at|on|in)|opens?\s+(?:at|on))\s+(?:the\s+|about\s+|(?:at|on)\s+)?$",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:\bnot|n['’]t|\bcannot|\bnever|\bno|\bnone|\bnobody)\b[^,;.]*$", re.IGNORECASE)
_AHEAD = re.compile(
    r"\s*(?:[^\W\d_]+\s+){0,3}?(?:before(?:hand)?|prior|ahead|in\s+advance|earlier)\b", re.IGNORECASE
)
_LATER = re.compile(r"\s*(?:[^\W\d_]+\s+){0,3}?(?:after(?:wards?)?|later|following)\b", re.IGNORECASE)
_WITHIN = re.compile(r"\b(?:within|in|over)\s+(?:the\s+)?(?:first\s+|about\s+)?$", re.IGNORECASE)
_INSTEAD = re.compile(r"\binstead\s+of\s+(?=$|[\w.: ]*$)", re.IGNORECASE)
_PAST = re.compile(r"\bafter\s+(?:the\s+)?(?:first\s+|about\s+)?$", re.IGNORECASE)
_THEN = re.compile(r"\b(?:after\s+(?:that|this|which)|thereafter|afterwards?|then|later)\b", re.IGNORECASE)
_REACH = 24
_TIMES = ("second", "month")
_OPPOSITE = {
    "until": {"from", "at"},
    "from": {"until"},
    "ahead": {"later", "within"},
    "later": {"ahead"},
    "within": {"past"},
    "past": {"within"},
}
_SEGMENT = re.compile(r",\s|;\s|:\s|\b(?:and|but|while|whereas|or)\b", re.IGNORECASE)
_ELSE = re.compile(
    r"\b(?:(?:every|any)(?:one|body)\s+else|(?:all\s+|the\s+)?others|the\s+rest)\b", re.IGNORECASE
)
_GROUP = re.compile(r"\b(?:for|to)\s+(?P<whom>[^\W\d_]+)", re.IGNORECASE)
_YEAR = 1000
"""A bare number from here on may be a year."""


def rates(claim: Claim, evidence: Evidence) -> Fault | None:
    """What a number is per, in the claim, it is per in the source."""
    for number in claim.numbers:
        mine = _rate(claim.text, number)
        if not mine:
            continue
        same = [
            (sentence, other)
            for sentence in evidence.near
            for other in sentence.numbers
            if number.says(other) or other.value == number.value
        ]
        theirs = {_rate(sentence.text, other) for sentence, other in same}
        written = claim.text[number.start : number.end]
        if not same or mine in theirs or any(_says(sentence.text, mine) for sentence in evidence.near):
            continue
        if theirs - {""}:
            return Fault("contradicted", f"the source has {written!r} by another measure than {mine!r}")
        return Fault("unsupported", f"the source does not say {written!r} per {mine!r}")
    return None


def _rate(text: str, number: Number) -> str:
    """Return the stem of what a number is per; "" where it is per nothing."""
    found = _PER.match(text, number.end)
    if found is None or _BOUNDARY.search(text[number.end : found.start("word")]):
        return ""
    of = found["of"].lower()
    if found["word"].lower() in ("a", "an") and unit_of(of) is None and stem(of) not in _PERIODS:
        return ""
    return root(of)


def _says(text: str, of: str) -> bool:
    """Tell whether a text speaks of each such thing anywhere: "every month", "monthly"."""
    return any(
        root(match["of"].lower()) == of or root(match["of"].lower().removesuffix("ly")) == of
        for match in re.finditer(r"\b(?:each|every|per)\s+(?P<of>[^\W\d_]+)", text, re.IGNORECASE)
    )


def moments(claim: Claim, evidence: Evidence) -> Fault | None:
    """What ends at a time does not begin then, and what comes so long before does not come after."""
    for number in claim.numbers:
        mine = _side(claim.text, number)
        theirs = {
            _side(sentence.text, other)
            for sentence in evidence.near
            for other in sentence.numbers
            if number.says(other)
        }
        written = claim.text[number.start : number.end]
        if theirs and _INSTEAD.search(claim.text) and (mine == "instead") != ("instead" in theirs):
            return Fault("contradicted", f"{written!r} is not what the source prefers")
        if {mine} <= {"within", "past"} and _turned(claim, number, evidence):
            continue
        if mine and theirs and mine not in theirs and _OPPOSITE.get(mine, set()) & theirs:
            return Fault("contradicted", f"the source has {written!r} on the other side in time")
    return None


def _turned(claim: Claim, number: Number, evidence: Evidence) -> bool:
    """Tell whether a claim denies what a clause says up to a time, or tells what is "after that"."""
    for sentence in evidence.near:
        for part in (each for each in sentence.parts if any(number.says(n) for n in each.numbers)):
            then = {found for each in sentence.parts if _THEN.search(each.text) for found in each.stems}
            if claim.denied != part.denied or (then - set(part.stems)) & set(claim.stems):
                return True
    return False


def _side(text: str, number: Number) -> str:
    before, after = text[max(0, number.start - _REACH) : number.start], text[number.end :]
    if _INSTEAD.search(before):
        return "instead"
    if number.kind in ("date", "time"):
        side = "until" if _UNTIL.search(before) else "from" if _FROM.search(before) else ""
        if side and _NOT.search(re.sub(r"\b(?:no|not)\s+\w+\s+than\b", "", text[: number.start])):
            return ""  # "not until May" is from May
        return side or ("at" if re.search(r"\b(?:on|at|in)\s+$", before, re.IGNORECASE) else "")
    if number.unit in _TIMES:
        if _AHEAD.match(after):
            return "ahead"
        if _LATER.match(after):
            return "later"
        return "within" if _WITHIN.search(before) else "past" if _PAST.search(before) else ""
    return ""


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
                if _holds(number, home) and whom and not any(_holds(number, each) for each in segments[:-1]):
                    written = claim.text[number.start : number.end]
                    return Fault("contradicted", f"{written!r} is for others than {whom[0]!r} in the source")
    return None


def _displaced(claim: Claim, evidence: Evidence) -> Fault | None:
    mine = set(claim.stems)
    for sentence in evidence.near:
        parts = [part for part in map(claim_of, _SEGMENT.split(sentence.text)) if part.items]
        for number in claim.numbers:
            homes = [part for part in parts if _holds(number, part)]
            if len(homes) != 1:
                continue
            home = set(homes[0].stems)
            for other in parts:
                rivals = [each for each in other.numbers if _alike(each, number)]
                if other is homes[0] or not rivals or any(_holds(each, claim) for each in rivals):
                    continue
                moved = mine & set(other.stems) - home - LIGHT
                lost = home - set(other.stems) - mine - LIGHT
                if moved and lost:
                    written = claim.text[number.start : number.end]
                    return Fault("contradicted", f"{written!r} goes with something else in the source")
    return None


def _holds(number: Number, part: Claim) -> bool:
    return any(number.says(other) for other in part.numbers)


def _alike(one: Number, two: Number) -> bool:
    """Tell whether two numbers count the same; "for six days, the other for two" leaves the unit out."""
    same = one.unit == two.unit and (bool(one.unit) or one.noun == two.noun)
    bare = not one.unit and not one.noun and (one.value[0] or 0) < _YEAR
    return one.kind == two.kind and (same or bare)
