"""The first line of a text that has no headings, where it reads as a title."""

from __future__ import annotations

import re

from ..terms import plain

_LINE = re.compile(r"\s*(?P<line>\S[^\n]{2,80})\n(?=[ \t]*(?:\n|\())")
"""A line of its own, or one with nothing but an aside below it."""
_MOST_WORDS = 9
_NO_TITLE = re.compile(r"[.!?:;,]$|^[-*+>|#<`\d]|^(?:dear|hello|hi|to|from|by)\b|[|@]|: ", re.IGNORECASE)


def title_line(text: str) -> tuple[str, int]:
    """Return the title and where the line ends; "" and 0 where the text begins otherwise.

    A title has up to nine words, no full stop, and something below it.
    """
    match = _LINE.match(text)
    if match is None or not text[match.end() :].strip():
        return "", 0
    name = plain(match["line"]).strip()
    wordy = any(len(word) > 3 and word.isalpha() for word in name.split())
    if not wordy or len(name.split()) > _MOST_WORDS or _NO_TITLE.search(name):
        return "", 0
    return name, match.end("line")
