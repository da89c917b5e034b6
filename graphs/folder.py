"""The folder of one run: everything that it needs to be shown, resumed or replayed.

run.json           what was asked: graph, input, options; and how it stands
checkpoints.sqlite LangGraph's state after every node
steps.jsonl        every outcome with its value, as it happened
trace.jsonl        spans
receipt.json, article.md, images/ ...   what came of it
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from ..errors import InputError, RunError

Status = Literal["running", "completed", "waiting", "failed", "interrupted", "cancelled"]


_ID = re.compile(r"(?!\.)[\w.-]{1,100}")


class RunFolder:
    """Files of one run, written atomically."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_id = path.name

    @classmethod
    def create(cls, runs: Path, run_id: str, spec: dict[str, Any]) -> RunFolder:
        """Make the folder of a new run.

        Raises:
            InputError: The id is taken, or the folder cannot be written.
        """
        if not _ID.fullmatch(run_id):
            raise InputError(f"{run_id!r} cannot be a run's id.", "Use letters, digits, dots and dashes.")
        try:
            runs.mkdir(parents=True, exist_ok=True)
            (runs / run_id).mkdir()
        except FileExistsError as error:
            raise InputError(
                f"There is already a run {run_id!r}.", "Use another id, or resume it."
            ) from error
        except OSError as error:
            raise InputError(
                f"Cannot write to {runs}: {error.strerror}.", "Choose another home folder."
            ) from error
        folder = cls(runs / run_id)
        folder.write_spec(spec)
        return folder

    @property
    def journal(self) -> Path:
        """Where the receipt is kept while the run goes on."""
        return self.path / "steps.jsonl"

    @property
    def trace(self) -> Path:
        """Where spans go."""
        return self.path / "trace.jsonl"

    @property
    def checkpoints(self) -> Path:
        """LangGraph's SQLite file."""
        return self.path / "checkpoints.sqlite"

    def read_spec(self) -> dict[str, Any]:
        """What was asked, and how it stands."""
        spec: dict[str, Any] = json.loads((self.path / "run.json").read_text("utf-8"))
        return spec

    def write_spec(self, spec: dict[str, Any]) -> None:
        """Replace run.json."""
        write_atomically(self.path / "run.json", json.dumps(spec, indent=1).encode())

    def result(self) -> dict[str, Any] | None:
        """The finished run as its JSON, once it has ended."""
        path = self.path / "result.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def status(self) -> Status:
        """How the run stands; one that says it is running, while nobody runs it, was killed."""
        status: Status = self.read_spec()["status"]
        return "interrupted" if status == "running" and not self._in_use() else status

    def keep_traceback(self, error: BaseException) -> Path:
        """Write down where a node of the user's failed, and return the file."""
        path = self.path / "traceback.txt"
        write_atomically(path, "".join(traceback.format_exception(error)).encode("utf-8", "replace"))
        return path

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Hold the run for this process; the system lets go of it when the process dies.

        Raises:
            RunError: Another process is running it.
        """
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise RunError(
                f"Run {self.run_id!r} is being run by another process.", "Wait for it, or stop that process."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _in_use(self) -> bool:
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def _lock(self) -> FileLock:
        return FileLock(str(self.path / "run.lock"), thread_local=False)


def find_run(runs: Path, run_id: str) -> RunFolder:
    """Open the folder of a run.

    Raises:
        InputError: There is no such run.
    """
    # an id is a name and never a path
    if not _ID.fullmatch(run_id) or not (runs / run_id / "run.json").is_file():
        raise InputError(f"There is no run {run_id!r}.", "`limner runs list` names them.")
    return RunFolder(runs / run_id)


def all_runs(runs: Path) -> list[RunFolder]:
    """Every run, newest first."""
    folders = [RunFolder(path.parent) for path in runs.glob("*/run.json")]
    return sorted(folders, key=lambda folder: (folder.read_spec()["created"], folder.run_id), reverse=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old or the new one, never a half.

    Raises:
        InputError: The disk is full, or the place cannot be written.
    """
    handle, temporary = -1, ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(
            f"Cannot write {str(path)!r}: {error.strerror}.", "Free space, or choose another folder."
        ) from error


def copy_out(source: Path, names: list[str], target: Path) -> None:
    """Copy finished files of a run to `target`, each atomically.

    Raises:
        InputError: The target cannot be written.
    """
    made: list[Path] = []
    try:
        for folder in sorted({(target / name).parent for name in names}):
            missing = [path for path in (folder, *folder.parents) if not path.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            made += missing
        for name in names:
            fresh = not (target / name).exists()
            write_atomically(target / name, (source / name).read_bytes())
            if fresh:
                made.append(target / name)
    except (OSError, InputError) as error:
        # half a copy would pass for a whole one
        for path in sorted(made, reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"Cannot write to {str(target)!r}: {error.strerror}.", "Choose another --out folder."
        ) from error


def check_writable(target: Path) -> None:
    """Find out, before any work, that a folder can be written; nothing is left behind.

    Raises:
        InputError: It cannot, or something else stands there.
    """
    existing = target
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        if not existing.is_dir():
            raise NotADirectoryError(20, "not a folder")
        probe = tempfile.mkdtemp(dir=existing, prefix=".limner-")
        shutil.rmtree(probe)
    except OSError as error:
        raise InputError(
            f"Cannot write to {str(target)!r}: {error.strerror}.", "Choose another --out folder."
        ) from error
