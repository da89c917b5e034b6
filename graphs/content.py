"""The content graph: from a brief to an article whose every sentence is checked.

    retrieve -> plan -> approve? -> section (each in parallel) -> review -+-> pictures
                                    ^                                 |
                                    +----- the sections at fault -----+

`finishing` writes the files from the last state, or from what there is of it at the deadline.
Pictures come after the review, so that none is made for a section that is sent back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from ..agents.articles.demands import Demand, answers, asks_for_every_date, assigned, demands
from ..agents.articles.house_style import styled
from ..agents.articles.outline import Outline, SectionPlan, asking, outline, within
from ..agents.articles.parts import Part, fitted
from ..agents.articles.prose import Line, arrange, referred
from ..agents.articles.questions import questions
from ..agents.articles.selection import select
from ..agents.articles.stock_titles import stock_titles
from ..agents.articles.topics import Topic, ranked, topics_of
from ..agents.articles.wishes import read_notes
from ..agents.brief import Brief, read_brief
from ..agents.image_maker import make_pictures
from ..agents.planner import approved_titles, entitled, headline, picked, plan
from ..agents.reviewer import SectionDraft, review, rule_faults, said_before
from ..agents.writer import write, write_freely
from ..retrieval.cite import verify
from ..retrieval.passage import Passage
from ..steps import Source, current
from ..steps.threads import offload
from .articles.finishing import finish
from .articles.picture_briefs import picture_brief
from .folder import write_atomically
from .registry import Graph
from .resources import find, resources

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ..app import Limner
    from ..retrieval import KnowledgeBase

REVISIONS = 2
"""How often sections may be sent back."""
_WIDE, _NARROW = 40, 12
"""Passages that are looked at for the topic, and for a point of the notes."""
_SHOWN = 300
"""Characters of a section by which its title is chosen."""
_SLOW = 12.0
"""Seconds that must be left for sentences to be compared by their embeddings, and not by their words."""
Scored = tuple[str, float]


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**old, **new}


class ContentState(TypedDict, total=False):
    """Plain JSON: passages are ids, pictures are paths."""

    brief: dict[str, Any]
    approve: bool
    """Whether a person sees the plan before anything is written."""
    found: list[Scored]
    """What a search for the topic gave: ids and scores."""
    points: list[list[Scored]]
    """The same for each demand of the brief."""
    opening: list[dict[str, Any]]
    """Sentences above the first section."""
    outline: list[dict[str, Any]]
    """A `SectionPlan` a section."""
    sections: Annotated[dict[str, list[dict[str, Any]]], _merge]
    """Section number to its sentences."""
    tables: Annotated[dict[str, list[dict[str, Any]]], _merge]
    """Section number to its tables."""
    remarks: Annotated[dict[str, list[str]], _merge]
    """Section number, or "opening", to what of the house's style was kept only by leaving out, or not."""
    images: list[dict[str, Any]]
    faulty: list[int]
    rounds: int


class SectionTask(TypedDict):
    """What one section's node is sent."""

    brief: dict[str, Any]
    number: int
    plan: dict[str, Any]
    avoid: list[str]
    """Sentences that stand elsewhere already."""


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
    found = Outline() if base is None else await offload(lambda: _outline(base, state, brief))
    if not found.sections:
        stock = stock_titles(brief.kind, brief.sections)
        found = Outline(tuple(SectionPlan(title=title) for title in stock))
    titles = [section.title for section in found.sections if section.title != found.extra]
    titles += [found.extra] if found.extra else []
    outcome = await plan.arun(brief.topic, brief.audience, brief.notes, titles, brief.sections)
    sections = await _entitled(brief, picked(found, outcome.value, brief.sections, outcome.source))
    opening: list[dict[str, Any]] = []
    remarks: dict[str, list[str]] = {}
    if found.opening is not None:
        opening, _, told = await _set("", [found.opening], {"own": "rendered"}, [])
        remarks = {"opening": told}
    planned = [section.model_dump(mode="json") for section in sections]
    return {"outline": planned, "opening": opening, "remarks": remarks, "rounds": 0}


async def _entitled(brief: Brief, sections: Sequence[SectionPlan]) -> list[SectionPlan]:
    """Choose titles where there is a choice: for text without headings, and for the questions of an FAQ."""
    offered = [
        questions(section.title) if brief.kind == "faq" else [section.title, *section.titles]
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


def _outline(base: KnowledgeBase, state: ContentState, brief: Brief) -> Outline:
    """What the article is to be, from what the documents hold."""
    topics, records, asked = _topics(base, state, brief)
    return outline(select(asked, topics, brief), topics, records, brief)


def _topics(
    base: KnowledgeBase, state: ContentState, brief: Brief
) -> tuple[list[Topic], list[Topic], list[list[Topic]]]:
    """What the documents hold on the brief, the rows of tables in it, and what answers each demand."""
    found, *points = (_passages(base, rows) for rows in (state["found"], *state["points"]))
    every = [*found, *(passage for each in points for passage in each)]
    documents = dict.fromkeys(passage.source for passage in every)
    whole = [passage for document in documents for passage in base.passages_of(document)]
    # what has the heading of something found says the same of another case
    headings = {passage.heading[-1] for passage in every if len(passage.heading) > 1}
    ids = {passage.id for passage in every}
    ids |= {p.id for p in whole if len(p.heading) > 1 and p.heading[-1] in headings}
    share = brief.words / brief.sections
    grouped = [fitted(topic, share) for topic in topics_of(whole, base.text, ids, _embeddings())]
    topics = ranked(grouped, found, brief.topic, brief.notes, read_notes(brief.notes).leave_out)
    topics = entitled(topics, brief.sections, _embeddings())
    dates = asks_for_every_date(brief)
    found_for = zip(demands(brief), points, strict=True)
    asked = assigned([answers(demand, topics, each, dates) for demand, each in found_for])
    return topics, [topic for topic in grouped if topic.tabular], asked


def _passages(base: KnowledgeBase, rows: Sequence[Scored]) -> list[Passage]:
    scores = dict(rows)
    return [p.model_copy(update={"score": scores[p.id]}) for p in base.passages(scores)]


def _embeddings() -> Embeddings | None:
    """The embeddings, where there is time for them."""
    return resources().embeddings if current().ledger.time_left() > _SLOW else None


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
    topics, records, _ = _topics(base, state, brief)
    found = _passages(base, state["found"])
    taken = {(part.source, part.title) for section in sections for part in section.parts}
    made = []
    for section in sections:
        if not section.parts:
            free = [topic for topic in topics if (topic.source, topic.title) not in taken]
            alone = brief.model_copy(
                update={"sections": 1, "words": brief.words // len(sections), "topic": section.title}
            )
            asked = assigned([answers(Demand(section.title, section.title), free, found)])
            (section, *_) = outline(select(asked, free, alone), free, records, alone).sections or [section]
            taken |= {(part.source, part.title) for part in section.parts}
        made.append(section)
    named = zip(made, sections, strict=True)
    return [section.model_copy(update={"title": asked.title}) for section, asked in named]


def send_sections(state: ContentState) -> list[Send]:
    """One task a section; after a review, those at fault alone."""
    written = state.get("sections", {})
    count = len(state["outline"])
    tasks = []
    for number in state["faulty"] if state.get("rounds") else range(count):
        # a section written anew must not repeat what stands before it
        others = [written.get(str(other), []) for other in range(count) if other != number]
        task = SectionTask(
            brief=state["brief"],
            number=number,
            plan=state["outline"][number],
            avoid=[sentence["text"] for other in others for sentence in other],
        )
        tasks.append(Send("section", task))
    return tasks


async def section(task: SectionTask) -> dict[str, Any]:
    """Write one section, and keep the sentences that their passages support."""
    brief, have = Brief(**task["brief"]), resources()
    plan_ = SectionPlan.model_validate(task["plan"])
    number = str(task["number"])
    if have.knowledge is None:
        return {"sections": {number: await _ungrounded(brief, plan_.title)}}
    made_by: dict[str, Source] = {"own": plan_.made_by, "must": plan_.made_by, "spare": plan_.made_by}
    chosen = plan_.spare[: plan_.most]
    if len(plan_.spare) > plan_.most:
        leads = [part.lines[0].cited for part in plan_.spare]
        fewest = max(1, round(0.75 * plan_.most))
        outcome = await write.arun(brief.topic, plan_.title, brief.audience, leads, fewest, plan_.most)
        chosen = within(plan_, [part for part in plan_.spare if part.lines[0].cited in outcome.value])
        made_by["spare"] = outcome.source
    parts = [part for part in plan_.parts if part.role != "spare" or part in chosen or not part.lines]
    rows, tables, remarks = await _set(plan_.title, parts, made_by, task["avoid"])
    return {"sections": {number: rows}, "tables": {number: tables}, "remarks": {number: remarks}}


async def _set(
    title: str, parts: Sequence[Part], made_by: dict[str, Source], avoid: Sequence[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Parts as text.

    Returns:
        The sentences that their passages support, the tables, and what of the house's style was not kept.
    """
    have = resources()
    assert have.knowledge is not None
    lines, tables = arrange(title, parts)
    lines = [line for line in lines if line.unit >= 0 or not said_before(line.text, avoid)]
    passages = {p.id: p for p in have.knowledge.passages({line.cited.passage_id for line in lines})}
    makers = {line.cited: made_by[part.role] for part in parts for line in part.lines}
    embeddings = _embeddings()
    kept = await offload(lambda: _supported(lines, passages, embeddings))
    said, remarks = {line.text for line in kept}, list[str]()
    if have.style is not None:
        kept, remarks = styled(kept, have.style)
    shown = [{**table.model_dump(mode="json"), "before": before} for before, table in tables]
    rows = [_row(line, makers[line.cited] if line.text in said else "rendered") for line in kept]
    return rows, shown, remarks


def _row(line: Line, made_by: Source) -> dict[str, Any]:
    return {
        "text": line.text,
        "citations": [line.cited.passage_id],
        "support": "supported",
        "made_by": made_by,
        "form": line.form,
        "paragraph": line.paragraph,
        "label": line.label,
    }


def _supported(
    lines: Sequence[Line], passages: dict[str, Passage], embeddings: Embeddings | None
) -> list[Line]:
    """The lines that their passages support.

    One with a pronoun that is not goes back to its name; without embeddings all keep their names, for
    only a quotation can be checked at once.
    """

    def holds(text: str, passage: Passage) -> bool:
        return verify(text, [passage], embeddings).supported

    kept, broken = [], set[int]()
    shorter = referred(lines) if embeddings is not None else lines
    for plain, line in zip(lines, shorter, strict=True):
        passage = passages[line.cited.passage_id]
        if line.text != plain.text and holds(line.text, passage):
            kept.append(line)
        elif holds(plain.text, passage):
            kept.append(plain)
        else:
            broken.add(plain.unit)
    # a list without one of its items says something else
    return [line for line in kept if line.unit < 0 or line.unit not in broken]


async def _ungrounded(brief: Brief, title: str) -> list[dict[str, Any]]:
    from ..retrieval.sentences import sentences

    outcome = await write_freely.arun(brief.topic, title, brief.audience)
    return [
        {"text": s.line, "citations": [], "support": "ungrounded", "made_by": outcome.source, "form": "prose"}
        for s in sentences(outcome.value)
    ]


async def pictures(state: ContentState) -> dict[str, Any]:
    """Make the pictures: the first for the article, the others for its first sections."""
    brief, have = Brief(**state["brief"]), resources()
    briefs = [await picture_brief(state, brief, number) for number in range(brief.images)]
    made = await make_pictures(
        briefs, have.images, have.no_images, have.embeddings, have.brand, have.credentials
    )
    images = []
    for number, picture in enumerate(made, 1):
        path = have.folder / "images" / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, picture.png)
        facts = {"source": picture.source, "seed": picture.seed, "model": picture.model, "alt": picture.alt}
        images.append({"path": str(path), "width": picture.width, "height": picture.height, **facts})
    return {"images": images}


async def review_sections(state: ContentState) -> dict[str, Any]:
    """Find the sections to write again."""
    drafts = [
        SectionDraft(
            title=section["title"],
            sentences=tuple(s["text"] for s in state["sections"].get(str(number), [])),
        )
        for number, section in enumerate(state["outline"])
    ]
    outcome = await review.arun(state["brief"]["topic"], drafts)
    # what can be counted is counted, whoever reviewed; a section without passages stays empty all the same
    faults = [*outcome.value, *rule_faults(drafts)]
    faulty = {fault.section for fault in faults if state["outline"][fault.section]["parts"]}
    return {"faulty": sorted(faulty), "rounds": state.get("rounds", 0) + 1}


def after_review(state: ContentState) -> list[Send] | str:
    """Send the faulty sections back, at most `REVISIONS` times."""
    if state["faulty"] and state["rounds"] <= REVISIONS and current().ledger.time_left() > 0:
        return send_sections(state)
    return "pictures"


def build(app: Limner) -> StateGraph[Any, Any, Any, Any]:
    """The content graph."""
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(ContentState)
    graph.add_node("retrieve", retrieve)
    graph.add_node("plan", plan_sections)
    graph.add_node("approve", approve)
    graph.add_node("section", section)  # type: ignore[arg-type]  # its input is a task, not the state
    graph.add_node("pictures", pictures)
    graph.add_node("review", review_sections)
    graph.add_edge(START, "retrieve")
    graph.add_edge("retrieve", "plan")
    graph.add_edge("plan", "approve")
    graph.add_conditional_edges("approve", send_sections, ["section"])
    graph.add_edge("section", "review")
    graph.add_conditional_edges("review", after_review, ["section", "pictures"])
    graph.add_edge("pictures", END)
    return graph


def first_state(given: Any) -> dict[str, Any]:
    """A brief as the first state; ``{"brief": ..., "approve": true}`` stops after the plan."""
    stop = False
    if isinstance(given, dict) and "brief" in given:
        given, stop = given["brief"], bool(given.get("approve"))
    return {"brief": read_brief(given).model_dump(), "approve": stop}


CONTENT = Graph(
    "content",
    build,
    read=first_state,
    finish=finish,
    needs_knowledge=True,
    keep=2.5,
    home="limner.graphs.content:CONTENT",
)
