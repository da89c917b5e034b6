"""``limner runs`` and ``limner trace``: what ran, what came of it, and how to go on."""

from __future__ import annotations

import json as json_module
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.tree import Tree

from ..errors import InputError
from .approve import approve, cancel, go_on
from .common import Config, Home, Json, Model, fail_of, open_app
from .output import counted, print_json, print_result, receipt_table, table

if TYPE_CHECKING:
    from ..graphs.folder import RunFolder

app = typer.Typer(help="What ran, what came of it, and how to go on.", no_args_is_help=True)
LONGEST = 36_500
"""Days of a hundred years."""
RunId = Annotated[str, typer.Argument(metavar="ID", help="As `limner runs list` names it.")]


def _find(run_id: str, config: str | None, home: str | None) -> RunFolder:
    from ..graphs.folder import find_run

    with open_app(config, home) as opened:
        return find_run(opened.settings.runs_folder, run_id)


@app.command("list")
def list_runs(config: Config = None, home: Home = None, json: Json = False) -> None:
    """Name the runs, newest first."""
    from ..graphs.folder import all_runs

    with open_app(config, home) as opened:
        folders = all_runs(opened.settings.runs_folder)
    rows = [
        {"run_id": f.run_id, "status": f.status(), "graph": spec["graph"], "started": spec["started"]}
        for f in folders
        for spec in [f.read_spec()]
    ]
    if json:
        print_json(rows)
    else:
        cells = ((*list(row.values())[:3], row["started"][:19].replace("T", " ")) for row in rows)
        print_result(table(["run", "status", "graph", "started (UTC)"], cells))


def _so_far(folder: RunFolder) -> dict[str, Any]:
    """The JSON of a run as far as it has come."""
    from ..steps import Receipt

    result = folder.result()
    status = folder.status()
    if result is not None and status not in ("running", "interrupted"):
        return {**result, "status": status}
    receipt = Receipt.peek(folder.journal)
    usage = receipt.usage
    return {
        "run_id": folder.run_id,
        "status": status,
        "degraded": receipt.degraded,
        "output": None,
        "citations": [],
        "receipt": receipt.rows,
        "usage": {k: getattr(usage, k) for k in ("tokens_in", "tokens_out", "calls", "seconds")},
        "seconds": None,
        "trace_id": None,
    }


@app.command()
def show(run_id: RunId, config: Config = None, home: Home = None, json: Json = False) -> None:
    """Show a run as far as it has come, with its receipt."""
    folder = _find(run_id, config, home)
    data = _so_far(folder)
    if json:
        print_json(data)
        return
    print(f"{data['run_id']}: {data['status']}{', degraded' if data['degraded'] else ''}")
    print_result(receipt_table(data["receipt"]))
    print(folder.path)


@app.command()
def resume(
    run_id: RunId,
    answer: Annotated[
        str | None, typer.Option("--answer", help="JSON, for a run that waits for a person.")
    ] = None,
    config: Config = None,
    home: Home = None,
    model: Model = None,
    json: Json = False,
) -> None:
    """Go on with a run that was killed, failed, or waits; finished steps are not done again."""
    try:
        given = None if answer is None else json_module.loads(answer)
    except json_module.JSONDecodeError as error:
        raise InputError(f"--answer is not valid JSON: {error.msg}.", "Quote it for the shell.") from error
    with open_app(config, home, model=model) as opened:
        run = go_on(opened, run_id, given)
    if json:
        print_json(run.to_json())
    else:
        print(run.folder)
    raise typer.Exit(fail_of(run))


app.command()(approve)
app.command()(cancel)


@app.command()
def prune(
    days: Annotated[float, typer.Option("--older-than", help="Days.")] = 30,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Delete finished runs older than some days; runs that can be resumed are kept."""
    from ..graphs.folder import all_runs

    if not 0 <= days <= LONGEST:
        raise InputError(f"--older-than is {days:g}.", f"Give days, from 0 to {LONGEST:,}.")
    before = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    with open_app(config, home) as opened:
        folders = all_runs(opened.settings.runs_folder)
    old = [
        f for f in folders if f.read_spec()["created"] < before and f.status() in ("completed", "cancelled")
    ]
    for folder in old:
        shutil.rmtree(folder.path)
    if json:
        print_json([folder.run_id for folder in old])
    else:
        print(f"{len(old)} of {counted(len(folders), 'run')} deleted")


def trace(run_id: RunId, config: Config = None, home: Home = None, json: Json = False) -> None:
    """Print a run's spans as a tree, with sources, reasons and times."""
    path = _find(run_id, config, home).trace
    spans = list(_spans(path)) if path.exists() else []
    if json:
        print_json(spans)
        return
    known = {span["span_id"] for span in spans}
    children: dict[str | None, list[dict[str, Any]]] = {}
    for span in sorted(spans, key=lambda span: span["start"]):
        # the parent of a span may not have ended when the process was killed
        parent = span["parent_id"] if span["parent_id"] in known else None
        children.setdefault(parent, []).append(span)
    tree = Tree(run_id)
    _grow(tree, None, children)
    print_result(tree)


def _spans(path: Path) -> Iterator[dict[str, Any]]:
    """Read a trace; a line that a kill cut off is left out."""
    for line in path.read_text("utf-8").splitlines():
        with suppress(json_module.JSONDecodeError):
            yield json_module.loads(line)


def _grow(branch: Tree, parent: str | None, children: dict[str | None, list[dict[str, Any]]]) -> None:
    for span in children.get(parent, []):
        facts = span["attributes"]
        words = [escape(span["name"]), f"[dim]{span['end'] - span['start']:.3f} s[/]"]
        if "limner.step.source" in facts:
            colour = "yellow" if facts.get("limner.step.degraded") else "green"
            words.append(f"[{colour}]{facts['limner.step.source']}[/]")
            words += [f"[dim]{escape(reason)}[/]" for reason in facts["limner.step.reasons"]]
        if span["status"] == "error":
            words.append(f"[red]{facts.get('error.type', 'error')}[/]")
        _grow(branch.add("  ".join(words)), span["span_id"], children)
