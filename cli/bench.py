"""``limner bench``: benchmarks side by side, from the repository's ``benchmarks/``."""

from __future__ import annotations

import importlib.util
import sys
from os import cpu_count
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

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


@app.command()
def chat(
    peers: Annotated[
        bool, typer.Option("--peers", help="Beside llama.cpp, transformers and others.")
    ] = False,
    model: Annotated[
        str, typer.Option("--model", help="A catalog name of a GGUF model.")
    ] = "smollm2-135m-instruct",
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often everything is measured.")] = 3,
    concurrency: Annotated[
        list[int] | None, typer.Option("--concurrency", min=1, help="Requests at once; 1, 8, 32 if left out.")
    ] = None,
    tokens: Annotated[int, typer.Option("--tokens", min=1, help="Longest answer.")] = 48,
    mixed: Annotated[
        int, typer.Option("--mixed", min=0, help="Requests of 8 to 128 tokens; 0 leaves them out.")
    ] = 64,
    grammar: Annotated[
        int, typer.Option("--grammar", min=0, help="Requests with and without a schema; 0 leaves them out.")
    ] = 8,
    threads: Annotated[int, typer.Option("--threads", min=0, help="CPU threads; 0 takes every core.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the table, the chart and the figures.")
    ] = None,
    json: Json = False,
) -> None:
    """How fast one model answers many callers, through Limner's engines and through others."""
    benchmark = _load("chat")
    plan = benchmark.Plan(
        model,
        peers,
        rounds,
        tuple(concurrency or (1, 8, 32)),
        tokens,
        mixed,
        grammar,
        threads or cpu_count() or 1,
    )
    result = benchmark.main(plan, out)
    if json:
        print_json(result)
    else:
        print_result(Text(benchmark.markdown(result)))


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
