"""The rules about how it is said: negations, opposites and conditions must stay as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .antonyms import negates_by_prefix, opposites, siblings
from .claim import Claim, Condition, aligned, content
from .evidence import ELLIPSIS, Evidence, Fault
from .roles import inverted
from .sequence import agrees
from .synonyms import LIGHT, root

_FOR_WHOM = re.compile(
    r"\b(?P<what>free|available|open|valid|allowed|permitted|required|mandatory|reserved|limited|restricted)\s+"
    r"(?:only\s+)?(?:for|to)\s+(?!\d)(?P<whom>[^,;.]+)"
    r"|\b(?:may|can)\s+(?P<may>[^,;.]+?)\s+(?:under|with|without|after|once|when|while|during)\s+(?P<how>[^,;.]+)"
    r"|(?P<only>[^,;.]+?)\s+only\s+(?:by|for|in|on|at|with|to|from|during|after|before|under|through|via|between)\s+(?P<limit>[^,;.]+)",
    re.IGNORECASE,
)
_ORDER = frozenset({root("before"), root("after"), root("until")})
_ALLOWED = frozenset({root("allow"), root("permit")})
_MAY = re.compile(r"\b(?:may|can)\b", re.IGNORECASE)
_NOT_ONLY = re.compile(r"(?:\bnot|n['’]t)\s+only\b", re.IGNORECASE)
_SUBORDINATE = re.compile(r"(?:while|because|although|though)\b", re.IGNORECASE)
_CONTRAST = re.compile(r"\b(?:unlike|but|only|whereas|while|however)\b", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:when|whenever|once|while)\s+(?P<when>[^,;.]+)", re.IGNORECASE)
_KEPT = 0.6
"""Share of a condition's words in a claim that make it keep the condition, whatever word introduces it."""
_MEASURES = frozenset(root(unit) for unit in "second minute hour day week month year".split())
_WHOLE = 0.8
"""Share of a source clause in a claim that makes the claim this clause."""


def antonyms(claim: Claim, evidence: Evidence) -> Fault | None:
    """No word stands where the source has its opposite."""
    parts = aligned(claim, evidence.near)
    found = _antonym(claim, parts)
    if found is None or found.turned(claim) or inverted(claim, evidence.best):
        return None
    if {found.mine, found.theirs} <= _ORDER and agrees(claim, evidence):
        return None  # "B after A" of "A before B"
    return Fault("contradicted", f"{found.mine!r} stands where the source has {found.theirs!r}")


@dataclass(frozen=True, slots=True)
class _Opposed:
    """A word of a claim and its opposite in a source."""

    mine: str
    theirs: str
    part: Claim

    def turned(self, claim: Claim) -> bool:
        """Tell whether one of the two is negated, so that both say the same: "not open" is "closed"."""
        denied = any(self.mine in focus for focus in claim.negated)
        return denied != any(self.theirs in focus for focus in self.part.negated)


def _antonym(claim: Claim, parts: Sequence[Claim]) -> _Opposed | None:
    mine = Counter(claim.spoken)
    rest = set(claim.stems)
    for part in parts:
        theirs = Counter(part.spoken)
        for one, count in mine.items():
            if count <= theirs[one]:
                continue
            for other in theirs:
                if len(claim.parts) > 1 and any(
                    one in each.stems and set(each.stems) & rest - {one} for each in parts
                ):
                    break  # another clause says it
                if other not in mine and (other in opposites(one) or negates_by_prefix(one, other)):
                    return _Opposed(one, other, part)
    return None


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
    if _asserted(claim, evidence):
        return Fault("contradicted", "it denies what the source says")
    denied = {found for part in parts for focus in part.negated for found in focus}
    heads = {found for part in parts for found in part.heads}
    here = bool(len(claim.negated) % 2) if len(parts) == 1 else bool(claim.negated)
    there = bool(len(parts[0].negated) % 2) if len(parts) == 1 else any(part.negated for part in parts)
    if here == there:
        mine = {found for focus in claim.negated for found in focus}
        if (
            here
            and len(parts) == 1
            and not mine & denied
            and mine <= set(parts[0].stems)
            and denied & set(claim.stems)
        ):
            return Fault("contradicted", "the negation stands elsewhere in the source")
        whole = len(parts) == 1 and len(set(claim.stems) & set(parts[0].stems)) >= _WHOLE * len(
            set(parts[0].stems)
        )
        if here and whole and len(claim.negated) % 2 != len(parts[0].negated) % 2:
            return Fault("contradicted", "it denies more or less than the source")
        return None
    if there and not here and _ALLOWED & heads and _MAY.search(claim.text):
        return Fault("contradicted", "it allows what the source does not allow")
    if there and ((_SUBORDINATE.match(claim.text) and "," not in claim.text) or not heads & set(claim.stems)):
        return None  # what the source denies is not in the claim
    opposed = _antonym(claim, parts)
    if _turned_condition(claim, parts) or (opposed is not None and opposed.turned(claim)):
        return None
    said = "denies what the source says" if here else "leaves out a negation of the source"
    return Fault("contradicted", f"it {said}")


def _asserted(claim: Claim, evidence: Evidence) -> bool:
    """Tell whether a clause of the source asserts both words that a negation denies, and none denies them."""
    parts = [part for near in evidence.near for part in near.parts]
    denied = {found for part in parts for focus in part.denials for found in focus}
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


def conditions(claim: Claim, evidence: Evidence) -> Fault | None:
    """A condition of the source stays, on its side; the claim adds none of its own."""
    parts = aligned(claim, evidence.near)
    mine = set(claim.stems)
    for part in parts:
        for condition in part.conditions:
            if any(own.kind == condition.kind and own.stems & condition.stems for own in evidence.kept):
                continue  # another clause of the sentence keeps it
            fault = _condition(claim, mine, part, condition)
            if fault is not None:
                return fault
    for part in parts:
        for limit in _FOR_WHOM.finditer(part.text):
            what = (
                {root(limit["what"].lower())}
                if limit["what"]
                else set(content(limit["may"] or limit["only"]))
            )
            whom = limit["whom"] or limit["how"] or limit["limit"]
            told = set(content(whom))
            if _covers(set(claim.all_stems), what) and not _covers(mine, told):
                return Fault("unsupported", f"it leaves out {whom!r}, to which the source limits it")
    for condition in claim.conditions:
        alike = any(_alike(condition, other) for part in parts for other in part.conditions)
        if not alike and not _said_when(parts, condition):
            return Fault("unsupported", f"the condition {condition.words.strip()!r} is not in the source")
    theirs = [found for part in parts for found in part.limited]
    if theirs and _NOT_ONLY.search(claim.text) and not any(_NOT_ONLY.search(part.text) for part in parts):
        return Fault("contradicted", "'not only' stands where the source has 'only'")
    if (
        claim.limited
        and not theirs
        and not any(re.search(r"\b(?:sole|just|alone|no other)\b", p.text) for p in parts)
    ):
        return Fault("unsupported", "'only' is not in the source")
    moved = bool(theirs) and not set(claim.limited) & set(theirs)
    known = set(claim.limited) <= {found for part in parts for found in part.stems}
    if claim.limited and moved and known and not _same_side(claim, parts):
        return Fault("contradicted", "'only' limits something else in the source")
    return None


def _covers(mine: set[str], wanted: Collection[str]) -> bool:
    """Tell whether most of some words are there."""
    return len(mine & set(wanted)) >= _KEPT * len(wanted)


def _condition(claim: Claim, mine: set[str], part: Claim, condition: Condition) -> Fault | None:
    inside = condition.stems
    outside = set(part.stems) - inside
    same_kind = [own for own in claim.conditions if own.kind == condition.kind]
    if (
        not same_kind
        and condition.kind == "if"
        and any(inside & set(content(match["when"])) for match in _WHEN.finditer(claim.text))
    ):
        return None
    if not same_kind:
        turned = [own for own in claim.conditions if {own.kind, condition.kind} == {"if", "unless"}]
        if turned and bool(claim.negated) == bool(part.negated):
            return Fault("contradicted", f"{turned[0].kind!r} stands where the source has {condition.kind!r}")
        if turned or 2 * len(mine & condition.limits) < len(condition.limits) or not mine & outside:
            return None
        if condition.kind != "unless" and inside and _covers(mine, inside):
            return None  # "unworn shoes" keeps "if they are unworn"
        if condition.kind == "unless" and _covers(mine, inside) and _CONTRAST.search(claim.text):
            return None  # "unlike most herbs, basil" keeps "except basil"
        return Fault("unsupported", f"it leaves out the condition {condition.words.strip()!r}")
    own = same_kind[0]
    if own.kind != "until" and len(own.stems & outside) > len(own.stems & inside):
        return Fault("contradicted", f"the condition {condition.words.strip()!r} has changed sides")
    return None


def _alike(condition: Condition, other: Condition) -> bool:
    """Tell whether two conditions speak of the same."""
    mine, theirs = condition.stems - LIGHT, other.stems - LIGHT
    return not mine or not theirs or 2 * len(mine & theirs) >= min(len(mine), len(theirs))


def _said_when(parts: Sequence[Claim], condition: Condition) -> bool:
    """Tell whether the source limits by "when", "with" or the like what the claim limits by "if"."""
    stems = condition.stems - LIGHT - _MEASURES
    if stems and any(stems <= set(part.stems) for part in parts):
        return True  # "if you lose it" of "a lost one"
    text = " ".join(part.text for part in parts)
    theirs = {found for part in parts for found in part.stems}
    limits = re.search(
        r"\b(?:when|whenever|once|with|without|within|after|before|must|only|who|whoever|that|any|anyone|those)\b",
        text,
        re.IGNORECASE,
    )
    return bool(limits) and bool(stems) and _covers(theirs, stems)


def _same_side(claim: Claim, parts: Sequence[Claim]) -> bool:
    """Tell whether "only" limits the first content word in both, or in neither."""

    def early(each: Claim) -> bool:
        return bool(each.stems) and bool(each.limited) and each.limited[0] == each.stems[0]

    return any(early(claim) == early(part) for part in parts if part.limited)
