"""``limner graphs``: which graphs there are, and how they run."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import Config, Home, Json, open_app
from .output import print_json, print_result, table

app = typer.Typer(help="Which graphs there are, and how they run.", no_args_is_help=True)


@app.command("list")
def list_graphs(config: Config = None, home: Home = None, json: Json = False) -> None:
    """Name the graphs that can be run."""
    from ..graphs.registry import BUILT_IN

    with open_app(config, home) as opened:
        places = {**BUILT_IN, **opened.settings.graphs}
    if json:
        print_json([{"name": name, "home": home} for name, home in sorted(places.items())])
    else:
        print_result(table(["graph", "written in"], sorted(places.items())))


@app.command()
def show(
    name: Annotated[str, typer.Argument()], config: Config = None, home: Home = None, json: Json = False
) -> None:
    """Draw a graph as Mermaid text."""
    from ..graphs.registry import find_graph

    with open_app(config, home) as opened:
        graph = find_graph(name, opened.settings.graphs)
        drawing = graph.build(opened).compile().get_graph().draw_mermaid()
    if json:
        print_json({"name": graph.name, "mermaid": drawing})
    else:
        print(drawing)
