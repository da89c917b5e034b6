"""Rows of tables that answer a point of a brief: the records that are nearest to it, side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ...retrieval.terms import content_stems
from .layout import Grid, asks_for, compared, record
from .topics import Topic

_AS_NEAR, _MOST = 0.85, 8
"""How near, as part of the nearest, the other rows must be, and how many rows there are."""
_NEAR = 0.5
"""Nearness below which rows answer nothing."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Records that tell a point together."""

    topics: tuple[Topic, ...]
    """In the order of their table."""
    table: tuple[Grid, tuple[str, ...]]
    """The records side by side, and the ids of their passages."""
    rate: float
    """How near the nearest of them is."""


def rows_for(
    point: str,
    records: Sequence[Topic],
    near: Mapping[str, float],
    taken: Collection[str] = (),
    goods: bool = False,
) -> Rows | None:
    """The records that are nearest to a point, two or more of one kind, or the one that it names; else None.

    Records are of one kind where their names share a word: "Film night: comedy" and "Film night: musical".

    Args:
        point: What is asked for: columns that it names come first.
        records: Rows of tables, each a topic.
        near: How near each is to the point, by its key.
        taken: Keys of records that stand in the article already.
        goods: Whether the text is about what the records are of; else a point must name a column besides that
            of their names, as "what it costs" does, or the record.
    """
    ordered = sorted(records, key=lambda topic: -near[topic.key])
    if not ordered or near[ordered[0].key] < _NEAR or ordered[0].key in taken:
        return None
    best = ordered[0]
    name = set(content_stems(best.title))
    mine = [
        topic
        for topic in ordered
        if topic.source == best.source and near[topic.key] >= _AS_NEAR * near[best.key]
        if topic is best or name & set(content_stems(topic.title))
    ][:_MOST]
    mine.sort(key=lambda topic: records.index(topic))
    whole = len(name) > 1 and name <= set(content_stems(point))
    table = compared([topic.passages[0] for topic in mine], point)
    if table is None or not (whole or (len(mine) > 1 and (goods or asks_for(point, table[0].header[1:])))):
        return None
    return Rows(tuple(mine), table, near[best.key])


def named_by(topic: Topic, asked: str) -> bool:
    """Whether a record is one of those that a brief speaks of; any other topic may be."""
    if not record(topic.passages[0].text):
        return True
    name = set(content_stems(topic.title))
    return bool(name) and len(name & set(content_stems(asked))) >= min(2, len(name))
