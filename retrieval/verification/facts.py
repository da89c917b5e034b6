"""The rules about what is said: numbers, codes, names and new words must be in the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from fractions import Fraction

from ..terms import STOP_WORDS, stem, words
from .antonyms import siblings
from .claim import Claim
from .evidence import LIMITING, Evidence, Fault, Status
from .kinship import related
from .numbers import Number
from .synonyms import LIGHT, canonical, root

MOST_NEW = 0.4
"""Share of a claim's content words that need not be in the source; one word always may."""
_STEM, _ENDING = 4, 3
"""Letters of a name that comes in another form, and of the ending that it may have more."""
_PHRASE = 2
"""New content words after a preposition that are an addition."""
_INTRODUCED = re.compile(
    r"\b(?:with|by|through|via|for|near|using|including|in|at|next\s+to|from|on)\s+(?:an?\s+|the\s+|its\s+|their\s+)?$",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"\b(?:by|with|using|through|via|including)\s+(?:an?\s+|the\s+|its\s+|their\s+)?$", re.IGNORECASE
)
"""By what or from what something is done: new, it is an addition."""
_JOINED = re.compile(
    r"(?:\b(?:and|plus|or|as\s+well\s+as)|,)\s+(?:(?:by|with|in|on|at|to|for|from)\s+)?(?:an?\s+|the\s+|one\s+|free\s+|extra\s+)*$",
    re.IGNORECASE,
)
_BOUNDS = frozenset({"more", "less", "fewer"})
"""Left to another rule: "48 hours or less"."""
_NEW_RUN = 3
"""So many new content words one after another are an addition, not another way to say it."""
_CLAIMING = """
free guarantee guaranteed unlimited lifetime instantly immediately
automatically best worst only first exclusively forbidden illegal anywhere anytime never
completely entirely fully permanently worldwide certified award-winning proven double twice triple half
main largest smallest
"""
_LETTERS = 2
"""Letters of a word; "450 g" is a unit that is written apart."""
_SAME_SENTENCE = 0.7
"""Share of a claim's words in the best sentence that make the claim this sentence with another number."""
_STRONG = frozenset(_CLAIMING.split())
"""Words that claim much: new ones need a source."""


_LAST_WORD = re.compile(
    r"\bfirst(?:\W*$|,|\s+(?:if|when|and|then|before)\b)|\bonly\s+(?:about\s+|an?\s+)?(?:\d|few|half|one|two|three|four|five|six|seven|eight|nine|ten|then|after|once)\b",
    re.IGNORECASE,
)
"""What is done first comes before the rest; it claims nothing more."""
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
        if not same and not _single(number, evidence) and not _said_otherwise(claim, number, evidence):
            rivals = [other for other in given if other.kind == number.kind and other.unit == number.unit]
            status: Status = "contradicted" if rivals else "unsupported"
            return Fault(status, f"the number {written!r} is not in the source")
        if not same:
            continue
        if _misplaced(claim, number, evidence):
            return Fault("contradicted", f"the source has another number where {written!r} stands")
        if _miscounted(claim, number, same, evidence):
            return Fault("unsupported", f"the source does not count {number.noun!r} with {written!r}")
        if (
            number.unit
            and all(other.unit != number.unit and "cent" not in (other.unit, number.unit) for other in same)
            and not _named(number, evidence)
        ):
            return Fault("contradicted", f"the source gives {written!r} in no such unit")
        nouns = {other.noun for other in same}
        elsewhere = any(other.noun == number.noun and other not in same for other in given)
        if number.noun and not number.unit and "" not in nouns and number.noun not in nouns and elsewhere:
            return Fault("contradicted", f"the source counts something else with {written!r}")
    return None


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


def _single(number: Number, evidence: Evidence) -> bool:
    """Tell whether "within a day" in the source says "one day"."""
    one = number.unit != "" and number.value[0] == number.scale
    return one and any(re.search(rf"\ban?\s+{number.noun}", near.text) for near in evidence.near)


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


def _named(number: Number, evidence: Evidence) -> bool:
    """Tell whether the source names the unit at all, as the column of a table may."""
    return any(canonical(number.noun) in sentence.all_stems for sentence in evidence.near)


def codes(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every code is in the nearest sentences as it is written."""
    given = {code for sentence in evidence.near for code in sentence.codes}
    for code in claim.codes:
        if code not in given and not any(code in sentence.text.lower() for sentence in evidence.near):
            return Fault("contradicted" if given else "unsupported", f"{code!r} is not in the source")
    return None


def names(claim: Claim, evidence: Evidence) -> Fault | None:
    """Every name is in the nearest sentences, or in the passage where these name nobody else."""
    near = {root(word) for sentence in evidence.near for word in words(sentence.text)}
    passage = set(evidence.around.all_stems)
    part = evidence.part(claim, share=0.5)
    first = set(part.all_stems)
    others = {root(name.lower()) for name in [*part.names, part.first] if name in evidence.around.names}
    others -= set(claim.all_stems)
    known = {name.lower() for name in evidence.around.names}
    for name in [*claim.names, *([claim.first] if claim.first.lower() in known else [])]:
        parts = {root(part) for part in words(name)} - STOP_WORDS
        if parts <= first or _derived(name, evidence):
            continue
        if not parts <= passage:
            return Fault("contradicted" if others else "unsupported", f"{name!r} is not in the source")
        if others and not (parts <= near and _joined(claim, evidence)):
            return Fault("contradicted", f"the source says this of another than {name!r}")
    return None


def _joined(claim: Claim, evidence: Evidence) -> bool:
    """Tell whether the claim takes more than names from the second sentence."""
    named = {root(part) for name in [*claim.names, claim.first] for part in words(name)}
    own = {found for sentence in evidence.near[1:] for found in sentence.stems} - set(evidence.best.stems)
    return bool(set(claim.stems) & own - named)


def _derived(name: str, evidence: Evidence) -> bool:
    """Tell whether the source has the name in another form: Rome and Roman."""
    for other in evidence.best.names:
        shorter, longer = sorted((name.lower(), other.lower()), key=len)
        if len(shorter) >= _STEM and longer != shorter and longer.startswith(shorter[:-1]):
            return len(longer) - len(shorter) <= _ENDING
    return False


def _added(claim: Claim, new: Sequence[str], evidence: Evidence) -> str:
    """Return words that are joined on rather than put in another's place; "" where there are none."""
    mine = claim.items
    for code, i, j, k, _ in SequenceMatcher(None, mine, evidence.best.items, autojunk=False).get_opcodes():
        extra = (
            [item for item in mine[i:j] if item in new and item not in _BOUNDS]
            if code in ("delete", "replace")
            else []
        )
        if not extra:
            continue
        leads = [claim.text[: claim.text.index(claim.written[item])] for item in extra]
        joined = any(_JOINED.search(led) for led in leads)
        led_in = joined or any(_INTRODUCED.search(led) for led in leads)
        apart = code == "delete" or _breaks(evidence.best, k)
        means = apart and any(_MEANS.search(led) for led in leads)
        if (len(extra) >= _PHRASE and (apart or led_in)) or (apart and joined) or means:
            return " ".join(claim.written[item] for item in extra)
    return ""


def _breaks(source: Claim, at: int) -> bool:
    """Tell whether a clause of a source ends right before one of its items."""
    if at == 0:
        return False
    between = source.text[source.places[at - 1] : source.places[at]]
    return bool(re.search(r"[;:.](?:\s|$)|,\s+(?:but|and|or|which|who|while|otherwise)\b", between))


def new_words(claim: Claim, evidence: Evidence) -> Fault | None:
    """Few words are new, not many together, and none of those that claim much."""
    near = evidence.near_stems
    told = [found for found in dict.fromkeys(claim.stems) if found not in LIGHT or found in near]
    new = [found for found in told if found not in near and not related(found, near)]
    strong = [
        word
        for word in words(claim.text)
        if word in _STRONG
        and not any(claim.text[n.start : n.end].lower().startswith(word) for n in claim.numbers)
        and not (word in ("first", "only") and _LAST_WORD.search(claim.text))
        and root(word) not in _stems_of(evidence)
        and not _denied(word, evidence)
    ]
    if strong:
        return Fault("unsupported", f"{strong[0]!r} is not in the source")
    if len(new) > max(1, MOST_NEW * (len(told) + len(claim.numbers))):
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


def _denied(word: str, evidence: Evidence) -> bool:
    if word == "only":
        return any(LIMITING.search(sentence.text) for sentence in evidence.near)
    return word in ("never", "forbidden") and any(sentence.negated for sentence in evidence.near)


def _stems_of(evidence: Evidence) -> set[str]:
    return {found for sentence in evidence.near for found in sentence.all_stems}
