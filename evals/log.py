"""The log: a header line, then one line a sample; only ever appended to, and whole after any kill."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import InputError, RunError

FIRST = b'{"limner_eval":'
"""How a log begins."""
SAME = ("suite_sha256", "graph", "model", "seed", "unguarded", "version")
"""What must be alike for samples to stand in one log."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log as it was read."""

    path: Path
    header: dict[str, Any]
    samples: tuple[dict[str, Any], ...]
    """Each with task, repeat, kind, seconds, error, scores and what was made; none twice."""

    @property
    def name(self) -> str:
        """What to call it in tables."""
        return self.path.stem

    def done(self) -> set[tuple[str, int]]:
        """The samples that are finished."""
        return {(sample["task"], sample["repeat"]) for sample in self.samples}

    def scores(self) -> dict[str, dict[str, float]]:
        """Scorer to task to the mean over its repeats; what could not be scored is not there."""
        found: dict[str, dict[str, list[float]]] = {}
        for sample in self.samples:
            for scorer, value in sample["scores"].items():
                if value is not None:
                    found.setdefault(scorer, {}).setdefault(sample["task"], []).append(value)
        return {
            scorer: {task: sum(values) / len(values) for task, values in tasks.items()}
            for scorer, tasks in found.items()
        }


def read_log(path: str | Path) -> Log:
    """Read a log; a last line that was torn by a kill does not count.

    Raises:
        InputError: It cannot be read, or is no log.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise InputError(
            f"Cannot read the log {str(path)!r}: {error.strerror}.", "Check the path."
        ) from error
    rows: list[dict[str, Any]] = []
    # what follows the last line break was being written when the process ended
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            row = json.loads(line)
            rows.append({**row, "task": row["task"]} if number > 1 else {**row, "suite": row["suite"]})
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{path}, line {number}: not a line of an evaluation log.",
                "Give a file that `eval run` wrote.",
            ) from error
    if not rows:
        raise InputError(f"The log {str(path)!r} is empty.", "Run `limner eval run` first.")
    samples = {(row["task"], row["repeat"]): row for row in reversed(rows[1:])}
    return Log(path, rows[0], tuple(reversed(samples.values())))


class LogFile:
    """A log that is being written; one process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    @contextmanager
    def open(cls, path: Path, header: dict[str, Any]) -> Iterator[tuple[LogFile, set[tuple[str, int]]]]:
        """Begin a log, or go on with it; yields it and the samples that are done.

        Raises:
            InputError: The file holds samples of another suite, model, seed or version.
            RunError: Another process is writing it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise RunError(
                f"Another process writes {str(path)!r}.", "Wait for it, or use another --out."
            ) from error
        try:
            file = cls(path)
            file._cut_torn_line()
            if not path.exists() or not path.stat().st_size:
                file.append(header)
                yield file, set()
                return
            log = read_log(path)
            for key in SAME:
                if log.header.get(key) != header[key]:
                    raise InputError(
                        f"{str(path)!r} was made with {key} {log.header.get(key)!r}, not {header[key]!r}.",
                        "Use another --out.",
                    )
            yield file, log.done()
        finally:
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()

    def _cut_torn_line(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("r+b") as file:
            data = file.read()
            if data and not data.startswith(FIRST[: len(data)]):
                raise InputError(f"{str(self._path)!r} is no evaluation log.", "Use another --out.")
            file.truncate(data.rfind(b"\n") + 1)

    def append(self, row: dict[str, Any]) -> None:
        """Write one line, and see that it is on the disk."""
        line = json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"
        with self._path.open("ab") as file:
            file.write(line.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
