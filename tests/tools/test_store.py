"""The example store's tools: a customer reaches their own orders, and changes nothing unconfirmed."""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from limner.tools import NO_RECORD, Journal, ToolResult, allow, call_tool

STORE = Path(__file__).resolve().parents[2] / "examples" / "outfitter"


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"outfitter_{name}_tested", STORE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("store") / "orders.sqlite"
    _module("orders").build(path)
    return path.read_bytes()


class Shop:
    def __init__(self, path: Path, journal: Journal) -> None:
        self.path, self.journal = path, journal
        self.tools = {tool.name: tool for tool in _module("tools").store_tools(path)}

    async def call(self, name: str, subject: str, by: Any = "customer", **arguments: Any) -> ToolResult:
        key = f"{name}{arguments}"
        given: Any = {"journal": self.journal, "key": key, "subject": subject}
        if by:
            await allow(self.tools[name], arguments, **given, by=by)
        return await call_tool(self.tools[name], arguments, **given)

    def row(self, sql: str) -> Any:
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute(sql).fetchone()


@pytest.fixture
def shop(built: bytes, tmp_path: Path, journal: Journal) -> Shop:
    path = tmp_path / "orders.sqlite"
    path.write_bytes(built)
    return Shop(path, journal)


async def test_a_customer_sees_their_own_order_in_any_spelling(shop: Shop) -> None:
    found = await shop.call("find_order", "50", by=None, order_number=" ko-2026-0150 ")
    assert (found.status, found.output["status"], found.output["total"]) == ("done", "processing", 1227.0)


async def test_no_tool_tells_another_customers_order_from_none(shop: Shop) -> None:
    others = [
        await shop.call("find_order", "3", by=None, order_number=number)
        for number in ("KO-2026-0150", "KO-1")
    ]
    assert {(found.status, found.text) for found in others} == {("refused", NO_RECORD)}
    before = shop.path.read_bytes()
    for number in ("KO-2026-0150", "KO-1"):
        ended = [
            await shop.call("cancel_order", "3", order_number=number),
            await shop.call("return_item", "3", order_number=number, item="tent", reason="too big"),
            await shop.call("refund_return", "3", return_number=number, amount=5.0),
            await shop.call(
                "change_address",
                "3",
                order_number=number,
                street="1 A St",
                city="B",
                region="VT",
                postal_code="00001",
            ),
        ]
        assert {(end.status, end.text) for end in ended} == {("refused", NO_RECORD)}
    assert shop.path.read_bytes() == before


async def test_a_change_waits_for_its_confirmation_and_is_done_once(shop: Shop) -> None:
    assert (await shop.call("cancel_order", "50", by=None, order_number="KO-2026-0150")).status == "waiting"
    first = await shop.call("cancel_order", "50", order_number="KO-2026-0150")
    again = await shop.call("cancel_order", "50", order_number="KO-2026-0150")
    assert (first.status, first.cached, again.status, again.cached) == ("done", False, "done", True)
    assert shop.row("SELECT status FROM orders WHERE order_number = 'KO-2026-0150'") == ("canceled",)


async def test_an_order_that_left_is_not_canceled_and_the_reply_says_why(shop: Shop) -> None:
    number, customer = shop.row("SELECT order_number, customer_id FROM orders WHERE status = 'shipped'")
    ended = await shop.call("cancel_order", str(customer), order_number=number)
    assert (ended.status, ended.text) == ("refused", f"Order {number} is shipped and cannot be canceled.")


async def test_a_refund_above_the_limit_needs_a_person(shop: Shop) -> None:
    number, customer, name = shop.row(
        "SELECT order_number, customer_id, name FROM orders JOIN order_items USING (order_id)"
        " WHERE status = 'delivered' AND delivered_on > '2026-11-01' AND final_sale = 0"
        " AND unit_price_cents > 15000 AND item_id NOT IN (SELECT item_id FROM returns)"
    )
    back = await shop.call("return_item", str(customer), order_number=number, item=name, reason="too small")
    assert back.status == "done"
    wanted = {"return_number": back.output["return_number"], "amount": 120.0}
    assert (await shop.call("refund_return", str(customer), **wanted)).status == "waiting"
    paid = await shop.call("refund_return", str(customer), by="person", **wanted)
    assert (paid.status, paid.output["refund"]) == ("done", 120.0)
    more = await shop.call("refund_return", str(customer), **{**wanted, "amount": 99.0})
    assert (more.status, "takes no refund" in more.text) == ("refused", True)


async def test_an_address_is_changed_before_the_order_leaves(shop: Shop) -> None:
    moved = {"street": "5 Elm Row", "city": "Pinecroft", "region": "NH", "postal_code": "00123"}
    ended = await shop.call("change_address", "55", order_number="KO-2026-0149", **moved)
    assert ended.status == "done"
    found = await shop.call("find_order", "55", by=None, order_number="KO-2026-0149")
    assert found.output["address"]["street"] == "5 Elm Row"
    pickup = await shop.call("change_address", "50", order_number="KO-2026-0150", **moved)
    assert pickup.status == "refused"
