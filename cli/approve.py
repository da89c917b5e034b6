"""``limner runs approve`` and ``limner runs cancel``: what a person decides about a run that waits."""

from __future__ import annotations

import json as json_module
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError
from .common import Config, Home, Json, Model, fail_of, open_app, watching
from .output import print_json

if TYPE_CHECKING:
    from ..app import Limner
    from ..graphs.run import Run

RunId = Annotated[str, typer.Argument(metavar="ID", help="As `limner runs list` names it.")]
_HELP = "# One title a line, in the order of the article. Change, move, remove or add lines; then save."


def approve(
    run_id: RunId,
    answer: Annotated[
        str | None, typer.Option("--answer", help="JSON, or '-' for standard input; default: yes.")
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Change a plan in $EDITOR first.")] = False,
    config: Config = None,
    home: Home = None,
    model: Model = None,
    json: Json = False,
) -> None:
    """Say yes to a run that waits for a person, with changes where wanted, and go on with it."""
    from ..graphs.folder import find_run

    with open_app(config, home, model=model) as app:
        folder = find_run(app.settings.runs_folder, run_id)
        if folder.status() != "waiting":
            raise InputError(
                f"Run {run_id!r} waits for nobody: it is {folder.status()}.", "See `limner runs list`."
            )
        asked = (folder.result() or {}).get("waiting_for")
        given: Any = {"approve": True}
        if answer is not None:
            given = _parsed(sys.stdin.read() if answer == "-" else answer)
        elif edit:
            given = edited(asked)
        run = go_on(app, run_id, given)
    if json:
        print_json(run.to_json())
    else:
        print(run.folder)
    raise typer.Exit(fail_of(run))


def cancel(run_id: RunId, config: Config = None, home: Home = None, json: Json = False) -> None:
    """Give up a run that waits, failed or was interrupted; `limner runs prune` may delete it then."""
    from ..graphs.folder import find_run

    with open_app(config, home) as app:
        folder = find_run(app.settings.runs_folder, run_id)
        status = folder.status()
        if status in ("completed", "cancelled"):
            raise InputError(f"Run {run_id!r} is {status} already.", "There is nothing to cancel.")
        with folder.in_use():
            folder.write_spec({**folder.read_spec(), "status": "cancelled"})
    if json:
        print_json({"run_id": run_id, "status": "cancelled"})
    else:
        print(f"{run_id}: cancelled")


def go_on(app: Limner, run_id: str, answer: Any) -> Run[Any]:
    """Resume a run with a person's answer, and tell its steps as they end.

    Raises:
        InputError: The run waits with a plan, and that is no answer to one; it goes on waiting.
    """
    from ..agents.planner import approved_titles
    from ..graphs.folder import find_run

    folder = find_run(app.settings.runs_folder, run_id)
    asked = (folder.result() or {}).get("waiting_for") if folder.status() == "waiting" else None
    if isinstance(asked, dict) and asked.get("kind") == "plan" and answer is not None:
        approved_titles(answer, [section["title"] for section in asked["sections"]])
    with watching(run_id) as watch:
        run = app._wait(lambda: app.aresume(run_id, answer, emit=watch), "aresume")
        watch.rest(run.receipt)
    return run


def edited(asked: Any) -> dict[str, Any]:
    """Let a person change the titles of a plan in their editor.

    Raises:
        InputError: What waits is no plan, or nothing was left of it.
    """
    if not isinstance(asked, dict) or asked.get("kind") != "plan":
        raise InputError("Only a plan can be edited.", "Answer this run with --answer JSON.")
    lines = [section["title"] for section in asked["sections"]]
    changed = _in_editor("\n".join([_HELP, *lines]) + "\n")
    titles = [line.strip() for line in changed.splitlines() if line.strip() and not line.startswith("#")]
    if not titles:
        raise InputError("The plan is empty.", "Leave at least one title, or `limner runs cancel` the run.")
    return {"titles": titles}


def _in_editor(text: str) -> str:
    """Open a text in $VISUAL or $EDITOR, and return it as it was saved.

    Raises:
        InputError: There is no editor, or it failed.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="limner-plan-") as folder:
        file = Path(folder) / "plan.txt"
        file.write_text(text, "utf-8")
        try:
            subprocess.run([*command, str(file)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise InputError(
                f"The editor {command[0]!r} failed.", "Set EDITOR, or answer with --answer JSON."
            ) from error
        return file.read_text("utf-8", "replace")


def _parsed(text: str) -> Any:
    try:
        return json_module.loads(text)
    except json_module.JSONDecodeError as error:
        raise InputError(f"--answer is not valid JSON: {error.msg}.", "Quote it for the shell.") from error
