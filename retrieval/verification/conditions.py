"""The rules about what limits a statement: its conditions stay, and what must be done is no choice."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ..terms import words
from .antonyms import covers
from .bounds import bound
from .claim import Claim, Condition, claim_of
from .evidence import LIMITING, MUST, Evidence, Fault, aligned
from .lexicon import LIGHT, content, root, verb_share
from .opposites import opposed
from .units import Number

_FOR_WHOM = re.compile(
    r"\b(?P<what>free|available|open|valid|allowed|permitted|required|mandatory|reserved|limited|restricted)\s+"
    r"(?:only\s+)?(?:for|to)\s+(?!\d)(?P<whom>[^,;.]+)"
    r"|\b(?:may|can)\s+(?P<may>[^,;.]+?)\s+(?:under|without)\s+(?P<how>[^,;.]+)"
    r"|\bmay\s+(?P<let>[^,;.]+?)\s+with\s+(?P<consent>[^,;.]+)"
    r"|(?=[^,;.]*\sonly\b)(?:(?P<only>[^,;.]+?)\s+only\s+(?:\w+ed\s+)?(?:by|for|in|on|at|with|to|from|during|after|before|under|through|via|between)\s+"
    r"(?P<limit>(?:[\w'’ -]+,\s+)*[^,;.]+?\s+or\s+[^,;.]+|[^,;.]+)"
    r"|(?P<said>[^,;.]+?)\s+(?:by|for|in|on|at|with|to|from|during)\s+(?P<last>[^,;.]{1,40}?)\s+only(?=\s*(?:[,;.]|\band\b|$)))",
    re.IGNORECASE,
)
_NEXT_VERB = re.compile(
    r"\s+(?:and|but)\s+(?=(?:is|are|was|were|can|may|must|will|has|have|not)\b|[a-z]+s\s+(?:an?|the|\W?\d))",
    re.IGNORECASE,
)
"""Where a limit ends: "free for residents and costs 12 pounds for others"."""
_CHOICE = re.compile(r",\s+(?:or\s+)?|\s+or\s+")
_TO_DO = re.compile(r"\w+\s+to\s", re.IGNORECASE)
_NOT_ONLY = re.compile(r"(?:\bnot|n['’]t)\s+only\b", re.IGNORECASE)
_CONTRAST = re.compile(r"\b(?:unlike|but|only|whereas|while|however)\b", re.IGNORECASE)
_NO_OTHER = re.compile(r"\b(?:nobody|no\s+one|nothing|nowhere)\s+else\b|\bno\s+other\b", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:when|whenever|once|while)\s+(?P<when>[^,;.]+)", re.IGNORECASE)
_ENDS = re.compile(r"\b(?:ends?|ended|expires?|stops?|closes?|lasts?|valid|till|by|before)\b", re.IGNORECASE)
_TO = re.compile(r"\b(?:from|between)\b[^,;]*\b(?:to|and)\s+$", re.IGNORECASE)
"""Before the end of a span of time."""
_KEPT = 0.6
"""Share of a condition's words in a claim that make it keep the condition, whatever word introduces it."""
_MEASURES = frozenset(root(unit) for unit in "second minute hour day week month year".split())
_TOGETHER = 2
"""Words that a claim shares with a clause that limits what may be done, to be about the same."""
_MAY = re.compile(r"\b(?:may|can|could|might|allowed|permitted|able\s+to|welcome|optional)\b", re.IGNORECASE)

_IN_ORDER = re.compile(r"(?:in\s+order\s+)?to\s", re.IGNORECASE)
"""What must be done to get what may be had is no contradiction."""


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
        if claim.denied and not part.denied and any(other.denied for other in parts):
            continue  # it says what another clause denies
        for limit in _FOR_WHOM.finditer(part.text):
            what = (
                {root(limit["what"].lower())}
                if limit["what"]
                else set(content(limit["may"] or limit["let"] or limit["only"] or limit["said"]))
            )
            whom = _NEXT_VERB.split(
                limit["whom"] or limit["how"] or limit["consent"] or limit["limit"] or limit["last"]
            )[0]
            at = next(
                limit.start(name) for name in ("whom", "how", "consent", "limit", "last") if limit[name]
            )
            told = {
                item
                for item, place in zip(part.items, part.places, strict=True)
                if at <= place < at + len(whom) and part.written[item].lower() != "one"
            }
            choices = [set(content(each)) for each in _CHOICE.split(whom)]
            if len(choices) > 1 and any(each and _covers(mine, each) for each in choices):
                continue  # one of several
            if limit["what"] and _TO_DO.search(limit.group()) and verb_share(whom.split()[0].lower()):
                continue  # "allowed to use"
            if limit["may"] and len(mine & set(part.stems) - told) < _TOGETHER:
                continue  # the claim is about something else
            if _covers(set(claim.all_stems), what) and not _covers(mine | set(claim.items), told):
                return Fault("unsupported", f"it leaves out {whom!r}, to which the source limits it")
    for condition in claim.conditions:
        alike = any(_alike(condition, other) for part in parts for other in part.conditions)
        if not alike and not _said_when(parts, condition):
            return Fault("unsupported", f"the condition {condition.words.strip()!r} is not in the source")
    theirs = [found for part in parts for found in part.limited]
    if theirs and _NOT_ONLY.search(claim.text) and not any(_NOT_ONLY.search(part.text) for part in parts):
        return Fault("contradicted", "'not only' stands where the source has 'only'")
    if claim.limited and not theirs:
        # The limit must be told of what the claim limits, where the source names it.
        told = set(claim.limited)
        named = [part for part in parts if told & set(part.items)] or parts
        apart = not claim.denied and any(
            told & set(each.items) and _NO_OTHER.search(each.text) for each in evidence.near
        )
        if not apart and not any(LIMITING.search(part.text) for part in named):
            return Fault("unsupported", "'only' is not in the source")
    left_out = {
        found for part in parts for each in part.conditions if each.kind == "unless" for found in each.stems
    }
    if set(claim.limited) & left_out and not claim.denied and not any(part.denied for part in parts):
        return Fault("contradicted", "'only' stands where the source has an exception")
    moved = all(theirs) and bool(theirs) and not set(claim.limited) & set(theirs)
    known = set(claim.limited) <= {found for part in parts for found in part.stems}
    if claim.limited and moved and known and not _same_side(claim, parts):
        return Fault("contradicted", "'only' limits something else in the source")
    return None


def _covers(mine: set[str], wanted: Collection[str]) -> bool:
    """Tell whether most of some words are there."""
    return covers(mine, wanted, _KEPT)


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
        if turned and bool(claim.negated) == bool(part.negated) and opposed(claim, [part]) is None:
            return Fault("contradicted", f"{turned[0].kind!r} stands where the source has {condition.kind!r}")
        if turned or 2 * len(mine & condition.limits) < len(condition.limits) or not mine & outside:
            return None
        if condition.kind != "unless" and inside and _covers(mine, inside):
            return None  # "unworn shoes" keeps "if they are unworn"
        if condition.kind == "unless" and _covers(mine, inside) and claim.denied != part.denied:
            return None  # "no receipt for parking" of "a receipt, except for parking"
        named = {root(name.lower()) for name in part.names} & inside
        if condition.kind == "unless" and named and named <= mine and claim.denied != part.denied:
            return None  # "Petguard's customers need not" of "must, unless insured by Petguard"
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
    if not stems and condition.kind == "if" and _same_bounds(claim_of(condition.words), parts):
        return True  # "if you are under 23" of "drivers under 23"
    if stems and any(stems <= set(part.stems) for part in parts):
        return True  # "if you lose it" of "a lost one"
    text = " ".join(part.text for part in parts)
    if condition.kind == "until" and (_ENDS.search(text) or (not stems and _ends_then(parts, condition))):
        return True  # "supported until May" of "support ends in May"
    theirs = {found for part in parts for found in part.stems}
    limits = re.search(
        r"\b(?:when|whenever|once|with|without|within|after|before|must|ha(?:s|ve)\s+to|needs?|only|who|whoever|that|any|anyone|those)\b",
        text,
        re.IGNORECASE,
    )
    return bool(limits) and bool(stems) and _covers(theirs, stems)


def _same_bounds(condition: Claim, parts: Sequence[Claim]) -> bool:
    """Tell whether a source has the numbers of a condition after the same word, or with the same bound."""

    def alike(number: Number, part: Claim, other: Number) -> bool:
        mine, theirs = bound(condition.text, number), bound(part.text, other)
        ahead = (condition.text[: number.start], part.text[: other.start])
        led = [[word for word in words(text) if word not in ("the", "an", "a")][-1:] for text in ahead]
        return number.says(other) and mine == theirs and (bool(mine) or led[0] == led[1])

    return bool(condition.numbers) and all(
        any(alike(number, part, other) for part in parts for other in part.numbers)
        for number in condition.numbers
    )


def _ends_then(parts: Sequence[Claim], condition: Condition) -> bool:
    """Tell whether a span of the source, "from nine to one", ends at the number of an "until"."""
    return any(
        mine.says(other) and _TO.search(part.text[: other.start])
        for mine in claim_of(condition.words).numbers
        for part in parts
        for other in part.numbers
    )


def _same_side(claim: Claim, parts: Sequence[Claim]) -> bool:
    """Tell whether "only" limits the first content word in both, or in neither."""

    def early(each: Claim) -> bool:
        return bool(each.stems) and bool(each.limited) and each.limited[0] == each.stems[0]

    return any(early(claim) == early(part) for part in parts if part.limited)


def modality(claim: Claim, evidence: Evidence) -> Fault | None:
    """What may be done need not be done, and what must be done is no choice."""
    part = evidence.part(claim)
    mine, theirs = _modal(claim.text), _modal(part.text)
    bare = not (
        claim.negated or part.negated or claim.conditions or part.conditions or _IN_ORDER.match(claim.text)
    )
    own = {found for part in evidence.best.parts if _modal(part.text) == mine for found in part.items}
    if own & set(claim.items) - set(part.items):
        return None  # another clause has it
    if mine and theirs and mine != theirs and bare:
        return Fault("contradicted", f"the source says {theirs!r}, not {mine!r}")
    return None


def _modal(text: str) -> str:
    must, may = bool(MUST.search(text)), bool(_MAY.search(text))
    return "" if must == may else "must" if must else "may"
