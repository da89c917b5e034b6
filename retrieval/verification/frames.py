"""Who does what in a sentence: verbs with what stands before and after them, turned to the active voice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..terms import IRREGULAR, STOP_WORDS
from .lexicon import root
from .units import CARDINALS, ORDINALS, unit_of

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")
_TITLE = re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof|St)\.")
_TITLES = frozenset("dr mr mrs ms prof".split())
_MODALS = frozenset("will would shall should may might can could must".split())
_APPOSITION = re.compile(
    r"(?<=\w),\s+(?:an?|the|his|her|its)\s+(?:(?!\b(?:is|are|was|were|has|have|had|can|may|must|will|should|does|do)\b)[^,;]){3,60},"
    r"(?=\s+(?!(?:and|or|but)\b))"
)
_ROUGH = re.compile(r"\b(?:more|less|fewer|over|under)\s+(?:than\s+)?(?=\d)|\be-(?=\w)", re.IGNORECASE)
"""Breaks no noun phrase: "orders of more than 500 copies", "an e-mail"."""
_CAUSED = re.compile(
    r"\b(?:have|has|had|having|get|gets|getting)\s+(?:the|your|their|his|her|its|a|an)\s+((?:\w+\s?){1,2})$"
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
_ENDINGS = re.compile(r"(?:ed|en|wn|rn|lt|ld|id|nt|pt|ght|ne|de|urt|un|ung|ut|ead|ade|\b[ls]et)$")
_SPEAKER = frozenset({"we", "us", "our"})
WE = "we"
"""Stands for who speaks: "our staff" is "we", too."""
_LONGEST = 4
"""Content words that a subject or an object may have."""


@dataclass(frozen=True, slots=True)
class Frame:
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


@lru_cache(maxsize=4096)
def frames(text: str, bare: bool = False) -> tuple[Frame, ...]:
    """Return the frames of a sentence; with `bare`, those of words that nothing follows, too."""
    return tuple(_found(text, bare))


def _found(text: str, bare: bool) -> Iterator[Frame]:
    written = _TOKEN.findall(_ROUGH.sub("", _APPOSITION.sub("", _TITLE.sub(r"\1", text))))
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
        passive = bool(_BE & set(tokens[max(0, at - 2) : at])) or rest[:1] == ["by"]
        caused = _CAUSED.search(" ".join(tokens[:at]))
        if caused and _ENDINGS.search(token):  # "to have the stitches removed"
            yield Frame(root(token), frozenset(), frozenset(_phrase(caused[1].split())), True)
            continue
        if token != "open" and _ENDINGS.search(token) and passive:
            yield Frame(root(token), frozenset(_agents(rest)), before, True)
            continue
        after = frozenset(_phrase(rest, stop=True))
        ahead = [other for other in tokens[:at] if not other.endswith("ly")]
        led = bool(ahead) and (
            ahead[-1] in _PRONOUNS or (bare and bool(after) and tokens[at - 1] in ("and", "but", "then"))
        )
        if (after or bare) and (before or led):
            present = token.endswith("s") and not _modifies(tokens[at - 1]) and written[at].islower()
            finite = present or _past(token) or (at > 0 and tokens[at - 1] in _MODALS | _PRONOUNS)
            plural = at > 0 and _plural(tokens[at - 1])
            yield Frame(root(token), before, after, finite, present, plural)


def _agents(rest: Sequence[str]) -> Iterator[str]:
    """Yield the stems of those by whom something is done: "by the student or by an employer"."""
    for at, token in enumerate(rest):
        joined = token in ("or", "and") and rest[at + 1 : at + 2] == ["by"]
        if token == "by" or joined:
            yield from _phrase(rest[at + 1 + joined :], stop=True)
        if token in _BREAKS - {"or", "and"} or token in ",;.":
            return


def _plural(token: str) -> bool:
    """Tell whether a word ends in the s of a verb or of a plural."""
    return len(token) > 3 and token.endswith("s") and not token.endswith("ss") and _content(token)


def _antecedent(tokens: Sequence[str]) -> Sequence[str]:
    """Return what stands before a verb, backwards; of "who" and the like, what it stands for."""
    back = list(reversed(tokens))
    for at, token in enumerate(back):
        if token in _BREAKS - _RELATIVE or not token[0].isalnum():
            break
        # "a teacher who is ill is replaced": the first verb is the relative clause's.
        if token in _RELATIVE and len(_AUXILIARY & set(back[1:at])) and back[at - 1] in _AUXILIARY:
            return back[at + 1 :]
    for at, token in enumerate(back[:4]):
        if token in _RELATIVE and at + 1 < len(back):
            return back[at + 1 + (back[at + 1] == ",") :]
        if _content(token) or token in _SPEAKER:
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
        if _content(token) or token in _SPEAKER:
            yield WE if token in _SPEAKER else root(token)
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
