"""One SELECT over the tables that are open, and nothing besides."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from limner.errors import InputError, UnavailableError
from limner.tools import Journal, call_tool, sql_tool
from limner.tools.sql import select


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(
            "CREATE TABLE orders (id INTEGER, customer INTEGER, total REAL);"
            "CREATE TABLE cards (number TEXT); INSERT INTO cards VALUES ('4111');"
            "CREATE VIEW peek AS SELECT number FROM cards;"
        )
        db.executemany("INSERT INTO orders VALUES (?, ?, ?)", [(n, n % 3, n * 1.5) for n in range(100)])
    return path


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT id FROM orders WHERE customer = 1 ORDER BY id LIMIT 2", [{"id": 1}, {"id": 4}]),
        ("select count(*) as n, round(avg(total), 2) as mean from Orders;", [{"n": 100, "mean": 74.25}]),
        (
            "WITH big AS (SELECT id FROM orders WHERE total > 147) SELECT max(id) AS top FROM big",
            [{"top": 99}],
        ),
    ],
)
def test_a_select_returns_rows(shop: Path, sql: str, rows: list[dict[str, float]]) -> None:
    assert select(shop, ["orders"], sql) == rows


@pytest.mark.parametrize(
    "sql", ["SELECT id FROM orders", "SELECT id FROM orders LIMIT 1000", "SELECT id FROM orders LIMIT -1"]
)
def test_there_are_never_more_rows_than_allowed(shop: Path, sql: str) -> None:
    assert len(select(shop, ["orders"], sql, rows=7)) == 7


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "DELETE FROM orders",
        "SELECT 1; DELETE FROM orders",
        "INSERT INTO orders VALUES (1, 1, 1)",
        "UPDATE orders SET total = 0",
        "DROP TABLE orders",
        "ATTACH 'other.sqlite' AS other",
        "PRAGMA query_only = OFF",
        "SELECT number FROM cards",
        "SELECT number FROM peek",
        "SELECT (SELECT number FROM cards) FROM orders",
        "SELECT id FROM orders UNION SELECT number FROM cards",
        "SELECT name FROM sqlite_master",
        "SELECT name FROM main.sqlite_schema",
        "SELECT * FROM pragma_table_info('cards')",
        "WITH cards2 AS (SELECT number FROM cards) SELECT * FROM cards2",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
        "SELECT load_extension('x')",
        "SELECT randomblob(1000000000)",
        "SELECT printf('%1000000d', 1)",
        "SELECT readfile('/etc/passwd')",
        "EXPLAIN SELECT id FROM orders",
        "VACUUM",
        "SELECT " + "(" * 2000 + "1" + ")" * 1900,
    ],
)
def test_everything_else_is_refused(shop: Path, sql: str) -> None:
    before = shop.read_bytes()
    with pytest.raises(InputError):
        select(shop, ["orders"], sql)
    assert shop.read_bytes() == before


def test_a_query_that_takes_too_long_is_stopped(shop: Path) -> None:
    many = "SELECT count(*) FROM " + ", ".join(f"orders AS o{n}" for n in range(8))
    with pytest.raises(InputError, match="took too long"):
        select(shop, ["orders"], many, timeout=0.1)


async def test_rows_of_another_customer_are_not_shown(shop: Path, journal: Journal) -> None:
    query = sql_tool(shop, ["orders"], owner="customer")
    assert "orders(id, customer, total)" in query.description

    async def ask(sql: str) -> str:
        return (await call_tool(query, {"sql": sql}, journal=journal, key="k", subject="1")).status

    assert await ask("SELECT * FROM orders WHERE customer = 1") == "done"
    assert await ask("SELECT * FROM orders") == "refused"
    assert await ask("SELECT id, total FROM orders WHERE customer = 1") == "refused"
    assert await ask("SELECT * FROM orders WHERE customer = 7") == "refused"


def test_a_file_or_table_that_is_not_there_is_named(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'moons'"):
        sql_tool(shop, ["moons"])
    with pytest.raises(UnavailableError, match=r"gone\.sqlite"):
        sql_tool(tmp_path / "gone.sqlite", ["orders"])
