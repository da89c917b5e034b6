"""The rule about a source sentence with a word or two changed: no word comes from elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import SequenceMatcher
from itertools import pairwise

from ..terms import STOP_WORDS
from .claim import Claim
from .evidence import Evidence, Fault
from .lexicon import akin
from .synonyms import LIGHT, root
from .units import unit_of

_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_BESIDE = 2
"""Words that stand unchanged around one that was changed."""
_ORDER = re.compile(r"\b(?:before|after|until|than)\b")
"""Where these differ, two statements may well have changed places."""
_LIST = re.compile(r",|\b(?:and|or)\b")
_LISTED = re.compile(r"\s*(?:,|,?\s*(?:and|or|nor)|&|/)\s+(?:the\s+|an?\s+)?", re.IGNORECASE)


def edited(claim: Claim, evidence: Evidence) -> Fault | None:
    """No two words have changed places, and no word of the passage stands in the place of another."""
    mine, theirs = _tokens(claim), _tokens(evidence.best)
    keys = [[root(token.lower()) for token, _ in tokens] for tokens in (mine, theirs)]
    blocks = SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes()
    changed: dict[str, str] = {}
    single: list[tuple[str, str]] = []
    listed: dict[str, set[str]] = defaultdict(set)
    for before, (code, i, j, k, m), after in zip([None, *blocks], blocks, [*blocks[1:], None], strict=False):
        if code != "replace" or (j - i != m - k and j - i > 1):
            continue
        sides = [block[2] - block[1] if block[0] == "equal" else 0 for block in (before, after) if block]
        if sum(sides) < _BESIDE:
            continue
        alone = j - i == 1 and all(sides) and sum(sides) > _BESIDE
        if j - i != m - k:  # one word in the place of a list: "to a queen, rook or knight"
            if _telling(mine[i][0]) and _LIST.search(evidence.best.text[theirs[k][1] : theirs[m - 1][1]]):
                for there in range(k, m):
                    listed[keys[0][i]].add(keys[1][there])
            continue
        for at, there in zip(range(i, j), range(k, m), strict=True):
            if _telling(mine[at][0]) and _telling(theirs[there][0]):
                changed[keys[0][at]] = keys[1][there]
                if alone and keys[1][there] not in akin(keys[0][at]):
                    single.append((keys[0][at], keys[1][there]))
    for one, others in listed.items():
        source = set(evidence.around.stems)
        if any(changed.get(two) == one for two in others) or (
            one in source - set(keys[1]) and one not in LIGHT
        ):
            return Fault("contradicted", f"{one!r} stands where the source has a list")
    turned = _ORDER.findall(claim.text.lower()) != _ORDER.findall(evidence.best.text.lower())
    for one, two in changed.items():
        if not turned and changed.get(two) == one and not _listed(evidence.best, one, two):
            return Fault("contradicted", f"{one!r} and {two!r} have changed places")
    if len(single) == 1 and sum(block[0] != "equal" for block in blocks) == 1 and single[0][0] not in LIGHT:
        return Fault("unsupported", f"{single[0][0]!r} stands where the source has {single[0][1]!r}")
    known = set(evidence.around.stems)
    for one, two in single:
        fewer = keys[0].count(two) < keys[1].count(two)
        if one in known and one not in LIGHT and fewer and len(changed) <= _BESIDE:
            return Fault("contradicted", f"{one!r} stands where the source has {two!r}")
    return None


def _tokens(claim: Claim) -> list[tuple[str, int]]:
    return [(match.group(), match.start()) for match in _TOKEN.finditer(claim.text)]


def _telling(token: str) -> bool:
    word = token.lower()
    return word not in STOP_WORDS and word[0].isalpha() and unit_of(word) is None


def _listed(source: Claim, *found: str) -> bool:
    """Tell whether words stand side by side in a list, where their order says nothing."""
    places = sorted(
        (start, start + len(token)) for token, start in _tokens(source) if root(token.lower()) in found
    )
    return any(_LISTED.fullmatch(source.text[one[1] : two[0]]) for one, two in pairwise(places))
