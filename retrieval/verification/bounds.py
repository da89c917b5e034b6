"""The rules about how much is meant: at least or at most, all or some."""

from __future__ import annotations

import re

from .antonyms import covers
from .claim import Claim
from .evidence import MUST, Evidence, Fault, aligned
from .lexicon import LIGHT, content, root
from .units import Number

_UP = re.compile(
    r"\b(?:at\s+least|more\s+than|over|above|exceed(?:s|ing)?|no\s+(?:less|fewer)\s+than|not\s+less\s+than|minimum(?:\s+of)?"
    r"|older\s+than|heavier\s+than|larger\s+than|longer\s+than|greater\s+than|higher\s+than|upwards\s+of)\s+(?:an?\s+)?$",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:at\s+most|up\s+to|less\s+than|fewer\s+than|under|below|no\s+(?:more|longer|later)\s+than|not\s+more\s+than"
    r"|maximum(?:\s+of)?|limited\s+to|younger\s+than|lighter\s+than|smaller\s+than|shorter\s+than|lower\s+than)"
    r"\s+(?:an?\s+)?$",
    re.IGNORECASE,
)
_UP_AFTER = re.compile(
    r"^\W*(?:\w+\W+){0,2}?(?:or\s+(?:more|over|older|above|longer)|minimum)\b", re.IGNORECASE
)
_DOWN_AFTER = re.compile(
    r"^\W*(?:\w+\W+){0,2}?(?:or\s+(?:less|fewer|under|younger|below)|maximum)\b", re.IGNORECASE
)
_TIMES = ("second", "month")
_LATEST = re.compile(r"\b(?:(?:no|not)\s+later\s+than|at\s+the\s+latest|by)\s+$", re.IGNORECASE)
_AHEAD = re.compile(r"\s*(?:[^\W\d_]+\s+){0,3}?(?:before(?:hand)?|prior|ahead|earlier)\b", re.IGNORECASE)
_NOT = re.compile(r"(?:\bnot|n['’]t|\bcannot|\bnever|\bno)\s+(?:be\s+)?(?:\w+\s+)?$", re.IGNORECASE)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|do|does|did|must|may|can|could|will|would|should|not|includes?|costs?|takes?)\b|,",
    re.IGNORECASE,
)
"""Before these a number belongs to the subject of its sentence."""
_SAID = 0.6
"""Share of what a source says beyond a bound that a claim must say, too."""
_REACH = 28
"""Characters before and after a number in which its bound stands."""
_STRICT = re.compile(r"\b(?:more|less|fewer)\s+than\s+(?:an?\s+)?$", re.IGNORECASE)

_CLASSES = {
    # At the end of a clause "each" is no quantifier: "they may buy four each".
    "all": r"all|every|each(?!\W*$|[,.;])|everyone|everybody|everything|everywhere|anyone|anybody|any"
    r"|as\s+(?:often|much|many|long)\s+(?:\w+\s+)?as\s+(?:they|you|he|she|it)\s+(?:like|want|wish|please)s?|always|whenever|whatever|wherever|entire|whole|throughout|constantly",
    "most": r"most|mostly|usually|generally|typically|normally|mainly|majority|largely|commonly|often",
    "some": r"some|parts?\s+of|sometimes|occasionally|partly|partially|several|certain|now\s+and\s+then",
    "few": r"few|rarely|seldom|hardly|scarcely|barely",
    "a share": r"half|(?:an?|one|two|three)\s+(?:third|quarter|fifth|tenth)s?|percent|minority",
    "none": r"no|none|never|nobody|no\s+one|nothing|nowhere|neither|not|cannot|without|\w+n['’]t",
}
_QUANTIFIERS = {name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in _CLASSES.items()}
_COMPARED = re.compile(
    r"\b(?:(?:more|less|fewer)\s+(?:\w+\s+){0,3}|\w{2,}er\s+(?:\w+\s+){0,2})than\b(?!\s+\W?\d)", re.IGNORECASE
)
_COMPARING = re.compile(
    r"\b(?:more|less|fewer|most|least|than|instead|twice|double|half|compared|exceeds?|unlike|as\s+\w+\s+as|\w{2,}est)\b"
    r"|\b(?:bett|worse|high|low|larg|small|great|long|short|old|young|fast|slow|cheap|warm|cold|strong|weak|heavi|light|dens)er\b",
    re.IGNORECASE,
)
_ONES = re.compile(
    r"\b(?:\w+er\s+ones|others|the\s+(?:others|rest)|(?:every|any)(?:one|body)\s+else)\s+(?P<said>[^;.]+)",
    re.IGNORECASE,
)
_EXACTLY = re.compile(r"\b(?:exactly|precisely)\b", re.IGNORECASE)
_ROUGHLY = re.compile(
    r"\b(?:at\s+(?:least|most)|up\s+to|about|around|roughly|approximately|(?:more|less|fewer)\s+than)\b",
    re.IGNORECASE,
)
_AS_LIKED = re.compile(r"as\b.*", re.IGNORECASE)
_THROUGHOUT = re.compile(r"throughout|whole|entire", re.IGNORECASE)
_IN_CASE = re.compile(r"\b(?:when|whenever|wherever)\b", re.IGNORECASE)
_SOME = re.compile(r"^\W*some\s+(?!of\b)[^\W\d_]+s\b", re.IGNORECASE)
"""A subject of which only some are meant."""
_OTHERS = re.compile(
    r"\ball\s+(?:the\s+)?others?\b|\b(?:every|any)(?:one|body|thing)\s+else\b", re.IGNORECASE
)
_BOTH = re.compile(r"\bboth\s+(?:the\s+)?(?P<what>\w+)", re.IGNORECASE)
_ROOT = 4
"""Letters that the singular and the plural of a word share."""
_WHOLE = re.compile(r"\b(?:all|the\s+(?:whole|entire))\b", re.IGNORECASE)
_NO_CLAIM = re.compile(
    r"\b(?:(?:the|at)\s+most|most\s+of\s+all|at\s+all|after\s+all|each|of\s+all"
    r"|(?:every|each)\s+(?:day|week|month|year|hour|night|morning|evening|\w+day))\b",
    re.IGNORECASE,
)
"""Other senses of these words; "each" says that there are several, and of all that are there."""


def bounds(claim: Claim, evidence: Evidence) -> Fault | None:
    """What is at least so much in the source is not at most so much, nor the other way round."""
    for number in claim.numbers:
        mine = bound(claim.text, number)
        if not mine:
            continue
        found = [
            (bound(sentence.text, other), sentence)
            for sentence in evidence.near
            for other in sentence.numbers
            if number.says(other)
        ]
        written = claim.text[number.start : number.end]
        opposite = [sentence for bound, sentence in found if bound and bound != mine]
        if any(_turned_by_ones(claim, sentence) for sentence in opposite):
            continue
        if opposite and all(bound != mine for bound, _ in found):
            if claim.denied == _clause(opposite[0], number).denied:
                return Fault("contradicted", f"the source has another bound for {written!r}")
        elif found and not any(bound for bound, _ in found) and _STRICT.search(claim.text[: number.start]):
            return Fault("unsupported", f"the source has no such bound for {written!r}")
    return None


def exact(claim: Claim, evidence: Evidence) -> Fault | None:
    """What is at least or at most so much is not exactly so much."""
    found = _EXACTLY.search(claim.text)
    text = " ".join(sentence.text for sentence in evidence.near)
    if found and _ROUGHLY.search(text) and not _EXACTLY.search(text):
        return Fault("contradicted", f"the source does not say {found.group()!r}")
    return None


def flipped(claim: Claim, source: Claim) -> bool:
    """Tell whether one bounds from below what the other bounds from above: "none over 5" of "all under 5"."""
    return any(
        {bound(claim.text, mine), bound(source.text, other)} == {"up", "down"}
        for mine in claim.numbers
        for other in source.numbers
        if mine.says(other)
    )


def _clause(source: Claim, number: Number) -> Claim:
    """Return the clause of a source that has a number: a denial in another one turns nothing around."""
    return next((part for part in source.parts if any(number.says(n) for n in part.numbers)), source)


def _turned_by_ones(claim: Claim, source: Claim) -> bool:
    """Tell whether the claim is about "larger ones" or "others": what lies beyond the source's bound."""
    told = _ONES.search(source.text)
    return told is not None and bool(set(content(told["said"])) & set(claim.stems))


def bound(text: str, number: Number) -> str:
    """Return "up" where at least so much is meant, "down" where at most, "" where neither is said."""
    before, after = text[max(0, number.start - _REACH) : number.start], text[number.end : number.end + _REACH]
    if number.unit in _TIMES and _LATEST.search(before) and _AHEAD.match(after):
        return "up"  # no later than 14 days before
    up = _UP.search(before) or _UP_AFTER.match(after)
    down = _DOWN.search(before) or _DOWN_AFTER.match(after)
    if not up and not down:
        return ""
    found = up if up and up.string == before else down if down and down.string == before else None
    turned = found is not None and bool(_NOT.search(before[: found.start()]))
    return "up" if bool(up) != turned else "down"


def compared(claim: Claim, evidence: Evidence) -> Fault | None:
    """A comparison is one that the source makes, in whatever words."""
    found = _COMPARED.search(claim.text)
    if found and not any(_COMPARING.search(sentence.text) for sentence in evidence.near):
        return Fault("unsupported", f"the comparison {found.group().strip()!r} is not in the source")
    if found and not claim.negated:
        word = root(found.group().split()[0].lower())
        more, less = set(content(claim.text[: found.start()])), set(content(claim.text[found.end() :]))
        for part in (part for sentence in evidence.near for part in sentence.parts):
            at = re.search(rf"\b{found.group().split()[0]}\b", part.text, re.IGNORECASE)
            ahead = set(content(part.text[: at.start()])) if at else set()
            if word not in ("more", "less", "fewer") and (less - more) & ahead and not (more - less) & ahead:
                return Fault("contradicted", f"the source says {found.group().split()[0]!r} of the other")
    return None


def limits(claim: Claim, evidence: Evidence) -> Fault | None:
    """What the source says only of those beyond a bound, the claim does not say of all: "gifts over $50"."""
    mine = set(claim.stems)
    for part in aligned(claim, evidence.near):
        for number in part.numbers:
            ahead, after = part.text[: number.start], content(part.text[number.end :])
            if not bound(part.text, number) or _FINITE.search(ahead) or not content(ahead) or not after:
                continue
            kept = any((each.kind, each.unit) == (number.kind, number.unit) for each in claim.numbers)
            if not kept and content(ahead)[0] in mine | LIGHT and covers(mine, set(after), _SAID):
                written = part.text[number.start : number.end]
                return Fault("unsupported", f"it leaves out the bound {written!r}")
    return None


def quantifiers(claim: Claim, evidence: Evidence) -> Fault | None:
    """All, most, some, few or none: the source says it of as many."""
    mine = set(claim.stems)
    about = [
        part for part in aligned(claim, evidence.near) if len(mine & set(part.stems)) >= min(2, len(mine))
    ]
    text = _OTHERS.sub(" ", " ".join(part.text for part in [*about, evidence.part(claim)]))
    theirs = {name for name, pattern in _QUANTIFIERS.items() if pattern.search(text)}
    masked = _NO_CLAIM.sub(" ", claim.text)
    for both in _BOTH.finditer(text):
        one = rf"\b(?:one|either|neither|a\s+single)\s+{both['what'][:_ROOT]}"
        single = re.search(one, claim.text, re.IGNORECASE)
        if single:
            return Fault("contradicted", f"{single.group()!r} stands where the source has {both.group()!r}")
    if _WHOLE.search(_NO_CLAIM.sub(" ", claim.text)) and "a share" in theirs and not _WHOLE.search(text):
        return Fault("contradicted", "'all' stands where the source has a share")
    if _SOME.search(claim.text) and not theirs & {"some", "most", "few", "a share"}:
        return Fault("unsupported", "the source does not say it of 'some'")
    for name in ("all", "most", "some", "few"):
        found = _QUANTIFIERS[name].search(masked)
        if found is None:
            continue
        if _AS_LIKED.fullmatch(found.group()) and not _QUANTIFIERS["all"].search(evidence.best.text):
            return Fault("contradicted", f"the source does not say {found.group()!r}")
        if _THROUGHOUT.fullmatch(found.group()) and not _QUANTIFIERS["all"].search(_NO_CLAIM.sub(" ", text)):
            return Fault("unsupported", f"the source does not say it of {found.group()!r}")
        if name in theirs and not (found.group().lower() == "always" and _IN_CASE.search(text)):
            continue
        if found.group().lower() == "any" and not theirs and MUST.search(text):
            continue  # a duty holds for any that it names
        if (
            found.group().lower() == "always"
            and MUST.search(text)
            and not evidence.best.conditions
            and not _IN_CASE.search(text)
        ):
            continue  # what must be done must always be done
        if name == "all" or theirs & {"all", "most", "some", "few", "a share"}:
            return Fault("unsupported", f"the source does not say it of {found.group()!r}")
    return None
