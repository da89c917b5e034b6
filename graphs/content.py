"""The content graph: from a brief to an article whose every sentence is checked.

    retrieve -> plan -> section (each in parallel) -> review -+-> pictures
                        ^                                 |
                        +----- the sections at fault -----+

`finish` writes the files from the last state, or from what there is of it at the deadline.
Pictures come after the review, so that none is made for a section that is sent back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from ..agents.brief import Brief, read_brief
from ..agents.image_maker import ImageBrief, make_pictures, subject
from ..agents.planner import candidate_titles, plan
from ..agents.reviewer import SectionDraft, review, rule_faults, said_before
from ..agents.writer import write, write_freely
from ..retrieval.cite import verify
from ..retrieval.extract import Cited, standing
from ..retrieval.passage import Passage
from ..steps import current
from ..steps.threads import offload
from .article import Article, ArticleImage, Citation, Section, Sentence
from .folder import write_atomically
from .page import to_html
from .registry import Graph
from .resources import find, resources

if TYPE_CHECKING:
    from ..app import Limner

REVISIONS = 2
"""How often sections may be sent back."""
WORDS_A_SENTENCE = 16
NEAR, FAR = 0.8, 0.65
"""Parts of the best passage's score: above the first a passage is on a section's subject; between the two it
serves where there is too little; below it is off the subject."""


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**old, **new}


class ContentState(TypedDict, total=False):
    """Plain JSON: passages are ids, pictures are paths."""

    brief: dict[str, Any]
    found: list[str]
    titles: list[str]
    allotted: dict[str, list[str]]
    """Section number to the passages that it alone may use."""
    sections: Annotated[dict[str, list[dict[str, Any]]], _merge]
    """Section number to its sentences."""
    images: list[dict[str, Any]]
    faulty: list[int]
    rounds: int


class SectionTask(TypedDict):
    """What one section's node is sent."""

    brief: dict[str, Any]
    number: int
    title: str
    passages: list[str]
    avoid: list[str]
    """Sentences that stand elsewhere already."""


async def retrieve(state: ContentState) -> dict[str, Any]:
    """Find the passages that bear on the brief."""
    brief = Brief(**state["brief"])
    found = await find(f"{brief.topic}. {brief.notes}".strip(), 8 + 6 * brief.sections)
    return {"found": [passage.id for passage in found]}


async def plan_sections(state: ContentState) -> dict[str, Any]:
    """Choose the sections, and share the passages out among them."""
    brief, have = Brief(**state["brief"]), resources()
    passages = have.knowledge.passages(state["found"]) if have.knowledge is not None else []
    titles = await offload(
        lambda: candidate_titles(brief.topic, brief.kind, passages, brief.sections, have.embeddings)
    )
    outcome = await plan.arun(brief.topic, brief.audience, brief.notes, titles, brief.sections)
    chosen = outcome.value
    allotted = await _allot(chosen, passages, brief)
    return {"titles": chosen, "allotted": allotted, "rounds": 0}


async def _allot(titles: Sequence[str], on_topic: Sequence[Passage], brief: Brief) -> dict[str, list[str]]:
    """Give each passage to the one section that it fits best, so that nothing is said twice."""
    best: dict[str, tuple[float, int, Passage]] = {}
    for number, title in enumerate(titles):
        found = await find(f"{title}. {brief.topic}", 10)
        for passage in [*on_topic, *found]:
            # a passage under the very heading belongs there before all others
            own = bool(passage.heading) and passage.heading[-1] == title
            near = passage.score / (found[0].score or 1.0) if passage in found else 0.0
            rank = 1.0 + passage.score if own else near
            if rank >= FAR and rank > best.get(passage.id, (0.0,))[0]:
                best[passage.id] = (rank, number, passage)
    shares: dict[str, list[str]] = {str(number): [] for number in range(len(titles))}
    sentences = dict.fromkeys(shares, 0)
    for passage_id, (rank, number, passage) in sorted(best.items(), key=lambda item: -item[1][0]):
        share, wanted = str(number), _sentences(brief)
        # what is near leaves the writer a choice; what is less near only fills up
        if sentences[share] < (1.5 * wanted if rank >= NEAR else wanted):
            shares[share].append(passage_id)
            sentences[share] += len(standing([passage]))
    return shares


def _sentences(brief: Brief) -> int:
    """How many sentences a section is to have."""
    return max(2, round(brief.words / brief.sections / WORDS_A_SENTENCE))


def send_sections(state: ContentState) -> list[Send]:
    """One task a section; after a review, those at fault alone."""
    written = state.get("sections", {})
    numbers = state["faulty"] if state.get("rounds") else range(len(state["titles"]))
    tasks = []
    for number in numbers:
        # a section written anew must not repeat what stands before it
        others = [written.get(str(other), []) for other in range(len(state["titles"])) if other != number]
        task = SectionTask(
            brief=state["brief"],
            number=number,
            title=state["titles"][number],
            passages=state["allotted"][str(number)],
            avoid=[sentence["text"] for other in others for sentence in other],
        )
        tasks.append(Send("section", task))
    return tasks


async def section(task: SectionTask) -> dict[str, Any]:
    """Write one section, and keep the sentences that their passages support."""
    brief, have = Brief(**task["brief"]), resources()
    if have.knowledge is None:
        return {"sections": {str(task["number"]): await _ungrounded(brief, task["title"])}}
    passages = have.knowledge.passages(task["passages"])
    options = [cited for cited in standing(passages) if not said_before(cited.text, task["avoid"])]
    if not options:
        return {"sections": {str(task["number"]): []}}
    count = _sentences(brief)
    outcome = await write.arun(brief.topic, task["title"], brief.audience, options, round(0.7 * count), count)
    kept = await offload(lambda: _supported(outcome.value, passages))
    return {
        "sections": {
            str(task["number"]): [
                {
                    "text": s.text,
                    "citations": [s.passage_id],
                    "support": "supported",
                    "made_by": outcome.source,
                }
                for s in kept
            ]
        }
    }


def _supported(cited: Sequence[Cited], passages: Sequence[Passage]) -> list[Cited]:
    by_id = {passage.id: passage for passage in passages}
    return [
        sentence
        for sentence in cited
        if all(
            judged.status == "supported"
            for judged in verify(sentence.text, [by_id[sentence.passage_id]], embeddings=None).sentences
        )
    ]


async def _ungrounded(brief: Brief, title: str) -> list[dict[str, Any]]:
    from ..retrieval.sentences import sentences

    outcome = await write_freely.arun(brief.topic, title, brief.audience)
    return [
        {"text": s.line, "citations": [], "support": "ungrounded", "made_by": outcome.source}
        for s in sentences(outcome.value)
    ]


async def pictures(state: ContentState) -> dict[str, Any]:
    """Make the pictures: the first for the article, the others for its first sections."""
    brief, have = Brief(**state["brief"]), resources()
    briefs = []
    for number in range(brief.images):
        title = brief.topic if number == 0 else state["titles"][(number - 1) % len(state["titles"])]
        text = " ".join(s["text"] for s in state["sections"].get(str(max(0, number - 1)), []))
        subtitle = ", ".join(state["titles"][:3]) if number == 0 else brief.topic
        # a card shows no subject: the model is asked for one only where a picture will be generated
        what = (await subject.arun(brief.topic, title, text)).value if have.images is not None else title
        briefs.append(ImageBrief(heading(title), subtitle, what, seed=current().seed + number))
    made = await make_pictures(briefs, have.images, have.no_images)
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
        SectionDraft(title=title, sentences=tuple(s["text"] for s in state["sections"].get(str(number), [])))
        for number, title in enumerate(state["titles"])
    ]
    outcome = await review.arun(state["brief"]["topic"], drafts)
    # what can be counted is counted, whoever reviewed; a section without passages stays empty all the same
    faults = [*outcome.value, *rule_faults(drafts)]
    faulty = {fault.section for fault in faults if state["allotted"][str(fault.section)]}
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
    graph.add_node("section", section)  # type: ignore[arg-type]  # its input is a task, not the state
    graph.add_node("pictures", pictures)
    graph.add_node("review", review_sections)
    graph.add_edge(START, "retrieve")
    graph.add_edge("retrieve", "plan")
    graph.add_conditional_edges("plan", send_sections, ["section"])
    graph.add_edge("section", "review")
    graph.add_conditional_edges("review", after_review, ["section", "pictures"])
    graph.add_edge("pictures", END)
    return graph


def heading(topic: str) -> str:
    """A topic as a title."""
    topic = " ".join(topic.split()).rstrip(".")
    return topic[:1].upper() + topic[1:]


def first_state(given: Any) -> dict[str, Any]:
    """A brief as the first state."""
    return {"brief": read_brief(given).model_dump()}


def finish(state: dict[str, Any], folder: Path) -> Article:
    """Write article.md and article.html from whatever the state has come to."""
    brief, context = Brief(**state["brief"]), current()
    have = resources()
    sections = tuple(
        Section(title, tuple(_sentence(row) for row in state.get("sections", {}).get(str(number), [])))
        for number, title in enumerate(state.get("titles", []))
    )
    sections = tuple(section for section in sections if section.sentences)
    cited = list(dict.fromkeys(c for section in sections for s in section.sentences for c in s.citations))
    citations: tuple[Citation, ...] = ()
    if have.knowledge is not None and cited:
        citations = tuple(
            Citation(p.id, p.source, p.text, p.start, p.end) for p in have.knowledge.passages(cited)
        )
    article = Article(
        title=heading(brief.topic),
        path=str(folder / "article.md"),
        html_path=str(folder / "article.html"),
        sections=sections,
        images=tuple(ArticleImage(**image) for image in state.get("images", [])),
        citations=citations,
        grounded=have.knowledge is not None,
    )
    write_atomically(folder / "article.md", article.markdown.encode("utf-8", "replace"))
    page = to_html(article, context.receipt.rows, brief.language)
    write_atomically(folder / "article.html", page.encode("utf-8", "replace"))
    return article


def _sentence(row: dict[str, Any]) -> Sentence:
    return Sentence(row["text"], tuple(row["citations"]), row["support"], row["made_by"])


CONTENT = Graph(
    "content",
    build,
    read=first_state,
    finish=finish,
    needs_knowledge=True,
    keep=2.5,
    home="limner.graphs.content:CONTENT",
)
