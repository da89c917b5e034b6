"""What the support bot remembers: turns, a summary, what is pending, and preferences, in one SQLite file.

Everything is kept under the customer and the thread: a thread of the same name that belongs to another
customer is another thread. Preferences belong to the customer; those of nobody in particular, to the thread.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RECENT = 8
"""Turns that are kept word for word; older ones become lines of the summary."""
MOST_SUMMARY = 1200
"""Characters of a summary; its oldest lines go first."""
MOST_PREFERENCES = 50
_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    owner TEXT NOT NULL, thread TEXT NOT NULL, run TEXT NOT NULL, at INTEGER NOT NULL,
    message TEXT NOT NULL, reply TEXT NOT NULL, status TEXT NOT NULL, topic TEXT NOT NULL,
    PRIMARY KEY (owner, thread, run)
);
CREATE TABLE IF NOT EXISTS threads (
    owner TEXT NOT NULL, thread TEXT NOT NULL, summary TEXT NOT NULL, facts TEXT NOT NULL,
    pending TEXT NOT NULL, vault TEXT NOT NULL, PRIMARY KEY (owner, thread)
);
CREATE TABLE IF NOT EXISTS preferences (
    owner TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)
);
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and its reply."""

    message: str
    reply: str
    status: str
    topic: str
    """The question as it was understood, follow-ups completed; "" where it was none."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a thread before its next turn."""

    turns: tuple[Turn, ...] = ()
    """The recent ones, oldest first."""
    summary: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the customer said that later turns may need, such as the order in question."""
    pending: Mapping[str, Any] = field(default_factory=dict)
    """What the bot waits for; empty where it waits for nothing."""
    preferences: Mapping[str, str] = field(default_factory=dict)
    vault: Mapping[str, str] = field(default_factory=dict)
    """Placeholder to personal data: messages and facts hold placeholders alone."""


class Threads:
    """The threads of one app. Safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():
            # what people wrote is for nobody else on this machine
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            yield connection
            connection.execute("COMMIT")

    def recall(self, customer: str, thread: str) -> Memory:
        """Return what is known; an empty memory of a thread that is new, or that has no name."""
        preferences = self.preferences(customer, thread)
        if not thread or not self.path.exists():
            return Memory(preferences=preferences)
        with self._open() as connection:
            rows = connection.execute(
                "SELECT message, reply, status, topic FROM turns WHERE owner = ? AND thread = ? ORDER BY at",
                (customer, thread),
            ).fetchall()
            kept = connection.execute(
                "SELECT summary, facts, pending, vault FROM threads WHERE owner = ? AND thread = ?",
                (customer, thread),
            ).fetchone()
        summary, *data = kept or ("", "{}", "{}", "{}")
        facts, pending, vault = (json.loads(text) for text in data)
        return Memory(tuple(Turn(*row) for row in rows), summary, facts, pending, preferences, vault)

    def remember(
        self,
        customer: str,
        thread: str,
        run: str,
        turn: Turn,
        facts: Mapping[str, Any],
        pending: Mapping[str, Any],
        vault: Mapping[str, str],
    ) -> None:
        """Add a turn; one that is there already under the same run is not added again."""
        if not thread:
            return
        key = (customer, thread)
        with self._open() as connection:
            (last,) = connection.execute(
                "SELECT coalesce(max(at), 0) FROM turns WHERE owner = ? AND thread = ?", key
            ).fetchone()
            connection.execute(
                "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET reply = excluded.reply, status = excluded.status",
                (*key, run, last + 1, turn.message, turn.reply, turn.status, turn.topic),
            )
            summary = connection.execute(
                "SELECT summary FROM threads WHERE owner = ? AND thread = ?", key
            ).fetchone()
            old = connection.execute(
                "SELECT run, message, reply, status, topic FROM turns WHERE owner = ? AND thread = ?"
                " ORDER BY at DESC LIMIT -1 OFFSET ?",
                (*key, RECENT),
            ).fetchall()
            lines = (summary[0] if summary else "").splitlines()
            for name, *rest in reversed(old):
                lines.append(line_of(Turn(*rest)))
                connection.execute(
                    "DELETE FROM turns WHERE owner = ? AND thread = ? AND run = ?", (*key, name)
                )
            while lines and len("\n".join(lines)) > MOST_SUMMARY:
                lines.pop(0)
            connection.execute(
                "INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?, ?, ?)",
                (*key, "\n".join(lines), *(json.dumps(dict(data)) for data in (facts, pending, vault))),
            )

    def forget(self, customer: str, thread: str) -> None:
        """Erase a thread: its turns, its summary, and what was pending."""
        if self.path.exists():
            with self._open() as connection:
                for table in ("turns", "threads"):
                    connection.execute(
                        f"DELETE FROM {table} WHERE owner = ? AND thread = ?", (customer, thread)
                    )

    # -- preferences

    def preferences(self, customer: str, thread: str) -> dict[str, str]:
        """List what the customer asked to be remembered, oldest first."""
        if not self.path.exists():
            return {}
        with self._open() as connection:
            rows = connection.execute(
                "SELECT name, value FROM preferences WHERE owner = ? ORDER BY rowid",
                (_owner(customer, thread),),
            )
            return dict(rows.fetchall())

    def prefer(self, customer: str, thread: str, name: str, value: str) -> bool:
        """Remember one preference, in place of one of that name; False where there are too many."""
        known = self.preferences(customer, thread)
        if not (customer or thread) or (len(known) >= MOST_PREFERENCES and name not in known):
            return False
        with self._open() as connection:
            connection.execute(
                "INSERT INTO preferences VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (_owner(customer, thread), name, value),
            )
        return True

    def erase(self, customer: str, thread: str, name: str = "") -> int:
        """Erase one preference, or all; return how many went."""
        if not self.path.exists():
            return 0
        with self._open() as connection:
            done = connection.execute(
                "DELETE FROM preferences WHERE owner = ? AND (? = '' OR name = ?)",
                (_owner(customer, thread), name, name),
            )
            return done.rowcount


def line_of(turn: Turn) -> str:
    """One turn as a line of a summary: what it was about, and how it ended."""
    about = " ".join((turn.topic or turn.message).split())
    about = about if len(about) <= 120 else about[:117].rstrip() + "..."
    return f"- {about} ({turn.status.replace('_', ' ')})"


def _owner(customer: str, thread: str) -> str:
    return f"customer:{customer}" if customer else f"thread:{thread}"
