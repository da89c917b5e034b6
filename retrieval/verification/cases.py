"""The rules about cases: what a source says of some, or in some case, a claim does not say of all."""

from __future__ import annotations

import re

from ..terms import IRREGULAR, words
from .antonyms import covers
from .claim import Claim, claim_of
from .evidence import Evidence, Fault, aligned
from .lexicon import LIGHT, content
from .segments import clauses, segments

_RELATIVE = re.compile(r"^(?P<head>[^,;:.]{2,50}?)\s+(?:that|which|who|whose|whom)\s+(?P<case>[^,;.]+)")
_CASE = re.compile(
    r"\b(?:if|when|whenever|once|while|after|before|until|unless|as\s+soon\s+as)\s+(?P<case>[^,;.]+)",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    r"\b(?:when|whenever|once|while|after|as\s+soon\s+as)\s+(?P<case>[^,;.]+)", re.IGNORECASE
)
_OTHERWISE = re.compile(r"\b(?:otherwise|or\s+else)\b,?\s+(?P<then>[^,;.]+)", re.IGNORECASE)
_SET_APART = re.compile(r"\b(?:if|unless|when|whenever|once|or|else|otherwise)\b", re.IGNORECASE)
_CONCEDES = re.compile(
    r"\b(?:even\s+(?:if|when|where|after|before|without)|whether\s+or\s+not|regardless|no\s+matter)\b",
    re.IGNORECASE,
)
_CONCEDED = re.compile(
    r"\b(?:even|whether|regardless|matter|although|though|despite|always|any|anyone|however|whatever|whenever|in\s+(?:all|every|each)|or)\b",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"\b(?:when(?:ever)?|once(?!\s+(?:an?|per|every|each|in|more|and)\b)|(?<!,\s)while|as\s+soon\s+as)\s+(?P<case>[^,;.]+)",
    re.IGNORECASE,
)
_PAST = frozenset({"was", "were", "had", "did"})
_HELPING = frozenset("is are be been being has have may must can will should not".split())
_REFERS = re.compile(
    r"\b(?:it|they|them|this|that|these|those|then|otherwise|such|so|he|she|his|her|their|its)\b",
    re.IGNORECASE,
)
_SAID = 0.6
"""Share of what a source says of a case that makes a claim say it, too."""
_CASE_SAID = 0.7
"""Share of a case's words that a sentence must hold to tell of it."""
_ALIKE = 0.5
_MAIN = 0.8
"""Share of what a source says in a case, with which a claim says all of it."""
_FEWEST = 2
"""Words that tell a case, or what is said of it."""


def narrowed(claim: Claim, evidence: Evidence) -> Fault | None:
    """What is said of those of a kind is not said of the kind: "phones that were opened" are not phones."""
    for mine in segments(claim.text):
        about = mine.about - LIGHT
        if not about or not mine.said or any(item.startswith("#") for item in about):
            continue
        for part in aligned(claim, evidence.near):
            for other in segments(part.text):
                relative = _RELATIVE.match(other.text)
                if relative is None:
                    continue
                head = set(content(relative["head"]))
                case = {item for item in content(relative["case"]) if item in other.about} - LIGHT - head
                if (
                    case
                    and about <= head
                    and not covers(claim.stems, case, 0.01)
                    and _says(mine.said, other.said)
                ):
                    return Fault("unsupported", f"the source says it only of those {relative['case']!r}")
    return None


def _says(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(theirs) and covers(mine, theirs, _SAID)


def dropped(claim: Claim, evidence: Evidence) -> Fault | None:
    """What holds in a case is not said as if it always held."""
    mine, every = set(claim.stems), set(claim.items) - LIGHT
    if evidence.clause or _CASE.search(claim.text):
        return None
    text = evidence.best.text
    for match in _LIMITS.finditer(text):
        case = set(content(match["case"])) - LIGHT
        main = [*clauses(text[: match.start()]), text[match.end() :]][-2 if match.start() else -1]
        rest = set(content(main)) - LIGHT - case
        told = covers(mine, rest, _MAIN) and covers(claim_of(main).items, every, _MAIN)
        if len(rest) >= _FEWEST and told and case and not case & mine and not _tells_of_past(main):
            return Fault("unsupported", f"it leaves out {match.group()!r}")
    return None


def _tells_of_past(text: str) -> bool:
    """Tell whether something happened once: "he found a comet when he tested a camera"."""
    every = words(text)
    return any(
        word in _PAST
        or ((word.endswith("ed") or word in IRREGULAR) and not _HELPING & set(every[max(0, at - 3) : at]))
        for at, word in enumerate(every)
    )


def turned(claim: Claim, evidence: Evidence) -> Fault | None:
    """What holds when something is so does not hold unless it is."""
    for own in claim.conditions:
        for part in aligned(claim, evidence.near):
            excepted = any(other.kind == "unless" for other in part.conditions)
            if own.kind != "unless" or excepted or claim.denied != part.denied:
                continue
            for match in _POSITIVE.finditer(part.text):
                case = set(content(match["case"])) - LIGHT
                if case and len(case & own.stems) >= _ALIKE * len(own.stems - LIGHT):
                    return Fault("contradicted", f"'unless' stands where the source has {match.group()!r}")
    return None


def alternative(claim: Claim, evidence: Evidence) -> Fault | None:
    """What is so otherwise is not so without more ado."""
    mine = set(claim.stems)
    if claim.negated or _SET_APART.search(claim.text):
        return None
    for sentence in evidence.near:
        for match in _OTHERWISE.finditer(sentence.text):
            told = set(content(match["then"])) - LIGHT
            elsewhere = sentence is not evidence.best and covers(evidence.best.stems, told, _SAID)
            if len(told) >= _FEWEST and covers(mine, told, _SAID) and not elsewhere:
                return Fault("unsupported", f"the source says it only of what is {match.group()!r}")
    return None


def conceded(claim: Claim, evidence: Evidence) -> Fault | None:
    """What holds even so does in the source, too."""
    found = _CONCEDES.search(claim.text)
    if found and not any(_CONCEDED.search(each.text) for each in evidence.near):
        return Fault("unsupported", f"the source does not say it of {found.group()!r}")
    return None


def either(claim: Claim, evidence: Evidence) -> Fault | None:
    """Of two conditions that a source joins by "and", one does not do."""
    for match in _CASE.finditer(claim.text):
        mine = [set(content(side)) for side in re.split(r"\bor\b", match["case"])]
        if len(mine) != _FEWEST:
            continue
        for sentence in evidence.near:
            for other in _CASE.finditer(sentence.text):
                theirs = [set(content(side)) for side in re.split(r"\band\b", other["case"])]
                both = len(theirs) == _FEWEST and all(
                    one & two for one, two in zip(mine, theirs, strict=True)
                )
                if both and not claim.denied:
                    return Fault("contradicted", f"{match['case']!r} stands where the source has both")
    return None


def borrowed(claim: Claim, evidence: Evidence) -> Fault | None:
    """A condition limits what it limits in the source, not what another sentence says."""
    for match in _CASE.finditer(claim.text):
        case = set(content(match["case"])) - LIGHT
        rest = set(content(claim.text[: match.start()] + claim.text[match.end() :])) - LIGHT - case
        if len(case) < _FEWEST or len(rest) < _FEWEST:
            continue
        here = [each for each in evidence.near if covers(each.stems, case, _CASE_SAID)]
        there = [each for each in evidence.near if covers(each.stems, rest, _CASE_SAID)]
        if (
            here
            and there
            and all(_CASE.search(each.text) and not rest & set(each.stems) for each in here)
            and all(not case & set(each.stems) and not _REFERS.search(each.text) for each in there)
        ):
            return Fault("unsupported", f"the source limits something else by {match.group()!r}")
    return None
