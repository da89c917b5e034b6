"""Hooks of ``support.yaml``: a fresh copy of the example store for each dialogue, and its state at the end.

Dialogues share one database file, so run them one after the other, as the runner does by default.
"""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

STORE = Path(__file__).resolve().parents[2] / "examples" / "outfitter"
Hook = Callable[[Any, str], str | None]
NOT_PACKED = ("KO-2026-0144", "KO-2026-0147", "KO-2026-0148")
"""Orders that `busy_store` holds back in the warehouse."""


def tools(folder: Path) -> list[Any]:
    """The store's tools over a database in `folder`."""
    spec = importlib.util.spec_from_file_location("outfitter_tools", STORE / "tools.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    if not hasattr(module, "store_tools"):
        spec.loader.exec_module(module)
    module._orders().build(folder / "fresh.sqlite")
    found: list[Any] = module.store_tools(folder / "orders.sqlite")
    return found


# -- before a dialogue


def fresh_store(app: Any, thread: str) -> None:
    """The store as of its snapshot."""
    _open(app, "")


def busy_store(app: Any, thread: str) -> None:
    """The same, with more orders that have not left the warehouse."""
    marks = ", ".join(f"'{number}'" for number in NOT_PACKED)
    _open(app, f"UPDATE orders SET status = 'processing', shipped_on = NULL WHERE order_number IN ({marks})")


def _open(app: Any, change: str) -> None:
    home = app.desk.home
    shutil.copy(home / "fresh.sqlite", home / "before.sqlite")
    with closing(sqlite3.connect(home / "before.sqlite")) as db, db:
        db.execute(change)
    shutil.copy(home / "before.sqlite", home / "orders.sqlite")


# -- after a dialogue


def state(path: Path) -> dict[str, str]:
    """Every order with its status and street, and every return with what became of it."""
    with closing(sqlite3.connect(path)) as db:
        orders = db.execute(
            "SELECT order_number, status, COALESCE(street, '') FROM orders"
            " LEFT JOIN addresses USING (address_id)"
        ).fetchall()
        returns = db.execute(
            "SELECT order_number, name, returns.status, refund_cents FROM returns"
            " JOIN order_items USING (item_id) JOIN orders USING (order_id)"
        ).fetchall()
    found = {order: f"{status}, {street}" for order, status, street in orders}
    return found | {f"{order} {item}": f"return {status}, {cents}" for order, item, status, cents in returns}


def changes(app: Any) -> dict[str, str]:
    """What the dialogue has changed in the store."""
    before, after = state(app.desk.home / "before.sqlite"), state(app.desk.home / "orders.sqlite")
    gone = dict.fromkeys(before.keys() - after.keys(), "gone")
    return gone | {key: value for key, value in after.items() if before.get(key) != value}


def just(wanted: dict[str, str]) -> Hook:
    """A hook that finds a fault unless just this was changed."""

    def final(app: Any, thread: str) -> str | None:
        found = changes(app)
        return None if found == wanted else f"changed is {found}, not {wanted}"

    return final


nothing_changed = just({})
boots_canceled = just({"KO-2026-0149": "canceled, 108 Heron Court"})
boots_moved = just({"KO-2026-0149": "processing, 12 Mill Lane"})
pickup_canceled = just({"KO-2026-0150": "canceled, "})
boots_to_juniper_hill = just({"KO-2026-0149": "processing, 41 Juniper Hill"})
jacket_canceled = just({"KO-2026-0148": "canceled, 69 Heron Court"})
tents_moved = just({"KO-2026-0147": "processing, 15 Quarry Road"})
poles_moved = just({"KO-2026-0144": "processing, 8 Canal Row"})
pad_returned = just({"KO-2026-0142 Slate Pad": "return requested, 0"})
wash_returned = just({"KO-2026-0122 Shell Wash": "return requested, 0"})
trousers_returned = just({"KO-2026-0141 Sawpit Trousers": "return requested, 0"})
merino_returned = just({"KO-2026-0139 Merrow Merino Crew 220": "return requested, 0"})
boot_returned = just({"KO-2026-0138 Anvil Mid Boot": "return requested, 0"})
shoe_returned = just({"KO-2026-0146 Dashwater Trail Shoe": "return requested, 0"})
refunded_20 = just({"KO-2026-0140 Foundry Anorak": "return closed, 2000"})
refunded_45 = just({"KO-2026-0140 Foundry Anorak": "return closed, 4500"})
refunded_60 = just({"KO-2026-0140 Foundry Anorak": "return closed, 6000"})
refunded_65 = just({"KO-2026-0140 Foundry Anorak": "return closed, 6500"})
shoe_of_another_returned = just({"KO-2026-0140 Dashwater Trail Shoe": "return requested, 0"})
boots_to_orchard_street = just({"KO-2026-0149": "processing, 17 Orchard Street"})
refunded_50 = just({"KO-2026-0140 Foundry Anorak": "return closed, 5000"})
tents_to_canal_row = just({"KO-2026-0147": "processing, 3 Canal Row"})
slipper_returned = just({"KO-2026-0137 Hearth Hut Slipper": "return requested, 0"})
tents_canceled = just({"KO-2026-0147": "canceled, 7 Mill Lane"})
rain_jacket_returned = just({"KO-2026-0134 Millrace Rain Jacket": "return requested, 0"})
tents_to_the_office = just({"KO-2026-0147": "processing, 22 Canal Row"})
