"""The writer: the sentences of one section, each from a passage and with its citation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from ..retrieval.extract import Cited
from ..steps import step


@step(
    prompt="write.jinja",
    mode="select",
    at_least="fewest",
    at_most="count",
    max_tokens=480,
    timeout=90,
    share=0.7,
    agent="writer",
)
def write(
    topic: str, title: str, audience: str, sentences: list[Cited], fewest: int, count: int
) -> list[Cited]:
    """Choose the sentences of a section: half from its first passage, the first ones of each."""
    return by_lead(sentences, count)


@step(prompt="write_freely.jinja", max_tokens=300, share=0.6, agent="writer")
def write_freely(topic: str, title: str, audience: str) -> str:
    """Write a section without sources; such text is labelled as not grounded wherever it appears."""
    return f"This section on “{title}” is not written: there was no source for it, and no model to write it."


def by_lead(sentences: Sequence[Cited], count: int) -> list[Cited]:
    """Choose `count` sentences: the first ones of each passage, and most of the first passage.

    What a text says first of a thing tends to be what matters; pure and total.
    """
    groups = [list(group) for _, group in groupby(sentences, key=attrgetter("passage_id"))]
    if not groups or count < 1:
        return []
    others = len(groups) - 1
    first = -(-count // 2) if others else count
    quotas = [first] + [max(1, (count - first) // max(1, others))] * others
    chosen = [cited for group, quota in zip(groups, quotas, strict=True) for cited in group[:quota]][:count]
    for cited in sentences:
        if len(chosen) < count and cited not in chosen:
            chosen.append(cited)
    return [cited for cited in sentences if cited in chosen]
