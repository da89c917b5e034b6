"""The database, built from nothing but this package and the product list."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from .calendar import AS_OF
from .people import make_customers
from .placing import make_orders
from .products import FINAL_SALE, read_products
from .returning import make_returns
from .schema import SCHEMA

SEED = 1999


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert complete rows into one of the five tables."""
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def day_text(day: date | None) -> str | None:
    """A date as ISO 8601 text, or None."""
    return day.isoformat() if day else None


def build(path: Path) -> Counter[str]:
    """Build the database at ``path``; an older database at that path is replaced.

    Args:
        path: The SQLite file to write.

    Returns:
        The number of rows in each table.

    Raises:
        FileExistsError: A file that is not an SQLite database stands at ``path``.
    """
    if path.exists() and path.read_bytes()[:16] not in (b"", b"SQLite format 3\x00"):
        raise FileExistsError(f"{path} exists and is not an SQLite database; choose another file")
    rng = random.Random(SEED)
    customers = make_customers(rng)
    orders = make_orders(rng, customers, read_products())
    returns = make_returns(rng, orders)
    rows: dict[str, list[tuple[object, ...]]] = {
        "customers": [
            (
                person.customer_id,
                person.name,
                person.email,
                person.joined_on.isoformat(),
                person.tier_on(AS_OF),
                person.points(),
                person.birth_month,
                int(person.newsletter),
            )
            for person in customers
        ],
        "addresses": [tuple(vars(address).values()) for person in customers for address in person.addresses],
        "orders": [
            (
                order.order_id,
                f"KO-2026-{order.order_id:04d}",
                order.customer.customer_id,
                order.address.address_id if order.address else None,
                order.pickup_store,
                order.placed_at,
                order.status,
                order.service,
                order.promo_code,
                order.subtotal,
                order.discount,
                order.shipping,
                order.subtotal - order.discount + order.shipping,
                day_text(order.shipped_on),
                day_text(order.delivered_on),
            )
            for order in orders
        ],
        "order_items": [
            (
                item.item_id,
                order.order_id,
                item.product.sku,
                item.product.name,
                item.size,
                item.colour,
                item.quantity,
                item.product.price_cents,
                int(item.product.sku == FINAL_SALE),
            )
            for order in orders
            for item in order.items
        ],
        "returns": returns,
    }
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh)) as connection:
        connection.executescript(SCHEMA)
        for table, table_rows in rows.items():
            insert(connection, table, table_rows)
        connection.commit()
    fresh.replace(path)
    return Counter({table: len(table_rows) for table, table_rows in rows.items()})
