"""What a guarded step costs beside a bare LangGraph node: `limner bench steps`.

Both sides run the same ten-node chain on a file-backed AsyncSqliteSaver with ``durability="sync"``.
The guarded side asks a scripted model, validates, books a receipt and writes a JSON-lines trace.
Rounds are interleaved, so that a change of load meets both.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph

from limner.steps import Receipt, StepContext, step, use
from limner.testing import ScriptedModel
from limner.tracing.sinks import open_trace

NODES = 10
ROUNDS = 30


class State(TypedDict, total=False):
    """What both graphs carry."""

    ticket: str


@step(prompt="Which queue is this for? {{ ticket }}")
def queue(ticket: str) -> str:
    """Choose the queue for a ticket."""
    return "general"


async def bare(state: State) -> dict[str, Any]:
    """A node that does nothing but answer."""
    return {"ticket": f"queue {len(state['ticket'])}"}


def chain(node: Any) -> StateGraph[Any]:
    """Ten times the same node, one after another."""
    graph: StateGraph[Any] = StateGraph(State)
    names = [f"n{number}" for number in range(NODES)]
    for name in names:
        graph.add_node(name, node)
    for start, end in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(start, end)
    return graph


async def measure(folder: Path, rounds: int = ROUNDS) -> dict[str, float]:
    """Median microseconds per node of each side, and their ratio."""
    seconds: dict[str, list[float]] = {"bare": [], "guarded": []}
    trace = open_trace(folder / "trace.jsonl")
    # another answer each time: a chain that asks the same thing again and again makes no progress
    numbers = itertools.count()
    model = ScriptedModel(lambda messages: f"queue {next(numbers)}")
    receipt = Receipt(folder / "steps.jsonl")
    async with AsyncSqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite")) as saver:
        graphs = {
            "bare": chain(bare).compile(checkpointer=saver),
            "guarded": chain(queue.node(writes="ticket")).compile(checkpointer=saver),
        }
        for number in range(-3, rounds):
            for side in sorted(graphs, reverse=number % 2 == 0):
                config = {"configurable": {"thread_id": f"{side}{number}"}, "recursion_limit": 50}
                with use(StepContext(model=model, receipt=receipt, trace=trace)):
                    started = time.perf_counter()
                    await graphs[side].ainvoke({"ticket": f"{number}"}, config, durability="sync")
                    spent = time.perf_counter() - started
                if number >= 0:
                    seconds[side].append(spent / NODES * 1e6)
    trace.close()
    medians = {side: statistics.median(values) for side, values in seconds.items()}
    return {
        "bare_us": round(medians["bare"], 1),
        "guarded_us": round(medians["guarded"], 1),
        "ratio": round(medians["guarded"] / medians["bare"], 3),
        "nodes": NODES,
        "rounds": rounds,
    }


def main(rounds: int = ROUNDS) -> dict[str, float]:
    """Run the benchmark in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(measure(Path(folder), rounds))


if __name__ == "__main__":
    json.dump(main(), sys.stdout, indent=2)
