"""``limner images``: what a picture says of its making."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import Json
from .output import print_json, print_result, table

app = typer.Typer(help="What a picture says of its making: verify.", no_args_is_help=True)


@app.callback()
def images() -> None:
    """What a picture says of its making."""


@app.command()
def verify(file: Annotated[str, typer.Argument(help="A picture.")], json: Json = False) -> None:
    """Tell how a picture was made, and whether it was altered since."""
    from ..pictures.provenance import verify_file

    found = verify_file(file)
    if json:
        print_json(found.as_json())
        return
    state = {True: "intact", False: "altered", None: "nothing is known"}[found.intact]
    facts = {**found.as_json(), "model_sha256": found.model_sha256}
    rows = {"state": state, **{key: value for key, value in facts.items() if key != "intact"}}
    print_result(table(["", ""], ((key, "" if value is None else value) for key, value in rows.items())))
