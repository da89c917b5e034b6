"""The rule about who does what to whom: subject and object of a verb keep their places, in either voice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..terms import IRREGULAR, STOP_WORDS
from .claim import Claim
from .evidence import Evidence, Fault
from .lexicon import LIGHT, root
from .units import CARDINALS, ORDINALS, unit_of

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")
_TITLE = re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof|St)\.")
_TITLES = frozenset("dr mr mrs ms prof".split())
_MODALS = frozenset("will would shall should may might can could must".split())
_APPOSITION = re.compile(
    r"(?<=\w),\s+(?:an?|the|his|her|its)\s+(?:(?!\b(?:is|are|was|were|has|have|had|can|may|must|will|should|does|do)\b)[^,;]){3,60},"
    r"(?=\s+(?!(?:and|or|but)\b))"
)
_RELATIVE = frozenset({"which", "who", "that"})
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_BREAKS = frozenset(
    "and or but while whereas when whenever if because that which who whom whose where before after until "
    "unless though although as than so since except instead".split()
)
_PREPOSITIONS = frozenset(
    "of in on at by for from to into onto with without within through during over under above below between "
    "about against along across around out off up down per via towards".split()
)
_BEFORE_NOUNS = _PREPOSITIONS | frozenset(
    "a an the its their his her our your my this that these those each every no".split()
)
_PRONOUNS = frozenset("he she it they we you i".split())
_ADVERBS = frozenset("later also now then often soon still already even again earlier only".split())
_SAYING_LITTLE = STOP_WORDS | _ADVERBS | _TITLES
_AUXILIARY = _BE | _MODALS | {"has", "have", "had", "do", "does", "did", "take", "takes"}
_ENDINGS = re.compile(r"(?:ed|en|wn|lt|ld|id|nt|pt|ght|ne|de|urt|un|ung|ut|ead|ade)$")
_LONGEST = 4
"""Content words that a subject or an object may have."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A word with what stands before and after it, turned to the active voice."""

    verb: str
    subject: frozenset[str]
    object: frozenset[str]
    finite: bool
    """Whether the form of the word says that it is a verb."""
    present: bool = False
    """Whether it is in the present tense: without an object it is no participle."""
    plural: bool = False
    """Whether what stands right before may be its subject in the plural: "managers approve"."""


def swapped(claim: Claim, evidence: Evidence) -> Fault | None:
    """Who acts in the source does not suffer in the claim."""
    theirs: dict[str, list[_Frame]] = {}
    for sentence in evidence.near:
        for frame in frames(sentence.text, bare=True):
            theirs.setdefault(frame.verb, []).append(frame)
    known = set(evidence.around.stems) - LIGHT
    said = set(claim.all_stems)
    # "The town" may be what the source calls by its name.
    named = {
        root(name.lower())
        for each in (claim, *evidence.near)
        for name in (*each.names, each.first)
        if name in each.names
    }
    for mine in frames(claim.text):
        others = theirs.get(mine.verb, [])
        if others and all(_crossed(mine, other) and (other.object or other.present) for other in others):
            return Fault("contradicted", f"who does what has changed places around {mine.verb!r}")
    if claim.negated:
        return None
    for mine in frames(claim.text, bare=True):
        others = [other for other in theirs.get(mine.verb, []) if mine.finite]
        acting = [other for other in theirs.get(mine.verb, []) if mine.plural]
        if acting and all(other.plural and _supplanted(mine, other, claim, evidence) for other in acting):
            return Fault("contradicted", f"the source says {mine.verb!r} of another")
        if (
            others
            and all(
                _exchanged(mine, other, claim, evidence)
                or _supplanted(mine, other, claim, evidence)
                or _another(mine.subject, other.subject, mine.object, other.object, known, said)
                or (
                    not named & (mine.object ^ other.object)
                    and _another(mine.object, other.object, mine.subject, other.subject, known, said)
                )
                for other in others
                if other.finite
            )
            and any(other.finite for other in others)
        ):
            return Fault("contradicted", f"the source says {mine.verb!r} of another")
    return None


def _exchanged(mine: _Frame, other: _Frame, claim: Claim, evidence: Evidence) -> bool:
    """Tell whether the objects of one subject have changed places: honey instead of sugar."""
    apart = bool(mine.object) and bool(other.object) and not mine.object & other.object
    moved = mine.object <= set(evidence.best.stems) and other.object <= set(claim.stems)
    alone = not re.search(r"\b(?:and|or|nor)\b", claim.text)
    return apart and moved and alone and bool(mine.subject & other.subject)


def _supplanted(mine: _Frame, other: _Frame, claim: Claim, evidence: Evidence) -> bool:
    """Tell whether one stands where the source has another, which the claim names in another place."""
    if mine.subject & other.subject or not mine.subject or not mine.object & other.object:
        return False
    elsewhere = other.subject & set(claim.stems) - mine.subject - other.object
    return bool(elsewhere) and mine.subject <= set(evidence.around.stems)


def _another(
    mine: frozenset[str],
    theirs: frozenset[str],
    beside: frozenset[str],
    beside_theirs: frozenset[str],
    known: set[str],
    said: set[str],
) -> bool:
    """Tell whether another of the passage stands where the source names one that the claim does not name."""
    same = not beside or not beside_theirs or bool(beside & beside_theirs)
    return (
        bool(mine)
        and bool(theirs - LIGHT)
        and same
        and mine <= known
        and not theirs & said
        and not mine & theirs
    )


def _crossed(mine: _Frame, other: _Frame) -> bool:
    # What is said of both sides ("a wooden bridge", "the stone bridge") tells nothing.
    subject, object_ = mine.subject - mine.object, mine.object - mine.subject
    acting = subject & other.object - other.subject
    suffering = object_ & other.subject - other.object
    kept = subject & other.subject or object_ & other.object
    return bool(acting or suffering) and not kept


@lru_cache(maxsize=4096)
def frames(text: str, bare: bool = False) -> tuple[_Frame, ...]:
    """Return the frames of a sentence; with `bare`, those of words that nothing follows, too."""
    return tuple(_found(text, bare))


def _found(text: str, bare: bool) -> Iterator[_Frame]:
    written = _TOKEN.findall(_APPOSITION.sub("", _TITLE.sub(r"\1", text)))
    tokens = [token.lower() for token in written]
    for at, token in enumerate(tokens):
        if not _content(token) or token in ORDINALS or (at and tokens[at - 1] in _BEFORE_NOUNS):
            continue
        if token.endswith("ing") and not (at and tokens[at - 1] in _BE):
            continue
        if at and tokens[at - 1] in ("and", "or") and _ENDINGS.search(token) and _BE & set(tokens[: at - 1]):
            continue  # "is washed and replaced": its subject stands far before
        if (
            token.endswith("s")
            and at
            and (_AUXILIARY & set(tokens[at + 1 : at + 2]) or _plural(tokens[at - 1]))
        ):
            continue  # a noun: "brake tests are", "approves claims"
        before = frozenset(_phrase(_antecedent(tokens[:at])))
        rest = tokens[at + 1 :]
        if token != "open" and _ENDINGS.search(token) and _BE & set(tokens[max(0, at - 2) : at]):
            agent = _phrase(rest[rest.index("by") + 1 :], stop=True) if "by" in rest else ()
            yield _Frame(root(token), frozenset(agent), before, True)
            continue
        after = frozenset(_phrase(rest, stop=True))
        ahead = [other for other in tokens[:at] if not other.endswith("ly")]
        led = bool(ahead) and (
            ahead[-1] in _PRONOUNS or (bare and bool(after) and tokens[at - 1] in ("and", "but", "then"))
        )
        if (after or bare) and (before or led):
            present = token.endswith("s") and not _modifies(tokens[at - 1]) and written[at].islower()
            finite = present or _past(token) or (at > 0 and tokens[at - 1] in _MODALS)
            plural = at > 0 and _plural(tokens[at - 1])
            yield _Frame(root(token), before, after, finite, present, plural)


def _plural(token: str) -> bool:
    """Tell whether a word ends in the s of a verb or of a plural."""
    return len(token) > 3 and token.endswith("s") and not token.endswith("ss") and _content(token)


def _antecedent(tokens: Sequence[str]) -> Sequence[str]:
    """Return what stands before a verb, backwards; of "who" and the like, what it stands for."""
    back = list(reversed(tokens))
    for at, token in enumerate(back[:4]):
        if token in _RELATIVE and at + 1 < len(back):
            return back[at + 1 + (back[at + 1] == ",") :]
        if _content(token):
            break
    return back


def _past(token: str) -> bool:
    return token.endswith("ed") or token in IRREGULAR


def _modifies(token: str) -> bool:
    """Tell whether a word with an s after this one is a plural, no verb: "three countries", "lost cards"."""
    return _past(token) or token.endswith("ing") or token in CARDINALS or not token.isalpha()


def _phrase(tokens: Sequence[str], stop: bool = False) -> Iterator[str]:
    """Yield the stems of a noun phrase, up to a break; with `stop`, up to a preposition, too."""
    count = 0
    for token in tokens:
        if token in _BREAKS or not token[0].isalnum() or (stop and token in _PREPOSITIONS):
            return
        if _content(token):
            yield root(token)
            count += 1
            if count == _LONGEST:
                return


def _content(token: str) -> bool:
    return (
        token[0].isalpha()
        and len(token) > 1
        and token not in _SAYING_LITTLE
        and unit_of(token) is None
        and not token.endswith("ly")
    )
