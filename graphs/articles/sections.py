"""From a section's plan to its text: sentences that their passages support, each with its maker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...agents.articles.house_style import styled
from ...agents.articles.outline import SectionPlan, within
from ...agents.articles.parts import Part
from ...agents.articles.prose import Line, arrange, referred
from ...agents.brief import Brief
from ...agents.reviewer import said_before
from ...agents.writer import write, write_freely
from ...retrieval.cite import verify
from ...retrieval.passage import Passage
from ...retrieval.sentences import sentences
from ...steps import Source
from ...steps.threads import offload
from ..resources import embeddings_in_time, resources
from .state import SectionTask

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


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
    rows, tables, remarks = await set_parts(plan_.title, parts, made_by, task["avoid"])
    return {"sections": {number: rows}, "tables": {number: tables}, "remarks": {number: remarks}}


async def set_parts(
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
    embeddings = embeddings_in_time()
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
    outcome = await write_freely.arun(brief.topic, title, brief.audience)
    return [
        {"text": s.line, "citations": [], "support": "ungrounded", "made_by": outcome.source, "form": "prose"}
        for s in sentences(outcome.value)
    ]
