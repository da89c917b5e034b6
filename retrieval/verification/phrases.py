"""Fixed phrases that mean the same, brought to one form before sentences are compared."""

from __future__ import annotations

import re
from functools import lru_cache

_AMOUNT = r"(?:an?\b|[$€£]?\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b|half\b)"
_PHRASES = {
    # Price: nothing is to be paid.
    r"(?:at|for)\s+no\s+(?:extra\s+|additional\s+)?(?:charge|cost)|(?:free\s+of|without)\s+(?:any\s+)?(?:charge|cost|payment|paying)"
    r"|without\s+having\s+to\s+pay|for\s+(?:free|nothing)|free\s+of\s+cost": "free",
    r"costs?\s+nothing(?:\s+extra|\s+more)?": "is free",
    # Time: what was is no more; what will be is not yet.
    r"(?:no|not\s+any)\s+longer(?!\s+than)": "not",
    r"as\s+soon\s+as": "once",
    r"after\s+the\s+end\s+of(?=\s+(?:jan|feb|march|apr|may|june|july|aug|sep|oct|nov|dec))": "at the end of",
    r"gets?\s+to(?=\s+(?:the|an?|your|its|his|her)\b)": "reaches",
    r"(?:every\s+)?now\s+and\s+(?:then|again)|from\s+time\s+to\s+time|once\s+in\s+a\s+while"
    r"|every\s+so\s+often": "sometimes",
    r"as\s+a\s+rule|for\s+the\s+most\s+part": "usually",
    r"at\s+all\s+times": "always",
    r"(?:keep|stay)s?\s+(?:away\s+from|clear\s+of)": "avoid",
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
    r"(?:switch|turn)(?:ed|es|s|ing)?\s+off": "disabled",
    r"(?:switch|turn)(?:ed|es|s|ing)?\s+on": "enabled",
}
_ANY = re.compile(
    "|".join(rf"(?P<p{at}>\b(?:{found})\b)" for at, found in enumerate(_PHRASES)), re.IGNORECASE
)
_FORMS = tuple(_PHRASES.values())
_IF_NOT = re.compile(
    r"(?<!only )(?<!even )\bif\s+(?P<who>(?:(?!neither\b|and\b|or\b)[\w'’-]+\s+){1,6}?)"
    r"(?:(?:does|do|did)(?:\s+not|n['’]t)|(?P<be>is|are|was|were|has|have|had|can|will)(?:\s+not|n['’]t)"
    r"|(?P<no>no\b(?!\s+(?:more|less|later)\b)))\s+",
    re.IGNORECASE,
)


def _unless(found: re.Match[str]) -> str:
    return f"unless {found['who']}{found['be'] or ''} ".replace("  ", " ")


_DROPPED = re.compile(
    r"(?:(?<=\bnot)|(?<=n['’]t))\s+yet\b|\s+any\s?(?:more|longer)(?=\s*(?:[.,;]|$))", re.IGNORECASE
)
"""What adds nothing to a denial: not yet, not any more."""


@lru_cache(maxsize=4096)
def uniform(text: str) -> str:
    """Return a sentence with each known phrase in its one form."""
    form = _ANY.sub(lambda found: _FORMS[int((found.lastgroup or "p0")[1:])], _DROPPED.sub("", text))
    return _IF_NOT.sub(_unless, form)
