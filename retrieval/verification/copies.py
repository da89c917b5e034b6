"""The rule about copies: a source's words with a denial more or less are no paraphrase of them."""

from __future__ import annotations

from difflib import SequenceMatcher

from ..terms import words
from .claim import Claim
from .evidence import Evidence, Fault

_DENIALS = frozenset({"not", "never"})
_CONTRACTED = {"cannot": "can", "can't": "can", "won't": "will", "shan't": "shall"}
_COPIED = 0.8
"""Share of a claim's words that stand in one row in a source sentence, where it is copied."""
_FEWEST = 4


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
