"""The rules about denial: both deny, or neither does, and a copy has no denial more or less."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from ..terms import words
from .antonyms import covers
from .bounds import flipped
from .claim import Claim
from .evidence import Evidence, Fault, aligned, turned_condition
from .lexicon import LIGHT, content, root
from .opposites import opposed

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
_WITH = re.compile(r"\bwith(?P<out>out)?\s+(?P<what>[^,;.]+)", re.IGNORECASE)
_SINCE, _LAST = re.compile(r"\bsince\b", re.IGNORECASE), re.compile(r"\blast\b", re.IGNORECASE)
_NEEDS = re.compile(r"\b(?:needs?|must|requir\w+|ha(?:s|ve)\s+to|only)\b", re.IGNORECASE)
_ONLY_AFTER = re.compile(r"\bonly\s+(?:after|once|when|if)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\bbefore\b", re.IGNORECASE)
_EXCEPT = re.compile(r"\bexcept\b", re.IGNORECASE)
_ELLIPTIC = re.compile(r"\b(?:not|never)\s+(?:if|when|in|on|at|during)\b", re.IGNORECASE)
"""A denial of what was said before, "but not if you miss it"."""
_EXCEPTING = frozenset({"except", "unless", "otherwise", "or else"})
_EXCEPTED = 0.6
"""Share of an exception's words in a claim that make the claim about the exception, whatever its subject."""
_HALF = 0.5
_WHOLE = 0.8
"""Share of a source clause in a claim that makes the claim this clause."""
_DENIALS = frozenset({"not", "never"})
_CONTRACTED = {"cannot": "can", "can't": "can", "won't": "will", "shan't": "shall"}
_COPIED = 0.8
"""Share of a claim's words that stand in one row in a source sentence, where it is copied."""
_FEWEST = 4


def negation(claim: Claim, evidence: Evidence) -> Fault | None:
    """Both deny, or neither does; what one denies the other does not assert."""
    parts = aligned(claim, evidence.near)
    for sentence in evidence.near:
        contrast = _contrasted(claim, sentence)
        if contrast and _same_stance(claim, sentence):
            return Fault("contradicted", f"the source sets it apart by {contrast!r}")
        if contrast:
            return None
    told = set(claim.stems) - {"never"}
    for sentence in evidence.near[1:]:
        whole = told <= set(sentence.stems) and not told <= set(evidence.best.stems)
        if (
            whole
            and not _same_stance(claim, sentence)
            and (len(sentence.parts) == 1 or not sentence.negated)
            and not opposed(claim, [sentence])
        ):
            return Fault("contradicted", "another sentence of the source says the reverse")
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
    if len(claim.negated) > 1 and _WITHOUT.search(claim.text) and any(_NEEDS.search(p.text) for p in parts):
        return None  # "without A no B" of "B needs A"
    if len(claim.negated) > 1 and any(_with(claim, "out") & _with(part, None) for part in parts):
        return None  # of "B with A"
    kinds_of = {condition.kind for condition in claim.conditions}
    if claim.denied and "unless" in kinds_of and any(_ONLY_AFTER.search(p.text) for p in parts):
        return None  # "not unless A" of "only after A"
    if (
        claim.denied
        and "until" in kinds_of
        and any(_NEEDS.search(p.text) and _BEFORE.search(p.text) for p in parts)
    ):
        return None  # "not B until A" of "A must be before B"
    denied = {found for part in parts for focus in part.negated for found in focus}
    heads = {found for part in parts for found in part.heads}
    used = {
        found for part in parts for each in _NO_USE.finditer(part.text) for found in content(each["what"])
    }
    here = claim.denied if len(parts) == 1 else bool(claim.negated)
    there = parts[0].denied if len(parts) == 1 else any(part.negated for part in parts)
    excluded = any(each.kind == "unless" and each.stems & denied for each in claim.conditions)
    if here and excluded and claim.denied and not any(part.conditions for part in parts):
        return Fault("contradicted", "it denies what the source says, and leaves out a denial of the source")
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
    if there and not here and _forbidden(claim, parts) and _MAY.search(claim.text):
        return Fault("contradicted", "it allows what the source does not allow")
    if there and (
        (_SUBORDINATE.match(claim.text) and "," not in claim.text)
        or not (heads | used - {claim.subject}) & set(claim.stems)
    ):
        return None  # what the source denies is not in the claim
    pair = opposed(claim, parts)
    if turned_condition(claim, parts) or (pair is not None and pair.turned(claim)):
        return None
    if there and excluded:
        return None  # "A unless B" of "A without B"
    said = "denies what the source says" if here else "leaves out a negation of the source"
    return Fault("contradicted", f"it {said}")


def _with(claim: Claim, out: str | None) -> set[str]:
    """Return what follows "with", or "without"."""
    return {
        each for found in _WITH.finditer(claim.text) if found["out"] == out for each in content(found["what"])
    }


def _forbidden(claim: Claim, parts: Sequence[Claim]) -> bool:
    """Tell whether the source does not allow what a claim speaks of."""
    for part in parts:
        what = part.scope - _ALLOWED - LIGHT
        if _ALLOWED & part.heads and (not what or covers(claim.stems, what, _HALF)):
            return True
    return False


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
        # "Members pay, except those who A": of a member who A the reverse is said.
        about = about or (
            word in _EXCEPTING
            and not _APART.search(claim.text)
            and len(mine & apart) >= _EXCEPTED * len(apart)
        )
        if apart and about and 2 * len(mine & apart) >= len(apart):
            return word
    return ""


def copied(claim: Claim, evidence: Evidence) -> Fault | None:
    """A copy of a source sentence denies as often as the sentence does."""
    mine, denials = _apart(claim.text)
    for sentence in evidence.near:
        theirs, others = _apart(sentence.text)
        if len(denials) % 2 == len(others) % 2 and len(mine) * _COPIED >= len(theirs):
            continue
        row = SequenceMatcher(None, mine, theirs, autojunk=False).find_longest_match()
        if row.size < max(_FEWEST, _COPIED * len(mine)):
            continue
        inside = [
            sum(start < at < start + row.size for at in places)
            for start, places in ((row.a, denials), (row.b, others))
        ]
        if inside[0] % 2 != inside[1] % 2:
            return Fault("contradicted", "it has a denial more or less than the words it copies")
    return None


def _apart(text: str) -> tuple[list[str], list[int]]:
    """Return the words without denials, and before which of them denials stand."""
    kept: list[str] = []
    denials: list[int] = []
    for word in words(text):
        if word in _DENIALS or word in _CONTRACTED or word.endswith("n't"):
            if word not in _DENIALS:
                kept.append(_CONTRACTED.get(word, word.removesuffix("n't")))
            denials.append(len(kept))
        else:
            kept.append(word)
    return kept, denials
