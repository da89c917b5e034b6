"""Wishes about what the bot remembers of a customer; English, by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_REMEMBER = re.compile(
    r"^(?:please\s+)?(?:remember|note|keep\s+in\s+mind|don't\s+forget)\s*(?:that\s+|down\s+that\s+|:\s*)?(?P<what>[^?]{3,160})$",
    re.IGNORECASE,
)
_CALL_ME = re.compile(r"^(?:please\s+)?(?P<what>call\s+me\s+\w[\w' -]{0,40})\W*$", re.IGNORECASE)
_RECALL = re.compile(
    r"\bwhat\s+(?:do|did|have)\s+you\s+(?:remember|know|stored?|saved?|kept?)\b|\b(?:list|show)\s+(?:me\s+)?my\s+preferences"
    r"|\bwhat\s+are\s+my\s+preferences",
    re.IGNORECASE,
)
_FORGET = re.compile(
    r"^(?:please\s+)?(?:forget|erase|delete|remove)\s+(?P<what>(?:everything|all|me\b|what\s+you|that\s+|my\s+preference"
    r"|about\s+|my\s+(?!order|address|account|card)).{0,120})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Something about the bot's memory."""

    kind: Literal["remember", "list", "forget"]
    what: str = ""
    """What to remember or forget; "" for everything."""


def memory_wish(message: str) -> Wish | None:
    """Read a wish to remember, list or forget; None where the message is about something else."""
    line = " ".join(message.split())
    if _RECALL.search(line):
        return Wish("list")
    if found := _REMEMBER.match(line) or _CALL_ME.match(line):
        return Wish("remember", found["what"].rstrip(" .!"))
    if found := _FORGET.match(line):
        what = found["what"].rstrip(" .!")
        everything = re.match(r"everything|all\b|me$|what\s+you|my\s+preferences$", what, re.IGNORECASE)
        return Wish("forget", "" if everything else what)
    return None
