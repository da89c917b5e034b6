"""What a sentence denies: the words of denial, what each denies, and whether all in all it does."""

from __future__ import annotations

import re
from functools import lru_cache

from .lexicon import LIGHT, content, root

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|non|hardly|\w+n['’]t|fails?\sto|failed\sto"
    r"|refus(?:e|es|ed)\sto|unable\sto|instead\sof(?=\s+\w+(?:ing|ed)\b)|exempt(?:ed)?\sfrom"
    # Words that deny by what they mean.
    r"|(?P<meant>stop(?:s|ped|ping)?|avoid(?:s|ed|ing)?|exclud(?:e|es|ed|ing)|omit(?:s|ted)?|lack(?:s|ed)?|leaves?\sout|left\sout"
    r"|prohibit(?:s|ed)?|forbid(?:s|den)?|forbade|ban(?:s|ned)?|prevent(?:s|ed)?|ignor(?:e|es|ed)|wrongly|mistakenly|falsely))\b",
    re.IGNORECASE,
)
# Bounds and additions, not negations.
_NO_NEGATION = re.compile(
    r"\b(?:no|not)\s+(?:more|less|\w+er)\s+than\b|\bnot\s+only\b|\b(?:nobody|nothing|none|no\s+(?:one|other))\s+(?:but|except)\b|\bno\.\s*\d|\bwhether\s+or\s+not\b",
    re.IGNORECASE,
)
# One denial in two words: "no fee and no minimum", "neither A nor B".
_AGAIN = re.compile(
    r"\b(?:no|not|never|neither|without|cannot|\w+n['’]t)\b[^,;.]*?(?:,|\b(?:and|or|nor))\s*(?:is|are|does|do|has|have)?\s*$",
    re.IGNORECASE,
)
_SCOPE_END = re.compile(r"[,;]|\b(?:if|unless|when|because|but|since|while|until|so)\b", re.IGNORECASE)
_PAUSE = re.compile(r"[,;]")
_VERB = re.compile(
    r"[,;]|\b(?:is|are|was|were|can|could|will|would|must|may|might|should|has|have|had|do|does|did)\b",
    re.IGNORECASE,
)
_OF_A_VERB = re.compile(r"(?:not|n['’]t|never)$", re.IGNORECASE)
_FINITE = re.compile(r"\b(?:is|are|was|were|can|could|will|would|must|may|might|should)\b", re.IGNORECASE)
_BE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+\s+)?(?:$|(?=\w+(?:ed|en)\b))", re.IGNORECASE)
_USE = root("use")


def denies(text: str) -> bool:
    """Tell whether a sentence denies, all in all: two denials are none, but "no A and no B" is one."""
    found: list[re.Match[str]] = []
    for match in _cues(text):
        said = match.group().lower()
        again = said in ("no", "not", "never", "without")
        if not found or not (
            said == "nor" or (again and _AGAIN.search(text[found[-1].start() : match.start()]))
        ):
            found.append(match)
    return len(found) % 2 == 1


def focuses(text: str) -> list[tuple[tuple[str, ...], bool]]:
    """Return for each denial the stems it is about, the nearest first, and whether they stand before it."""
    found = []
    for match in _cues(text):
        before = content(text[: match.start()])[-2:][::-1]
        after = content(_reach(match, text))
        # "not possible to export": what is denied is the first word that tells something.
        telling = [found for found in after if found not in LIGHT or found == _USE] or after
        after = telling[:2]
        # "are banned until": what is denied stands before.
        passive = bool(match["meant"] and _BE.search(text[: match.start()]))
        found.append((tuple(before if passive or not after else after), passive))
    return found


def scope(text: str) -> set[str]:
    """Return the stems of all that is denied: from each denial to the end of its clause."""
    found: set[str] = set()
    for match in _cues(text):
        found |= set(content(_SCOPE_END.split(_reach(match, text), maxsplit=1)[0]))
        if _BE.match(text[match.end() :].lstrip()) or _BE.search(text[: match.start()]):
            found |= set(content(_SCOPE_END.split(text[: match.start()])[-1]))
    return found


@lru_cache(maxsize=4096)
def _cues(text: str) -> tuple[re.Match[str], ...]:
    """Return the words of denial, bounds and additions aside."""
    return tuple(_NEGATION.finditer(_NO_NEGATION.sub(lambda match: "_" * len(match.group()), text)))


def _reach(cue: re.Match[str], text: str) -> str:
    """Return what a word of denial may deny: the rest of its clause; of "without", up to the verb."""
    rest = _PAUSE.split(text[cue.end() :], maxsplit=1)[0]
    if cue.group().lower() == "without":
        return _VERB.split(rest, maxsplit=1)[0]
    # "whose lid does not close are left": the next finite verb is another's.
    if not _OF_A_VERB.search(cue.group()):
        return rest
    return next(
        (rest[: verb.start()] for verb in _FINITE.finditer(rest) if content(rest[: verb.start()])), rest
    )
