"""The rule about givers and takers: who gets something in the source does not give it in the claim."""

from __future__ import annotations

import re

from ..terms import STOP_WORDS
from .claim import Claim
from .evidence import Evidence, Fault
from .order import frames
from .synonyms import LIGHT, root

_TAKER = re.compile(
    r"\b(?:to|for|from)\s+(?:the|an?|its|their|his|her|our|your)?\s*(?P<whom>[^\W\d_]+)", re.IGNORECASE
)


def agents(claim: Claim, evidence: Evidence) -> Fault | None:
    """To whom something is done in the source is not who does it in the claim, nor the other way round."""
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
            given, taken = _takers(sentence, mine.verb), _takers(claim, mine.verb)
            ahead = set(claim.stems[: claim.stems.index(mine.verb)]) if mine.verb in claim.stems else set()
            if mine.subject & ahead & given - acting - taken:
                return Fault(
                    "contradicted", f"in the source {mine.verb!r} is done to {min(mine.subject & given)!r}"
                )
            if (
                mine.finite
                and sentence.subject
                and sentence.subject in _takers(claim, mine.verb, only="to") - given - mine.subject
            ):
                return Fault("contradicted", f"in the source {sentence.subject!r} is who does it")
    return None


def _takers(claim: Claim, verb: str, only: str = "") -> set[str]:
    """Return what follows a verb with "to", "for" or "from", or with only one of them."""
    for match in re.finditer(r"[^\W\d_]+", claim.text):
        if root(match.group().lower()) == verb:
            rest = re.split(r"[,;.]", claim.text[match.end() :], maxsplit=1)[0]
            return {
                root(found["whom"].lower())
                for found in _TAKER.finditer(rest)
                if found["whom"].lower() not in STOP_WORDS and found.group().lower().startswith(only)
            }
    return set()
