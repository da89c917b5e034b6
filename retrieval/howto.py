"""Numbered steps: who asks how something is done is told all of them, in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .extract import Cited
from .passage import Passage
from .sentences import sentences

MOST = 8
"""Sentences of a list that are told."""
_HOW = re.compile(
    r"\bhow\s+(?:do|can|could|should|would|must|may)\s+(?:i|we|you|one|customers?)\b|\bhow\s+to\b"
    r"|\b(?:what|which)\s+(?:are\s+the\s+)?steps\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s+", re.MULTILINE)


def asks_how(question: str) -> bool:
    """Tell whether a question asks how something is done: "How do I reset my password?"."""
    return bool(_HOW.search(question))


def steps_around(cited: Cited, passages: Sequence[Passage]) -> tuple[Cited, ...]:
    """Return the numbered list that a sentence belongs to, in its order; () where it stands in none."""
    home = next(passage for passage in passages if passage.id == cited.passage_id)
    if not any(start <= cited.start < end for start, end in _items(home.text)):
        return ()
    section = [
        passage for passage in passages if (passage.source, passage.heading) == (home.source, home.heading)
    ]
    found = [
        Cited(sentence.line, passage.id, sentence.start, sentence.end)
        for passage in sorted(section, key=lambda passage: passage.start)
        for start, end in _items(passage.text)
        for sentence in sentences(passage.text)
        if start <= sentence.start < end
    ]
    return tuple(found) if 2 <= len(found) <= MOST else ()


def _items(text: str) -> list[tuple[int, int]]:
    """Where the numbered items of a text begin and end."""
    return [
        (match.start(), end if (end := text.find("\n", match.end())) >= 0 else len(text))
        for match in _NUMBER.finditer(text)
    ]
