"""The rule about what a claim adds: few words are new, and none that claim much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from ..terms import words
from .antonyms import covers, related
from .claim import Claim, claim_of
from .evidence import LIMITING, Evidence, Fault, turned_condition
from .lexicon import LIGHT, LIGHT_VERBS, content, root, verb_share

MOST_NEW = 0.4
"""Share of a claim's content words that need not be in the source; one word always may."""
_PHRASE = 2
"""New content words after a preposition that are an addition."""
_DETERMINER = r"(?:an?|the|its|their|our|your|his|her|another|every|each|some|any)"
_INTRODUCED = re.compile(
    r"\b(?:with|by|through|via|for|near|using|including|in|at|next\s+to|from|on|after|before|during|until)\s+"
    rf"(?:{_DETERMINER}\s+(?:\w+\s+)?)?$",
    re.IGNORECASE,
)
_MEANS = re.compile(rf"\b(?:by|with|using|through|via|including)\s+(?:{_DETERMINER}\s+)?$", re.IGNORECASE)
"""By what or from what something is done: new, it is an addition."""
_ENDING_WITH = re.compile(_INTRODUCED.pattern.replace("until)", "until|under)"), re.IGNORECASE)
_JOINED = re.compile(
    r"(?:\b(?:and|plus|or|as\s+well\s+as)|,)\s+(?:(?:by|with|in|on|at|to|for|from)\s+)?(?:an?\s+|the\s+|one\s+|free\s+|extra\s+)*$",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"\bto\s+(?P<what>[a-z]+(?:\s+[^,;]+)?)$", re.IGNORECASE)
_TOLD = 0.8
"""Share of what stands before a purpose in the source that makes the purpose an addition."""
_NOT_PAID = re.compile(
    r"\b(?:included|waived|(?:no|not|nothing|never)\s+(?:\w+\s+){0,2}(?:charge\w*|pay\w*|paid|fees?|costs?))\b",
    re.IGNORECASE,
)
_AND = re.compile(r"[,;]?\s+(?:and|but|plus|as\s+well\s+as)\s+", re.IGNORECASE)
_COPIED = 4
"""Items in one row with which a claim begins as a source does: what follows is not another way to say it."""
_LEFT_OUT = 1
"""Words in one place that a copy may lack."""
_LEADING = frozenset(
    "by in at for on with without from under within during via and or which who that so because every each "
    "through".split()
)
"""Words that lead in what is added to a copy."""
_BOUNDS = frozenset({"more", "less", "fewer"})
"""Left to another rule: "48 hours or less"."""
_NEW_RUN = 3
"""So many new content words one after another are an addition, not another way to say it."""
_CLAIMING = """
free guarantee guaranteed unlimited lifetime instantly immediately
automatically best worst only first exclusively forbidden illegal anywhere anytime never
completely entirely fully permanently worldwide certified award-winning proven double twice triple half
main largest smallest
"""
_STRONG = frozenset(_CLAIMING.split())
"""Words that claim much: new ones need a source."""
_LAST_WORD = re.compile(
    r"\bfirst(?:\W*$|,|\s+(?:if|when|and|then|before)\b)|\bonly\s+(?:about\s+|an?\s+)?(?:[$€£]?\d|few|small|half|one|two|three|four|five|six|seven|eight|nine|ten|then|after|once)\b",
    re.IGNORECASE,
)
"""What is done first comes before the rest; it claims nothing more."""


def _added(claim: Claim, new: Sequence[str], evidence: Evidence) -> str:
    """Return words that are joined on rather than put in another's place; "" where there are none."""
    mine = claim.items
    for code, i, j, k, _ in SequenceMatcher(None, mine, evidence.best.items, autojunk=False).get_opcodes():
        extra = (
            [item for item in mine[i:j] if item in new and item not in _BOUNDS]
            if code in ("delete", "replace")
            else []
        )
        if not extra:
            continue
        leads = [claim.text[: claim.text.index(claim.written[item])] for item in extra]
        joined = any(_JOINED.search(led) for led in leads)
        led_in = joined or any(_INTRODUCED.search(led) for led in leads)
        apart = code == "delete"
        copied = i >= _COPIED and mine[:i] == evidence.best.items[k - i : k] and j == len(mine)
        means = (apart or copied) and any((_ENDING_WITH if copied else _MEANS).search(led) for led in leads)
        if (len(extra) >= _PHRASE and (apart or led_in)) or (apart and joined) or means:
            return " ".join(claim.written[item] for item in extra)
    return ""


def new_words(claim: Claim, evidence: Evidence) -> Fault | None:
    """Few words are new, not many together, and none of those that claim much."""
    near = evidence.near_stems
    told = [found for found in dict.fromkeys(claim.stems) if found not in LIGHT or found in near]
    new = [found for found in told if found not in near and not related(found, near)]
    strong = [
        word
        for word in words(claim.text)
        if word in _STRONG
        and not any(claim.text[n.start : n.end].lower().startswith(word) for n in claim.numbers)
        and not (word in ("first", "only") and _LAST_WORD.search(claim.text))
        and root(word) not in _stems_of(evidence)
        and not _denied(word, claim, evidence)
    ]
    if strong:
        return Fault("unsupported", f"{strong[0]!r} is not in the source")
    if len(new) > max(1, MOST_NEW * (len(told) + len(claim.numbers))):
        return Fault("unsupported", f"too many new words: {', '.join(new[:4])}")
    added = _added(claim, new, evidence)
    if added:
        return Fault("unsupported", f"{added!r} is an addition")
    copied = _copied_and_more(claim, evidence)
    if copied:
        return Fault("unsupported", f"{copied!r} is added to a copy")
    purpose = _purpose(claim, near)
    if purpose:
        return Fault("unsupported", f"the purpose {purpose!r} is not in the source")
    joined = _joined_on(claim, near)
    if joined:
        return Fault("unsupported", f"{joined!r} is joined on")
    run = 0
    for found in claim.stems:
        run = run + 1 if found in new else 0
        if run >= _NEW_RUN:
            return Fault("unsupported", f"an addition: {', '.join(new[-_NEW_RUN:])}")
    return None


def _copied_and_more(claim: Claim, evidence: Evidence) -> str:
    """Return what a claim puts into a copy of a source sentence, or of a clause of it; "" for nothing."""
    written = words(claim.text)
    mine = [root(word) for word in written]
    near = {found for each in evidence.near for found in each.all_stems} | {
        item for each in evidence.near for item in each.items
    }
    near |= {root(name.lower()) for name in claim.names}  # left to another rule
    for source in (evidence.best, *evidence.best.parts):
        theirs = [root(word) for word in words(source.text)]
        blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
        if any(code == "replace" or (code == "insert" and m - k > _LEFT_OUT) for code, _, _, k, m in blocks):
            continue
        for code, i, j, _, _ in blocks:
            told = [each for each in content(" ".join(written[i:j])) if each not in LIGHT]
            new = [each for each in told if each not in near and not related(each, near)]
            led = written[i : i + 1] and written[i] in _LEADING and len(theirs) >= _COPIED
            if code == "delete" and led and new and len(new) == len(told):
                return " ".join(written[i:j])
    return ""


def _purpose(claim: Claim, near: set[str]) -> str:
    """Return for what something is done, where the source has none of these words; "" else."""
    found = _PURPOSE.search(claim.text.rstrip(" ."))
    verb = found["what"].split()[0].lower() if found else ""
    if found is None or not (verb_share(verb) or root(verb) in LIGHT_VERBS):
        return ""
    before, what = content(claim.text[: found.start()]), content(found["what"])
    new = bool(set(what) - LIGHT) and not any(each in near or related(each, near) for each in what)
    return found.group() if new and len(before) >= _PHRASE and covers(near, before, _TOLD) else ""


def _joined_on(claim: Claim, near: set[str]) -> str:
    """Return what "and" joins to a statement without a word of the source; "" where there is nothing."""
    for joint in _AND.finditer(claim.text):
        if any(number.start <= joint.end() < number.end for number in claim.numbers):
            continue
        text = _AND.split(claim.text[joint.end() :], maxsplit=1)[0]
        told = [found for found in claim_of(text).items if found not in LIGHT]
        if told and not any(found.startswith("#") or found in near or related(found, near) for found in told):
            return text
    return ""


def _denied(word: str, claim: Claim, evidence: Evidence) -> bool:
    if word == "only":
        return any(LIMITING.search(sentence.text) for sentence in evidence.near)
    if word == "free":
        turned = turned_condition(claim, evidence.near)  # "free if A" of "costs, unless A"
        return turned or any(_NOT_PAID.search(sentence.text) for sentence in evidence.near)
    return word in ("never", "forbidden") and any(sentence.negated for sentence in evidence.near)


def _stems_of(evidence: Evidence) -> set[str]:
    return {found for sentence in evidence.near for found in sentence.all_stems}
