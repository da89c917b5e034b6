"""The plan that needs no model: what a question calls for, in tools that it was never told of."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from langchain_core.tools import BaseTool

from limner import tool
from limner.agents.lookups import draft
from limner.tools import calculator


@tool()
def find_order(order: str) -> dict[str, Any]:
    """Look up an order, such as W100: its status and total."""
    return {}


@tool()
def stock(product: str) -> int:
    """How many of a product are in stock."""
    return 0


@tool()
def opening_hours(day: Literal["saturday", "sunday"]) -> str:
    """When the shop opens and closes."""
    return ""


@tool()
def search_knowledge(query: str) -> list[dict[str, Any]]:
    """Search the documents."""
    return []


@tool(effect=True)
def cancel_order(order: str) -> str:
    """Cancel an order, such as W100."""
    return ""


TOOLS: dict[str, BaseTool] = {
    each.name: each for each in (find_order, stock, opening_hours, search_knowledge, cancel_order, calculator)
}


def planned(question: str, results: list[dict[str, Any]] | None = None) -> list[tuple[str, str]]:
    return [
        (call.tool, ", ".join(str(value) for value in call.arguments.values()))
        for call in draft(question, TOOLS, results or [])
    ]


@pytest.mark.parametrize(
    ("question", "calls"),
    [
        (
            "What is the total of orders W123 and W456, and is the tent in stock?",
            [("find_order", "W123"), ("find_order", "W456"), ("stock", "tent")],
        ),
        (
            "How long do I have to return the boots, and what is 15 % of 249?",
            [("search_knowledge", "How long do I have to return the boots?"), ("calculator", "15 % of 249")],
        ),
        ("Where is order W123, and is it paid?", [("find_order", "W123")]),
        ("What is 3 plus 4 times 2?", [("calculator", "3 + 4 * 2")]),
        ("What is 15% of the total of W123?", [("find_order", "W123")]),
        ('How many "Drumlin Tent" are in stock?', [("stock", "Drumlin Tent")]),
        ("How many stoves and tents are in stock?", [("stock", "stoves"), ("stock", "tents")]),
        (
            "How many rain jackets, a stove and the tents are in stock?",
            [("stock", "rain jackets"), ("stock", "stove"), ("stock", "tents")],
        ),
        ("When does the shop open on Sunday?", [("opening_hours", "sunday")]),
        ("Can gift cards be refunded?", [("search_knowledge", "Can gift cards be refunded?")]),
        ("Cancel order W123!", [("cancel_order", "W123")]),
        ("Can I cancel order W123?", [("find_order", "W123")]),
        ("Can you cancel order W456 for me?", [("cancel_order", "W456")]),
        ("Hello, could you please cancel order W456?", [("cancel_order", "W456")]),
        ("I'd like you to cancel order W456", [("cancel_order", "W456")]),
        ("Would you be so kind as to cancel W456?", [("cancel_order", "W456")]),
        ("Would you mind cancelling W456?", [("cancel_order", "W456")]),
        ("I would really appreciate it if you could cancel W456.", [("cancel_order", "W456")]),
        ("Could you tell me how to cancel order W456?", [("find_order", "W456")]),
    ],
)
def test_a_question_calls_for_what_its_words_bear_out(question: str, calls: list[tuple[str, str]]) -> None:
    assert planned(question) == calls


def found(number: int, order: str, **output: Any) -> dict[str, Any]:
    given = {"order": order}
    return {
        "name": f"find_order_{number}",
        "tool": "find_order",
        "arguments": given,
        "status": "done",
        "output": {**given, **output},
    }


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("What is the total of W1 and W2?", "$find_order_1.total + $find_order_2.total"),
        ("What do W1 and W2 cost together?", "$find_order_1.total + $find_order_2.total"),
        ("What is the average total of W1 and W2?", "($find_order_1.total + $find_order_2.total) / 2"),
        ("How much more is the total of W2 than W1?", "$find_order_2.total - $find_order_1.total"),
        (
            "What is 15% of the total of W1 and W2?",
            "15% of ($find_order_1.total + $find_order_2.total)",
        ),
    ],
)
def test_numbers_that_were_looked_up_are_worked_with_by_reference(question: str, expression: str) -> None:
    results = [found(1, "W1", total=5.0, weight=2), found(2, "W2", total=7.5, weight=1)]
    assert planned(question, results) == [("calculator", expression)]


def test_where_no_field_is_meant_nothing_is_worked_out() -> None:
    results = [found(1, "W1", weight=2, age=3), found(2, "W2", weight=1, age=4)]
    assert planned("What is the total of W1 and W2?", results) == []


def test_what_a_tool_did_not_know_is_looked_up_in_the_documents() -> None:
    missed = {**found(1, "W1"), "status": "failed", "output": None}
    assert planned("What is the status of W1?", [missed]) == [
        ("search_knowledge", "What is the status of W1?")
    ]
