"""The rules about how it is said: negations and opposites must stay as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .antonyms import negates_by_prefix, opposites, siblings
from .bounds import flipped
from .claim import Claim, aligned
from .evidence import ELLIPSIS, Evidence, Fault
from .roles import inverted
from .sequence import agrees
from .synonyms import LIGHT, root
from .telling import content

_VERBS = frozenset(root(verb) for verb in "give take come go get put make keep".split())
"""Opposites only by themselves: events take place, concerts are given."""
_CONVERSE = tuple(
    {root(word) for word in pair.split()}
    for pair in ("send receive", "give receive", "give get", "sell buy", "lend borrow")
)
"""What one does where another does the other: opposites only of one subject."""
_BOUNDS = frozenset(root(word) for word in "more less fewer over under above below most least".split())
_ORDER = frozenset({root("before"), root("after"), root("until")})
_ALLOWED = frozenset({root("allow"), root("permit")})
_MAY = re.compile(r"\b(?:may|can)\b", re.IGNORECASE)
_NO_USE = re.compile(r"(?:\bnot|\bnever|n['’]t)\s+use\s+(?P<what>[^,;.]+)", re.IGNORECASE)
"""What is not to be used is denied, too: "never use water"."""
_SUBORDINATE = re.compile(r"(?:while|because|although|though)\b", re.IGNORECASE)
_APART = re.compile(
    r"\b(?P<word>unlike|except|unless|otherwise|or\s+else|(?:(?:every|any)(?:one|body)\s+)?else|others|the\s+others|the\s+rest"
    r"|(?:every(?:one|body)|all|any(?:one|body)|nobody|no\s+one|none|nothing)\s+but"
    r"|(?:larg|high|low|small|long|short|old|young|heavi|light)er\s+ones|not(?=\s+(?:the|an?)\b))\s+(?P<apart>[^,;.]+)",
    re.IGNORECASE,
)
_WITHOUT = re.compile(r"\b(?:without|unless)\b", re.IGNORECASE)
_SINCE, _LAST = re.compile(r"\bsince\b", re.IGNORECASE), re.compile(r"\blast\b", re.IGNORECASE)
_EXCEPT = re.compile(r"\bexcept\b", re.IGNORECASE)
_ELLIPTIC = re.compile(r"\b(?:not|never)\s+(?:if|when|in|on|at|during)\b", re.IGNORECASE)
"""A denial of what was said before, "but not if you miss it"."""
_WHOLE = 0.8
"""Share of a source clause in a claim that makes the claim this clause."""


def antonyms(claim: Claim, evidence: Evidence) -> Fault | None:
    """No word stands where the source has its opposite."""
    parts = aligned(claim, evidence.near)
    found = _antonym(claim, parts, evidence.best)
    if found is None or found.turned(claim) or inverted(claim, evidence.best):
        return None
    if found.converse and claim.denied == found.part.denied and not found.same_subject(claim):
        return None  # "we get the form from you" of "you send us the form"
    if {found.mine, found.theirs} <= _ORDER and agrees(claim, evidence):
        return None  # "B after A" of "A before B"
    return Fault("contradicted", f"{found.mine!r} stands where the source has {found.theirs!r}")


@dataclass(frozen=True, slots=True)
class _Opposed:
    """A word of a claim and its opposite in a source."""

    mine: str
    theirs: str
    part: Claim

    @property
    def converse(self) -> bool:
        """Whether one does the one where another does the other."""
        return {self.mine, self.theirs} in _CONVERSE

    def same_subject(self, claim: Claim) -> bool:
        """Tell whether the source says its word of what the claim is about."""
        said = self.part.all_stems
        return claim.subject in said[: said.index(self.theirs)]

    def turned(self, claim: Claim) -> bool:
        """Tell whether one of the two is negated, so that both say the same: "not open" is "closed"."""
        if self.converse:
            return False
        denied = any(self.mine in focus for focus in claim.negated)
        return denied != any(self.theirs in focus for focus in self.part.negated)


def _antonym(claim: Claim, parts: Sequence[Claim], whole: Claim | None = None) -> _Opposed | None:
    mine = Counter(claim.spoken)
    rest = set(claim.stems)
    for part in parts:
        theirs = Counter(part.spoken)
        for one, count in mine.items():
            if count <= theirs[one]:
                continue
            against = [
                other
                for other in theirs
                if mine[other] < theirs[other] and (other in opposites(one) or negates_by_prefix(one, other))
            ]
            if not against or (whole is not None and _says_both(claim, whole, one)):
                continue
            if len(claim.parts) > 1 and any(
                one in each.stems and set(each.stems) & rest - {one} for each in parts
            ):
                continue  # another clause says it
            for other in against:
                if not {one, other} <= _VERBS and not (
                    one in _BOUNDS and claim.numbers and flipped(claim, part)
                ):
                    return _Opposed(one, other, part)
    return None


def _says_both(claim: Claim, whole: Claim, one: str) -> bool:
    """Tell whether a sentence says a word and its opposite, and the word of what the claim is about."""
    rest = set(claim.stems) - {one}
    told = [len(rest & set(part.stems)) for part in whole.parts if one in part.all_stems]
    against = [len(rest & set(part.stems)) for part in whole.parts if opposites(one) & set(part.all_stems)]
    return bool(told) and bool(against) and max(told) >= max(against)


def kinds(claim: Claim, evidence: Evidence) -> Fault | None:
    """No colour, day, season or the like stands where the source has another."""
    near = evidence.near_stems
    for mine in claim.stems:
        theirs = siblings(mine) & set(evidence.part(claim).stems) - set(claim.stems)
        if theirs and mine not in near:
            return Fault("contradicted", f"{mine!r} stands where the source has {min(theirs)!r}")
    return None


def negation(claim: Claim, evidence: Evidence) -> Fault | None:
    """Both deny, or neither does; what one denies the other does not assert."""
    parts = aligned(claim, evidence.near)
    for sentence in evidence.near:
        contrast = _contrasted(claim, sentence)
        if contrast and _same_stance(claim, sentence):
            return Fault("contradicted", f"the source sets it apart by {contrast!r}")
        if contrast:
            return None
    if _EXCEPT.search(claim.text) and claim.negated and any(part.limited for part in parts):
        return None  # "except for A, none" of "only A"
    if claim.negated and any(_says_since(claim, part) or flipped(claim, part) for part in evidence.near):
        return None
    limited = any(part.limited for part in parts)
    if (
        limited
        and claim.negated
        and (
            claim.limited
            or (len(claim.negated) > 1 and _WITHOUT.search(claim.text))
            or any(condition.kind == "unless" for condition in claim.conditions)
        )
    ):
        return None  # "A may not without B", "not unless B", "A may not, only B may" of "only with B"
    if _asserted(claim, evidence):
        return Fault("contradicted", "it denies what the source says")
    denied = {found for part in parts for focus in part.negated for found in focus}
    heads = {found for part in parts for found in part.heads}
    used = {
        found for part in parts for each in _NO_USE.finditer(part.text) for found in content(each["what"])
    }
    here = claim.denied if len(parts) == 1 else bool(claim.negated)
    there = parts[0].denied if len(parts) == 1 else any(part.negated for part in parts)
    if here == there:
        mine = {found for focus in claim.negated for found in focus}
        if here and len(parts) == 1 and not (mine | claim.scope) & denied and mine <= set(parts[0].stems):
            return Fault("contradicted", "the negation stands elsewhere in the source")
        whole = len(parts) == 1 and len(set(claim.stems) & set(parts[0].stems)) >= _WHOLE * len(
            set(parts[0].stems)
        )
        if here and whole and claim.denied != parts[0].denied:
            return Fault("contradicted", "it denies more or less than the source")
        if here and _crossed(claim, parts):
            return Fault("contradicted", "the negation stands elsewhere in the source")
        return None
    if there and not here and _ALLOWED & heads and _MAY.search(claim.text):
        return Fault("contradicted", "it allows what the source does not allow")
    if there and (
        (_SUBORDINATE.match(claim.text) and "," not in claim.text)
        or not (heads | used - {claim.subject}) & set(claim.stems)
    ):
        return None  # what the source denies is not in the claim
    opposed = _antonym(claim, parts)
    if _turned_condition(claim, parts) or (opposed is not None and opposed.turned(claim)):
        return None
    said = "denies what the source says" if here else "leaves out a negation of the source"
    return Fault("contradicted", f"it {said}")


def _crossed(claim: Claim, parts: Sequence[Claim]) -> bool:
    """Tell whether one asserts the very word that the other denies, and they deny nothing in common."""
    mine = claim.scope | {each for focus in claim.negated for each in focus}
    denied = {found for part in parts for found in part.scope}
    denied |= {each for part in parts for focus in part.negated for each in focus}
    heads = {found for part in parts for found in part.heads}
    if mine & heads or claim.heads & denied or any(_ELLIPTIC.search(part.text) for part in parts):
        return False
    told = [set(part.stems) for part in parts if len(set(part.stems) & set(claim.stems)) > 1]
    return bool(heads & set(claim.stems) or any(claim.heads & stems for stems in told))


def _says_since(claim: Claim, source: Claim) -> bool:
    """Tell whether "it has not erupted since 1902" is told as "it last erupted in 1902"."""
    return bool(_SINCE.search(claim.text) and _LAST.search(source.text))


def _same_stance(claim: Claim, sentence: Claim) -> bool:
    return claim.denied == sentence.denied


def _contrasted(claim: Claim, sentence: Claim) -> str:
    """Return the word by which a source sets apart from the rest what a claim is about; "" where it does not.

    Such a claim says the reverse of the rest.

    "Unlike A, B floats" says that A does not; "A is free, others pay" that who is not A pays; "do A,
    otherwise B follows" that without A there is B.
    """
    mine = set(claim.items)
    for match in _APART.finditer(sentence.text):
        word = match["word"].lower()
        apart = {found for found in Claim(match["apart"]).items if found not in LIGHT}
        if _same_stance(claim, sentence) and (
            (word not in ("unlike", "except") and not word.endswith(" but")) or _APART.search(claim.text)
        ):
            continue
        about = claim.subject not in set(sentence.stems) - apart - {""}
        if apart and about and 2 * len(mine & apart) >= len(apart):
            return word
    return ""


def _asserted(claim: Claim, evidence: Evidence) -> bool:
    """Tell whether a clause of the source asserts both words that a negation denies, and none denies them."""
    parts = [part for near in evidence.near for part in near.parts]
    denied = {found for part in parts for focus in part.denials for found in focus}
    if any(part.negated and set(part.stems) <= set(claim.stems) for part in parts):
        return False  # "never in winter": the denial is all that the clause says
    for focus in claim.denials:
        if not focus or set(focus[1:]) & denied or any(ELLIPSIS.search(part.text) for part in parts):
            continue
        beside = {*focus[1:], claim.subject}
        holders = [part for part in parts if focus[0] in part.stems]
        told = any(beside & set(part.stems) or _MAY.search(part.text) for part in holders)
        if len(claim.denials) > 1 and any(part.limited for part in holders):
            return False  # "only members may": "who is no member may not"
        if told and not any(part.negated for part in holders):
            return not _antonym(claim, parts)
    return False


def _turned_condition(claim: Claim, parts: Sequence[Claim]) -> bool:
    kinds = {condition.kind for condition in claim.conditions}
    theirs = {condition.kind for part in parts for condition in part.conditions}
    return (kinds, theirs) in (({"if"}, {"unless"}), ({"unless"}, {"if"}))
