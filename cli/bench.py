"""``limner bench``: benchmarks side by side, from the repository's ``benchmarks/``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import InputError
from .common import Json
from .output import print_json, print_result, table

app = typer.Typer(help="Benchmarks side by side.", no_args_is_help=True)


@app.command()
def steps(
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often each graph runs.")] = 30,
    json: Json = False,
) -> None:
    """What a guarded step costs beside a bare LangGraph node."""
    result = _load("steps").main(rounds)
    if json:
        print_json(result)
    else:
        print_result(table(["figure", "value"], result.items(), numbers=(1,)))


@app.command()
def retrieval(
    corpus: Annotated[
        list[str] | None, typer.Option("--corpus", help="cranfield, squad2; both where left out.")
    ] = None,
    large: Annotated[
        int, typer.Option("--large", min=0, help="Passages for the speed test; 0 leaves it out.")
    ] = 20000,
    json: Json = False,
) -> None:
    """How well and how fast passages are found, beside dense search, BM25 and LangChain's ensemble."""
    result = _load("retrieval").main(tuple(corpus or ("cranfield", "squad2")), large)
    if json:
        print_json(result)
        return
    for name, figures in result.items():
        if sides := figures.pop("sides", None):
            columns = list(sides["limner"])
            rows = [[side, *(row[column] for column in columns)] for side, row in sides.items()]
            print_result(table([name, *columns], rows, numbers=tuple(range(1, len(columns) + 1))))
        print_result(table([name, "value"], figures.items(), numbers=(1,)))


@app.command()
def images(
    requests: Annotated[int, typer.Option("--requests", min=2, max=256, help="Pictures asked for.")] = 16,
    model: Annotated[str, typer.Option("--model", help="An image model; a random one where left out.")] = "",
    json: Json = False,
) -> None:
    """What micro-batches of pictures gain beside one-by-one calls of the same pipeline."""
    result = _load("images").main(requests, model=model)
    print_json(result) if json else print_result(table(["figure", "value"], result.items()))


def _load(name: str) -> Any:
    """Return a module of ``benchmarks/``, which is not shipped."""
    path = Path(__file__).parent.parent / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"limner_benchmark_{name}", path)
    if spec is None or spec.loader is None or not path.exists():
        raise InputError("The benchmarks are not installed.", "Run this in a checkout of the repository.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
