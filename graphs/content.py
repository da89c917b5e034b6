"""The content graph: from a brief to an article whose every sentence is checked.

    retrieve -> plan -> approve? -> section (each in parallel) -> review -+-> pictures
                                    ^                                 |
                                    +----- the sections at fault -----+

`finishing` writes the files from the last state, or from what there is of it at the deadline.
Pictures come after the review, so that none is made for a section that is sent back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from ..agents.brief import Brief, read_brief
from ..agents.image_maker import make_pictures
from ..agents.reviewer import SectionDraft, review, rule_faults
from ..steps import current
from .articles.finishing import finish
from .articles.picture_briefs import picture_brief
from .articles.planning import approve, plan_sections, retrieve
from .articles.sections import section
from .articles.state import ContentState, SectionTask
from .folder import write_atomically
from .registry import Graph
from .resources import resources

if TYPE_CHECKING:
    from ..app import Limner

REVISIONS = 2
"""How often sections may be sent back."""


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
