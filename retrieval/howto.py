"""Numbered steps: who asks how something is done is told all of them, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .extract import Cited
from .passage import Passage
from .sentences import sentences

MOST = 12
"""Steps of a list that are told."""
_HOW = re.compile(
    r"\bhow\s+(?:do|can|could|should|would|must|may)\s+(?:i|we|you|one|customers?)\b|\bhow\s+to\b"
    r"|\bhow\s+(?:do|does|would|will)\s+[^?.!]{1,60}\bwork\b"
    r"|\bwhat\s+(?:do|must|should|would)\s+(?:i|we|one)\s+(?:(?:have|need)\s+to\s+)?do\b"
    r"|\b(?:what|which)\s+(?:are|is)\s+the\s+(?:steps?|procedure|process|way)\b|\bwhat's\s+the\s+(?:procedure|process)\b"
    r"|\bwhat\s+(?:now|next|can\s+(?:i|we)\s+do)\b|\bnow\s+what\b"
    r"|\bwhat\s+steps\b|\bsteps?\s+(?:to|for|by\s+step)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[ \t]*(?P<number>\d{1,2})[.)][ \t]+\S", re.MULTILINE)
_ITEM_ENDS = re.compile(r"\n[ \t]*(?:\n|\d{1,2}[.)][ \t]|[-*+|#])|\Z")


@dataclass(frozen=True, slots=True)
class _Step:
    """One numbered item of a passage."""

    number: int
    passage: Passage
    start: int
    end: int


def asks_how(question: str) -> bool:
    """Tell whether a question asks how something is done: "How do I reset my password?"."""
    return bool(_HOW.search(question))


def steps_among(
    near: Sequence[Cited], passages: Sequence[Passage], beside: Sequence[Passage] = ()
) -> tuple[Cited, ...]:
    """Return the numbered list that the first of some sentences in a list belongs to; () where none is.

    Args:
        near: The sentences that answer best, best first.
        passages: Those that were found, with the ones of the sentences.
        beside: More of the same documents: a list goes on where a passage ends.
    """
    for cited in near:
        home = next(passage for passage in passages if passage.id == cited.passage_id)
        for steps in _lists(_section(home, [*passages, *beside])):
            if any(step.passage.id == home.id and step.start <= cited.start < step.end for step in steps):
                return tuple(_told(steps)) if 2 <= len(steps) <= MOST else ()
    return ()


def _section(home: Passage, passages: Sequence[Passage]) -> list[Passage]:
    """The passages under the same heading of the same document, each once, in its order."""
    key = (home.tenant, home.source, home.heading)
    found = {each.id: each for each in passages if (each.tenant, each.source, each.heading) == key}
    return sorted(found.values(), key=lambda each: each.start)


def _lists(section: Sequence[Passage]) -> list[list[_Step]]:
    """The numbered lists of a section: one ends where the numbers do not go on."""
    made: list[list[_Step]] = []
    for passage in section:
        for match in _ITEM.finditer(passage.text):
            end = _ITEM_ENDS.search(passage.text, match.end())
            assert end is not None  # every text has an end
            step = _Step(int(match["number"]), passage, match.start(), end.start())
            last = made[-1][-1].number if made else 0
            # Markdown counts by itself: each item may be written as the first
            if made and (step.number == last + 1 or step.number == last == 1):
                made[-1].append(step)
            else:
                made.append([step])
    return made


def _told(steps: Sequence[_Step]) -> Iterator[Cited]:
    for step in steps:
        for sentence in sentences(step.passage.text):
            if step.start <= sentence.start < step.end:
                yield Cited(sentence.line, step.passage.id, sentence.start, sentence.end)
