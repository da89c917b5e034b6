"""``limner run``: any registered graph."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import Config, Home, Json, Knowledge, Model, Seed, fail_of, open_app, read_json, watching
from .output import print_json


def run(
    graph: Annotated[str, typer.Argument(help="A registered graph, or module:function.")],
    given: Annotated[str, typer.Argument(metavar="INPUT", help="A JSON file, or '-' for standard input.")],
    deadline: Annotated[float | None, typer.Option("--deadline", help="Seconds; default 600.")] = 600,
    seed: Seed = 0,
    knowledge: Knowledge = None,
    model: Model = None,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Carry out a graph and print what it made."""
    from ..graphs.runner import new_run_id

    data = read_json(given)
    run_id = new_run_id(graph)
    with open_app(config, home, model=model) as app, watching(run_id) as watch:
        done = app.run(
            graph, data, deadline=deadline, seed=seed, knowledge=knowledge, run_id=run_id, emit=watch
        )
        watch.rest(done.receipt)
    print_json(done.to_json() if json else done.to_json()["output"])
    raise typer.Exit(fail_of(done))
