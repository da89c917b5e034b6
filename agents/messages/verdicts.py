"""A yes or a no to what the bot asked, what comes with it, and moods; English, by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ...retrieval.terms import words

_OPENING = (
    r"^\W*(?:(?:alright|all\s+right|great|good|cool|nice|fine|well|oh|ah|so|hm+|lol|then|in\s+that\s+case|actually|sorry"
    r"|wait|whatever|on\s+second\s+thoughts?|ok(?:ay)?)\W+)*"
)
"""What may stand before a yes or a no, and says neither."""
_YES = re.compile(
    _OPENING
    + r"(?:yes+|yep|yeah?|yup|y|sure|ok(?:ay)?|fine|alright|please\s+do|go\s+(?:ahead|on|for\s+it)|proceed"
    r"|do\s+(?:it|that|so)|confirm(?:ed)?|correct|right|that(?:'s|\s+is)\s+(?:right|correct|fine)|absolutely|of\s+course"
    r"|sounds\s+good|perfect|exactly)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    _OPENING + r"(?:no|nope|nah|n|don't|do\s+not|stop|never\s*mind|forget\s+it|i\s+changed\s+my\s+mind"
    r"|not\s+(?:now|yet|anymore|any\s+more)|(?:i(?:'d|'ll|\s+will|\s+would)?\s+)?(?:rather\s+)?(?:keep|leave)\s+"
    r"(?:it|them|that|(?:the|my)\s+\w+))\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"\b(?:please|thanks|thank\s+you|do|it|that|this|go|ahead|so|then|just|want|the|you|can|i|leave|as|is|actually"
    r"|mind|all|of|my|a|yes|no|ok|okay|sure|sorry|wait|now|cancel|keep|order|confirm|correct|right|forget|about"
    r"|not|needed?|necessary|them|with|rather|on|fine|alright)\b"
    r"|[^\w\s]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message says to a question that the bot asked."""

    kind: Literal["yes", "no", "other"]
    more: bool
    """Whether it says something else besides, such as a correction."""


def verdict(message: str) -> Verdict:
    """Read a yes or a no at the beginning of a message."""
    kind: Literal["yes", "no", "other"] = (
        "no" if _NO.match(message) else "yes" if _YES.match(message) else "other"
    )
    found = (_YES if kind == "yes" else _NO).sub("", message, count=1)
    more = message.rstrip().endswith("?") or len(words(_FILLER.sub(" ", found))) > 0
    return Verdict(kind, more)


_WEAK = re.compile(
    _OPENING + r"(?:ok(?:ay)?|fine|alright|right|perfect|correct|exactly|sounds\s+good)\b", re.IGNORECASE
)
_HESITATES = re.compile(
    r"^\W*(?:well\W+)?(?:maybe|perhaps|hmm+|not\s+sure|i(?:'m|\s+am)\s+not\s+sure|i\s+don't\s+know|let\s+me\s+think"
    r"|hold\s+on|one\s+moment|just\s+a\s+(?:moment|second))\b[^?]{0,40}$",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"\b(?:i\s+mean|meant|instead|make\s+(?:it|that)|wrong\s+(?:one|number)|typo|mistyped|oops)\b",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:it(?:['’]?s)?|(?:that|this)\s+(?:order|one|parcel|package)|in\s+(?:there|that|this)"
    r"|(?:whether|if|is|was|did|has)\s+(?:that|this)|both|(?:those|these)\s+(?:two|three))\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:both|(?:those|these)\s+(?:two|three))\b", re.IGNORECASE)


def weak_yes(message: str) -> bool:
    """Tell whether a yes may be no more than a way to begin: "ok, and what about boots?"."""
    return bool(_WEAK.match(message))


def hesitates(message: str) -> bool:
    """Tell whether a customer has not decided yet."""
    return bool(_HESITATES.match(message))


def corrects(message: str) -> bool:
    """Tell whether a message puts something else in the place of what was said before."""
    return bool(_CORRECTS.search(message))


def refers(message: str) -> bool:
    """Tell whether a message speaks of the thing that was just spoken of."""
    return bool(_REFERS.search(message))


def refers_to_several(message: str) -> bool:
    """Tell whether a message speaks of two or three things at once that were just spoken of."""
    return bool(_SEVERAL.search(message))


_ANGRY = re.compile(
    r"\b(?:ridiculous|unacceptable|terrible|horrible|awful|worst|furious|angry|scam|useless|fed\s+up|disgusting"
    r"|outrageous|joke|incompetent|damn|wtf|bullshit|crap|sick\s+of|lawyer|complain(?:t|ing)?|disappointed"
    r"|frustrat(?:ed|ing)|annoyed)\b|!!",
    re.IGNORECASE,
)


def upset(message: str) -> bool:
    """Tell whether a customer is angry or let down."""
    shouted = [word for word in re.findall(r"[A-Za-z]{3,}", message) if word.isupper()]
    return bool(_ANGRY.search(message)) or len(shouted) >= 4
