"""The rules about who does what to whom: subjects, givers and takers keep their places."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

from ..terms import STOP_WORDS, words
from .antonyms import opposites
from .claim import Claim
from .evidence import Evidence, Fault
from .frames import frames
from .givers import taken, takers, turned_round
from .lexicon import LIGHT, root

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:(?:\w+ly|not|never|later|also|now|then|often|soon|still|already|first)\s+)?(\w+(?:ed|en|wn|rn|lt|ld|id|nt|pt|ght|ne|de)|won|lost|found)\b",
    re.IGNORECASE,
)
_BY = re.compile(_PASSIVE.pattern + r"[^,;]*?\bby\s+(?:the\s+|an?\s+)?(\w+)", re.IGNORECASE)
_BY_WHAT = re.compile(r"\bby\s+(?:\w-)?(\w+)", re.IGNORECASE)
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_ONE = re.compile(r"\b(?:old|new|other|\w+ed)\s+ones?\b", re.IGNORECASE)
_TO_WHOM = re.compile(
    r"\b(?P<word>to|from|into|against|instead\s+of)\s+(?:the|an?|its|their|his|her|our|your)\s+(?P<whom>[^\W\d_]+)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r",|\b(?:if|unless|when|whenever|while|because|since|until|before|after|once|who|which|that|so)\b|\bto\b(?!\s+(?:the|an?|its|their|his|her)\b)",
    re.IGNORECASE,
)
_LISTED = re.compile(r",|\b(?:and|or|nor)\b|&", re.IGNORECASE)
_LIST_GAP = 3
"""Words between two members of a list."""
_PREDICATE = 0.8
"""Share of a claim, its subject aside, in a source sentence that makes this the one it is taken from."""


def subject(claim: Claim, evidence: Evidence) -> Fault | None:
    """The same is said of the same: a source sentence does not serve for another subject."""
    mine = claim.subject
    if not mine:
        return None
    rest = [found for found in claim.items if found != mine]
    held = [len([found for found in rest if found in sentence.items]) for sentence in evidence.near]
    for sentence, shared in zip(evidence.near, held, strict=True):
        theirs = sentence.subject
        turned = bool(_PASSIVE.search(claim.text)) != bool(_PASSIVE.search(sentence.text))
        if (
            not theirs
            or turned
            or {mine, theirs} & LIGHT
            or theirs in claim.all_stems
            or mine in sentence.all_stems
        ):
            continue
        # A second sentence speaks only where it holds more of the claim than the best does.
        if (
            shared >= 2
            and shared >= _PREDICATE * len(rest)
            and (sentence is evidence.best or shared > held[0])
        ):
            known = mine in evidence.around.all_stems
            reason = f"the source says this of {theirs!r}, not of {mine!r}"
            return Fault("contradicted" if known else "unsupported", reason)
    return None


def roles(claim: Claim, evidence: Evidence) -> Fault | None:
    """Who does what to whom stays: no three shared words in reverse, no object of "into" moved elsewhere."""
    source = evidence.best
    if inverted(claim, source):
        return None
    for preposition, objects in claim.bound.items():
        theirs = source.bound.get(preposition, objects)
        if not objects & theirs and objects <= set(source.all_stems) and theirs <= set(claim.all_stems):
            return Fault("contradicted", f"what stands after {preposition!r} has changed places")
    for match in _TO_WHOM.finditer(claim.text):
        mine = root(match["whom"].lower())
        whom = {
            root(other["whom"].lower())
            for other in _TO_WHOM.finditer(source.text)
            if other["word"].lower() == match["word"].lower()
        }
        if whom and mine not in evidence.near_stems | LIGHT and not whom & set(claim.stems):
            return Fault("unsupported", f"the source does not say {match.group()!r}")
    by = _BY.search(claim.text)
    if by and not _BY.search(source.text):
        agent, patient = root(by.group(2).lower()), claim.subject
        order = [found for found in source.stems if found in (agent, patient)]
        spoken, verb = source.all_stems, root(by.group(1).lower())
        acts = any(one == agent and two == verb for one, two in pairwise(spoken))  # "the captain names them"
        if not acts and agent != patient and order == [patient, agent] and not _PASSIVE.search(source.text):
            return Fault("contradicted", f"{patient!r} and {agent!r} have changed places")
    if _voiced(claim, source) or taken(claim, source):
        return None  # in the passive voice the order turns around
    new = [found for found in claim.stems if found not in source.stems]
    # A clause may move as a whole: "when it rains, we stay".
    return _reversed(Claim(max(_CLAUSE.split(claim.text), key=len)), source) if not new else None


def _voiced(claim: Claim, source: Claim) -> bool:
    """Tell whether one of the two says in the passive voice what the other says in the active voice."""
    mine, theirs = (
        {root(match.group(1).lower()) for match in _PASSIVE.finditer(each.text)} for each in (claim, source)
    )
    active = bool(mine) != bool(theirs)
    return active or bool((mine - theirs) & set(source.stems) or (theirs - mine) & set(claim.stems))


def _reversed(claim: Claim, source: Claim) -> Fault | None:
    """Find three shared words in reverse order."""
    shared = [
        found for found in dict.fromkeys(claim.stems) if found in source.stems and _plays(source, found)
    ]
    places = {found: source.stems.index(found) for found in shared}
    for one, two, three in combinations(shared, 3):
        if places[one] > places[two] > places[three] and not _in_list(source, three, two, one):
            return Fault("contradicted", f"{one!r} and {three!r} have changed places")
    return None


def inverted(claim: Claim, source: Claim) -> bool:
    """Tell whether a comparison is told from its other side: A has less than B, B has more than A."""
    mine, theirs = claim.bound.get("than", set()), source.bound.get("than", set())
    mine, theirs = mine - theirs, theirs - mine
    if not mine or not theirs:
        return False
    turned = any(
        set(opposites(one)) & set(source.all_stems) for one in claim.all_stems if one not in source.all_stems
    )
    return turned and claim.subject in theirs and source.subject in mine


def _plays(source: Claim, found: str) -> bool:
    """Tell whether a word has a part in who does what: no adverb has one, nor "free" in "is free for"."""
    if found.endswith("li"):
        return False
    every = words(source.text)
    for before, word, after in zip(every, every[1:], [*every[2:], ""], strict=False):
        adjective = before in _BE and not _PASSIVE.fullmatch(f"{before} {word}")
        if root(word) == found and adjective and after in STOP_WORDS and after != "than":
            return False
    return True


def _in_list(source: Claim, *found: str) -> bool:
    """Tell whether words of a source stand in one list, where order says nothing."""
    spans = [re.search(rf"\b{re.escape(wanted[:-1])}\w*", source.text, re.IGNORECASE) for wanted in found]
    gaps = [
        source.text[one.end() : two.start()]
        for one, two in pairwise(spans)
        if one is not None and two is not None and one.end() <= two.start()
    ]
    return len(gaps) < len(found) - 1 or all(
        _LISTED.search(gap) and len(words(gap)) <= _LIST_GAP for gap in gaps
    )


def agents(claim: Claim, evidence: Evidence) -> Fault | None:
    """To whom something is done in the source is not who does it in the claim, nor the other way round."""
    if any(turned_round(claim, sentence) for sentence in evidence.near):
        return Fault("contradicted", "it takes from whom the source gives to")
    for mine in frames(claim.text):
        if mine.verb in LIGHT:
            continue
        for sentence in evidence.near:
            if mine.verb not in sentence.stems:
                continue
            same = [other for other in frames(sentence.text, bare=True) if other.verb == mine.verb]
            if not any(each.finite for each in (mine, *same)):
                continue
            acting = {found for other in same for found in other.subject}
            given, taken = takers(sentence, mine.verb), takers(claim, mine.verb)
            ahead = set(claim.stems[: claim.stems.index(mine.verb)]) if mine.verb in claim.stems else set()
            served = takers(claim, mine.verb, only="for") - given
            if mine.finite and not mine.subject and any(other.subject & served for other in same):
                return Fault("contradicted", f"in the source {min(served)!r} is who does it")
            if mine.subject & ahead & given - acting - taken:
                return Fault(
                    "contradicted", f"in the source {mine.verb!r} is done to {min(mine.subject & given)!r}"
                )
            if (
                mine.finite
                and (same or not _means(sentence, mine.verb))
                and sentence.subject
                and sentence.subject in takers(claim, mine.verb, only="to") - given - mine.subject
            ):
                return Fault("contradicted", f"in the source {sentence.subject!r} is who does it")
    return None


def _means(claim: Claim, verb: str) -> bool:
    """Tell whether a word stands as a noun after "by": "by e-mail"."""
    return any(root(found[1].lower()) == verb for found in _BY_WHAT.finditer(claim.text))
