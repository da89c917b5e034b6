"""``limner support``: what belongs to the support bot besides its conversations."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from .common import Config, Home, Json, open_app
from .output import print_json, print_result, table

app = typer.Typer(help="The support bot: training its router.", no_args_is_help=True)


@app.callback()
def support() -> None:
    """The support bot: training its router."""


@app.command()
def train(
    intents: Annotated[str, typer.Argument(metavar="INTENTS", help="A YAML file of intents.")],
    out: Annotated[
        str | None,
        typer.Option("--out", help="Default: beside INTENTS, with .safetensors, where the bot looks."),
    ] = None,
    folds: Annotated[int, typer.Option("--folds", min=2, max=50, help="Held-out parts.")] = 10,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Train the router on the examples alone, and say how it does on examples held out."""
    from ..agents.messages.intents import load_intents
    from ..agents.messages.training import train as train_on
    from ..graphs.folder import write_atomically

    read = load_intents(intents)
    target = Path(out) if out is not None else Path(intents).with_suffix(".safetensors")
    if target.suffix != ".safetensors":
        raise InputError(f"--out is {str(target)!r}.", "Name a .safetensors file.")
    with open_app(config, home, model="") as opened:
        started = time.perf_counter()
        trained = train_on(read, opened.embeddings, folds)
    write_atomically(target, trained.heads.to_bytes())
    facts = {
        "intents": len(read.intents),
        "examples": len(read.examples),
        "folds": trained.folds if trained.bins else 0,
        "accuracy": trained.heads.accuracy if trained.bins else None,
        "calibration_error": round(trained.error, 4) if trained.bins else None,
        "clear_by_words": round(trained.clear, 4),
        "embeddings": trained.heads.embeddings or None,
        "seconds": round(time.perf_counter() - started, 2),
        "path": str(target.absolute()),
    }
    if json:
        print_json(facts)
    else:
        print_result(table(["", ""], facts.items()))
