"""Arguments come with the words they rest on; what nobody said is missing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from limner.tools import Evidence, check_proposal, fill, tool
from limner.tools.recognise import partly_named, reasons


@tool(owner="customer_id")
def find_order(order_number: str, customer_id: int) -> str:
    """Look up one order, such as KO-2026-0150."""
    return ""


@tool()
def book(
    size: Literal["small", "medium", "extra_large"],
    quantity: int,
    day: Annotated[date, Field(description="when")],
    email: str,
    budget: float,
    note: str = "",
) -> str:
    """Book a tent."""
    return ""


@tool()
def move(street: str, city: str, region: str, postal_code: str) -> str:
    """Change an address."""
    return ""


@tool()
def give_back(order_number: str, item: str, reason: str) -> str:
    """Send an item of an order back, such as KO-2026-0150."""
    return ""


@pytest.mark.parametrize(
    "message",
    [
        "Where is KO-2026-0150?",
        "where is ko 2026 0150",
        "order KO20260150 please",
        "Is KO-2026-0150, my KO-2026-0150, here?",
    ],
)
def test_an_id_is_read_in_any_spelling_and_the_owner_is_never_asked_for(message: str) -> None:
    filled = fill(find_order, message)
    assert (filled.arguments, filled.missing) == ({"order_number": "KO-2026-0150"}, [])
    assert filled.evidence["order_number"].where == "message"
    assert filled.evidence["order_number"].text in message


@pytest.mark.parametrize(
    "message",
    ["Where is my order?", "KO-2026-0150 or KO-2026-0149?", "KO-2026-01501", "It is 2026 and I have 150"],
)
def test_none_and_two_are_both_missing(message: str) -> None:
    assert fill(find_order, message).missing == ["order_number"]


def test_each_type_is_read_from_the_message() -> None:
    message = "Two Xtra large tents for 3 March 2027, at most $1,250.50, write to [email-1]."
    filled = fill(book, message)
    assert filled.arguments == {
        "size": "extra_large",
        "quantity": 2,
        "day": "2027-03-03",
        "email": "[email-1]",
        "budget": 1250.5,
    }
    assert filled.missing == []
    assert all(evidence.text in message for evidence in filled.evidence.values())


def test_an_address_in_one_piece_is_parted() -> None:
    filled = fill(move, "Please send it to 12 Mill Lane, Alder Falls, VT 00123 instead.")
    assert filled.arguments == {
        "street": "12 Mill Lane",
        "city": "Alder Falls",
        "region": "VT",
        "postal_code": "00123",
    }
    assert fill(move, "to 12 Mill Lane").missing == ["city", "region", "postal_code"]


def test_thread_and_look_up_serve_where_the_message_is_silent() -> None:
    order = {
        "order_number": "KO-2026-0149",
        "items": [{"name": "Fernlow Rain Shell"}, {"name": "Drumlin Tent"}],
    }
    filled = fill(give_back, "I want to return the fernlow rain shel because it leaks.", {}, [order])
    assert filled.arguments == {
        "order_number": "KO-2026-0149",
        "item": "Fernlow Rain Shell",
        "reason": "it leaks",
    }
    assert filled.evidence["order_number"] == Evidence("KO-2026-0149", "look-up")
    assert filled.evidence["item"] == Evidence("fernlow rain shel", "message")
    known = fill(find_order, "And when does it come?", {"order_number": "KO-2026-0150"})
    assert known.evidence["order_number"] == Evidence("KO-2026-0150", "thread")


def test_a_look_up_of_several_orders_decides_nothing() -> None:
    orders = [{"order_number": "KO-2026-0149"}, {"order_number": "KO-2026-0150"}]
    assert fill(find_order, "Where is it?", {}, orders).missing == ["order_number"]


@pytest.mark.parametrize(
    ("proposal", "kept"),
    [
        ({"order_number": "KO-2026-0150"}, {"order_number": "KO-2026-0150"}),
        ({"order_number": "KO-2026-0151"}, {}),
        ({"order_number": "KO-2026-0150", "customer_id": 2, "why": "x"}, {"order_number": "KO-2026-0150"}),
        ({"order_number": ""}, {}),
        ({"order_number": "-"}, {}),
        ({}, {}),
    ],
)
def test_a_proposal_is_kept_only_where_the_message_says_it(
    proposal: dict[str, Any], kept: dict[str, Any]
) -> None:
    checked = check_proposal(find_order, proposal, "where is order ko 2026-0150")
    assert checked.arguments == kept
    assert checked.missing == ([] if kept else ["order_number"])


def test_numbers_enums_and_dates_of_a_proposal_need_their_words_too() -> None:
    message = "two medium tents on March 3, 2027, a@example.com, 99 dollars"
    good = {"size": "medium", "quantity": 2, "day": "2027-03-03", "email": "a@example.com", "budget": 99.0}
    assert check_proposal(book, good, message).arguments == good
    bad = {
        "size": "small",
        "quantity": 3,
        "day": "2027-03-04",
        "email": "b@example.com",
        "budget": 9,
        "note": "hi",
    }
    assert check_proposal(book, bad, message).arguments == {}


def test_a_thing_is_named_in_part_where_the_record_holds_no_other_of_that_name() -> None:
    record = {"items": [{"name": "Anvil Mid Boot"}, {"name": "Shell Wash"}]}
    for said in ("I want to give the boots back", "the mid boots please"):
        assert partly_named(said, [row["name"] for row in record["items"]])[0].value == "Anvil Mid Boot"
    assert partly_named("I want to give it back", ["Anvil Mid Boot", "Shell Wash"]) == []
    assert partly_named("the tent", ["Lantern Two Tent", "Lantern Three Tent"]) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("I'd like to send the shoes back, they rub at the heel", "they rub at the heel"),
        ("The bag from order KO-2026-0060 is too warm, take it back please", "is too warm"),
        ("Return it because it is torn.", "it is torn"),
        ("Please return it", None),
        ("Can you return it? It would be kind.", None),
    ],
)
def test_a_clause_that_complains_is_the_reason(said: str, reason: str | None) -> None:
    assert [value.value for value in reasons(said)] == ([reason] if reason else [])
