"""The rules about what is said: numbers, codes, names and new words must be in the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from .claim import Claim
from .evidence import Evidence, Fault, Status
from .numbers import Number
from .terms import STOP_WORDS, stem, words

MOST_NEW = 0.4
"""Share of a claim's content words that need not be in the source; one word always may."""
_STEM, _ENDING = 4, 3
"""Letters of a name that comes in another form, and of the ending that it may have more."""
_NEW_RUN = 3
"""So many new content words one after another are an addition, not another way to say it."""
_CLAIMING = """
free always never all every any guarantee guaranteed unlimited lifetime instantly immediately
automatically best worst only first exclusively forbidden illegal everyone nobody anywhere anytime
completely entirely fully permanently worldwide certified award-winning proven double twice triple half
main largest smallest
"""
_STRONG = frozenset(_CLAIMING.split())
"""Words that claim much: new ones need a source."""


def numbers(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every number is in the source, with its unit, counting the same things."""
    given = [number for sentence in evidence.near for number in sentence.numbers]
    for number in claim.numbers:
        written = claim.text[number.start : number.end]
        if written.lower() == "one" and not number.unit:
            continue  # a pronoun more often than a number
        same = [other for other in given if number.says(other)]
        if not same and not _single(number, evidence):
            rivals = [other for other in given if other.kind == number.kind and other.unit == number.unit]
            status: Status = "contradicted" if rivals else "unsupported"
            return Fault(status, f"the number {written!r} is not in the source")
        if not same:
            continue
        if number.unit and all(other.unit != number.unit for other in same) and not _named(number, evidence):
            return Fault("contradicted", f"the source gives {written!r} in no such unit")
        nouns = {other.noun for other in same}
        elsewhere = any(other.noun == number.noun and other not in same for other in given)
        if number.noun and not number.unit and "" not in nouns and number.noun not in nouns and elsewhere:
            return Fault("contradicted", f"the source counts something else with {written!r}")
    return None


def _single(number: Number, evidence: Evidence) -> bool:
    """Tell whether "within a day" in the source says "one day"."""
    one = number.unit != "" and number.value[0] == number.scale
    return one and any(re.search(rf"\ban?\s+{number.noun}", near.text) for near in evidence.near)


def _named(number: Number, evidence: Evidence) -> bool:
    """Tell whether the source names the unit at all, as the column of a table may."""
    return any(number.noun in sentence.all_stems for sentence in evidence.near)


def codes(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every code is in the nearest sentences as it is written."""
    given = {code for sentence in evidence.near for code in sentence.codes}
    for code in claim.codes:
        if code not in given and not any(code in sentence.text.lower() for sentence in evidence.near):
            return Fault("contradicted" if given else "unsupported", f"{code!r} is not in the source")
    return None


def names(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every name is in the nearest sentences, or in the passage where these name nobody else."""
    near = {stem(word) for sentence in evidence.near for word in words(sentence.text)}
    passage = set(evidence.around.all_stems)
    others = {stem(name.lower()) for name in evidence.best.names} - set(claim.all_stems)
    known = {name.lower() for name in evidence.around.names}
    names = [*claim.names, *([claim.first] if claim.first.lower() in known else [])]
    for name in names:
        parts = {stem(part) for part in words(name)} - STOP_WORDS
        if parts <= near or _derived(name, evidence):
            continue
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


def _added(claim: Claim, new: Sequence[str], evidence: Evidence) -> str:
    """Return a new word that is joined on by "and" rather than put in another's place; "" where none is."""
    mine = claim.items
    for code, i, j, _, _ in SequenceMatcher(None, mine, evidence.best.items, autojunk=False).get_opcodes():
        for item in mine[i:j] if code == "insert" or code == "delete" else ():
            word = re.escape(claim.written[item])
            if item in new and re.search(
                rf"\b(?:and|plus|or|as well as)\s+(?:an?\s+|the\s+)?{word}\b", claim.text
            ):
                return claim.written[item]
    return ""


def new_words(claim: Claim, evidence: Evidence) -> Fault | None:
    """Few words are new, not many together, and none of those that claim much."""
    near = evidence.near_stems
    new = [found for found in dict.fromkeys(claim.stems) if found not in near]
    strong = [word for word in words(claim.text) if word in _STRONG and stem(word) not in _stems_of(evidence)]
    if strong:
        return Fault("unsupported", f"{strong[0]!r} is not in the source")
    if len(new) > max(1, MOST_NEW * len(set(claim.stems))):
        return Fault("unsupported", f"too many new words: {', '.join(new[:4])}")
    added = _added(claim, new, evidence)
    if added:
        return Fault("unsupported", f"{added!r} is an addition")
    run = 0
    for found in claim.stems:
        run = run + 1 if found in new else 0
        if run >= _NEW_RUN:
            return Fault("unsupported", f"an addition: {', '.join(new[-_NEW_RUN:])}")
    return None


def _stems_of(evidence: Evidence) -> set[str]:
    return {found for sentence in evidence.near for found in sentence.all_stems}
