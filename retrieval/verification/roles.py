"""The rules about who does what to whom: what stood in one place may not stand in another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import combinations, pairwise

from ..terms import STOP_WORDS, words
from .antonyms import opposites
from .claim import Claim
from .evidence import Evidence, Fault
from .kinship import related
from .synonyms import LIGHT, root

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:(?:\w+ly|not|never|later|also|now|then|often|soon|still|already|first)\s+)?(\w+(?:ed|en|wn|lt|ld|id|nt|pt|ght|ne|de)|won|lost|found)\b",
    re.IGNORECASE,
)
_BY = re.compile(_PASSIVE.pattern + r"[^,;]*?\bby\s+(?:the\s+|an?\s+)?(\w+)", re.IGNORECASE)
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
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
_ONE = re.compile(r"\b(?:old|new|other|\w+ed)\s+ones?\b", re.IGNORECASE)
_TO_WHOM = re.compile(
    r"\b(?P<word>to|from|into|against|instead\s+of)\s+(?:the|an?|its|their|his|her|our|your)\s+(?P<whom>[^\W\d_]+)",
    re.IGNORECASE,
)
_BEFORE_VERBS = frozenset(
    "is are was were be been being must may can could will would shall should might not to has "
    "have had do does did also only always never then".split()
)
"""After these stands a verb or an adjective, which a paraphrase may change."""
_CLAUSE = re.compile(
    r",|\b(?:if|unless|when|whenever|while|because|since|until|before|after|once|who|which|that|so)\b|\bto\b(?!\s+(?:the|an?|its|their|his|her)\b)",
    re.IGNORECASE,
)
_ROOT = 4
"""Letters that two forms of one word share."""
_LISTED = re.compile(r",|\b(?:and|or|nor)\b|&", re.IGNORECASE)
_LIST_GAP = 3
"""Words between two members of a list."""
_FOREIGN = 0.3
"""Share of a claim that may be missing from a sentence for it to be that sentence with words exchanged."""
_MIXED = 0.5
"""The same where what is missing stands in another clause of that sentence."""
_PREDICATE = 0.8
"""Share of a claim, its subject aside, in a source sentence that makes this the one it is taken from."""


def replaced(claim: Claim, evidence: Evidence) -> Fault | None:
    """No word from elsewhere in the passage stands in the place of a word of the best sentence."""
    part = evidence.part(claim)
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
        if "ones" in _shown(there, part):
            continue  # "opened ones" of "opened jars"
        known = set(here) & elsewhere and counted[0] == counted[1] and not _resolved(here, evidence)
        if len(here) > 1 and not any(counted) and _borrowed(here, there, evidence):
            known = known or _led(part, there) in (_led(claim, here), "")
        elif len(foreign) > max(1, (_MIXED if mixed else _FOREIGN) * len(mine)):
            continue
        if known or _same_place(claim, here, part, there):
            reason = f"{_shown(here, claim)} stands where the source has {_shown(there, part)}"
            return Fault("contradicted" if known else "unsupported", reason)
    return None


def _borrowed(here: Sequence[str], there: Sequence[str], evidence: Evidence) -> bool:
    """Tell whether words are of other passages and mean nothing of what they stand for."""
    return set(here) <= evidence.everything and not any(related(one, there) for one in here)


def _led(claim: Claim, items: Sequence[str]) -> str:
    """Return the preposition before some words; "" where there is none."""
    return _beside_words(claim.text, claim.written[items[0]])[0] if items else ""


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


def subject(claim: Claim, evidence: Evidence) -> Fault | None:
    """The same is said of the same: a source sentence does not serve for another subject."""
    mine = claim.subject
    if not mine:
        return None
    rest = [found for found in claim.items if found != mine]
    held = [len([found for found in rest if found in sentence.items]) for sentence in evidence.near]
    for sentence, shared in zip(evidence.near, held, strict=True):
        theirs = sentence.subject
        turned = bool(_PASSIVE.search(claim.text)) != bool(_PASSIVE.search(sentence.text))
        if (
            not theirs
            or turned
            or {mine, theirs} & LIGHT
            or theirs in claim.all_stems
            or mine in sentence.all_stems
        ):
            continue
        # A second sentence speaks only where it holds more of the claim than the best does.
        if (
            shared >= 2
            and shared >= _PREDICATE * len(rest)
            and (sentence is evidence.best or shared > held[0])
        ):
            known = mine in evidence.around.all_stems
            reason = f"the source says this of {theirs!r}, not of {mine!r}"
            return Fault("contradicted" if known else "unsupported", reason)
    return None


def roles(claim: Claim, evidence: Evidence) -> Fault | None:
    """Who does what to whom stays: no three shared words in reverse, no object of "into" moved elsewhere."""
    source = evidence.best
    if inverted(claim, source):
        return None
    for preposition, objects in claim.bound.items():
        theirs = source.bound.get(preposition, objects)
        if not objects & theirs and objects <= set(source.all_stems) and theirs <= set(claim.all_stems):
            return Fault("contradicted", f"what stands after {preposition!r} has changed places")
    for match in _TO_WHOM.finditer(claim.text):
        mine = root(match["whom"].lower())
        whom = {
            root(other["whom"].lower())
            for other in _TO_WHOM.finditer(source.text)
            if other["word"].lower() == match["word"].lower()
        }
        if whom and mine not in evidence.near_stems | LIGHT and not whom & set(claim.stems):
            return Fault("unsupported", f"the source does not say {match.group()!r}")
    by = _BY.search(claim.text)
    if by and not _BY.search(source.text):
        agent, patient = root(by.group(2).lower()), claim.subject
        order = [found for found in source.stems if found in (agent, patient)]
        spoken, verb = source.all_stems, root(by.group(1).lower())
        acts = any(one == agent and two == verb for one, two in pairwise(spoken))  # "the captain names them"
        if not acts and agent != patient and order == [patient, agent] and not _PASSIVE.search(source.text):
            return Fault("contradicted", f"{patient!r} and {agent!r} have changed places")
    if _voiced(claim, source):
        return None  # in the passive voice the order turns around
    new = [found for found in claim.stems if found not in source.stems]
    # A clause may move as a whole: "when it rains, we stay".
    return _reversed(Claim(max(_CLAUSE.split(claim.text), key=len)), source) if not new else None


def _voiced(claim: Claim, source: Claim) -> bool:
    """Tell whether one of the two says in the passive voice what the other says in the active voice."""
    mine, theirs = (
        {root(match.group(1).lower()) for match in _PASSIVE.finditer(each.text)} for each in (claim, source)
    )
    active = bool(mine) != bool(theirs)
    return active or bool((mine - theirs) & set(source.stems) or (theirs - mine) & set(claim.stems))


def _reversed(claim: Claim, source: Claim) -> Fault | None:
    """Find three shared words in reverse order."""
    shared = [
        found for found in dict.fromkeys(claim.stems) if found in source.stems and _plays(source, found)
    ]
    places = {found: source.stems.index(found) for found in shared}
    for one, two, three in combinations(shared, 3):
        if places[one] > places[two] > places[three] and not _in_list(source, three, two, one):
            return Fault("contradicted", f"{one!r} and {three!r} have changed places")
    return None


def inverted(claim: Claim, source: Claim) -> bool:
    """Tell whether a comparison is told from its other side: A has less than B, B has more than A."""
    mine, theirs = claim.bound.get("than", set()), source.bound.get("than", set())
    mine, theirs = mine - theirs, theirs - mine
    if not mine or not theirs:
        return False
    turned = any(
        set(opposites(one)) & set(source.all_stems) for one in claim.all_stems if one not in source.all_stems
    )
    return turned and claim.subject in theirs and source.subject in mine


def _plays(source: Claim, found: str) -> bool:
    """Tell whether a word has a part in who does what: no adverb has one, nor "free" in "is free for"."""
    if found.endswith("li"):
        return False
    every = words(source.text)
    for before, word, after in zip(every, every[1:], [*every[2:], ""], strict=False):
        adjective = before in _BE and not _PASSIVE.fullmatch(f"{before} {word}")
        if root(word) == found and adjective and after in STOP_WORDS and after != "than":
            return False
    return True


def _in_list(source: Claim, *found: str) -> bool:
    """Tell whether words of a source stand in one list, where order says nothing."""
    spans = [re.search(rf"\b{re.escape(wanted[:-1])}\w*", source.text, re.IGNORECASE) for wanted in found]
    gaps = [
        source.text[one.end() : two.start()]
        for one, two in pairwise(spans)
        if one is not None and two is not None and one.end() <= two.start()
    ]
    return len(gaps) < len(found) - 1 or all(
        _LISTED.search(gap) and len(words(gap)) <= _LIST_GAP for gap in gaps
    )
