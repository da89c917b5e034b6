"""What people say in several words and documents in one: "send it back" for "return"; English."""

from __future__ import annotations

import re

_SAID = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), word)
    for pattern, word in (
        (r"(?:send|give|bring|take|hand|ship)(?:ing|s)?\s+(?:\w+\s+){0,2}?back", "return"),
        (r"(?:get|got|have|want)\s+(?:(?:my|the|our|all)\s+)?(?:money|cash)\s+back", "get a refund"),
        (r"(?:(?:my|the|our)\s+)?(?:money|cash)\s+back", "refund"),
        (r"(?:pick|picks|picked|picking)\s+(?:\w+\s+)?up", "collect"),
        (r"get\s+(?:in)?to", "reach"),
        (r"(?:turn|show)(?:s|ed)?\s+up", "arrive"),
        (r"(?:run|runs|ran|running)\s+out", "expire"),
        (r"(?:put|puts|putting)\s+(?:\w+\s+){0,4}?up", "pitch"),
        (r"(?:call|called|calling)\s+off", "cancel"),
        (r"(?:find|found)\s+out", "learn"),
        (r"(?:sign|signed|signing)\s+up", "join"),
        (r"(?:swap|swapped|swapping)", "exchange"),
        (r"x-?mas", "Christmas"),
        (r"^(?:suppos(?:e|ing)|assuming|imagine)", "if"),
    )
)


def in_one_word(question: str) -> str:
    """Return a question with such phrases in one word; the same where it has none."""
    for pattern, word in _SAID:
        question = pattern.sub(word, question)
    return question
