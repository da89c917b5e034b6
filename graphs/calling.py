"""The calls of the research graph: which tools there are, and one call with its references looked up."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any, TypedDict

from langchain_core.tools import BaseTool

from ..agents.lookups import SEARCH, Call
from ..agents.support import answer_from
from ..errors import InputError
from ..retrieval.kept import NoEmbeddings
from ..retrieval.terms import content_stems
from ..screening import injection
from ..steps import current
from ..steps.threads import offload
from ..tools.arithmetic import calculator
from ..tools.call import ToolResult, allow, call_tool
from ..tools.journal import Journal, effect_key
from ..tools.knowledge import knowledge_tool
from ..tools.policy import grant_needed, policy_of
from ..tools.references import references_in, resolve
from .resources import resources
from .vaults import vault_of

FOUND = 8
"""Passages that one search gives."""


class CallTask(TypedDict):
    """What the node of one call is sent."""

    call: dict[str, Any]
    known: dict[str, dict[str, Any]]
    """The results that it refers to."""
    customer: str
    declined: bool


class Calls:
    """The tools of an app, as the calls of a run use them."""

    def __init__(self, tools: Mapping[str, BaseTool], journal: Journal) -> None:
        self._tools, self._journal = dict(tools), journal

    def offered(self) -> dict[str, BaseTool]:
        """The tools of this run; the documents are searched where there are any."""
        knowledge = resources().knowledge
        found = (
            {tool.name: tool for tool in (knowledge_tool(knowledge, FOUND),)} if knowledge is not None else {}
        )
        return {**found, calculator.name: calculator, **self._tools}

    def asked_for(self, question: str) -> dict[str, BaseTool]:
        """The tools of a plan: one that changes something only where the question says its verb."""
        said = set(content_stems(question))
        return {
            name: tool
            for name, tool in self.offered().items()
            if not policy_of(tool).effect
            or said & {*content_stems(name.split("_")[0]), *content_stems(tool.description)[:1]}
        }

    async def make(self, task: CallTask) -> dict[str, Any]:
        """Make one call, its references looked up."""
        call, known = Call(**task["call"]), task["known"]
        tool, refers = self.offered()[call.tool], references_in(call.arguments)
        outputs = {name: result["output"] for name, result in known.items() if result["status"] == "done"}
        row: dict[str, Any] = {**task["call"], "refers": refers, "given": {}, "output": None, "lines": []}
        row["flagged"] = False
        try:
            given = {
                name: resolve(value, outputs, as_text=tool.args.get(name, {}).get("type") == "string")
                for name, value in call.arguments.items()
            }
        except InputError as error:
            lost = [name for name in refers if name in known and name not in outputs]
            text = f"it needs {lost[0]}, which gave nothing" if lost else error.message
            row |= {"status": "skipped", "reason": f"reference: {error.message}", "text": text}
            return row
        if task["declined"]:
            row |= {"status": "declined", "reason": "person: declined it", "text": "a person declined it"}
            return {**row, "given": given}
        result = await self._made(tool, given, call.name, task["customer"] or None)
        flagged = "injection" in result.reason
        row |= {"given": given, "status": result.status, "reason": result.reason, "text": result.text[:400]}
        row |= {"output": result.output, "flagged": flagged}
        if call.tool == SEARCH and result.status == "done":
            row["output"] = [found["id"] for found in result.output]
            row["lines"] = await _read(str(given["query"]), row["output"])
        return row

    async def _made(
        self, tool: BaseTool, given: Mapping[str, Any], name: str, subject: str | None
    ) -> ToolResult:
        folder = resources().folder
        key, given = effect_key(folder.name, "call", name), vault_of(folder).restore(dict(given))
        if policy_of(tool).effect:
            # a person has approved exactly this call, and who approves may confirm
            by = grant_needed(policy_of(tool), given) or "person"
            await allow(tool, given, journal=self._journal, key=key, subject=subject, by=by)
        return await call_tool(tool, given, journal=self._journal, key=key, subject=subject)


async def _read(query: str, ids: list[str]) -> list[dict[str, Any]]:
    """The sentences of the passages found that answer a query; none where they do not."""
    have, context = resources(), current()
    if have.knowledge is None or not ids:
        return []
    passages = await offload(lambda: have.knowledge.passages(ids))  # type: ignore[union-attr]
    with_model = context.model is not None or bool(context.missing)
    embeddings = have.embeddings or NoEmbeddings()
    left = context.ledger.time_left()
    try:
        work = offload(lambda: answer_from(query, passages, embeddings, with_model))
        limit = None if context.deterministic or left == math.inf else 0.6 * left
        found = await asyncio.wait_for(work, limit)
    except TimeoutError:
        found = await offload(lambda: answer_from(query, passages, NoEmbeddings(), with_model=False))
    if found.kind == "refuse":
        return []
    lead = "The closest passage: " if found.kind == "quote" else ""
    return [
        {"text": lead + cited.text, "passage": cited.passage_id, "sure": found.kind == "answer"}
        for cited in found.sentences
        # a document that gives orders is not read out
        if not injection(cited.text, data=True).flagged
    ]
