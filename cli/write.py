"""``limner write``: an article from a brief and documents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ..errors import InputError
from .approve import edited, go_on
from .common import Config, Deadline, Home, Json, Knowledge, Model, Seed, fail_of, open_app, watching
from .output import counted, err, print_json


def write(
    brief: Annotated[str, typer.Argument(help="A YAML or JSON file, '-' for standard input, or a topic.")],
    knowledge: Knowledge = None,
    out: Annotated[str | None, typer.Option("--out", help="Folder for a copy; default ./RUN_ID.")] = None,
    deadline: Deadline = 600,
    seed: Seed = 0,
    model: Model = None,
    images: Annotated[int | None, typer.Option("--images", help="How many pictures.")] = None,
    ungrounded: Annotated[
        bool, typer.Option("--ungrounded", help="Write without documents; the text is labelled.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at a document that cannot be read.")] = False,
    approve: Annotated[
        bool, typer.Option("--approve", help="Stop after the plan; in a terminal, edit it and go on.")
    ] = False,
    record: Annotated[
        str | None, typer.Option("--record", help="A cassette: the file to record the model's calls in.")
    ] = None,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write an article whose every sentence is checked against the documents."""
    from ..agents.brief import load_brief
    from ..graphs.folder import check_writable
    from ..graphs.runner import new_run_id

    wish = load_brief(brief, sys.stdin.read() if brief == "-" else None)
    if images is not None:
        wish = type(wish)(**{**wish.model_dump(), "images": images})
    if not deadline > 0:
        raise InputError(f"--deadline is {deadline:g}.", "Give seconds above 0.")
    check_writable(Path(out) if out is not None else Path.cwd())
    run_id = new_run_id("content")
    target = Path(out or run_id).absolute()
    with open_app(config, home, model=model) as app, watching(run_id) as watch:
        if record is not None:
            from ..testing import Cassette

            app.model = Cassette(record, "record", app.model)
        run = app.write(
            wish,
            deadline=deadline,
            seed=seed,
            knowledge=knowledge,
            ungrounded=ungrounded,
            strict=strict,
            approve=approve,
            run_id=run_id,
            out=target,
            emit=watch,
        )
        watch.rest(run.receipt)
        if run.status == "waiting" and not json and sys.stdin.isatty() and sys.stderr.isatty():
            run = go_on(app, run_id, edited(run.waiting_for))
    if json:
        print_json(run.to_json())
    elif run.status == "waiting":
        for section in run.waiting_for["sections"]:
            print(f"{section['title']}  ({section['words']} words, from {', '.join(section['from'])})")
        err.print(
            f"waiting: `limner runs approve {run_id}` goes on, with --edit or --answer to change the plan"
        )
    else:
        sections = run.output.sections
        made = [counted(len(sections), "section"), counted(sum(s.words for s in sections), "word")]
        made += [counted(len(run.output.images), "picture"), f"{run.seconds:.1f} s"]
        state = "[yellow]degraded[/]" if run.degraded else "[green]complete[/]"
        err.print(f"{state}: {', '.join(made)}")
        for skipped in run.warnings:
            err.print(f"[yellow]left out:[/] {escape(skipped)}", soft_wrap=True)
        print(target / "article.html")
    raise typer.Exit(fail_of(run))
