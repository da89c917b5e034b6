"""From a brief to a plan: what is found, what the sections are, and a person's changes to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langgraph.types import interrupt

from ...agents.articles.demands import Demand, asks_for_every_date, demands, read_notes
from ...agents.articles.gathering import asked_for
from ...agents.articles.nearness import nearness
from ...agents.articles.outline import Outline, SectionPlan, asking, outline
from ...agents.articles.parts import fitted
from ...agents.articles.questions import question
from ...agents.articles.readers import are_insiders
from ...agents.articles.records import named_by
from ...agents.articles.refused import without
from ...agents.articles.relevance import ranked
from ...agents.articles.selection import select
from ...agents.articles.stock_titles import stock_titles
from ...agents.articles.topics import Topic, topics_of
from ...agents.brief import Brief
from ...agents.planner import approved_titles, entitled, headline, picked, plan
from ...retrieval.passage import Passage
from ...steps.threads import offload
from ..resources import embeddings_in_time, find, resources
from .sections import set_parts
from .state import ContentState, Scored
from .weighing import weighed

if TYPE_CHECKING:
    from ...retrieval import KnowledgeBase

_WIDE, _NARROW = 40, 12
"""Passages that are looked at for the topic, and for a point of the notes."""
_STEPS = 0.6
"""Of the words of instructions, what their numbered steps may take."""
_SHOWN = 300
"""Characters of a section by which its title is chosen."""


async def retrieve(state: ContentState) -> dict[str, Any]:
    """Find the passages that bear on the brief, and those for each of its demands."""
    brief = Brief(**state["brief"])
    # a point of a word or two says little without the topic
    points = [
        each.text if len(each.text.split()) > 2 else f"{brief.topic}: {each.text}" for each in demands(brief)
    ]
    queries = [brief.topic, *points]
    found, *each = await asyncio.gather(
        *(find(query, _WIDE if number == 0 else _NARROW) for number, query in enumerate(queries))
    )
    return {"found": _scored(found), "points": [_scored(passages) for passages in each]}


def _scored(passages: Sequence[Passage]) -> list[Scored]:
    return [(passage.id, passage.score) for passage in passages]


async def plan_sections(state: ContentState) -> dict[str, Any]:
    """Choose the sections, and share what the documents hold out among them."""
    brief, base = Brief(**state["brief"]), resources().knowledge
    found, inside = (Outline(), []) if base is None else await _outline(base, state, brief)
    if not found.sections:
        stock = stock_titles(brief.kind, brief.sections)
        found = Outline(tuple(SectionPlan(title=title) for title in stock))
    titles = [section.title for section in found.sections if section.title != found.extra]
    titles += [found.extra] if found.extra else []
    outcome = await plan.arun(brief.topic, brief.audience, brief.notes, titles, brief.sections)
    sections = await _entitled(brief, picked(found, outcome.value, brief.sections, outcome.source))
    opening: list[dict[str, Any]] = []
    remarks: dict[str, list[str]] = {"inside": inside} if inside else {}
    if found.opening is not None:
        opening, _, told = await set_parts("", [found.opening], {"own": "rendered"}, [])
        remarks["opening"] = told
    planned = [section.model_dump(mode="json") for section in sections]
    return {"outline": planned, "opening": opening, "remarks": remarks, "rounds": 0}


async def _entitled(brief: Brief, sections: Sequence[SectionPlan]) -> list[SectionPlan]:
    """Choose titles where there is a choice: for text without headings, and for the questions of an FAQ."""
    offered = [
        [question(section.title, section.point)] if brief.kind == "faq" else [section.title, *section.titles]
        for section in sections
    ]

    async def chosen(section: SectionPlan, titles: list[str]) -> str:
        if len(titles) < 2:
            return titles[0]
        text = " ".join(line.cited.text for part in section.parts for line in part.lines)
        return (await headline.arun(brief.topic, text[:_SHOWN], titles)).value[0]

    names = await asyncio.gather(*(chosen(s, t) for s, t in zip(sections, offered, strict=True)))
    firsts = [titles[0] for titles in offered]
    kept = [name if names.count(name) == 1 else first for name, first in zip(names, firsts, strict=True)]
    if brief.kind == "faq":
        sections = [asking(section, name) for section, name in zip(sections, kept, strict=True)]
    return [s.model_copy(update={"title": name}) for s, name in zip(sections, kept, strict=True)]


@dataclass(frozen=True, slots=True)
class _Held:
    """What the documents hold on a brief."""

    topics: list[Topic]
    """The most relevant first, without records that the brief does not name."""
    records: list[Topic]
    """Rows of tables, in their order."""
    points: list[Demand]
    near: list[dict[str, float]]
    """For each point how near each topic is to it."""
    inside: list[str]
    """Documents that say that they, or a part of them, are not for the brief's readers."""


async def _outline(base: KnowledgeBase, state: ContentState, brief: Brief) -> tuple[Outline, list[str]]:
    """What the article is to be, from what the documents hold; and what is not for its readers."""
    held = await offload(lambda: _held(base, state, brief))
    near = await weighed(held.points, held.topics, held.near)

    def made() -> Outline:
        every_date, goods = asks_for_every_date(brief), brief.kind == "product"
        asked = asked_for(held.points, held.topics, near, every_date, held.records, goods)
        return outline(select(asked, held.topics, brief), held.topics, held.records, brief)

    return await offload(made), held.inside


def _held(base: KnowledgeBase, state: ContentState, brief: Brief) -> _Held:
    """What the documents hold on the brief, and how near that is to each of its points."""
    found, *others = (_passages(base, rows) for rows in (state["found"], *state["points"]))
    every = [*found, *(passage for each in others for passage in each)]
    documents = dict.fromkeys(passage.source for passage in every)
    whole = [passage for document in documents for passage in base.passages_of(document)]
    # what has the heading of something found says the same of another case
    headings = {passage.heading[-1] for passage in every if len(passage.heading) > 1}
    ids = {passage.id for passage in every}
    ids |= {p.id for p in whole if len(p.heading) > 1 and p.heading[-1] in headings}
    share = brief.words / brief.sections
    every_topic = topics_of(whole, base.text, ids, embeddings_in_time())
    steps = _STEPS * brief.words if brief.kind == "how-to" else share
    grouped = [fitted(topic, share, steps) for topic in every_topic]
    wanted = without(grouped, read_notes(brief.notes), embeddings_in_time())
    every_one = ranked(wanted, found, brief.topic, brief.audience)
    topics = [topic for topic in every_one if named_by(topic, f"{brief.topic} {brief.notes}")]
    topics = entitled(topics, brief.sections, embeddings_in_time())
    records = sorted((t for t in every_one if t.tabular), key=lambda t: (t.source, t.start))
    points = demands(brief)
    unnamed = [topic for topic in records if topic not in topics]
    near = nearness([point.text for point in points], topics, embeddings_in_time(), unnamed)
    inside = [] if are_insiders(brief.audience) else sorted({t.source for t in grouped if t.inside})
    return _Held(topics, records, points, near, inside)


def _passages(base: KnowledgeBase, rows: Sequence[Scored]) -> list[Passage]:
    scores = dict(rows)
    return [p.model_copy(update={"score": scores[p.id]}) for p in base.passages(scores)]


async def approve(state: ContentState) -> dict[str, Any]:
    """Show a person the plan, where they asked for it, and take their changes.

    The answer is a mapping: ``{"approve": true}``, or ``{"titles": [...]}`` with the titles to write, in
    order. A title of the plan keeps its material; as many titles as the plan has rename its sections.
    """
    sections = [SectionPlan.model_validate(section) for section in state["outline"]]
    if not state.get("approve"):
        return {}
    shown = [
        {
            "title": section.title,
            "words": section.words,
            "from": list(dict.fromkeys(part.source for part in section.parts)),
        }
        for section in sections
    ]
    answer = interrupt({"kind": "plan", "topic": state["brief"]["topic"], "sections": shown})
    titles = approved_titles(answer, [section.title for section in sections])
    if len(titles) == len(sections) and not set(titles) <= {section.title for section in sections}:
        changed = [s.model_copy(update={"title": t}) for s, t in zip(sections, titles, strict=True)]
    else:
        kept = {section.title: section for section in sections}
        changed = [kept.get(title, SectionPlan(title=title)) for title in titles]
    base = resources().knowledge
    if base is not None and not all(section.parts for section in changed):
        brief = Brief(**state["brief"])
        changed = await offload(lambda: _filled(base, state, brief, changed))
    return {"outline": [section.model_dump(mode="json") for section in changed]}


def _filled(
    base: KnowledgeBase, state: ContentState, brief: Brief, sections: Sequence[SectionPlan]
) -> list[SectionPlan]:
    """Give sections that a person named what the documents hold on them."""
    held = _held(base, state, brief)
    taken = {(part.source, part.title) for section in sections for part in section.parts}
    made = []
    for section in sections:
        if not section.parts:
            free = [topic for topic in held.topics if (topic.source, topic.title) not in taken]
            alone = brief.model_copy(
                update={"sections": 1, "words": brief.words // len(sections), "topic": section.title}
            )
            near = nearness([section.title], free, embeddings_in_time())
            asked = asked_for([Demand(section.title, section.title)], free, near)
            made_of = outline(select(asked, free, alone), free, held.records, alone).sections
            section = made_of[0] if made_of else section
            taken |= {(part.source, part.title) for part in section.parts}
        made.append(section)
    named = zip(made, sections, strict=True)
    return [section.model_copy(update={"title": asked.title}) for section, asked in named]
