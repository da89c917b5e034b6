"""The SQLite file of an index: opened once, shared by threads, readable beside a writing process."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...errors import UnavailableError
from . import postings

_LAYOUT = "2"
"""Version of the tables; a file of another one is refused."""
_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS classes (
    number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, roles TEXT NOT NULL, UNIQUE (tenant, roles));
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, class INTEGER NOT NULL,
    sha256 TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, path TEXT NOT NULL, root TEXT NOT NULL,
    metadata TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (tenant, id));
CREATE TABLE IF NOT EXISTS facts (
    field TEXT NOT NULL, value NOT NULL, document INTEGER NOT NULL,
    PRIMARY KEY (field, value, document)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS facts_of ON facts (document);
CREATE TABLE IF NOT EXISTS passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, document INTEGER NOT NULL, class INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT NOT NULL, page INTEGER,
    length INTEGER NOT NULL, text TEXT NOT NULL, context TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS passages_of ON passages (document, start);
CREATE INDEX IF NOT EXISTS passages_in ON passages (class, length);
CREATE TABLE IF NOT EXISTS vectors (number INTEGER PRIMARY KEY, vector BLOB NOT NULL, filed INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS unfiled ON vectors (number) WHERE filed = 0;
CREATE TABLE IF NOT EXISTS dropped (
    id TEXT NOT NULL, class INTEGER NOT NULL, PRIMARY KEY (id, class)) WITHOUT ROWID;
"""
    + postings.SCHEMA
)


class Database:
    """Statements and transactions on one file.

    Raises:
        UnavailableError: The file is damaged, or was made by another version of Limner.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            tables = {row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                with self.transaction():
                    for statement in _statements(_SCHEMA):
                        self._connection.execute(statement)
                    self.rows("INSERT OR IGNORE INTO meta VALUES ('layout', ?)", _LAYOUT)
            elif self.rows("SELECT value FROM meta WHERE key = 'layout'") != [(_LAYOUT,)]:
                raise sqlite3.DatabaseError("it was made by another version of Limner")
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise UnavailableError(
                f"The index in {str(file.parent)!r} cannot be opened: {error}.",
                "Free space if the disk is full; else delete that folder and add the documents again.",
            ) from error

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing of what is inside."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement and return its rows."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of values."""
        with self._lock:
            self._connection.executemany(statement, values)

    def among(self, statement: str, values: Iterable[str] | Iterable[int]) -> list[Any]:
        """Run a statement that ends in IN with a list of any length."""
        return self.rows(f"{statement} (SELECT value FROM json_each(?))", json.dumps(list(values)))


def _statements(script: str) -> Iterator[str]:
    """Divide a script at the ends of its statements: `executescript` would commit the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
