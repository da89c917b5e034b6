"""Results by reference: what ``$name.field`` stands for, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from limner.errors import InputError
from limner.tools import references_in, resolve

OUTPUTS: dict[str, Any] = {
    "order": {"total": 129.0, "items": [{"price": 9.5, "name": "Cup"}, {"price": 20, "name": "Pot"}]},
    "stock": 4,
    "price": "$19.99",
    "note": "call 5 or 6",
    "debt": -3,
}


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("$stock", 4),
        ("$order.items[1].name", "Pot"),
        ("$order.items.1.name", "Pot"),
        ("$order.items.price", [9.5, 20]),
        ("$order.total * 2", "129 * 2"),
        ("15% of $order.items.price", "15% of (9.5 + 20)"),
        ("$price + $debt", "19.99 + (-3)"),
        ("$19.99 * 2", "$19.99 * 2"),
        ({"a": ["$stock"], "b": 1}, {"a": [4], "b": 1}),
    ],
)
def test_a_reference_stands_for_a_part_of_a_result(argument: Any, value: Any) -> None:
    assert resolve(argument, OUTPUTS) == value


def test_where_a_text_is_needed_a_number_is_written_out() -> None:
    assert resolve("$order.items.price", OUTPUTS, as_text=True) == "(9.5 + 20)"
    assert resolve("$price", OUTPUTS, as_text=True) == "$19.99"


@pytest.mark.parametrize(
    ("argument", "fault"),
    [
        ("$nobody", "no result 'nobody'"),
        ("$order.sum", "leads nowhere at 'sum'"),
        ("$order.items[7]", "leads nowhere at 7"),
        ("$stock.a.b", "leads nowhere"),
        ("$note + 1", "is no number"),
        ("$order.items.name + 1", "is no number"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(argument: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault.replace("$", r"\$")):
        resolve(argument, OUTPUTS)


def test_the_calls_that_an_argument_refers_to_are_known_before_it_is_made() -> None:
    assert references_in({"a": "$b.c + $d", "e": ["$b", 7, "$5"]}) == ["b", "d"]
