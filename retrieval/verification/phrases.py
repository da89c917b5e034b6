"""Fixed phrases, times and ages that mean the same, brought to one form before sentences are compared."""

from __future__ import annotations

import re
from functools import lru_cache

from .particles import in_one_verb
from .units import CARDINALS, ORDINALS

_AMOUNT = r"(?:an?\b|[$€£]?\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b|half\b)"
_PHRASES = {
    # Price: nothing is to be paid.
    r"(?:at|for)\s+no\s+(?:extra\s+|additional\s+)?(?:charge|cost)|(?:free\s+of|without)\s+(?:any\s+)?(?:charge|cost|payment|paying)"
    r"|without\s+having\s+to\s+pay|for\s+(?:free|nothing)|free\s+of\s+cost": "free",
    r"free\s+(?:of|from)(?=\s+(?!charge|cost|all)[a-z])": "without",
    r"costs?\s+nothing(?:\s+extra|\s+more)?": "is free",
    # Time: what was is no more; what will be is not yet.
    r"(?:no|not\s+any)\s+longer(?!\s+than)": "not",
    r"as\s+soon\s+as": "once",
    r"ahead\s+of(?=\s+(?:the|an?|each|every)\b)": "before",
    r"(?:in|inside)\s+the\s+(?:past|last)(?=\s)": "in the last",
    r"inside(?=\s+(?:\d|two|three|four|five|six|seven|ten|an?\s+(?:hour|day|week|month|year))\b)": "within",
    r"after\s+the\s+end\s+of(?=\s+(?:jan|feb|march|apr|may|june|july|aug|sep|oct|nov|dec))": "at the end of",
    r"gets?\s+to(?=\s+(?:the|an?|your|its|his|her)\b)": "reaches",
    r"(?:every\s+)?now\s+and\s+(?:then|again)|from\s+time\s+to\s+time|once\s+in\s+a\s+while"
    r"|every\s+so\s+often": "sometimes",
    r"as\s+a\s+rule|for\s+the\s+most\s+part": "usually",
    r"at\s+all\s+times": "always",
    r"(?:keep|stay)s?\s+(?:away\s+from|clear\s+of)": "avoid",
    r"there(?:\s+is|['’]s)\s+no\s+(?:extra\s+|additional\s+)?(?:charge|fee|cost)\s+for": "it is free for",
    r"(?:is|are)\s+(?:not\s+charged\s+for|without\s+charge)": "is free",
    r"(?:is|are)\s+(?:not\s+admitted|not\s+taken)": "are not accepted",
    r"(?:take|takes)\s+place": "is held",
    r"took\s+place": "was held",
    r"belongs?\s+in(?:to)?": "goes into",
    r"(?:around|round)\s+the\s+clock|day\s+(?:and|or)\s+night|at\s+all\s+hours"
    r"|at\s+any\s+(?:hour|time)": "at any time",
    r"(?:let|lets|letting)\s+(?=(?:the|your|us|him|her|them)\b(?:\s+\w+){0,2}\s+know\b)": "inform ",
    r"free\s+of\s+interest|interest[\s-]free"
    r"|(?:not|never|without)\s+(?:being\s+)?charged\s+(?:any\s+)?interest": "without interest",
    r"by\s+(?:itself|themselves)": "on its own",
    # Possibility.
    r"(?:it\s+)?(?:is|are)\s+(?:now\s+)?impossible\s+to": "you cannot",
    r"(?:it\s+)?(?:is|are)\s+not\s+possible\s+to": "you cannot",
    r"(?:it\s+)?is\s+possible\s+to": "you can",
    r"impossible": "not possible",
    r"makes?\s+no\s+difference\s+(?:to|for|in)": "is ignored by",
    # Bounds.
    rf"as\s+(?:long|many|much|far|few)\s+as(?=\s+(?!an?\b){_AMOUNT})": "up to",
    r"(?:no|not)\s+more\s+than|(?:a\s+)?maximum\s+of|a\s+limit\s+of|not\s+exceeding": "at most",
    r"(?:no|not)\s+(?:less|fewer)\s+than|(?:a\s+)?minimum\s+of": "at least",
    rf"(?:heavier|longer|older|larger|higher|greater|taller|further|wider|bigger)\s+than"
    rf"(?=\s+{_AMOUNT})": "more than",
    rf"(?:lighter|shorter|younger|smaller|lower)\s+than(?=\s+{_AMOUNT})": "less than",
    **{
        rf"every\s+{nth}(?=\s+[a-z])": f"every {count}"
        for nth, count in (("second", 2), ("third", 3), ("fourth", 4))
    },
    r"at\s+once|(?:right|straight)\s+away|without\s+delay|instantly": "immediately",
    r"ahead\s+of\s+time|in\s+advance": "beforehand",
    **{rf"{nth}-(?=[a-z]{{3}})": nth for nth in ("first", "second", "last")},  # first-aid, last-minute
    r"percent(?:age)?[\s-]+points?": "percentpoints",
    # Taking.
    r"get(?=\s+(?:no|their|his|her|its|our|any|an?)\s+[a-z])": "receive",
    r"gets(?=\s+(?:no|their|his|her|its|our|any|an?)\s+[a-z])": "receives",
    # Conditions.
    rf"provided\s+that|(?<=,\s)provided(?=\s+(?:the|an?|your?|they|it|we|he|she|there)\b)|on\s+(?:the\s+)?condition\s+that"
    rf"|(?:as|so)\s+long\s+as(?!\s+{_AMOUNT})": "if",
    # Reason, exception, preference.
    r"thanks\s+to|owing\s+to|due\s+to|on\s+account\s+of": "because of",
    r"with\s+the\s+exception\s+of|apart\s+from|other\s+than|save\s+for": "except",
    r"rather\s+than|in\s+(?:place|lieu)\s+of": "instead of",
    r"in\s+order\s+to|so\s+as\s+to": "to",
    # Times and amounts.
    r"one\s+time(?=\s|$)": "once",
    r"two\s+times": "twice",
    r"(?:an?|one)\s+hour\s+and\s+a\s+half|one\s+and\s+a\s+half\s+hours": "90 minutes",
    r"(?:a|one)\s+year\s+and\s+a\s+half|one\s+and\s+a\s+half\s+years": "18 months",
    # Devices.
    r"(?:switch|turn)(?:ed|es|s|ing)?\s+(?:(?:itself|themselves)\s+)?off": "disabled",
    r"(?:switch|turn)(?:ed|es|s|ing)?\s+(?:(?:itself|themselves)\s+)?on": "enabled",
}
_SHOULD = re.compile(r"^Should\s+(?=[^,?]{3,80},)")
_NOBODY_ELSE = re.compile(
    r"\bby\s+(?P<who>[^,;]{2,40}?),?\s+and\s+(?:by\s+)?(?:nobody|no\s+one|nothing)\s+else\b", re.IGNORECASE
)
# An empty group ends each: one around it would keep the search from passing over it at its first letter.
_ANY = re.compile(rf"\b(?:{'|'.join(f'(?:{found})()' for found in _PHRASES)})\b", re.IGNORECASE)
_FORMS = tuple(_PHRASES.values())
_IF_NOT = re.compile(
    r"(?<!only )(?<!even )\bif\s+(?P<who>(?:(?!neither\b|and\b|or\b)[\w'’-]+\s+){1,6}?)"
    r"(?:(?:does|do|did)(?:\s+not|n['’]t)|(?P<be>is|are|was|were|has|have|had|can|will)(?:\s+not|n['’]t)"
    r"|not(?!\s+(?:only|to)\b)|(?P<no>no\b(?!\s+(?:more|less|later)\b)))\s+",
    re.IGNORECASE,
)
_MOMENT = (
    rf"\d[\w.:]*|{'|'.join(CARDINALS)}|noon|midnight|end|start|beginning|age|first|last|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|second|minute|hour|day|week|month|year"
)
_CLAUSE = rf"(?!(?:(?:the|an?|about|at\s+least)\s+)*(?:{_MOMENT})s?\b)(?=(?:[\w'’-]+\s+){{2}})"
"""No moment: a clause."""
_FEW, _SOME = "{0,7}?", "{1,14}?"
_NOT_BEFORE = re.compile(
    rf"(?:\b(?P<none>no(?:thing|body|\s+one)?)\s+(?P<who>(?:[^,;.\s]+\s+){_FEW}[^,;.\s]+)"
    r"|\b(?:(?P<be>is|are|was|were|can|could|will|would|may|has|have)|(?P<must>must|should)|do|does|did)(?:\s*not|n['’]t)\b)"
    rf"\s+(?P<said>(?:(?!only\b|not\b|if\b|unless\b)[^,;.\s]+\s+){_SOME})(?:until|till|before)\s+{_CLAUSE}",
    re.IGNORECASE,
)
"""Not done until something is so: it is done only after that."""
_REACH = 120
"""Characters before a denial in which its clause begins."""
_SUBORDINATE = re.compile(r"\b(?:who|which|that|whose|if|when|whenever|unless)\b[^,;]*$", re.IGNORECASE)
_UNTIL_NOT = re.compile(
    rf"^(?:until|before)\s+{_CLAUSE}"
    r"(?P<when>[^,;.]{3,120}),\s+(?P<who>(?:(?!\b(?:no|only)\b)[^,;.]){1,80}?)\s+(?:(?P<be>is|are|was|were|can|could"
    r"|will|would|may|has|have)|(?P<must>must|should)|do|does|did)(?:\s*not|n['’]t)\b",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    r"(?:(?<=\bnot)|(?<=n['’]t))\s+yet\b|\s+any\s?(?:more|longer)(?=\s*(?:[.,;]|$))", re.IGNORECASE
)
"""What adds nothing to a denial: not yet, not any more."""
_HOURS = "|".join(name for name, value in CARDINALS.items() if 1 <= value <= 12)
_HOUR = rf"(?P<hour>\d{{1,2}}(?:[:.]\d\d)?|{_HOURS})"
_DAYTIME = r"(?:\s+(?:in\s+the\s+(?P<half>morning|afternoon|evening)|(?P<night>at\s+night)))"
_PAST = re.compile(
    rf"\b(?:(?P<part>half|(?:a\s+)?quarter)\s+(?P<side>past|to)\s+){_HOUR}\b{_DAYTIME}?", re.IGNORECASE
)
_SAID = re.compile(
    rf"\b{_HOUR}(?:\s+o['’]clock)?{_DAYTIME}(?!\s+of\b)|\b(?P<clock>\d{{1,2}}|{_HOURS})\s+o['’]clock\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    rf"\b(?:an?\s+)?(?P<age>\d{{1,2}}|{'|'.join(CARDINALS)})-year-old(?P<many>s?)\b(?!\s+[a-z]+s?\b(?<!may)(?<!will))",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:quarter|half|morning|afternoon|evening|at\s+night|fortnight\w*|\w+-year-old|(?:day|week|month|year)\s+(?:\d|[a-z]+)|o['’]clock)\b",
    re.IGNORECASE,
)
"""Where there is none of these, nothing changes."""
_NTH = {value: name for name, value in ORDINALS.items()}
_COUNTED = re.compile(
    rf"\b(?P<what>day|week|month|year)\s+(?P<count>\d{{1,2}}|{'|'.join(CARDINALS)})\b(?!\s+(?:days|weeks|months|years|hours|times))",
    re.IGNORECASE,
)
_FORTNIGHT = re.compile(
    r"\b(?:(?P<every>fortnightly|(?:every|each)\s+fortnight)|(?:an?|one)\s+fortnight)\b", re.IGNORECASE
)
_HALF_MORE = re.compile(
    r"\b(?:an?|one)\s+(?P<unit>metre|meter|kilo|kilogram|litre|liter|mile|kilometre)\s+and\s+a\s+half\b",
    re.IGNORECASE,
)


def _unless(found: re.Match[str]) -> str:
    return f"unless {found['who']}{found['be'] or ''} ".replace("  ", " ")


def _only_after(found: re.Match[str]) -> str:
    if _SUBORDINATE.search(found.string[max(0, found.start() - _REACH) : found.start()]):
        return found.group()
    kept = found["be"] or ("may" if found["must"] else "")
    who = f"it {found['who']}" if found["none"] and len(found["none"]) > 2 else found["who"] or ""
    return " ".join(f"{who} {kept} {found['said']}only after ".split()) + " "


def _after_only(found: re.Match[str]) -> str:
    kept = found["be"] or ("may" if found["must"] else "")
    return f"Only after {found['when']}, {found['who']} {kept}".rstrip()


@lru_cache(maxsize=4096)
def uniform(text: str) -> str:
    """Return a sentence with each known phrase in its one form."""
    plain = _DROPPED.sub("", in_one_verb(spelled_out(text)))
    form = _ANY.sub(lambda found: _FORMS[(found.lastindex or 1) - 1], plain)
    form = _UNTIL_NOT.sub(_after_only, _NOT_BEFORE.sub(_only_after, _SHOULD.sub("If ", form)))
    return _IF_NOT.sub(_unless, _NOBODY_ELSE.sub(r"only by \g<who>", form))


def spelled_out(text: str) -> str:
    """Return a text with "half past six in the evening" as 6:30 p.m., "day two" as the second day."""
    if not _TOLD.search(text):
        return text
    text = _PAST.sub(_past, text)
    text = _SAID.sub(_said, text)
    text = _AGE.sub(lambda found: f"{'children' if found['many'] else 'a child'} aged {found['age']}", text)
    text = _FORTNIGHT.sub(lambda found: "every two weeks" if found["every"] else "two weeks", text)
    text = _HALF_MORE.sub(lambda found: f"1.5 {found['unit']}s", text)
    return _COUNTED.sub(_ranked, text)


def _past(found: re.Match[str]) -> str:
    hour = _number(found["hour"])
    minutes = 30 if found["part"].lower() == "half" else 15
    if found["side"].lower() == "to":
        hour, minutes = (hour - 2) % 12 + 1, 60 - minutes
    return f"{hour}:{minutes:02d}{_suffix(found)}"


def _said(found: re.Match[str]) -> str:
    if found["clock"]:
        return f"{_number(found['clock'])}:00"
    hour, _, minutes = found["hour"].replace(".", ":").partition(":")
    return f"{_number(hour)}:{minutes or '00'}{_suffix(found)}"


def _suffix(found: re.Match[str]) -> str:
    if found["night"] or (found["half"] or "").lower() in ("afternoon", "evening"):
        return " p.m."
    return " a.m." if found["half"] else ""


def _number(word: str) -> int:
    return int(word) if word.isdigit() else CARDINALS[word.lower()]


def _ranked(found: re.Match[str]) -> str:
    count = _number(found["count"])
    return f"the {_NTH[count]} {found['what']}" if count in _NTH else found.group()
