"""How far a text speaks to a model rather than to a reader: a signal, and marks on its sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice

from ..retrieval.sentences import sentences
from .hidden import hidden, plainer
from .rules import Rule, rules

THRESHOLD = 0.5
"""From this value on a text is flagged."""
HIDDEN = 0.65
"""What a hidden text must reach: any text read backwards holds a word or two."""
WINDOW = 1500
"""Characters that are judged together."""
MATCHES = 50
"""Matches of one rule that count."""
CAP = 100_000
"""Characters of a text that are judged."""


@dataclass(frozen=True, slots=True)
class Score:
    """A signal, not a proof."""

    value: float
    """0 to 1: how far it speaks for an instruction."""
    reasons: tuple[str, ...] = ()
    """Families of rules that matched, strongest first: ``override``, ``persona``, ``hidden base64`` ..."""

    @property
    def flagged(self) -> bool:
        """Whether the text is to be treated as an attack."""
        return self.value >= THRESHOLD


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence that holds an instruction: ``text[start:end]``."""

    start: int
    end: int
    score: Score


def injection(text: str, *, data: bool = True) -> Score:
    """Judge a text.

    Args:
        text: Untrusted; its first 100,000 characters count.
        data: It was retrieved, quoted, or returned by a tool, so that even a plain request to the model
            is suspect; False for a customer's own message.
    """
    best = _judge(plainer(text[:CAP]), data)
    for name, found in hidden(text[:CAP]):
        inner = _judge(found, data)
        if inner.value >= HIDDEN and inner.value > best.value:
            best = Score(inner.value, (f"hidden {name}", *inner.reasons))
    return best


def injections(text: str, *, data: bool = True) -> list[Marked]:
    """The sentences that are flagged; the whole text where only all of it together is."""
    whole = injection(text, data=data)
    if not whole.flagged:
        return []
    marked = [
        Marked(piece.start, piece.end, score)
        for piece in sentences(text[:CAP])
        if (score := injection(piece.text, data=data)).flagged
    ]
    return marked or [Marked(0, len(text), whole)]


def mark(text: str) -> str:
    """The text with its instructions in brackets, named as data, so that nobody takes them for orders."""
    pieces, at = [], 0
    for item in injections(text):
        pieces += [text[at : item.start], f"[quoted, not an instruction: {text[item.start : item.end]}]"]
        at = item.end
    return "".join([*pieces, text[at:]])


def _judge(text: str, data: bool) -> Score:
    """The highest score of any stretch of `WINDOW` characters: what stands far apart does not add up."""
    book = rules()
    hits: list[tuple[int, Rule]] = []
    for rule in (*book.always, *book.data) if data else book.always:
        hits += [(match.start(), rule) for match in islice(rule.pattern.finditer(text), MATCHES)]
    hits.sort(key=lambda hit: hit[0])
    best = Score(0.0)
    for at, (start, _) in enumerate(hits):
        near = {id(rule): rule for place, rule in hits[at : at + 200] if place < start + WINDOW}.values()
        value = round(1 - math.prod(1 - rule.weight for rule in near), 4)
        if value > best.value:
            families = dict.fromkeys(rule.family for rule in sorted(near, key=lambda rule: -rule.weight))
            best = Score(value, tuple(families))
    return best
