"""The research graph: a question that takes several look-ups, answered from their results alone.

    plan -> approve -+-> call, side by side -> gather -+-> reflect -+-> plan again, or
                     +---------------------------------+            +-> answer

A call runs as soon as the results that it refers to are there. `approve` waits for a person before anything
that changes something. `reflect` ends the loop: where every part is answered, where a plan adds nothing new,
and at the latest after a number of rounds. The answer holds facts of results, and names what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from langchain_core.tools import BaseTool
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from ..agents.lookups import Call, draft
from ..agents.researcher import apart, as_said, evidence_of, missing_calls, pick, planner, result_lines
from ..errors import InputError
from ..screening import Vault, screen
from ..steps import Outcome, current
from ..tools.policy import policy_of
from ..tools.references import references_in
from ..tools.sql import sql_tool
from .articles.article import Citation
from .calling import Calls, CallTask
from .conversation.desk import tools_of
from .facts import MOST_LINES, Answered, CallMade, Fact, PartFacts, compose, facts_of
from .registry import Graph
from .resources import resources
from .vaults import arriving, keep_vault, vault_of

if TYPE_CHECKING:
    from ..app import Limner

MOST_CALLS = 16
"""Calls of one run."""
LONGEST_QUESTION = 2000
"""Characters."""


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**old, **new}


class ResearchState(TypedDict, total=False):
    """Plain JSON."""

    question: str
    customer: str
    """Whose records tools may read, as the caller knows it; "" for nobody."""
    plan: list[dict[str, Any]]
    """Every call planned so far, in order."""
    results: Annotated[dict[str, dict[str, Any]], _merge]
    """Name of a call to what came of it."""
    declined: list[str]
    """Names of calls that a person did not approve."""
    rounds: int
    stopped: str
    answer: dict[str, Any]


def first_state(given: Any) -> dict[str, Any]:
    """A question, or a mapping of question and customer, as the first state; personal data is masked.

    Raises:
        InputError: The question is blank or too long, or there is another key.
    """
    if not isinstance(given, str | Mapping):
        raise InputError(f"A question is text or a mapping, not {type(given).__name__}.", "Give text.")
    data: dict[str, Any] = {"question": given} if isinstance(given, str) else dict(given)
    unknown = set(data) - {"question", "customer"}
    if unknown:
        raise InputError(f"Research has no field {sorted(unknown)[0]!r}.", "It has question and customer.")
    question = data.get("question")
    if not isinstance(question, str) or not question.strip():
        raise InputError("The question is blank.", "Ask something.")
    if len(question) > LONGEST_QUESTION:
        raise InputError(
            f"The question has {len(question):,} characters.", f"Ask in at most {LONGEST_QUESTION:,}."
        )
    customer = data.get("customer")
    screened = screen(question.strip())
    arriving.set(screened.vault)
    return {"question": screened.text, "customer": "" if customer is None else str(customer)[:200]}


class Nodes:
    """The nodes of the graph for one app."""

    def __init__(self, calls: Calls, rounds: int) -> None:
        self._calls, self._rounds = calls, rounds

    async def plan(self, state: ResearchState) -> dict[str, Any]:
        """Plan the next calls; what was called before, word for word, is not called again."""
        question, results = state["question"], list(state.get("results", {}).values())
        if "rounds" not in state:
            keep_vault(resources().folder, arriving.get() or Vault())
        before, tools = state.get("plan", []), self._calls.asked_for(question)
        planned = await self._planned(tools, question, results)
        done = {_signature(call) for call in before}
        needed = set(references_in([call.arguments for call in planned]))
        new: list[dict[str, Any]] = []
        for call in planned:
            if _signature(call.model_dump()) not in done or call.name in needed:
                done.add(_signature(call.model_dump()))
                evidence = evidence_of(call, tools[call.tool], question, results)
                new.append({**call.model_dump(), "evidence": evidence})
        room = MOST_CALLS - len(before)
        stopped = "calls" if len(new) > room else "" if new else "no progress"
        return {"plan": [*before, *new[:room]], "rounds": state.get("rounds", 0) + 1, "stopped": stopped}

    async def _planned(
        self, tools: Mapping[str, BaseTool], question: str, results: list[dict[str, Any]]
    ) -> list[Call]:
        """The next calls: a further round is planned by rule where the rules know what is missing.

        What a model leaves out of a plan, and the words of the question ask for, is added.
        """
        by_rule = draft(question, tools, results)
        if results and by_rule:
            current().receipt.add(Outcome("plan", by_rule, "rendered"))
            return by_rule
        missing = [part.part for part in facts_of(question, results) if part.why] if results else []
        made = await planner(tools, question, results).arun(question, result_lines(results), missing)
        planned = [as_said(call, tools[call.tool], question) for call in made.value]
        return apart([*planned, *missing_calls(planned, by_rule)], [row["name"] for row in results])

    async def approve(self, state: ResearchState) -> dict[str, Any]:
        """Have a person allow every call that changes something, before anything of the round is called."""
        tools, declined = self._calls.offered(), list(state.get("declined", []))
        for call in state["plan"]:
            tool = tools[call["tool"]]
            if call["name"] in state.get("results", {}) or not policy_of(tool).effect:
                continue
            asked = {"tool": call["tool"], "arguments": call["arguments"]}
            title = f"{tool.name}: {tool.description}"
            answer = interrupt({"kind": "approval", **asked, "title": title, "customer": state["customer"]})
            if not (isinstance(answer, Mapping) and answer.get("approve") is True):
                declined.append(call["name"])
        return {"declined": declined}

    async def call(self, task: CallTask) -> dict[str, Any]:
        """Make one call."""
        return {"results": {task["call"]["name"]: await self._calls.make(task)}}

    async def gather(self, state: ResearchState) -> dict[str, Any]:
        """Where calls that ran side by side meet."""
        return {}

    async def reflect(self, state: ResearchState) -> dict[str, Any]:
        """Hold the results against the question, and decide whether to plan again."""
        if state["stopped"]:
            return {}
        parts = facts_of(state["question"], list(state["results"].values()))
        if all(not part.why for part in parts):
            return {"stopped": "answered"}
        if state["rounds"] > self._rounds:
            return {"stopped": "rounds"}
        return {"stopped": "deadline" if current().ledger.time_left() < 1 else ""}

    async def answer(self, state: ResearchState) -> dict[str, Any]:
        """Choose the facts where there are too many, and put the answer together."""
        results = list(state.get("results", {}).values())
        parts = [await _picked(part) for part in facts_of(state["question"], results)]
        return {"answer": compose(parts, results)}


async def _picked(part: PartFacts) -> PartFacts:
    if len(part.facts) <= MOST_LINES:
        return part
    facts = {fact.text: fact for fact in part.facts}
    chosen = await pick.arun(part.part, list(facts), MOST_LINES)
    return PartFacts(part.part, tuple(facts[text] for text in chosen.value), part.why)


def _signature(call: Mapping[str, Any]) -> str:
    return json.dumps([call["tool"], call["arguments"]], sort_keys=True, default=str)


def next_calls(state: ResearchState) -> list[Send] | str:
    """The calls whose references are there, side by side; where none is left, on to reflection."""
    results = state.get("results", {})
    ready = [
        call
        for call in state["plan"]
        if call["name"] not in results and set(references_in(call["arguments"])) <= set(results)
    ]
    return [
        Send(
            "call",
            {
                "call": call,
                "known": {name: results[name] for name in references_in(call["arguments"])},
                "customer": state["customer"],
                "declined": call["name"] in state.get("declined", []),
            },
        )
        for call in ready
    ] or "reflect"


def again(state: ResearchState) -> str:
    """Plan another round, unless there is a reason to stop."""
    return "answer" if state["stopped"] else "plan"


def build(app: Limner) -> StateGraph[Any, Any, Any, Any]:
    """The research graph over the tools of the app."""
    chosen = app.settings.research
    tools = {tool.name: tool for given in chosen.tools for tool in tools_of(given)}
    if chosen.database:
        found = sql_tool(Path(chosen.database).expanduser(), chosen.tables)
        tools[found.name] = found
    nodes = Nodes(Calls({**app.desk.tools, **tools}, app.desk.journal), chosen.rounds)
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(ResearchState)
    for name in ("plan", "approve", "call", "gather", "reflect", "answer"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "approve")
    graph.add_conditional_edges("approve", next_calls, ["call", "reflect"])
    graph.add_edge("call", "gather")
    graph.add_conditional_edges("gather", next_calls, ["call", "reflect"])
    graph.add_conditional_edges("reflect", again, ["plan", "answer"])
    graph.add_edge("answer", END)
    return graph


def finish(state: dict[str, Any], folder: Path) -> Answered:
    """The answer; cut short, what the results so far give."""
    results = list(state.get("results", {}).values())
    whole = "answer" in state
    parts = facts_of(state["question"], results) if results else []
    answer = state["answer"] if whole else compose(parts, results)
    facts = tuple(Fact(**{**row, "calls": tuple(row["calls"])}) for row in answer["facts"])
    knowledge = resources().knowledge
    cited = list(dict.fromkeys(fact.passage for fact in facts if fact.passage))
    passages = knowledge.passages(cited) if knowledge is not None and cited else []
    kept = ("name", "tool", "arguments", "evidence", "status", "reason", "output")
    vault = vault_of(folder)
    return Answered(
        text=vault.restore(answer["text"]),
        status=answer["status"],
        facts=tuple(replace(fact, text=vault.restore(fact.text)) for fact in facts),
        calls=tuple(CallMade(**{key: row[key] for key in kept}) for row in results),
        missing=tuple(vault.restore(part) for part in answer["missing"]),
        citations=tuple(Citation(p.id, p.source, p.text, p.start, p.end) for p in passages),
        rounds=state.get("rounds", 0),
        stopped=state.get("stopped", "") or ("" if whole else "cut short"),
    )


RESEARCH = Graph(
    "research",
    build,
    read=first_state,
    finish=finish,
    may_use_knowledge=True,
    keep=1.5,
    home="limner.graphs.research:RESEARCH",
)
