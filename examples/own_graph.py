"""Two guarded steps and a tool in a graph of your own: `python examples/own_graph.py "Where is order 7?"`."""

import re
import sys
from typing import Any, Literal, TypedDict

from langgraph.graph import StateGraph

from limner import Limner, step, tool
from limner.graphs import chain


class Ticket(TypedDict, total=False):
    """Plain LangGraph state."""

    ticket: str
    topic: Literal["order", "other"]
    facts: str
    reply: str


@tool()
def find_order(number: str) -> str:
    """Look an order up by its number."""
    return {"7": "packed, and leaves on Friday"}.get(number, "unknown")


@step(prompt="What is this message about? {{ ticket }}")
def topic(ticket: str) -> Literal["order", "other"]:
    """Tell what a message is about; without a model, the word decides."""
    return "order" if "order" in ticket.lower() else "other"


async def facts(state: Ticket) -> dict[str, Any]:
    """Look up what the reply needs."""
    number = re.search(r"\d+", state["ticket"]) if state["topic"] == "order" else None
    found = await find_order.ainvoke({"number": number[0]}) if number else ""
    return {"facts": f"Order {number[0]} is {found}." if number else ""}


@step(prompt="Answer in one sentence, from these facts alone: {{ facts }}\nMessage: {{ ticket }}")
def reply(ticket: str, facts: str) -> str:
    """Answer; without a model, the facts are the answer."""
    return facts or "A colleague will answer you today."


def build(app: Limner) -> StateGraph[Any, Any, Any, Any]:
    """Join them; limner.toml names this graph by `[graphs] tickets = "own_graph:build"`."""
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Ticket)
    for name, node in {"topic": topic.node(), "facts": facts, "reply": reply.node()}.items():
        graph.add_node(name, node)
    return chain(graph, "topic", "facts", "reply")


if __name__ == "__main__":
    with Limner(model="") as app:  # a reference such as "smollm2-135m-instruct" puts a model to work
        run = app.run(build, {"ticket": sys.argv[1]}, deadline=8)
        print(run.output["reply"], [f"{row['step']}: {row['source']}" for row in run.receipt])
