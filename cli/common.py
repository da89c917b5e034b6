"""Options that several commands share, and how they open the app and show progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import InputError
from .output import err

if TYPE_CHECKING:
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


@contextmanager
def watching() -> Iterator[Callable[[StepEvent], None]]:
    """Show which steps are at work; yields what to call with each event."""
    working: list[str] = []
    with err.status("starting") as status:

        def show(event: StepEvent) -> None:
            if event.row is None:
                working.append(event.step)
            else:
                if event.step in working:
                    working.remove(event.step)
                row = event.row
                why = f"  [dim]{row['reasons'][0][:90]}[/]" if row["reasons"] else ""
                err.print(
                    f"  {row['step']:<10} {row['source']:<9} {row['seconds']:6.2f} s{why}", soft_wrap=True
                )
            status.update(", ".join(dict.fromkeys(working)) or "working")

        yield show


@contextmanager
def downloading() -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars for downloads; yields what to call with name, bytes done and bytes in all."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bars:
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield show
