"""``limner bench``: benchmarks side by side, from the repository's ``benchmarks/``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

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
    path = Path(__file__).parent.parent / "benchmarks" / "steps.py"
    spec = importlib.util.spec_from_file_location("limner_benchmark_steps", path)
    if spec is None or spec.loader is None or not path.exists():
        raise InputError("The benchmarks are not installed.", "Run this in a checkout of the repository.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    result = module.main(rounds)
    if json:
        print_json(result)
    else:
        print_result(table(["figure", "value"], result.items(), numbers=(1,)))
