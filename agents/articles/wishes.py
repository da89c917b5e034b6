"""What the notes of a brief ask for: points to cover, and subjects to leave out. English, by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...retrieval.sentences import sentences

_MOST = 12
"""Points of one brief."""
_ASKS = re.compile(
    r"^(?:please\s+)?(?:also\s+)?(?:cover|name|explain|include|mention|describe|give|say|list|show|tell|present"
    r"|compare|start with|begin with|end with|close with|focus on|concentrate on|talk about|write about"
    r"|answer)\b[:\s]*",
    re.IGNORECASE,
)
_STYLE = re.compile(
    r"^(?:please\s+)?(?:use|write|keep|make|stay|be|address|speak|prefer"
    r"|(?:give|name|spell|write) (?:every|all|each))\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"^(?:please\s+)?(?:do not|don[’']t|never|avoid|leave out|omit|skip|exclude|nothing (?:on|about))\b"
    r"[:\s]*",
    re.IGNORECASE,
)
_CONFUSES = re.compile(
    r"^(?:mix(?:ing)?(?: up)?|confus(?:e|ing)|conflat(?:e|ing))\b.*?\bwith\b\s*", re.IGNORECASE
)
_SPEAKS = re.compile(
    r"^(?:mention|cover|discuss|include|describe|talk about|write about|speak of|promise|name|give|explain)"
    r"\w*\s+",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s*[,;]\s*(?:and\s+|or\s+)?")
_ALTERNATIVES = re.compile(r"\s*(?:[,;]\s*(?:and|or)?|\band\b|\bor\b)\s*")
_TWO = re.compile(r"(\w+) and (\w+)( (?:with|for|of|from|in|at|on)\b.+)?")
_LAST = re.compile(r"(.+?) and (.+)")
_LEADING = re.compile(r"^(?:the|a|an|any|its|their|and|or|both)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """The notes of a brief, taken apart."""

    cover: tuple[str, ...] = ()
    """Points that the text must cover, in the order of the notes."""
    leave_out: tuple[str, ...] = ()
    """Subjects that it must not speak of."""


def read_notes(notes: str) -> Wishes:
    """Take notes apart; what only asks for a style is neither covered nor left out."""
    cover: list[str] = []
    second: list[str] = []  # of two things named in one breath; the first of each point comes first
    leave_out: list[str] = []
    for sentence in sentences(notes):
        line = sentence.line.rstrip(".!")
        if _REFUSES.match(line):
            rest = _REFUSES.sub("", line)
            rest = _CONFUSES.sub("", rest) if _CONFUSES.match(rest) else _SPEAKS.sub("", rest)
            leave_out += _phrases(_ALTERNATIVES, rest)
        elif not _STYLE.match(line):
            phrases = [_ASKS.sub("", phrase) for phrase in _phrases(_PARTS, _ASKS.sub("", line))]
            last = _LAST.fullmatch(phrases[-1]) if len(phrases) > 2 else None
            if last is not None and not re.search(r",\s*(?:and|or)\b", line):
                phrases[-1:] = [last[1], last[2]]
            for phrase in phrases:
                two = _TWO.fullmatch(phrase)
                cover.append(f"{two[1]}{two[3] or ''}" if two else phrase)
                second += [f"{two[2]}{two[3] or ''}"] if two else []
    cover += second
    return Wishes(tuple(dict.fromkeys(cover))[:_MOST], tuple(dict.fromkeys(leave_out))[:_MOST])


def _phrases(separator: re.Pattern[str], text: str) -> list[str]:
    parts = (_LEADING.sub("", part.strip()) for part in separator.split(text))
    return [part for part in parts if any(character.isalpha() for character in part)]
