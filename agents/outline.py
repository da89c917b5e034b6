"""The outline of an article: for each section its title and the material that it alone may use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from ..retrieval.extract import Cited
from .brief import Brief
from .layout import Grid, compared, record
from .likeness import alike
from .topics import Topic
from .writer import by_lead

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

MOST_OPTIONS = 16
"""Sentences that a section's writer chooses from."""
_CHOICE = 1.4
"""Sentences offered for each one wanted; more would cost a small model time and tell it nothing."""
_SPARE = 1.6
"""How much more material than words are wanted, so that there is a choice."""
_RELEVANT, _LOOSE = 0.6, 0.35
"""Relevance, as part of the best topic's, below which a topic is not used to fill a section up: at first,
and then where words are wanting still."""
_NEAR, _NEAR_WORDS = 0.5, 0.12
"""Likeness to a section below which a topic does not fill it up: of embeddings, of words."""
_ASTRAY = 0.05
"""How much nearer to another section, which is full, a topic may be and still fill this one up."""
_SAME, _SAME_WORDS = 0.87, 0.8
"""Likeness above which two sentences say the same: of their embeddings, of their words."""
_NUMBER = re.compile(r"\d[\d.,:]*\d|\d")


class TablePlan(BaseModel):
    """A table that a section shows."""

    model_config = ConfigDict(frozen=True)

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    citations: tuple[str, ...]


class Part(BaseModel):
    """What one topic gives to a section: prose to choose from, and a list to take whole."""

    model_config = ConfigDict(frozen=True)

    title: str
    source: str
    prose: tuple[Cited, ...] = ()
    steps: tuple[Cited, ...] = ()
    items: tuple[Cited, ...] = ()
    must: bool = False
    """Whether the notes ask for it: something of it stands in the text."""


class SectionPlan(BaseModel):
    """A section before it is written."""

    model_config = ConfigDict(frozen=True)

    title: str = Field(min_length=1, max_length=120)
    words: int = 0
    """A target for its sentences."""
    parts: tuple[Part, ...] = ()
    tables: tuple[TablePlan, ...] = ()

    @property
    def options(self) -> list[Cited]:
        """The sentences that its writer chooses from: somewhat more than it needs, in the parts' order."""
        every = [cited for part in self.parts for cited in part.prose]
        return by_lead(every, round(_CHOICE * self.sentences(every)[1]) + 1) if every else []

    @property
    def every(self) -> list[Cited]:
        """All sentences of the parts, those of lists too."""
        return [cited for part in self.parts for cited in (*part.prose, *part.steps, *part.items)]

    def missing(self, chosen: Sequence[Cited]) -> list[Cited]:
        """What a choice lacks: of each part that it takes from, or that must be covered, the first sentence.

        The first sentence says what the others are about.
        """
        taken = set(chosen)
        return [
            part.prose[0]
            for part in self.parts
            if part.prose
            and part.prose[0] not in taken
            and (taken & set(part.prose) or (part.must and not part.steps))
        ]

    def sentences(self, options: Sequence[Cited]) -> tuple[int, int]:
        """How many of `options` the section needs at least and at most, beside its lists."""
        listed = sum(len(c.text.split()) for part in self.parts for c in (*part.steps, *part.items))
        mean = sum(len(cited.text.split()) for cited in options) / len(options)
        most = min(len(options), max(1, round((self.words - listed) / mean)))
        return max(1, round(0.75 * most)), most


def outline(
    titles: Sequence[str],
    topics: Sequence[Topic],
    must: Sequence[Topic],
    brief: Brief,
    embeddings: Embeddings | None,
) -> list[SectionPlan]:
    """Share the topics out among the sections, so that each is full and nothing is said twice.

    Args:
        titles: Of the sections, in order; one that is a topic's title gets that topic.
        topics: What may be used, the most relevant first.
        must: Topics that answer a point of the brief: each goes to the section nearest to it.
        brief: Words and kind.
        embeddings: How likeness is measured; words where None.
    """
    own = _own(titles, [*must, *topics])
    shares: list[list[Topic]] = [[topic] if topic is not None else [] for topic in own]
    rest = [topic for topic in _once([*must, *topics]) if topic not in own and topic.weight]
    near = _affinity(titles, own, rest, embeddings)
    least = _NEAR if embeddings is not None else _NEAR_WORDS
    wanted = brief.words / len(titles) * _SPARE
    best = max((topic.relevance for topic in topics), default=0.0)
    home = {topic.source for topic in [*must, *own] if topic is not None}
    if own[0] is not None:
        # an introduction can only stand first, and only where its document goes on
        shares[0][:0] = [t for t in rest if t.opens and t.whole and t.source == own[0].source]
    for strict in (True, False):
        for row, topic in enumerate(rest):
            needed, placed = topic in must, any(topic in share for share in shares)
            open_to = [n for n in range(len(titles)) if needed or _words(shares[n]) < wanted]
            if topic.opens or placed or not open_to:
                continue
            number = max(open_to, key=lambda n: near[row][n])
            if not needed and near[row][number] < max(near[row]) - _ASTRAY and shares[number]:
                continue
            # an article stays with its documents; what another one adds must be nearer
            at_home = topic.source in home
            share = _RELEVANT if strict else _LOOSE
            near_enough = least * (share / _RELEVANT if at_home else 1.0)
            fits = topic.relevance >= share * best and near[row][number] >= near_enough
            if needed or (fits and (at_home or not strict)) or not shares[number]:
                shares[number].append(topic)
    parts = _distinct([[_part(topic, topic in must) for topic in share] for share in shares], embeddings)
    tables = [_tables(share, must) for share in shares]
    if brief.kind == "product":
        records = [topic.passages[0] for topic in topics if record(topic.passages[0].text)]
        if (side := compared(records)) is not None:
            tables[0] = [_side_by_side(*side)]
    lengths = _lengths([sum(_count(part) for part in section) for section in parts], brief.words)
    return [
        SectionPlan(title=title, words=words, parts=tuple(section), tables=tuple(shown))
        for title, words, section, shown in zip(titles, lengths, parts, tables, strict=True)
    ]


def _own(titles: Sequence[str], topics: Sequence[Topic]) -> list[Topic | None]:
    found: list[Topic | None] = []
    for title in titles:
        found.append(next((topic for topic in topics if topic.title == title and topic not in found), None))
    return found


def _once(topics: Sequence[Topic]) -> list[Topic]:
    return list({topic.key: topic for topic in topics}.values())


def _affinity(
    titles: Sequence[str], own: Sequence[Topic | None], rest: Sequence[Topic], embeddings: Embeddings | None
) -> list[list[float]]:
    """The likeness of each topic of the rest to each section."""
    sections = [
        f"{title}. {topic.passages[0].text}" if topic is not None else title
        for title, topic in zip(titles, own, strict=True)
    ]
    texts = [f"{topic.title}. {topic.passages[0].text}" for topic in rest]
    matrix = alike([*sections, *texts], embeddings)
    return [row[: len(sections)] for row in matrix[len(sections) :]]


def _part(topic: Topic, must: bool = False) -> Part:
    return Part(
        must=must,
        title=topic.title,
        source=topic.source,
        prose=tuple(topic.prose[:MOST_OPTIONS]),
        steps=tuple(topic.steps),
        items=tuple(topic.items),
    )


def _words(topics: Sequence[Topic]) -> int:
    return sum(_count(_part(topic)) for topic in topics)


def _count(part: Part) -> int:
    return sum(len(cited.text.split()) for cited in (*part.prose, *part.steps, *part.items))


def _distinct(sections: list[list[Part]], embeddings: Embeddings | None) -> list[list[Part]]:
    """Keep each thing said in one place: the first that says it."""
    every = [cited for section in sections for part in section for cited in part.prose]
    texts = [cited.text for cited in every]
    likeness, same = alike(texts, embeddings), _SAME if embeddings is not None else _SAME_WORDS
    figures = [set(_NUMBER.findall(text)) for text in texts]
    dropped: set[int] = set()
    for later in range(len(every)):
        for earlier in range(later):
            told = figures[later] <= figures[earlier] or figures[earlier] <= figures[later]
            if earlier not in dropped and told and likeness[later][earlier] >= same:
                dropped.add(later)
                break
    kept = {
        (every[index].passage_id, every[index].start) for index in range(len(every)) if index not in dropped
    }
    seen: set[str] = set()
    distinct = []
    for section in sections:
        parts, room = [], MOST_OPTIONS
        for part in section:
            prose: list[Cited] = []
            for cited in part.prose:
                if (cited.passage_id, cited.start) in kept and cited.text not in seen and len(prose) < room:
                    seen.add(cited.text)
                    prose.append(cited)
            room -= len(prose)
            if prose or part.steps or part.items:
                parts.append(part.model_copy(update={"prose": tuple(prose)}))
        distinct.append(parts)
    return distinct


def _tables(share: Sequence[Topic], must: Sequence[Topic]) -> list[TablePlan]:
    """At most one table a section: of its own document, or of a topic that it must cover."""
    for topic in share:
        if topic.source == share[0].source or topic in must:
            for found, passage_id in topic.grids[:1]:
                plan = TablePlan(
                    caption=topic.title, header=found.header, rows=found.rows, citations=(passage_id,)
                )
                return [plan]
    return []


def _side_by_side(found: Grid, ids: tuple[str, ...]) -> TablePlan:
    """The table of the records that a brief speaks of."""
    return TablePlan(caption="Side by side", header=found.header, rows=found.rows, citations=ids)


def _lengths(available: Sequence[int], words: int) -> list[int]:
    """Share a number of words out: evenly, and what a thin section cannot use goes to the others."""
    lengths = [0] * len(available)
    open_to = set(range(len(available)))
    left = words
    while open_to:
        share = left / len(open_to)
        thin = [number for number in open_to if available[number] <= share]
        for number in thin or open_to:
            lengths[number] = available[number] if thin else round(share)
        if not thin:
            break
        left -= sum(available[number] for number in thin)
        open_to -= set(thin)
    return lengths
