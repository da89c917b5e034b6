"""The rules about what is said: numbers, codes and names must be in the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from ..terms import STOP_WORDS, stem, words
from .antonyms import related, siblings
from .claim import Claim
from .evidence import Evidence, Fault, Status
from .instances import falls_under
from .lexicon import canonical, root
from .units import Number, unit_of

_STEM, _ENDING = 4, 3
"""Letters of a name that comes in another form, and of the ending that it may have more."""
_LETTERS = 2
"""Letters of a word; "450 g" is a unit that is written apart."""
_SAME_SENTENCE = 0.7
"""Share of a claim's words in the best sentence that make the claim this sentence with another number."""


_SHARES = {
    Fraction(value): re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for value, words in (
        (50, "half"),
        (25, "(?:a|one)\\s+quarter"),
        (75, "three\\s+quarters"),
        (20, "(?:a|one)\\s+fifth"),
        (10, "(?:a|one)\\s+tenth"),
    )
}
"""Percentages and the words for them."""
_OFTEN = re.compile(r"once\s+(?:an?|per|every|each)\s+(?P<unit>\w+)", re.IGNORECASE)
_WHEN = re.compile(
    r"(?:^|\b(?:at|from|to|until|till|and|by|before|after|between|in|since|during|the|of|around|about|late|early|for)\s+|[-–(,]\s*)$",
    re.IGNORECASE,
)


def numbers(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every number is in the source, with its unit, counting the same things."""
    given = [number for sentence in evidence.near for number in sentence.numbers]
    for number in claim.numbers:
        written = claim.text[number.start : number.end]
        if written.lower() == "one" and any(_single(number, near) for near in evidence.near):
            continue  # "within one day" of "within a day"
        if written.lower() == "one" and not number.unit:
            # A pronoun more often than a number, unless the source counts the same things.
            counts = [other for other in given if number.noun and other.noun == number.noun]
            if not counts or any(number.says(other) for other in counts):
                continue
        same = [
            other
            for other in given
            if number.says(other) and (other.kind == number.kind or _placed(claim, number))
        ]
        if not same and falls_under(claim, number, evidence):
            continue
        if not same and not _said_otherwise(claim, number, evidence):
            rivals = [other for other in given if other.kind == number.kind and other.unit == number.unit]
            status: Status = "contradicted" if rivals else "unsupported"
            return Fault(status, f"the number {written!r} is not in the source")
        if not same:
            continue
        if _misplaced(claim, number, evidence):
            return Fault("contradicted", f"the source has another number where {written!r} stands")
        if _miscounted(claim, number, same, evidence):
            return Fault("unsupported", f"the source does not count {number.noun!r} with {written!r}")
        if number.unit and all(
            other.unit != number.unit and "cent" not in (other.unit, number.unit) for other in same
        ):
            return Fault("contradicted", f"the source gives {written!r} in no such unit")
        nouns = {other.noun for other in same}
        elsewhere = any(other.noun == number.noun and other not in same for other in given)
        if number.noun and not number.unit and "" not in nouns and number.noun not in nouns and elsewhere:
            return Fault("contradicted", f"the source counts something else with {written!r}")
    return None


def _single(number: Number, source: Claim) -> bool:
    """Tell whether a source has "an hour" or "a day" where a number is one of such a unit."""
    found = re.finditer(r"\ban?\s+(?P<unit>[^\W\d_]+)", source.text, re.IGNORECASE)
    return any(unit_of(match["unit"].lower()) == (number.unit, number.value[0]) for match in found)


def _misplaced(claim: Claim, number: Number, evidence: Evidence) -> bool:
    """Tell whether the best sentence says the rest of the claim with another number."""
    best = evidence.best
    said = sum(mine.says(number) for mine in claim.numbers)
    if sum(number.says(other) for other in best.numbers) >= said:
        return False
    days = {found for found in claim.stems if siblings(found)} - set(best.stems)
    if any(days & set(near.stems) and any(number.says(n) for n in near.numbers) for near in evidence.near):
        return False  # the other sentence says it of another day
    rest = [item for item in claim.items if not item.startswith("#")]
    told = sum(item in best.items for item in rest)
    rivals = [other for other in best.numbers if other.kind == number.kind and other.unit == number.unit]
    unsaid = [other for other in rivals if not any(mine.says(other) for mine in claim.numbers)]
    return bool(unsaid) and told >= _SAME_SENTENCE * len(rest)


def _miscounted(claim: Claim, number: Number, same: Sequence[Number], evidence: Evidence) -> bool:
    """Tell whether a word that the source lacks stands where the source has the unit."""
    after = re.match(r"\s+([^\W\d_]+)", claim.text[number.end :])
    if (
        number.unit
        or len(number.noun) < _LETTERS
        or number.kind != "number"
        or after is None
        or stem(after.group(1).lower()) != number.noun
    ):
        return False
    near = {found for sentence in evidence.near for found in sentence.all_stems}
    return all(other.unit for other in same) and canonical(number.noun) not in near


def _placed(claim: Claim, number: Number) -> bool:
    """Tell whether a bare number may be an hour or a year: "from 9 to 5", "in 1974", not "Pier 6"."""
    return number.kind != "number" or bool(_WHEN.search(claim.text[: number.start]))


def _said_otherwise(claim: Claim, number: Number, evidence: Evidence) -> bool:
    """Tell whether "twice" is said as "doubled", "once a week" as "weekly"."""
    if claim.text[number.start : number.end].lower() == "twice":
        return "doubl" in evidence.near_stems
    if number.unit == "percent" and number.value[0] in _SHARES:
        share = _SHARES[number.value[0]]
        return any(share.search(near.text) for near in evidence.near)
    often = _OFTEN.match(claim.text, number.start)
    unit = often["unit"].lower() if often else ""
    stated = re.compile(rf"\b(?:{unit}ly|(?:every|each)\s+{unit})\b", re.IGNORECASE)
    return bool(unit) and any(stated.search(near.text) for near in evidence.near)


def codes(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every code is in the nearest sentences as it is written."""
    given = {code for sentence in evidence.near for code in sentence.codes}
    for code in claim.codes:
        if code not in given and not any(code in sentence.text.lower() for sentence in evidence.near):
            return Fault("contradicted" if given else "unsupported", f"{code!r} is not in the source")
    return None


def names(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every name is in the nearest sentences, or in the passage where these name nobody else."""
    passage = set(evidence.around.all_stems)
    part = evidence.part(claim, share=0.5)
    first = set(part.all_stems)
    others = {root(name.lower()) for name in [*part.names, part.first] if name in evidence.around.names}
    others -= set(claim.all_stems)
    known = {name.lower() for name in evidence.around.names}
    rest = set(claim.stems)
    for name in [*claim.names, *([claim.first] if claim.first.lower() in known else [])]:
        parts = {root(part) for part in words(name)} - STOP_WORDS
        if parts <= first or _derived(name, evidence):
            continue
        if all(siblings(each) for each in parts) and any(
            parts <= set(other.stems) and any(related(one, set(other.stems) - parts) for one in rest - parts)
            for other in evidence.best.parts
        ):
            continue  # a day, of another clause that says something of the claim
        if not parts <= passage:
            return Fault("contradicted" if others else "unsupported", f"{name!r} is not in the source")
        if others:
            return Fault("contradicted", f"the source says this of another than {name!r}")
    return None


def _derived(name: str, evidence: Evidence) -> bool:
    """Tell whether the source has the name in another form: Rome and Roman."""
    for other in evidence.best.names:
        shorter, longer = sorted((name.lower(), other.lower()), key=len)
        if len(shorter) >= _STEM and longer != shorter and longer.startswith(shorter[:-1]):
            return len(longer) - len(shorter) <= _ENDING
    return False
