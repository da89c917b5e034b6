"""Read-only SQL over a SQLite file: one SELECT over named tables, held by parser, authorizer and clock.

`sqlglot` decides whether a statement is of the allowed form; SQLite itself decides whether it touches
only what is allowed: the file is opened read-only, and its authorizer denies everything else.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UnavailableError
from .policy import tool

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

LONGEST = 4000
"""Characters of a query."""
LARGEST_VALUE = 1_000_000
"""Bytes of one value, or of one row, that SQLite may build."""
_FUNCTIONS = frozenset(
    "abs avg coalesce count date datetime glob group_concat ifnull iif instr julianday length like lower"
    " ltrim max min nullif replace round rtrim strftime substr substring sum time total trim typeof"
    " upper".split()
)


def sql_tool(
    path: Path,
    tables: Sequence[str],
    *,
    name: str = "query_database",
    owner: str = "",
    rows: int = 50,
    timeout: float = 2.0,
) -> StructuredTool:
    """A reading tool that takes one SQL SELECT and returns rows as objects.

    Args:
        path: The SQLite file.
        tables: The only tables that may be read.
        name: What a model calls it.
        owner: A column that every row must carry, equal to the customer whom the call is for.
        rows: At most so many.
        timeout: Seconds that a query may take.
    """
    columns = _columns(path, tables)

    def query(sql: str) -> list[dict[str, Any]]:
        return select(path, tables, sql, rows=rows, timeout=timeout)

    query.__name__ = name
    query.__doc__ = f"Read from a database by one SQL SELECT. Tables: {'; '.join(columns)}."
    # the parser is imported at the first query, which takes seconds on a busy machine
    return tool(owner=owner, timeout=timeout + 10)(query)


def select(
    path: Path, tables: Sequence[str], sql: str, *, rows: int = 50, timeout: float = 2.0
) -> list[dict[str, Any]]:
    """Run one SELECT.

    Raises:
        InputError: It is no single SELECT over the tables, or it took too long.
        UnavailableError: The file cannot be opened.
    """
    allowed = {table.lower() for table in tables}
    statement = _checked(sql, allowed, rows)
    until = time.monotonic() + timeout
    with closing(_open(path)) as db:
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
        db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        db.set_authorizer(_authorizer(allowed))
        db.set_progress_handler(lambda: time.monotonic() > until, 1000)
        try:
            found = db.execute(statement)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchmany(rows)]
        except (sqlite3.Error, sqlite3.Warning) as error:
            fault = "took too long" if "interrupted" in str(error) else f"was refused: {error}"
            raise InputError(f"The query {fault}.", "Ask for less, or use only the named tables.") from error


def _checked(sql: str, allowed: set[str], rows: int) -> str:
    """The statement with its limit set, in SQLite's own spelling."""
    import sqlglot
    from sqlglot import exp

    if len(sql) > LONGEST:
        raise InputError(f"The query has {len(sql)} characters.", f"Write at most {LONGEST}.")
    try:
        parsed = sqlglot.parse(sql, dialect="sqlite")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise InputError("The query is not valid SQL.", "Write one SELECT for SQLite.") from error
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Select):
        raise InputError("The query is not one SELECT.", "Write one SELECT and nothing else.")
    tree = parsed[0]
    local = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.db or table.catalog or table.name.lower() not in allowed | local:
            raise InputError(f"Table {table.sql()!r} is not open to queries.", f"Use {sorted(allowed)}.")
    if tree.find(exp.Into) or any(cte.args.get("recursive") for cte in tree.find_all(exp.With)):
        raise InputError("The query uses INTO or RECURSIVE.", "Write one plain SELECT.")
    limit = tree.args.get("limit")
    asked = limit.expression if limit is not None else None
    # a limit that is no plain number is replaced
    wanted = int(asked.name) if isinstance(asked, exp.Literal) and asked.name.isdigit() else rows
    return tree.limit(min(wanted, rows)).sql(dialect="sqlite")


def _authorizer(allowed: set[str]) -> Callable[..., int]:
    def decide(action: int, first: str | None, second: str | None, *_: Any) -> int:
        if action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        # a subquery or a common table reads columns of no table at all
        if action == sqlite3.SQLITE_READ and (not first or first.lower() in allowed):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and second and second.lower() in _FUNCTIONS:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return decide


def _open(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1.0)
    except sqlite3.Error as error:
        raise UnavailableError(
            f"The database {path.name!r} cannot be opened: {error}.", "Check its path."
        ) from error


def _columns(path: Path, tables: Sequence[str]) -> list[str]:
    with closing(_open(path)) as db:
        described = []
        for table in tables:
            names = [row[0] for row in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
            if not names:
                raise InputError(f"{path.name!r} has no table {table!r}.", "Name tables that it has.")
            described.append(f"{table}({', '.join(names)})")
        return described
