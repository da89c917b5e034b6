"""Options that several commands share, and how they open the app and show progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import InputError, LimnerError
from .output import counted, err

if TYPE_CHECKING:
    from rich.status import Status

    from ..app import Limner
    from ..graphs.run import Run
    from ..steps import StepEvent

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Knowledge = Annotated[
    list[str] | None, typer.Option("--knowledge", help="A file or folder to write from; repeatable.")
]
Model = Annotated[str | None, typer.Option("--model", help="Chat model reference; '' for none.")]
Home = Annotated[str | None, typer.Option("--home", help="Where runs and indexes are kept.")]
Config = Annotated[str | None, typer.Option("--config", help="A limner.toml; default ./limner.toml.")]
Seed = Annotated[int, typer.Option("--seed", help="Same inputs and seed, same outputs.")]
Deadline = Annotated[float, typer.Option("--deadline", help="Seconds until the run has ended.")]


def open_app(config: str | None = None, home: str | None = None, **references: Any) -> Limner:
    """Open the app that a command works with."""
    from ..app import Limner

    return Limner(config, home=home, **references)


def read_json(name: str) -> Any:
    """Read a JSON file, or standard input for ``-``.

    Raises:
        InputError: It cannot be read, or is not JSON.
    """
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
        return json.loads(text)
    except OSError as error:
        raise InputError(f"Cannot read {name!r}: {error.strerror}.", "Check the path.") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: not valid JSON: {error}.", "Fix it.") from error


def fail_of(run: Run[Any]) -> int:
    """The exit code of a run."""
    return {"completed": 0, "waiting": 3}.get(run.status, 4)


class StoppedError(LimnerError):
    """Someone pressed Ctrl-C; what was done is kept."""

    code = "interrupted"
    exit_code = 130


class Watch:
    """Shows a run as it goes: what is at work, and each step that ended."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._working: list[str] = []
        self._shown: list[dict[str, Any]] = []

    def __call__(self, event: StepEvent) -> None:
        """Take one event of the run."""
        if event.row is None:
            self._working.append(event.step)
        else:
            if event.step in self._working:
                self._working.remove(event.step)
            self._shown.append(event.row)
            show_row(event.row)
        self._status.update(", ".join(dict.fromkeys(self._working)) or "working")

    def rest(self, receipt: Iterable[dict[str, Any]]) -> None:
        """Show the rows of a receipt that no event told of."""
        for row in receipt:
            if row not in self._shown:
                show_row(row)


@contextmanager
def watching(run_id: str) -> Iterator[Watch]:
    """Show a run on standard error; yields what to call with each of its events.

    Raises:
        StoppedError: Someone pressed Ctrl-C.
    """
    with err.status("starting") as status:
        try:
            yield Watch(status)
        except KeyboardInterrupt as error:
            raise StoppedError(
                f"Run {run_id!r} was interrupted.", f"`limner runs resume {run_id}` goes on with it."
            ) from error


def show_row(row: Mapping[str, Any]) -> None:
    """Print one row of a receipt: step, who made it, calls, tokens, time, and why."""
    calls, tokens = row["attempts"], row["tokens_in"] + row["tokens_out"]
    asked = f"{counted(calls, 'call')}, {tokens} tokens" if calls else ""
    why = escape("; ".join(" ".join(reason.split())[:160] for reason in row["reasons"]))
    err.print(
        f"  {row['step']:<12} {row['source']:<9} {row['seconds']:7.2f} s  {asked:<22} [dim]{why}[/]",
        soft_wrap=True,
    )


@contextmanager
def downloading() -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars for downloads; yields what to call with name, bytes done and bytes in all."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield show
