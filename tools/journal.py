"""The journal of effects: what was about to be done, and what came of it.

An effect's intent is written before it is done, and its result after. A key with a result is never done
again; a key with an intent alone was cut short by a crash or lost its answer, and whoever finds it must
find out, or ask a person.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError, RunError
from .policy import By

State = Literal["new", "intent", "done"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS effects (
    key TEXT PRIMARY KEY, tool TEXT NOT NULL, digest TEXT NOT NULL, arguments TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('intent', 'done')), result TEXT, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS grants (
    key TEXT NOT NULL, digest TEXT NOT NULL, by TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (key, digest, by)
);
"""


class KeyReusedError(InputError):
    """A key stands for one effect, and was used for another."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal knows of one effect."""

    key: str
    tool: str
    arguments: dict[str, Any]
    state: State
    """``new``: the intent was written by this call."""
    result: Any = None


def effect_key(run: str, node: str, step: str) -> str:
    """The idempotency key of a logical step: the same whenever the run is resumed."""
    return json.dumps([run, node, step])


class Journal:
    """Effects and the grants for them in one SQLite file, every write on the disk when it returns.

    Thread-safe. The calls block: from a loop, make them in `steps.threads.offload`.

    Raises:
        RunError: The file cannot be opened or written.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self.path, self._now = path, now
        self._lock = threading.Lock()
        self._running: dict[str, Future[Any]] = {}
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = DELETE")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise _broken(path, error) from error

    def close(self) -> None:
        """Close the file; a result that comes later is not recorded."""
        with self._lock:
            self._db.close()

    # -- grants

    def grant(self, key: str, arguments: Mapping[str, Any], by: By) -> None:
        """Keep that the effect `key` was allowed, with exactly these arguments."""
        self._run("INSERT OR IGNORE INTO grants VALUES (?, ?, ?, ?)", key, digest(arguments), by, self._now())

    def granted(self, key: str, arguments: Mapping[str, Any], by: By) -> bool:
        """Whether it was allowed by `by`; a person's approval counts as the customer's confirmation."""
        rows = self._run("SELECT by FROM grants WHERE key = ? AND digest = ?", key, digest(arguments))
        return bool({row[0] for row in rows} & {by, "person"})

    # -- effects

    def begin(self, key: str, tool: str, arguments: Mapping[str, Any]) -> Entry:
        """Write the intent, or return what an earlier call left under the key.

        Raises:
            KeyReusedError: The key stands for another tool or other arguments.
        """
        mark, given = digest(arguments), json.dumps(arguments, default=str)
        with self._lock:
            try:
                added = self._db.execute(
                    "INSERT OR IGNORE INTO effects VALUES (?, ?, ?, ?, 'intent', NULL, ?)",
                    (key, tool, mark, given, self._now()),
                ).rowcount
                row = self._db.execute("SELECT * FROM effects WHERE key = ?", (key,)).fetchone()
            except sqlite3.Error as error:
                raise _broken(self.path, error) from error
        if (row[1], row[2]) != (tool, mark):
            raise KeyReusedError(
                f"The effect {key!r} was begun as {row[1]} with other arguments.",
                "Use a new key for another effect.",
            )
        return Entry(key, tool, json.loads(row[3]), "new" if added else row[4], _loaded(row[5]))

    def finish(self, key: str, result: Any) -> None:
        """Keep the result, JSON data, of an effect that was done."""
        self._run("UPDATE effects SET state = 'done', result = ? WHERE key = ?", json.dumps(result), key)

    def withdraw(self, key: str) -> None:
        """Forget an intent that is known not to have been carried out: it may be tried again."""
        self._run("DELETE FROM effects WHERE key = ? AND state = 'intent'", key)

    def unknown(self) -> list[Entry]:
        """The intents without a result, oldest first: a person settles them by `finish` or `withdraw`."""
        rows = self._run("SELECT * FROM effects WHERE state = 'intent' ORDER BY at, rowid")
        return [Entry(row[0], row[1], json.loads(row[3]), row[4]) for row in rows]

    # -- calls of this process

    def running(self, key: str) -> Future[Any] | None:
        """The call of this process that still carries out the effect, if there is one."""
        with self._lock:
            return self._running.get(key)

    def claim(self, key: str) -> Future[Any] | None:
        """Take the key for a call of this process; None where another call has it."""
        with self._lock:
            if key in self._running:
                return None
            mine: Future[Any] = Future()
            # so that one who waits for it in vain cannot cancel it for the others
            mine.set_running_or_notify_cancel()
            return self._running.setdefault(key, mine)

    def release(self, key: str) -> None:
        """Let go of a key, and wake whoever waits for it."""
        with self._lock:
            waited = self._running.pop(key, None)
        if waited is not None:
            waited.set_result(None)

    def _run(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            try:
                return self._db.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise _broken(self.path, error) from error


def digest(arguments: Mapping[str, Any]) -> str:
    """A hash of arguments that does not depend on their order."""
    return hashlib.sha256(json.dumps(arguments, sort_keys=True, default=str).encode()).hexdigest()


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _broken(path: Path, error: Exception) -> RunError:
    return RunError(
        f"The journal {path.name!r} cannot be used: {error}.", "Free the disk, then resume the run."
    )
