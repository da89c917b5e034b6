"""The store's orders as tools: look up, cancel, return, refund, change the address.

Each tool takes the customer as `customer_id`, which `call_tool` fills in: a customer reaches their own
orders and no others. Whatever changes something waits for the customer's confirmation; a refund above
$100 waits for a person. The rules are those of ``knowledge/``, as of the snapshot's day.
"""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from langchain_core.tools import BaseTool

from limner import tool
from limner.tools import NO_RECORD, RefusedError

Row = dict[str, Any]
REFUND_LIMIT = 100.0
"""Dollars above which a person approves."""


def _orders() -> ModuleType:
    """``orders.py`` beside this file, which no package holds."""
    spec = importlib.util.spec_from_file_location("outfitter_orders", Path(__file__).with_name("orders.py"))
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    if not hasattr(module, "AS_OF"):
        spec.loader.exec_module(module)
    return module


def store_tools(database: Path, today: date | None = None) -> list[BaseTool]:
    """The tools over a database that ``orders.py`` built; `today` is the snapshot's day unless given."""
    store = _Store(database, today or _orders().AS_OF)

    @tool(owner="customer_id")
    def find_order(order_number: str, customer_id: int) -> Row:
        """Look up one order, such as KO-2026-0150: status, dates, items, address and total."""
        return store.order(order_number, customer_id)

    @tool(owner="customer_id")
    def list_orders(customer_id: int) -> list[Row]:
        """List the customer's orders, newest first, with status and total."""
        return store.orders(customer_id)

    @tool(effect=True, confirm=True, owner="customer_id", look_up=store.canceled)
    def cancel_order(order_number: str, customer_id: int) -> Row:
        """Cancel an order that has not been packed."""
        return store.cancel(order_number, customer_id)

    @tool(effect=True, confirm=True, owner="customer_id", look_up=store.returned)
    def return_item(order_number: str, item: str, reason: str, customer_id: int) -> Row:
        """Ask to send one delivered item of an order back; `item` is its name or its SKU."""
        return store.give_back(order_number, item, reason, customer_id)

    @tool(
        effect=True,
        confirm=True,
        owner="customer_id",
        limit="amount",
        approve_above=REFUND_LIMIT,
        look_up=store.refunded,
    )
    def refund_return(return_number: str, amount: float, customer_id: int) -> Row:
        """Refund a requested return, such as RT-2026-0030: dollars, at most what the item cost."""
        return store.refund(return_number, amount, customer_id)

    @tool(effect=True, confirm=True, owner="customer_id", look_up=store.readdressed)
    def change_address(
        order_number: str, street: str, city: str, region: str, postal_code: str, customer_id: int
    ) -> Row:
        """Change the delivery address of an order that has not left the warehouse, within its country."""
        return store.readdress(order_number, street, city, region, postal_code, customer_id)

    return [find_order, list_orders, cancel_order, return_item, refund_return, change_address]


class _Store:
    """The rules of the store over its database; amounts in dollars outside, in cents inside."""

    def __init__(self, database: Path, today: date) -> None:
        self.database, self.today = database, today

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.database, timeout=5.0)) as db, db:
            db.row_factory = sqlite3.Row
            yield db

    def orders(self, customer_id: int) -> list[Row]:
        with self._open() as db:
            rows = db.execute(
                "SELECT order_number, placed_at, status, total_cents FROM orders WHERE customer_id = ?"
                " ORDER BY placed_at DESC, order_id DESC",
                (customer_id,),
            ).fetchall()
        return [{"order_number": r[0], "placed_at": r[1], "status": r[2], "total": r[3] / 100} for r in rows]

    def order(self, order_number: str, customer_id: int) -> Row:
        with self._open() as db:
            order = _own(db, order_number, customer_id)
            items = db.execute(
                "SELECT sku, name, size, colour, quantity, unit_price_cents FROM order_items"
                " WHERE order_id = ? ORDER BY item_id",
                (order["order_id"],),
            ).fetchall()
            address = db.execute(
                "SELECT street, city, region, postal_code, country FROM addresses WHERE address_id = ?",
                (order["address_id"],),
            ).fetchone()
        shown = (
            "order_number",
            "status",
            "placed_at",
            "service",
            "pickup_store",
            "shipped_on",
            "delivered_on",
        )
        return {
            **{name: order[name] for name in shown},
            "total": order["total_cents"] / 100,
            "items": [{**dict(item), "unit_price": item["unit_price_cents"] / 100} for item in items],
            "address": dict(address) if address else None,
        }

    def cancel(self, order_number: str, customer_id: int) -> Row:
        with self._open() as db:
            order = _own(db, order_number, customer_id)
            if order["status"] != "processing":
                raise RefusedError(
                    f"Order {order['order_number']} is {order['status']} and cannot be canceled."
                )
            db.execute("UPDATE orders SET status = 'canceled' WHERE order_id = ?", (order["order_id"],))
        return {"order_number": order["order_number"], "status": "canceled"}

    def canceled(self, order_number: str, customer_id: int) -> Row | None:
        with self._open() as db:
            order = _own(db, order_number, customer_id)
        done = order["status"] == "canceled"
        return {"order_number": order["order_number"], "status": "canceled"} if done else None

    def give_back(self, order_number: str, item: str, reason: str, customer_id: int) -> Row:
        with self._open() as db:
            order = _own(db, order_number, customer_id)
            row = _item(db, order, item)
            if order["status"] not in ("delivered", "collected"):
                raise RefusedError(
                    f"Order {order['order_number']} is {order['status']}, and was not delivered yet."
                )
            if row["final_sale"]:
                raise RefusedError(f"{row['name']} was a Final Sale item and cannot be returned.")
            last = self._last_day(order)
            if self.today > last:
                raise RefusedError(f"{row['name']} could be returned until {last.isoformat()}.")
            if db.execute("SELECT 1 FROM returns WHERE item_id = ?", (row["item_id"],)).fetchone():
                raise RefusedError(f"A return of {row['name']} was asked for before.")
            number = db.execute("SELECT COALESCE(MAX(return_id), 0) + 1 FROM returns").fetchone()[0]
            db.execute(
                "INSERT INTO returns VALUES (?, ?, ?, 'return', ?, 'mail', 'requested', ?, 0, 0, NULL)",
                (number, f"RT-2026-{number:04d}", row["item_id"], self.today.isoformat(), reason[:200]),
            )
        return {"return_number": f"RT-2026-{number:04d}", "item": row["name"], "status": "requested"}

    def returned(self, order_number: str, item: str, reason: str, customer_id: int) -> Row | None:
        with self._open() as db:
            row = _item(db, _own(db, order_number, customer_id), item)
            found = db.execute(
                "SELECT return_number, status FROM returns WHERE item_id = ?", (row["item_id"],)
            ).fetchone()
        return {"return_number": found[0], "item": row["name"], "status": found[1]} if found else None

    def refund(self, return_number: str, amount: float, customer_id: int) -> Row:
        cents = round(amount * 100)
        with self._open() as db:
            row = _return(db, return_number, customer_id)
            most = row["unit_price_cents"] * row["quantity"]
            if row["status"] not in ("requested", "approved") or row["refund_cents"]:
                raise RefusedError(f"Return {row['return_number']} is {row['status']} and takes no refund.")
            if not 0 < cents <= most:
                raise RefusedError(f"Return {row['return_number']} can be refunded up to ${most / 100:.2f}.")
            db.execute(
                "UPDATE returns SET refund_cents = ?, refund_to = 'card', status = 'closed'"
                " WHERE return_id = ?",
                (cents, row["return_id"]),
            )
        return {"return_number": row["return_number"], "refund": cents / 100, "refund_to": "card"}

    def refunded(self, return_number: str, amount: float, customer_id: int) -> Row | None:
        with self._open() as db:
            row = _return(db, return_number, customer_id)
        if not row["refund_cents"]:
            return None
        return {
            "return_number": row["return_number"],
            "refund": row["refund_cents"] / 100,
            "refund_to": "card",
        }

    def readdress(
        self, order_number: str, street: str, city: str, region: str, postal_code: str, customer_id: int
    ) -> Row:
        with self._open() as db:
            order = _own(db, order_number, customer_id)
            if order["status"] != "processing" or order["address_id"] is None:
                raise RefusedError(
                    f"Order {order['order_number']} is {order['status']} and keeps its address."
                )
            number = db.execute("SELECT MAX(address_id) + 1 FROM addresses").fetchone()[0]
            country = db.execute(
                "SELECT country FROM addresses WHERE address_id = ?", (order["address_id"],)
            ).fetchone()[0]
            db.execute(
                "INSERT INTO addresses VALUES (?, ?, 'home', ?, ?, ?, ?, ?)",
                (number, customer_id, street, city, region, postal_code, country),
            )
            db.execute("UPDATE orders SET address_id = ? WHERE order_id = ?", (number, order["order_id"]))
        return {"order_number": order["order_number"], "address": f"{street}, {city}, {region} {postal_code}"}

    def readdressed(
        self, order_number: str, street: str, city: str, region: str, postal_code: str, customer_id: int
    ) -> Row | None:
        address = self.order(order_number, customer_id)["address"]
        wanted = {"street": street, "city": city, "region": region, "postal_code": postal_code}
        if address is None or {name: address[name] for name in wanted} != wanted:
            return None
        return {"order_number": order_number, "address": f"{street}, {city}, {region} {postal_code}"}

    def _last_day(self, order: sqlite3.Row) -> date:
        delivered = date.fromisoformat(order["delivered_on"])
        placed = date.fromisoformat(order["placed_at"][:10])
        last = delivered + timedelta(days=45)
        gift = date(placed.year, 11, 1) <= placed <= date(placed.year, 12, 24)
        return max(last, date(placed.year + 1, 1, 31)) if gift else last


def _one(rows: list[sqlite3.Row]) -> sqlite3.Row:
    """The one row; another's record and no record are told alike."""
    if len(rows) != 1:
        raise RefusedError(NO_RECORD)
    return rows[0]


def _own(db: sqlite3.Connection, order_number: str, customer_id: int) -> sqlite3.Row:
    wanted = (order_number.strip().upper(), customer_id)
    return _one(
        db.execute("SELECT * FROM orders WHERE order_number = ? AND customer_id = ?", wanted).fetchall()
    )


def _item(db: sqlite3.Connection, order: sqlite3.Row, item: str) -> sqlite3.Row:
    rows: list[sqlite3.Row] = db.execute(
        "SELECT * FROM order_items WHERE order_id = ?", (order["order_id"],)
    ).fetchall()
    wanted = item.strip().lower()
    exact = [row for row in rows if wanted in (row["sku"].lower(), row["name"].lower())]
    found = exact or [row for row in rows if wanted and wanted in row["name"].lower()]
    if len(found) != 1:
        names = ", ".join(row["name"] for row in rows)
        raise RefusedError(f"Order {order['order_number']} holds: {names}. Say which one.")
    return found[0]


def _return(db: sqlite3.Connection, return_number: str, customer_id: int) -> sqlite3.Row:
    wanted = (return_number.strip().upper(), customer_id)
    return _one(
        db.execute(
            "SELECT returns.*, unit_price_cents, quantity FROM returns JOIN order_items USING (item_id)"
            " JOIN orders USING (order_id) WHERE return_number = ? AND customer_id = ?",
            wanted,
        ).fetchall()
    )
