"""Small talk: a message of which every word is social, such as "ok, thanks, bye"; English, by rule."""

from __future__ import annotations

import re
from typing import Literal

from ...retrieval.terms import STOP_WORDS, words

Social = Literal["greeting", "thanks", "goodbye", "agreed"]

_CUES: dict[str, Social] = {
    **dict.fromkeys(
        "hi hello hey hiya yo howdy hola greetings sup morning afternoon evening".split(), "greeting"
    ),
    **dict.fromkeys("thanks thank thx ty tysm cheers appreciate appreciated helpful helps".split(), "thanks"),
    **dict.fromkeys("bye goodbye byebye ciao cya farewell".split(), "goodbye"),
}
_LIGHT = frozenset(
    """
    ok okay great good nice fine cool super perfect wonderful awesome lovely excellent brilliant alright right
    well oh ah hm hmm lol haha sure lot much many help needed need know sorry whatever day time one team
    everyone folks really sorting trouble wait dear sir madam worries problem later again u ur im thats never
    mind
    """.split()
)
"""Words around a greeting, thanks or a goodbye that ask for nothing."""
_SAYS_NOTHING = STOP_WORDS | _LIGHT
_AGREEING = _LIGHT - frozenset(
    "good day time one never mind team everyone folks dear sir madam later again".split()
)
"""Those that answer something: "good day" is a greeting, and none that this rule knows."""
_PARTING = re.compile(
    r"\b(?:have\s+a\s+\w+\s+(?:day|one|evening|weekend|time|night)|see\s+(?:you|ya)|take\s+care|good\s*night"
    r"|(?:merry|happy)\s+(?:new\s+)?\w+)\b",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"\b(?:for|about)\s+(?:(?:the|your|my|all)\s+)*\w+(?:\s+(?:this|that|it|out))*(?=\W*$|[,.!;])",
    re.IGNORECASE,
)
"""What somebody is thanked for, or sorry for."""


def social(message: str) -> Social | None:
    """Tell which kind of small talk a message is; None where it says anything else.

    "agreed" is one of which every word leads over to nothing: "okay, no worries".
    """
    if "?" in message:
        return None
    parted = _PARTING.sub(" ", message)
    said = words(
        _FOR.sub(" ", parted)
        if re.search(r"\b(?:thank|thanks|thx|ty|sorry)\b", message, re.IGNORECASE)
        else parted
    )
    if said and _CUES.get(said[-1]) == "goodbye":
        return "goodbye"
    if any(word.partition("'")[0] not in _SAYS_NOTHING and word not in _CUES for word in said):
        return None
    kinds = {_CUES[word] for word in said if word in _CUES}
    if parted != message or "goodbye" in kinds:
        return "goodbye"
    if kinds:
        return "thanks" if "thanks" in kinds else "greeting"
    return "agreed" if any(word in _AGREEING for word in said) else None
