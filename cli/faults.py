"""One small graph, written twice, under a model that fails in eight ways.

The LangGraph side has what LangGraph offers: a retry policy that retries everything, a timeout, an
error handler that goes on with a default, and the same check. Both sides ask the same model.
"""

from __future__ import annotations

import json
import re
import threading
import time
from functools import partial
from typing import Any, TypedDict

from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy
from pydantic import BaseModel, Field

from ..graphs import chain
from ..steps import StepContext, step, use
from ..steps.threads import GuardLoop
from ..testing import FaultyModel

FAULTS = ("raise", "hang", "slow", "endless", "invalid_json", "empty", "out_of_memory", "lies")
SECONDS = 1.0
"""What either side gives the model: per attempt in LangGraph, per step in Limner."""
POLICY = "Unworn boots may be returned within 45 days. The return label costs $6.95."
INPUT = {"question": "How long may I return boots?", "policy": POLICY}
DEFAULT = "Please ask a person."


class Answer(BaseModel):
    """What both sides want of the model."""

    text: str = Field(min_length=1)


class State(TypedDict, total=False):
    """The state of both graphs."""

    question: str
    policy: str
    answer: Answer
    error: str


def strange_number(text: str, policy: str) -> str | None:
    """The check of both sides: an answer may not bring numbers of its own."""
    known = set(re.findall(r"\d[\d,.]*\d|\d", policy))
    strange = [number for number in re.findall(r"\d[\d,.]*\d|\d", text) if number not in known]
    return f"{strange[0]} does not stand in the policy" if strange else None


def langgraph_side(model: FaultyModel) -> Any:
    """The graph as LangGraph's own documentation would have it."""

    async def reply(state: State) -> dict[str, Any]:
        schema = json.dumps(Answer.model_json_schema())
        message = await model.ainvoke(f"{state['policy']}\n{state['question']}\nAnswer with JSON: {schema}")
        answer = Answer.model_validate_json(str(message.content))
        fault = strange_number(answer.text, state["policy"])
        if fault:
            raise ValueError(fault)
        return {"answer": answer}

    async def give_up(state: State, error: NodeError) -> Command[str]:
        return Command(update={"answer": Answer(text=DEFAULT), "error": str(error.error)}, goto=END)

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    retry = RetryPolicy(max_attempts=2, initial_interval=0.05, retry_on=Exception)
    graph.add_node("reply", reply, retry_policy=retry, timeout=SECONDS, error_handler=give_up)
    graph.add_edge(START, "reply")
    graph.add_edge("reply", END)
    return graph.compile()


@step(prompt="{{ policy }}\n{{ question }}", timeout=SECONDS)
def answer(question: str, policy: str) -> Answer:
    """Answer from the policy."""
    return Answer(text=DEFAULT)


@answer.check
def numbers_stand_in_the_policy(out: Answer, policy: str) -> str | None:
    """The same check, as a check of the step."""
    return strange_number(out.text, policy)


def limner_side() -> Any:
    """The same graph with a guarded step."""
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    graph.add_node("reply", answer.node(writes="answer"))
    return chain(graph, "reply").compile()


async def run_langgraph(fault: str) -> dict[str, Any]:
    """What comes of LangGraph's side, and when."""
    graph, started = langgraph_side(FaultyModel(fault)), time.monotonic()
    try:
        state = await graph.ainvoke(INPUT, {"recursion_limit": 20})
        outcome = "default answer" if state["answer"].text == DEFAULT else state["answer"].text[:60]
    except Exception as error:  # noqa: BLE001  (whatever escapes is the outcome)
        outcome = f"raised {type(error).__name__}: {error}"[:60]
    return {"outcome": outcome, "seconds": round(time.monotonic() - started, 2)}


async def run_limner(fault: str) -> dict[str, Any]:
    """What comes of Limner's side, and when."""
    graph, context, started = limner_side(), StepContext(model=FaultyModel(fault)), time.monotonic()
    with use(context):
        state = await graph.ainvoke(INPUT, {"recursion_limit": 20})
    row, text = context.receipt.rows[0], state["answer"].text
    return {
        "valid": bool(text) and strange_number(text, POLICY) is None,
        "source": row["source"],
        "reason": row["reasons"][-1],
        "seconds": round(time.monotonic() - started, 2),
    }


def compare() -> list[dict[str, Any]]:
    """Run both graphs under every fault, each on an event loop of its own."""
    rows = []
    for fault in FAULTS:
        row: dict[str, Any] = {"fault": fault}
        for side, work in (("langgraph", run_langgraph), ("limner", run_limner)):
            # a call that hangs would keep asyncio.run from returning: each side gets a loop to leave behind
            loop = GuardLoop()
            row[side] = loop.submit(partial(work, fault)).result()
            loop.close()
        rows.append(row)
    return rows


def busy_threads() -> int:
    """How many threads still sit in a model's call."""
    return sum(thread.name == "limner-work" for thread in threading.enumerate())
