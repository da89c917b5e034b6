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

from ..agents.brief import Brief, read_brief
from ..agents.house_style import styled
from ..agents.image_maker import make_pictures
from ..agents.outline import SectionPlan, in_document_order, outline
from ..agents.planner import approved_titles, candidate_titles, entitled, headline, plan
from ..agents.prose import Line, arrange, referred
from ..agents.questions import questions
from ..agents.reviewer import SectionDraft, review, rule_faults, said_before
from ..agents.topics import Topic, answering, ranked, topics_of
from ..agents.wishes import read_notes
from ..agents.writer import write, write_freely
from ..retrieval.cite import verify
from ..retrieval.passage import Passage
from ..steps import Source, current
from ..steps.threads import offload
from .finishing import finish
from .folder import write_atomically
from .picture_briefs import picture_brief
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
    """The same for each point that the notes ask for."""
    outline: list[dict[str, Any]]
    """A `SectionPlan` a section."""
    planned_by: Source
    """Who chose the sections."""
    sections: Annotated[dict[str, list[dict[str, Any]]], _merge]
    """Section number to its sentences."""
    tables: Annotated[dict[str, list[dict[str, Any]]], _merge]
    """Section number to its tables."""
    remarks: Annotated[dict[str, list[str]], _merge]
    """Section number to what of the house's style was not kept in it, or only by leaving out."""
    images: list[dict[str, Any]]
    faulty: list[int]
    rounds: int


class SectionTask(TypedDict):
    """What one section's node is sent."""

    brief: dict[str, Any]
    number: int
    plan: dict[str, Any]
    planned_by: Source
    avoid: list[str]
    """Sentences that stand elsewhere already."""


async def retrieve(state: ContentState) -> dict[str, Any]:
    """Find the passages that bear on the brief, and those for each point of its notes."""
    brief = Brief(**state["brief"])
    # a point of a word or two says little without the topic
    points = [
        point if len(point.split()) > 2 else f"{brief.topic}: {point}"
        for point in read_notes(brief.notes).cover
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
    brief = Brief(**state["brief"])
    topics, must = await offload(lambda: _topics(state, brief))
    embeddings = _embeddings()
    titles = await offload(lambda: candidate_titles(brief, topics, must, embeddings))
    outcome = await plan.arun(brief.topic, brief.audience, brief.notes, titles, brief.sections)
    ordered = in_document_order(outcome.value, [*must, *topics])
    sections = await offload(lambda: outline(ordered, topics, must, brief, embeddings))
    sections = await _entitled(brief, sections)
    planned = [section.model_dump(mode="json") for section in sections]
    return {"outline": planned, "planned_by": outcome.source, "rounds": 0}


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
    return [s.model_copy(update={"title": name}) for s, name in zip(sections, kept, strict=True)]


def _topics(state: ContentState, brief: Brief) -> tuple[list[Topic], list[Topic]]:
    """What the documents hold on the brief, and what of it answers a point of the notes."""
    base = resources().knowledge
    if base is None:
        return [], []
    found, *points = (_passages(base, rows) for rows in (state["found"], *state["points"]))
    every = [*found, *(passage for each in points for passage in each)]
    documents = dict.fromkeys(passage.source for passage in every)
    whole = [passage for document in documents for passage in base.passages_of(document)]
    ids = {passage.id for passage in every}
    grouped = topics_of(whole, base.text, ids, _embeddings())
    wishes = read_notes(brief.notes)
    topics = ranked(grouped, found, brief.topic, brief.notes, wishes.leave_out)
    topics = entitled(topics, brief.sections, _embeddings())
    answers = [answering(topics, point, each) for point, each in zip(wishes.cover, points, strict=True)]
    must = [topic for topic in answers if topic is not None]
    return topics, list({topic.key: topic for topic in must}.values())


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
    empty = [section.title for section in changed if not section.parts]
    if empty and resources().knowledge is not None:
        brief = Brief(**state["brief"])
        topics, must = await offload(lambda: _topics(state, brief))
        embeddings = _embeddings()
        changed = await offload(lambda: outline(titles, topics, must, brief, embeddings))
    return {"outline": [section.model_dump(mode="json") for section in changed]}


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
            planned_by=state["planned_by"],
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
    made_by: dict[str, Source] = {"own": task["planned_by"], "must": "rendered", "spare": "rendered"}
    parts = [part for part in plan_.parts if part.role != "spare"]
    if plan_.most:
        leads = [part.lines[0].cited for part in plan_.spare]
        fewest = max(1, round(0.75 * plan_.most))
        outcome = await write.arun(brief.topic, plan_.title, brief.audience, leads, fewest, plan_.most)
        parts += [part for part in plan_.spare if part.lines[0].cited in outcome.value]
        made_by["spare"] = outcome.source
    lines, tables = arrange(plan_.title, parts)
    lines = [line for line in lines if line.unit >= 0 or not said_before(line.text, task["avoid"])]
    passages = {p.id: p for p in have.knowledge.passages({line.cited.passage_id for line in lines})}
    makers = {line.cited: made_by[part.role] for part in parts for line in part.lines}
    embeddings = _embeddings()
    kept = await offload(lambda: _supported(lines, passages, embeddings))
    said, remarks = {line.text for line in kept}, list[str]()
    if have.style is not None:
        kept, remarks = styled(kept, have.style)
    shown = [{**table.model_dump(mode="json"), "before": before} for before, table in tables]
    return {
        "sections": {
            number: [_row(line, makers[line.cited] if line.text in said else "rendered") for line in kept]
        },
        "tables": {number: shown},
        "remarks": {number: remarks},
    }


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
