"""`Run`: what came of one run of a graph, whatever the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic_core import to_jsonable_python

from ..errors import LimnerError
from ..steps import Usage
from .folder import Status, copy_out

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run(Generic[T]):
    """A run that has ended, or that waits for a person."""

    run_id: str
    graph: str
    status: Status
    output: T
    """What the graph makes: an `Article` for content; the final state for a graph of your own."""
    receipt: tuple[dict[str, Any], ...]
    """One row a step: step, source, attempts, reasons, model, tokens_in, tokens_out, seconds."""
    usage: Usage
    seconds: float
    trace_id: str
    folder: Path
    waiting_for: Any = None
    """What a person is asked, where the status is ``waiting``."""
    error: LimnerError | None = None
    """Why the run failed."""
    warnings: tuple[str, ...] = ()
    """Documents that were left out, and why."""

    @property
    def degraded(self) -> bool:
        """Whether a configured model failed, was cut short or was overruled anywhere."""
        return any(row["degraded"] for row in self.receipt)

    def save(self, target: str | Path) -> Path:
        """Copy the run's files to a folder, which is made where it is missing.

        Raises:
            InputError: The folder cannot be written.
        """
        target = Path(target).absolute()
        copy_out(self.folder, files_of(self.folder), target)
        return target

    def to_json(self) -> dict[str, Any]:
        """This run as plain JSON data, as ``--json`` prints it."""
        data: dict[str, Any] = {
            "run_id": self.run_id,
            "status": self.status,
            "degraded": self.degraded,
            "output": as_json(self.output),
            "citations": as_json(getattr(self.output, "citations", ())),
            "receipt": [dict(row) for row in self.receipt],
            "usage": asdict(self.usage),
            "seconds": round(self.seconds, 3),
            "trace_id": self.trace_id,
            "warnings": list(self.warnings),
        }
        if self.waiting_for is not None:
            data["waiting_for"] = to_jsonable_python(self.waiting_for, fallback=str)
        if self.error is not None:
            data["error"] = {"code": self.error.code, "message": self.error.message, "hint": self.error.hint}
        return data


def files_of(folder: Path) -> list[str]:
    """What belongs to a finished run's copy: everything but locks, checkpoints and the journal."""
    private = {"run.json", "run.lock", "result.json", "steps.jsonl"}
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in private and not path.name.startswith(("checkpoints", "."))
    )


def as_json(value: Any) -> Any:
    """Any output as plain JSON data; its own `to_json` goes first."""
    to_json = getattr(value, "to_json", None)
    if to_json is not None:
        return to_json()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return to_jsonable_python(asdict(value), fallback=str)
    return to_jsonable_python(value, fallback=str)
