"""How a sentence falls apart: clauses, statements that could stand alone, and what each is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..terms import IRREGULAR
from .lexicon import items, verb_share

_JOINT = re.compile(r"(?:[,;:]\s+|\s+)(?:and|but|while|whereas|or|so)\s+|[,;:]\s+", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d[\w.:,]*")
_RESTRICTS = re.compile(
    r"(?:if|when|whenever|unless|once|after|before|outside|during|in|on|at|for|from|since|until|by|with|as|without|within)\b",
    re.IGNORECASE,
)
_RELATIVE = frozenset({"who", "which", "that", "whose", "where"})
_FINITE = frozenset(
    "is are was were has have had do does did can could will would may might must shall should cannot isn't "
    "aren't wasn't weren't don't doesn't didn't can't won't mustn't needn't need needs needed".split()
)
_DETERMINERS = frozenset(
    "a an the its their his her our your my this that these those each every no any some of in on at by for "
    "from to into with without within during over under above below between about per via than".split()
)
_ARTICLES = frozenset("a an the their its his her our your up".split())
_PRONOUNS = frozenset("he she it they we you i who which that".split())
_LEADS = frozenset(
    "of in on at by for from to into onto with without within through during over under above below between "
    "via per".split()
)
_PART = re.compile(
    r";\s+|\s[–—]\s|\n"
    r"|,\s+(?=(?:but|and|while|whereas|although|though|however|so|yet|or|since|because)\b)"
    r"|,\s+(?=as\s+(?!well|soon|long|far|many|much|if|of|in))|(?<!never)(?<!not)(?<!only)\s(?=(?:while|whereas|because|although|though)\b)"
    r"|\s(?:and|but)\s+(?=(?:can|cannot|could|will|would|is|are|was|were|has|have|had|do|does|did|must|may|might"
    r"|should|not(?!\s+(?:to|in|on|at|for|with|from|by|the|an?)\b)|never|it|they|he|she|we|you)\b)"
)
# A verb right after it has its subject before: such a clause does not stand alone.
_ALONE = re.compile(
    r"(?:;\s+(?:and\s+|but\s+)?|,\s+(?:and|but|while|whereas)\s+)(?!(?:can|cannot|could|will|would|is|are|was|were|has"
    r"|have|had|do|does|did|must|may|might|should|not|never|then|later|it|they|he|she|this|these|which|who)\b)"
)
# "A transfer takes a week, and it costs $12".
_SUBJECT = re.compile(r"(?P<who>(?:The|An?|Every|Each|All|Our|Your)\s+[^\W\d_]+)\s+(?!and\b|or\b|of\b)")
# "in the grey bin, not the blue one": what is set aside says no more.
_CONTRAST = re.compile(
    r"(?P<said>[^,;]+(?:,[^,;]+)?),\s+(?:and\s+)?not\s+(?!if|when|until|unless|only|even)(?:\w+\s+){0,4}\w+\W*$",
    re.IGNORECASE,
)
_AND_IT = re.compile(r"(?P<joint>[,;]\s+(?:and|but)\s+)(?:it|they)\s+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A statement: the items it is about, conditions among them, and the items it says of them."""

    text: str
    about: frozenset[str]
    said: frozenset[str]

    @property
    def every(self) -> frozenset[str]:
        """All items."""
        return self.about | self.said


@lru_cache(maxsize=4096)
def segments(text: str) -> tuple[Segment, ...]:
    """Return the statements of a sentence; one without a subject is about what the one before is about."""
    found: list[Segment] = []
    waiting: set[str] = set()
    led = ""
    for piece, joint in _pieces(text):
        at = _verb(piece, several=bool(waiting))
        told = items(piece)
        every = frozenset(item for _, item, _ in told)
        before = frozenset(item for place, item, _ in told if at is not None and place < at)
        after = every - before if at is not None else frozenset()
        restricts = bool(_RESTRICTS.match(piece))
        ends_at_comma = joint.startswith(",")
        if restricts and ends_at_comma and not (found and at is None):
            waiting |= before | after | every
            led = f"{led}{piece}{joint}"
            continue
        if at is None:
            gap = _gap(piece)
            if gap is not None and any(place < gap for place, _, _ in told) and found:
                # "the small kiln on Tuesdays": the verb is understood
                about = frozenset(item for place, item, _ in told if place < gap)
                found.append(Segment(piece, about | waiting, every - about))
                waiting = set()
            elif found and found[-1].said and not waiting:
                last = found.pop()
                found.append(Segment(f"{last.text} {piece}", last.about, last.said | every))
            else:
                waiting |= every
            continue
        first = _TOKEN.search(piece)
        relative = first is not None and first.group().lower() in _RELATIVE
        about = before
        if (
            found
            and (not before or relative)
            and (first is None or first.group().lower() not in _PRONOUNS - _RELATIVE)
        ):
            about = before | found[-1].about | (found[-1].said if relative else frozenset())
        found.append(Segment(f"{led}{piece}", about | waiting, after - about))
        waiting, led = set(), ""
    if waiting and found:
        last = found.pop()
        found.append(Segment(last.text, last.about | waiting, last.said))
    return tuple(found)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for match in _JOINT.finditer(text):
        if text[at : match.start()].strip():
            yield text[at : match.start()].strip(), match.group()
        at = match.end()
    if text[at:].strip():
        yield text[at:].strip(), ""


def _gap(piece: str) -> int | None:
    """Return where the first preposition or number stands."""
    return next(
        (m.start() for m in _TOKEN.finditer(piece) if m.group().lower() in _LEADS or m.group()[0].isdigit()),
        None,
    )


def _verb(piece: str, several: bool = False) -> int | None:
    """Return where the finite verb stands; None where there is none."""
    tokens = list(_TOKEN.finditer(piece))
    words = [token.group().lower() for token in tokens]
    skip = 0
    relative = False
    for at, word in enumerate(words):
        if word in _RELATIVE and at:
            relative = True
        if word not in _FINITE:
            continue
        if relative:
            relative, skip = False, at  # "dogs that are not friendly must": the second is meant
            continue
        return tokens[at].start()
    if skip:
        return tokens[skip].start()
    for at in range(len(words)):
        if _is_verb(words, at) or (
            several and at and verb_share(words[at]) == 2 and words[at - 1] not in _DETERMINERS
        ):
            return tokens[at].start()
    return None


def _is_verb(words: list[str], at: int) -> bool:
    word = words[at]
    share = verb_share(word)
    if at and words[at - 1] in _DETERMINERS:
        return False
    ahead = words[at - 1] if at else ""
    if word.endswith("ing"):
        return False
    after = words[at + 1] if at + 1 < len(words) else ""
    if word.endswith("s") and not word.endswith("ss") and (after in _ARTICLES or after.isdigit()):
        return True
    if at == 0 or ahead in _PRONOUNS or ahead in ("to", "not", "never", "only"):
        return share == 2 or (at > 0 and share > 0)
    if share == 0:
        return False
    if word.endswith("ed") or word in IRREGULAR:
        return share == 2
    if word.endswith("s") and not word.endswith("ss"):
        return share == 2 or not ahead.endswith("s")
    return ahead.endswith("s") and not ahead.endswith("ss")


def clauses(text: str) -> list[str]:
    """Return the independent clauses; a condition stays with what it limits."""
    return [part for part in _PART.split(text) if part.strip()]


def statements(text: str) -> list[str]:
    """Return what commas and "and" join, with "it" said out."""
    contrast = _CONTRAST.match(text)
    return [contrast["said"]] if contrast else _ALONE.split(_said_out(text))


def _said_out(text: str) -> str:
    """Say what "it" is in "A transfer takes a week, and it costs $12": what the sentence begins with."""
    subject = _SUBJECT.match(text)
    who = f"{subject['who'][0].lower()}{subject['who'][1:]}" if subject else ""
    return _AND_IT.sub(lambda found: f"{found['joint']}{who} ", text) if who else text
