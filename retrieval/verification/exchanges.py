"""The rules about words exchanged: none stands in the place of one of the source, in a copy least of all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher

from ..terms import STOP_WORDS
from .antonyms import negates_by_prefix, opposites, related
from .claim import Claim
from .evidence import Evidence, Fault, turned_condition
from .lexicon import LIGHT, akin, root
from .segments import segments
from .units import unit_of

_PRONOUN = re.compile(r"\b(?:its|it|they|their|them|he|she|his|him|her)\b", re.IGNORECASE)
_BEFORE_NOUNS = frozenset(
    {
        "except",
        "but",
        "than",
        "against",
        "into",
        "through",
        "via",
        "of",
        "in",
        "with",
        "from",
        "by",
        "for",
        "on",
        "at",
        "a",
    }
    | {"an", "the", "and", "or"}
)
_DETERMINERS = frozenset({"a", "an", "the", "its", "their", "his", "her", "our", "your", "my", "this"})
_BEFORE_VERBS = frozenset(
    "is are was were be been being must may can could will would shall should might not to has "
    "have had do does did also only always never then".split()
)
"""After these stands a verb or an adjective, which a paraphrase may change."""
_ROOT = 4
"""Letters that two forms of one word share."""
_FOREIGN = 0.3
"""Share of a claim that may be missing from a sentence for it to be that sentence with words exchanged."""
_MIXED = 0.5
"""The same where what is missing stands in another clause of that sentence."""
_FEWEST = 2
"""Items beside an exchanged one that tell which sentence a claim is taken from."""
_LED = re.compile(
    r"\b(?:to|in|into|at|on|by|from|with|for|of|near|via|through)\s+(?:the\s+|an?\s+|its\s+|their\s+|every\s+)?$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_BESIDE = 2
"""Words that stand unchanged around one that was changed."""
_ORDER = re.compile(r"\b(?:before|after|until|than)\b")
"""Where these differ, two statements may well have changed places."""
_LIST = re.compile(r",|\b(?:and|or)\b")


def replaced(claim: Claim, evidence: Evidence) -> Fault | None:
    """No word from elsewhere in the passage stands in the place of a word of the best sentence."""
    part = evidence.part(claim)
    if turned_condition(claim, [part]):
        return None  # "free if A" of "charged for unless A"
    mine, source = claim.items, part.items
    foreign = [item for item in mine if item not in source]
    mixed = part is not evidence.best and set(foreign) <= set(evidence.best.items)
    if not foreign or len(foreign) > max(2, (_MIXED if mixed else _FOREIGN) * len(mine)):
        return None  # the claim is not this sentence with a word exchanged
    elsewhere = set(evidence.around.items)
    for code, i, j, k, m in SequenceMatcher(None, mine, source, autojunk=False).get_opcodes():
        here, there = mine[i:j], source[k:m]
        kept = set(here) & set(source) or set(there) & set(mine)
        if code != "replace" or kept or abs(len(here) - len(there)) > 1 or set(here) <= LIGHT:
            continue
        counted = [any(item.startswith("#") for item in items) for items in (here, there)]
        if any(two in opposites(one) or negates_by_prefix(one, two) for one in here for two in there):
            continue  # left to the rule about opposites
        if "ones" in _shown(there, part):
            continue  # "opened ones" of "opened jars"
        known = set(here) & elsewhere and counted[0] == counted[1] and not _resolved(here, evidence)
        if len(foreign) > max(1, (_MIXED if mixed else _FOREIGN) * len(mine)):
            continue
        if known or _same_place(claim, here, part, there):
            reason = f"{_shown(here, claim)} stands where the source has {_shown(there, part)}"
            return Fault("contradicted" if known else "unsupported", reason)
    return None


def relocated(claim: Claim, evidence: Evidence) -> Fault | None:
    """After a preposition, nothing from elsewhere in the passage stands where the source has its own."""
    best, mine = evidence.best, claim.items
    if len(segments(claim.text)) > 1 or claim.negated:
        return None
    for code, i, j, k, m in SequenceMatcher(None, mine, best.items, autojunk=False).get_opcodes():
        here = mine[i:j]
        there = [item for item in best.items[k:m] if not item.startswith("#")]
        rest = set(mine) - set(here)
        if code != "replace" or not there or len(rest) < _FEWEST or set(here) & set(best.items):
            continue
        known = set(here) <= set(evidence.around.items) | evidence.everything and not set(here) <= LIGHT
        told = rest <= set(best.items) and not any(related(one, best.items) for one in here)
        joined = any(set(here) <= set(near.items) and rest & set(near.items) for near in evidence.near[1:])
        led = _LED.search(claim.text[: claim.places[i]]) and _LED.search(
            best.text[: best.places[best.items.index(there[0])]]
        )
        if known and told and led and not joined and not _resolved(here, evidence):
            return Fault(
                "contradicted", f"{_shown(here, claim)} stands where the source has {_shown(there, best)}"
            )
    return None


def _resolved(here: Sequence[str], evidence: Evidence) -> bool:
    """Tell whether a word is what a pronoun of the best sentence stands for."""
    if not _PRONOUN.search(evidence.best.text):
        return False
    return any(item in near.items for near in evidence.near[1:] for item in here)


def _same_place(claim: Claim, here: Sequence[str], source: Claim, there: Sequence[str]) -> bool:
    """Tell whether one noun stands for another: after the same preposition or article, "of aspirin"."""
    if len(here) != 1 or len(there) not in (1, 2) or any(item.startswith("#") for item in (*here, *there)):
        return False
    if related(here[0], there):
        return False
    mine, theirs = claim.written[here[0]], source.written[there[0]]
    if mine[:_ROOT].lower() == theirs[:_ROOT].lower():
        return False
    one = _beside_words(claim.text, mine)
    two = (_beside_words(source.text, theirs)[0], _beside_words(source.text, source.written[there[-1]])[1])
    if not one[0] or one[0] != two[0] or one[0] in _BEFORE_VERBS:
        return False
    if one[0] not in _BEFORE_NOUNS:
        return bool(one[1]) and one[1] == two[1] and one[1] not in _DETERMINERS and mine[0].islower()
    return one[1] == two[1] or all(not after or after in STOP_WORDS for after in (one[1], two[1]))


def _beside_words(text: str, word: str) -> tuple[str, str]:
    """Return the words right before and after a word; "" for none, or for one beyond a comma."""
    found = re.search(rf"(?:\b(\w+)\s+)?\b{re.escape(word)}\b(?:\s+(\w+))?", text)
    return ((found.group(1) or "").lower(), (found.group(2) or "").lower()) if found else ("", "")


def _shown(items: Sequence[str], of: Claim) -> str:
    return repr(" ".join(of.written[item] for item in items))


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
                if alone and keys[1][there] not in akin(keys[0][at]) | opposites(keys[0][at]):
                    single.append((keys[0][at], keys[1][there]))
    for one, others in listed.items():
        source = set(evidence.around.stems)
        if any(changed.get(two) == one for two in others) or (
            one in source - set(keys[1]) and one not in LIGHT
        ):
            return Fault("contradicted", f"{one!r} stands where the source has a list")
    turned = _ORDER.findall(claim.text.lower()) != _ORDER.findall(evidence.best.text.lower())
    for one, two in changed.items():
        if not turned and changed.get(two) == one:
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
