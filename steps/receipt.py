"""The receipt of a run: every outcome in order, kept in a file so that a killed run loses none."""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict, deque
from dataclasses import astuple
from pathlib import Path
from typing import Any

from ..tracing.lines import json_line
from .outcome import Outcome, Usage

Row = dict[str, Any]
_JOURNAL_ONLY = frozenset({"key", "value", "findings"})


class Receipt:
    """Outcomes of one run, oldest first. Thread-safe.

    With a `journal`, each outcome is appended to that JSON-lines file as it happens, with its
    value; a receipt opened on the same file recalls them, so that a resumed run does no finished
    step again.
    """

    def __init__(self, journal: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._rows: list[Row] = []
        self._recalled: dict[str, deque[Row]] = defaultdict(deque)
        self._file = -1
        if journal is not None:
            data = journal.read_bytes() if journal.exists() else b""
            rows, whole = _whole_rows(data)
            for row in rows:
                self._rows.append(_shown(row))
                self._recalled[row["key"]].append(row)
            if whole < len(data):
                os.truncate(journal, whole)
            self._file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    @classmethod
    def peek(cls, journal: Path) -> Receipt:
        """Read another process's journal without touching it."""
        receipt = cls()
        receipt._rows = [
            _shown(row) for row in _whole_rows(journal.read_bytes() if journal.exists() else b"")[0]
        ]
        return receipt

    @property
    def journalled(self) -> bool:
        """Whether outcomes are kept in a file."""
        return self._file >= 0

    @property
    def rows(self) -> list[Row]:
        """The rows so far, as `Outcome.row` makes them."""
        with self._lock:
            return list(self._rows)

    @property
    def degraded(self) -> bool:
        """Whether any step took its fallback against the configuration's wish."""
        return any(row["degraded"] for row in self.rows)

    @property
    def usage(self) -> Usage:
        """The sum over all steps; seconds add up although steps may run side by side."""
        return sum(
            (Usage(r["tokens_in"], r["tokens_out"], r["attempts"], r["seconds"]) for r in self.rows), Usage()
        )

    def add(self, outcome: Outcome[Any], key: str = "", value: Any = None) -> None:
        """Append an outcome; `value` must be JSON, and is kept under `key` for `recall`."""
        row = outcome.row()
        kept = {"key": key, "value": value, "findings": [astuple(finding) for finding in outcome.findings]}
        line = json_line({**row, **kept})
        with self._lock:
            self._rows.append(row)
            if self._file >= 0:
                # one write a line, straight to the file: a kill cuts at most the last line
                os.write(self._file, line)

    def close(self) -> None:
        """Close the file; the rows stay readable."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def recall(self, key: str) -> Row | None:
        """Return the outcome that an earlier process journalled under `key`, once each."""
        with self._lock:
            rows = self._recalled.get(key)
            return rows.popleft() if rows else None


def _shown(row: Row) -> Row:
    return {name: item for name, item in row.items() if name not in _JOURNAL_ONLY}


def _whole_rows(data: bytes) -> tuple[list[Row], int]:
    """The rows of whole lines, and how many bytes they take; a kill may have cut the last line."""
    whole = data.rpartition(b"\n")[0] + b"\n" if b"\n" in data else b""
    return [json.loads(line) for line in whole.splitlines()], len(whole)
