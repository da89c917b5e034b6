"""What answers each point of a brief: topics whole, or items gathered under the words of the point."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .answers import Answer, Level, answers, assigned
from .demands import Demand
from .layout import Grid
from .records import Rows, rows_for
from .topics import Topic

_AS_NEAR, _MOST = 0.85, 3
"""How near, as part of the nearest, further items must be to be told with it, and how many are."""
_WORDS = 9
"""Of a heading."""
_FURTHER = re.compile(r"\s*\(.*?\)|\s+(?:with|including|also)\s.*|\s+and (?:how|what|when|where|who)\b.*")


def asked_for(
    points: Sequence[Demand],
    topics: Sequence[Topic],
    near: Sequence[Mapping[str, float]],
    every_date: bool = False,
    records: Sequence[Topic] = (),
    goods: bool = False,
) -> list[list[Topic]]:
    """For each point of a brief the topics that tell it, the best first; [] where the documents say nothing.

    Args:
        points: What is asked for.
        topics: What may answer, each with its relevance to the brief.
        near: For each point how near each topic is to it, by the topic's key.
        every_date: Whether topics with dates come first.
        records: Rows of tables; `near` tells of them, too.
        goods: Whether the text is about what the records are of.
    """
    found = [answers(point, topics, each, every_date) for point, each in zip(points, near, strict=True)]
    beside: dict[str, tuple[Grid, tuple[str, ...]]] = {}
    listed: dict[int, Answer] = {}
    for number, rows in _rows(points, records, near, found, goods).items():
        if found[number] and found[number][0].level >= Level.CORE:
            beside[found[number][0].topic.key] = rows.table
        else:
            listed[number] = _of_rows(rows, points[number])
            found[number] = [each for each in found[number] if not each.topic.loose]
    homes = _homes(found)
    told = [_gathered(found[n], point, n, homes) for n, point in enumerate(points)]
    for number, each in enumerate(found):
        if each and each[0].topic.loose and (home := homes[each[0].topic.key]) != number:
            told[number] = [replace(each[0], topic=told[home][0].topic)]
    told = [[listed[n], *each] if n in listed else each for n, each in enumerate(told)]
    chosen = assigned(told)
    named = _plainly(points, told, chosen)
    return [
        [replace(t, beside=beside.get(t.key, t.beside), point=named.get(t.key, "")) for t in mine]
        for mine in chosen
    ]


def _plainly(
    points: Sequence[Demand], told: Sequence[Sequence[Answer]], chosen: Sequence[Sequence[Topic]]
) -> dict[str, str]:
    """The first point that each topic plainly answers, by the topic's key.

    Of an answer that may be wrong its document's own heading says more than the point.
    """
    named: dict[str, str] = {}
    for point, answers_, mine in zip(points, told, chosen, strict=True):
        plain = {each.topic.key for each in answers_ if each.level >= Level.PART}
        if mine and not point.near and mine[0].key in plain:
            named.setdefault(mine[0].key, point.text)
    return named


def _rows(
    points: Sequence[Demand],
    records: Sequence[Topic],
    near: Sequence[Mapping[str, float]],
    found: Sequence[Sequence[Answer]],
    goods: bool,
) -> dict[int, Rows]:
    """The records that tell a point of the notes as well as the best topic does, each once; by its number."""
    made: dict[int, Rows] = {}
    for number, point in enumerate(points):
        taken = {topic.key for rows in made.values() for topic in rows.topics}
        rows = None if point.near else rows_for(point.text, records, near[number], taken, goods)
        if rows is not None and all(near[number][each.topic.key] <= rows.rate for each in found[number]):
            made[number] = rows
    return made


def _of_rows(rows: Rows, point: Demand) -> Answer:
    """Records as an answer of their own, under the words of the point."""
    table = Topic(
        heading_of(point.text),
        rows.topics[0].source,
        tuple(topic.passages[0] for topic in rows.topics),
        opens=False,
        blocks=(),
        relevance=max(topic.relevance for topic in rows.topics),
        loose=True,
        beside=rows.table,
    )
    return Answer(table, Level.NONE, rate=rows.rate)


def heading_of(point: str) -> str:
    """A point as a heading, in the brief's own words: "what babies have to wear"."""
    text = " ".join(point.split()).rstrip(" .:;,")
    if len(text.split()) > _WORDS:
        text = _FURTHER.sub("", text).strip() or text
    return text[:1].upper() + text[1:]


def _homes(found: Sequence[Sequence[Answer]]) -> Mapping[str, int]:
    """Of each item the point that it is told for: of those that it answers best, or else the nearest."""
    best: dict[str, tuple[bool, float, int]] = {}
    for number, each in enumerate(found):
        for place, answer in enumerate(each):
            if answer.topic.loose:
                key, claim = answer.topic.key, (not place, answer.rate, -number)
                best[key] = max(best.get(key, claim), claim)
    return {key: -number for key, (_, _, number) in best.items()}


def _gathered(found: Sequence[Answer], point: Demand, number: int, homes: Mapping[str, int]) -> list[Answer]:
    """Answers with the items that belong together made one, where an item is the best of them."""
    if not found or not found[0].topic.loose:
        firm = [each for each in found if not each.topic.loose]
        if firm and not firm[0].topic.named:
            # the brief's own words say better what is asked than words picked from the text
            firm[0] = replace(firm[0], topic=replace(firm[0].topic, title=heading_of(point.text)))
        return firm
    first = found[0]
    mine = [
        each.topic
        for each in found[1:]
        if each.topic.loose and each.topic.source == first.topic.source
        if each.rate >= _AS_NEAR * first.rate and homes[each.topic.key] == number
    ]
    run = sorted([first.topic, *mine[: _MOST - 1]], key=lambda topic: topic.start)
    blocks = tuple(block for topic in run for block in topic.blocks)
    lines = tuple(line for block in blocks for line in block.lines)
    if len(lines) == 1:
        blocks = (replace(blocks[0], lines=((lines[0][0], "prose"),)),)
    elif all(form == "item" for _, form in lines):
        blocks = (replace(blocks[0], lines=lines),)
    passages = tuple(dict.fromkeys(passage for topic in run for passage in topic.passages))
    whole = replace(first.topic, title=heading_of(point.text), passages=passages, blocks=blocks)
    return [replace(first, topic=whole), *(each for each in found[1:] if not each.topic.loose)]
