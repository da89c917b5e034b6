"""What the tests of evaluations share: a folder with documents, a small support graph, and a suite."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DESK = '''
"""A support graph of three rules, with a store that its actions change."""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

ORDERS: dict[str, str] = {}


class Talk(TypedDict, total=False):
    message: str
    thread: str
    text: str
    status: str
    citations: list[dict[str, Any]]
    action: str | None


async def reply(state: Talk) -> dict[str, Any]:
    said = state["message"].lower()
    if "cancel" in said:
        ORDERS["7"] = "cancelled"
        return {"text": "Order 7 is cancelled.", "status": "acted", "citations": [], "action": "cancel_order"}
    if "return" in said:
        quote = "Boots may be returned within 45 days."
        cited = [{"id": "p1", "source": "returns.md", "quote": quote}]
        return {"text": quote + " Or 90.", "status": "answered", "citations": cited, "action": None}
    return {"text": "I do not know.", "status": "refused", "citations": [], "action": None}


def build(app: Any) -> StateGraph:
    graph = StateGraph(Talk)
    graph.add_node("reply", reply)
    graph.add_edge(START, "reply")
    graph.add_edge("reply", END)
    return graph


def open_orders(app: Any, thread: str) -> None:
    ORDERS.update({"7": "open"})


def order_is_cancelled(app: Any, thread: str) -> str | None:
    return None if ORDERS["7"] == "cancelled" else f"order 7 is {ORDERS['7']}"
'''
RETURNS = """# Returns

## How long

Unworn boots may be returned within 45 days of the delivery. Worn boots may be exchanged once within 90 days.

## What it costs

The return label costs $6.95 and is taken off the refund. An exchange for another size costs nothing at all.
"""
CONTENT = """
tasks:
  - id: returns
    kind: content
    knowledge: [docs]
    brief: {topic: How returns work, sections: 2, words: 150, images: 0}
    key_facts: [45 days && boots, [$6.95, seven dollars], six weeks]
    unwanted: [costs nothing at all, the staff counts the labels]
  - id: exchanges
    kind: content
    split: held
    knowledge: [docs]
    brief: {topic: How exchanges work, sections: 1, words: 150, images: 0}
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in, where words alone search, with documents, a graph and a content suite."""
    monkeypatch.setenv("LIMNER_MODEL__NAME", "")
    monkeypatch.setenv("LIMNER_EMBEDDINGS__NAME", "")
    monkeypatch.setenv("LIMNER_MODELS", str(tmp_path / "no-models"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "returns.md").write_text(RETURNS)
    (tmp_path / "desk.py").write_text(DESK)
    (tmp_path / "content.yaml").write_text(CONTENT)
    yield tmp_path
    sys.modules.pop("desk", None)
