"""A customer's message comes apart into its questions and requests, by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...retrieval.sentences import sentences
from ...retrieval.terms import content_stems, words
from .verdicts import upset

MOST_PARTS = 4
"""Questions of one message that are answered one by one; what is over that stays with the last."""
ASKS = r"how|what|when|where|who|which|why|can|could|do|does|did|is|are|will|would|may|should"
"""Words that a question begins with."""
_JOINED = re.compile(rf",?\s+and\s+(?=(?:also\s+)?(?:{ASKS})\s+\w+\s+\w+)", re.IGNORECASE)
_GREETING = re.compile(
    r"^\s*(?:hi|hiya|hello|hullo|hey|heya|howdy|dear\s+\w+|good\s+(?:morning|afternoon|evening|day))\b(?:\s+(?:there|all|team|again)\b)?"
    r"[^.!?\n]{0,20}?"
    r"(?:[,.!]+\s*|\s+(?=\w))",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^\s*(?:ok(?:ay)?,?\s*)?(?:many\s+)?(?:thanks|thank\s+you|cheers)\b[^?]{0,40}$", re.IGNORECASE
)
_LEAD_IN = re.compile(
    r"^\s*(?:(?:fine|alright|all\s+right|great|good|cool|nice|well|hmm+|wait|sorry|right|okay|ok|sure|oh|so|now|then"
    r"|anyway|actually|perfect)\b[\s,.!-]*)+$"
    r"|^\s*(?:i\s+)?hope\s+you(?:'re|\s+are)\s+(?:all\s+)?(?:well|fine|good|ok(?:ay)?)\b[^?]{0,20}$"
    r"|^\s*(?:back\s+to\s+|by\s+the\s+way\b)[^?]{0,40}$",
    re.IGNORECASE,
)
"""A sentence that only leads over to the next."""
_BEFORE_COLON = re.compile(
    rf"^[^?:]{{1,50}}:\s+(?=(?:{ASKS})\b)|^(?:by\s+the\s+way|btw|quick\s+question|one\s+more\s+thing)\b[\s,:-]+",
    re.IGNORECASE,
)
_VERBS = (
    "cancel|return|send|exchange|swap|refund|change|update|track|check|show|find|start|open|make|put|stop"
)
_VERB = re.compile(rf"\b(?:{_VERBS})\b", re.IGNORECASE)
_AND_DO = re.compile(
    rf"(?:,|\band\b|\bthen\b)\s+(?:then\s+)?(?:also\s+)?(?:please\s+)?(?:(?=(?:{_VERBS})\b)|tell\s+me\s+(?=(?:{ASKS})\b))",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    rf"^(?:and\s+|also,?\s+|then\s+|oh,?\s+)*(?:please,?\s+|kindly\s+)?(?:{_VERBS})\b"
    rf"|\bI(?:'d|\s+would)?\s+(?:also\s+)?(?:like|want|need|wish)\s+(?:you\s+)?to\s+(?:{_VERBS})\b"
    r"|\bplease\b|^(?:tell|let|remind|give|explain)\b|\bI\s+(?:want|need)\s+(?:a|an|my)\b",
    re.IGNORECASE,
)


_ORDERS = re.compile(
    rf"^\W*(?:(?:and|but|so|or|also|then|just|please|now|ok(?:ay)?)\W+)*(?:{_VERBS})\b", re.IGNORECASE
)
_ASKING = re.compile(
    rf"^(?:and\s+|but\s+|so\s+|also\s+)*(?!(?:can|could|will|would|do)\s+(?:you\s+(?:please|kindly|{_VERBS})|it|that|so)\b)"
    rf"(?:what|who|how|where|when)(?:'|’)?s\b|^(?:and\s+|but\s+|so\s+|also\s+)*"
    rf"(?!(?:can|could|will|would|do)\s+(?:you\s+(?:please|kindly|{_VERBS})|it|that|so)\b)(?:{ASKS})\s+\w+\s+\w+",
    re.IGNORECASE,
)


def orders(line: str) -> bool:
    """Tell whether a line begins with what is to be done: "but change the address to ..."."""
    return bool(_ORDERS.match(line))


def asks(line: str) -> bool:
    """Tell whether a line is a question, with or without its mark."""
    return line.rstrip().endswith("?") or bool(_ASKING.match(line.strip()))


def split(message: str) -> list[str]:
    """Split a message into its questions and requests, in order; what only leads up to one stays with it.

    Greetings and thanks around a question are dropped. A message without a question is one part.
    """
    parts: list[str] = []
    lead: list[str] = []
    moods: list[str] = []
    for sentence in sentences(message):
        line = _GREETING.sub("", f"{sentence.line} ").strip()
        asking = asks(line)
        if not line or (not asking and _THANKS.match(line) and (parts or lead)):
            continue
        if asking:
            line = _BEFORE_COLON.sub("", line)
        elif _LEAD_IN.match(line) or (upset(line) and len(content_stems(line)) <= 3):
            # "Fine." and "I am furious!" ask for nothing
            moods.append(line)
            continue
        if not asking and not _REQUEST.search(line):
            lead.append(line)
            continue
        if parts and not asking and not _VERB.search(line) and len(set(content_stems(line))) < 2:
            # "Step by step, please" says how, not what
            parts[-1] = f"{parts[-1]} {line}"
            continue
        pieces = (_JOINED if asking else _AND_DO).split(line)
        if len(words(pieces[0])) < 3:
            # "when and where is it" asks two things of one
            pieces = [line]
        pieces = [
            piece if piece.endswith("?") or not asking else f"{piece.rstrip('.! ')}?"
            for piece in map(str.strip, pieces)
        ]
        parts += [" ".join([*lead, pieces[0]]), *pieces[1:]]
        lead = []
    if parts and lead and not _only_greets(lead):
        parts[-1] = " ".join([parts[-1], *lead])
    parts = parts or [" ".join([*moods, *lead]) or message.strip()]
    return (
        parts if len(parts) <= MOST_PARTS else [*parts[: MOST_PARTS - 1], " ".join(parts[MOST_PARTS - 1 :])]
    )


def _only_greets(lines: Sequence[str]) -> bool:
    return not any(content_stems(line) for line in lines)
