"""The rule about who does what to whom: subject and object of a verb keep their places, in either voice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .claim import Claim
from .evidence import Evidence, Fault
from .synonyms import root
from .terms import STOP_WORDS
from .units import unit_of

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")
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
_ADVERBS = frozenset("later also now then often soon still already even again earlier".split())
_ENDINGS = re.compile(r"(?:ed|en|wn|lt|ld|id|nt|pt|ght|ne|de|un|ung|ut|ead|ade)$")
_LONGEST = 4
"""Content words that a subject or an object may have."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A word with what stands before and after it, turned to the active voice."""

    verb: str
    subject: frozenset[str]
    object: frozenset[str]


def swapped(claim: Claim, evidence: Evidence) -> Fault | None:
    """Who acts in the source does not suffer in the claim."""
    theirs: dict[str, list[_Frame]] = {}
    for sentence in evidence.near:
        for frame in _frames(sentence.text):
            theirs.setdefault(frame.verb, []).append(frame)
    for mine in _frames(claim.text):
        others = theirs.get(mine.verb, [])
        if others and all(_crossed(mine, other) for other in others):
            return Fault("contradicted", f"who does what has changed places around {mine.verb!r}")
    return None


def _crossed(mine: _Frame, other: _Frame) -> bool:
    acting = mine.subject & other.object - other.subject
    suffering = mine.object & other.subject - other.object
    kept = mine.subject & other.subject or mine.object & other.object
    return bool(acting or suffering) and not kept


def _frames(text: str) -> Iterator[_Frame]:
    tokens = [token.lower() for token in _TOKEN.findall(text)]
    for at, token in enumerate(tokens):
        if not _content(token) or (at and tokens[at - 1] in _BEFORE_NOUNS):
            continue
        before = frozenset(_phrase(tokens[at - 1 :: -1] if at else []))
        rest = tokens[at + 1 :]
        if _ENDINGS.search(token) and _BE & set(tokens[max(0, at - 2) : at]):
            agent = _phrase(rest[rest.index("by") + 1 :], stop=True) if "by" in rest else ()
            yield _Frame(root(token), frozenset(agent), before)
            continue
        after = frozenset(_phrase(rest, stop=True))
        if after and (before or (at and tokens[at - 1] in _PRONOUNS)):
            yield _Frame(root(token), before, after)


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
        and token not in STOP_WORDS | _ADVERBS
        and unit_of(token) is None
        and not token.endswith("ly")
    )
