"""The outline of an article: for each section its title and the material that it alone may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from ...retrieval.terms import content_stems
from ...steps import Source
from ..brief import Brief
from .chapters import Chapter, chapter_of, covers, short_title
from .layout import compared
from .parts import Part, Role, adds, conditions_first, distinct, part_of, side_by_side
from .questions import question
from .records import named_by
from .selection import Selection, in_order, usable
from .topics import Topic

_OFFERED = 3
"""Parts more than there is room for, from which a section's writer may choose."""


_SMALL = 8
"""Rows of a table that stands whole."""
_LENIENT = 25
"""Words by which a section may be longer than planned."""


class SectionPlan(BaseModel):
    """A section before it is written."""

    model_config = ConfigDict(frozen=True)

    title: str = Field(min_length=1, max_length=120)
    words: int = 0
    """Of its sentences, as planned."""
    parts: tuple[Part, ...] = ()
    """In the order in which they stand."""
    most: int = 0
    """How many of the spare parts there is room for."""
    titles: tuple[str, ...] = ()
    """Others that would do, where the documents have no title for it."""
    firm: bool = False
    """Whether it answers a point of the brief or holds several topics: no plan leaves it out."""
    made_by: Source = "rendered"
    """Who chose it."""

    @property
    def point(self) -> str:
        """The point of the brief that its title stands for; "" where it stands for several topics."""
        own = [part.point for part in self.parts if part.title == self.title]
        return own[0] if own else self.parts[0].point if len(self.parts) == 1 else ""

    @property
    def spare(self) -> list[Part]:
        """Parts that its writer chooses from by their first lines, what belongs here most first."""
        return sorted((p for p in self.parts if p.role == "spare" and p.lines), key=lambda p: p.rank)


@dataclass(frozen=True, slots=True)
class Outline:
    """What an article is to be."""

    sections: tuple[SectionPlan, ...] = ()
    """In order; one may be more than are wanted."""
    opening: Part | None = None
    """What introduces the document that the article begins with: it stands above the first section."""
    extra: str = ""
    """Title of the section that could stand in place of another."""


def outline(selection: Selection, topics: Sequence[Topic], records: Sequence[Topic], brief: Brief) -> Outline:
    """Plan the sections of an article: each has what its title says, and nothing is said twice.

    Args:
        selection: The topics of the article, and the sections that they make.
        topics: All that the documents hold on the brief; those that open a document introduce it.
        records: Rows of tables, for products that are compared.
        brief: Its topic, kind and number of sections.
    """
    found, extra = _with_one_more(selection, brief)
    introductions = {t.source: part_of(t, "own") for t in topics if _introduces(t)}
    opening = introductions.pop(_main(selection.chapters, introductions, brief.topic), None)
    doing = brief.kind == "how-to"
    sections = [_parts(chapter, selection, introductions, doing) for chapter in found]
    head, *sections = distinct([[opening] if opening is not None else [], *sections])
    plans = [
        _plan(chapter, parts, selection) for chapter, parts in zip(found, sections, strict=True) if parts
    ]
    if brief.kind == "product" and (
        table := _compared(sections, records, f"{brief.topic} {brief.notes} {brief.audience}")
    ):
        # what there is comes before what is said of it, and in place of what nothing asks for
        spare = [plan for plan in plans if not plan.firm and plan.title != extra]
        if spare and len(plans) - any(plan.title == extra for plan in plans) >= brief.sections:
            plans.remove(spare[-1])
        plans.insert(0, table)
    return Outline(tuple(plans), head[0] if head else None, extra)


def within(section: SectionPlan, chosen: Sequence[Part]) -> list[Part]:
    """Of the chosen spare parts those that there is room for; one at least."""
    room = section.words - sum(part.words for part in section.parts if part.role != "spare")
    kept: list[Part] = []
    for part in chosen:
        room -= part.words
        if room < -_LENIENT and kept:
            break
        kept.append(part)
    return kept


def asking(section: SectionPlan, title: str) -> SectionPlan:
    """A section of an FAQ: its title and the headings below it are questions."""
    parts = tuple(
        part.model_copy(
            update={"title": title if part.title == section.title else question(part.title, part.point)}
        )
        if part.title
        else part
        for part in section.parts
    )
    return section.model_copy(update={"title": title, "parts": parts})


def _with_one_more(selection: Selection, brief: Brief) -> tuple[list[Chapter], str]:
    """The sections, and the best one that could take the place of another, in the order of the article."""
    found = list(selection.chapters)
    titles = {chapter.title.lower() for chapter in found}
    spare = next((t for t in selection.left if usable(t) and t.title.lower() not in titles), None)
    alone = chapter_of([spare], [], brief.topic) if spare is not None else None
    if alone is None or spare is None or len(found) < brief.sections:
        return found, ""
    same = [
        n
        for n, c in enumerate(found)
        if c.topics[0].source == spare.source and c.topics[0].start < spare.start
    ]
    found.insert(same[-1] + 1 if same else len(found), alone)
    return found, alone.title


def _main(found: Sequence[Chapter], introductions: dict[str, Part], subject: str) -> str:
    """The document whose introduction is the article's: the one that it begins with; "" where none is.

    No other document gives the article more, or the introduction speaks of the subject; and no section bears
    the document's title.
    """
    sources = [topic.source for chapter in found for topic in chapter.topics]
    if not sources or sources[0] not in introductions:
        return ""
    first, said = sources[0], introductions[sources[0]].lines
    about = set(content_stems(subject)) & set(content_stems(" ".join(line.cited.text for line in said)))
    titled = any(c.title == c.topics[0].document for c in found if c.topics[0].source == first)
    most = sources.count(first) == max(sources.count(source) for source in sources)
    return first if (most or about) and not titled else ""


def _introduces(topic: Topic) -> bool:
    """Whether a topic opens its document, with the first sentence that stands there; minutes open nothing."""
    return (
        not topic.minuted
        and topic.opens
        and bool(topic.lines)
        and not topic.passages[0].text[: topic.lines[0][0].start].strip()
    )


def _parts(chapter: Chapter, selection: Selection, introductions: dict[str, Part], doing: bool) -> list[Part]:
    """What a section has, and what its writer may choose besides, in the order of the documents."""
    first, *others = chapter.topics
    fill = [topic for topic in others if topic not in selection.asked]
    more = [topic for topic in selection.left if _fits(chapter, topic)][:_OFFERED] if fill else []
    spare = [*fill, *more] if more else []
    roles: dict[str, Role] = {
        topic.key: "spare"
        if topic in spare
        else "must"
        if topic in selection.asked and topic != first
        else "own"
        for topic in (*chapter.topics, *more)
    }
    place = {topic.source: float(number) for number, topic in reversed(list(enumerate(chapter.topics)))}
    parts = [
        part_of(topic, roles[topic.key], spare.index(topic) if topic in spare else 0)
        for topic in (first, *in_order([*others, *more], place))
    ]
    if doing:
        parts = [conditions_first(part) for part in parts]
    if chapter.title == first.document and first.source in introductions:
        parts.insert(0, introductions[first.source])
    return parts


def _fits(chapter: Chapter, topic: Topic) -> bool:
    """Whether a topic that was left may stand in a section too."""
    first = chapter.topics[0]
    if topic.source == first.source and chapter.title == short_title(first.document):
        return topic.start > first.start
    return chapter.title == first.title and covers(first, topic)


def _plan(chapter: Chapter, parts: Sequence[Part], selection: Selection) -> SectionPlan:
    fill = [t for t in chapter.topics[1:] if t not in selection.asked]
    spare = sorted((part for part in parts if part.role == "spare"), key=lambda part: part.rank)
    most = min(len(fill), len(spare)) if spare else 0
    words = sum(part.words for part in parts if part.role != "spare") + sum(p.words for p in spare[:most])
    return SectionPlan(
        title=chapter.title,
        words=words,
        parts=tuple(parts),
        most=most,
        titles=chapter.topics[0].others if len(chapter.topics) == 1 else (),
        firm=len(chapter.topics) > 1 or chapter.topics[0] in selection.asked,
    )


def _compared(sections: Sequence[Sequence[Part]], records: Sequence[Topic], asked: str) -> SectionPlan | None:
    """The table of the records that text or brief name, where its figures are not in the text already.

    Of a small table that it names something of, all rows stand. Where rows answer a point, they stand there.
    """
    if not any(sections) or any(part.closing is not None for parts in sections for part in parts):
        return None
    text = " ".join(line.cited.text for parts in sections for part in parts for line in part.lines).lower()
    named = [r for r in records if r.title.lower() in text or named_by(r, asked)]
    named.sort(key=lambda topic: text.find(topic.title.lower()) % (len(text) + 1))
    others = [r for r in records if r not in named and any(r.source == other.source for other in named)]
    rows = [*named, *others] if len(named) + len(others) <= _SMALL else named
    side = compared([topic.passages[0] for topic in rows], asked) if len(rows) > 1 else None
    if side is None or not adds(table := side_by_side(*side), text):
        return None
    part = Part(title=table.caption, source=rows[0].source, tables=(table,), role="must")
    return SectionPlan(title=table.caption, parts=(part,), firm=True)
