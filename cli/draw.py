"""``limner draw``: one picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from ..errors import InputError
from .common import Config, Deadline, Home, Json, Seed, fail_of, open_app, watching
from .output import err, print_json

_MOST_BYTES = 200_000


def draw(
    prompt: Annotated[str, typer.Argument(help="What to draw, or a YAML or JSON file with a card's fields.")],
    style: Annotated[
        str | None, typer.Option("--style", help="icon, card, square, section, quote, chart, ...")
    ] = None,
    out: Annotated[str | None, typer.Option("--out", help="The PNG to write; default ./RUN_ID.png.")] = None,
    seed: Seed = 0,
    images: Annotated[str | None, typer.Option("--images", help="Image model; '' for none.")] = None,
    deadline: Deadline = 600,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Draw one picture: by the configured image model, else by rule."""
    from ..graphs.folder import check_writable, write_atomically
    from ..graphs.runner import new_run_id

    wish: dict[str, Any] = (
        _read(prompt) if prompt.endswith((".yaml", ".yml", ".json")) else {"prompt": prompt}
    )
    if style is not None:
        wish["style"] = style
    if not deadline > 0:
        raise InputError(f"--deadline is {deadline:g}.", "Give seconds above 0.")
    run_id = new_run_id("draw")
    target = Path(out or f"{run_id}.png").absolute()
    check_writable(target.parent)
    with open_app(config, home, images=images) as app, watching(run_id) as watch:
        run = app.draw(wish, deadline=deadline, seed=seed, run_id=run_id, emit=watch)
        watch.rest(run.receipt)
    if run.output is not None:
        write_atomically(target, Path(run.output.path).read_bytes())
        run = replace(run, output=replace(run.output, path=str(target)))
    if json:
        print_json(run.to_json())
    elif run.output is not None:
        err.print(run.output.alt, markup=False, soft_wrap=True)
        print(target)
    raise typer.Exit(fail_of(run))


def _read(name: str) -> dict[str, Any]:
    """Read a card's fields.

    Raises:
        InputError: The file cannot be read, or holds no mapping.
    """
    try:
        path = Path(name)
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{name!r} is over 200 kB.", "A card needs a few lines.")
        found = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"Cannot read {name!r}: {error.strerror}.", "Check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{name}: not valid YAML: {error}.", "Fix it.") from error
    if not isinstance(found, dict):
        raise InputError(f"{name!r} holds no fields of a card.", "Write `title: ...` and the others.")
    return {str(key): value for key, value in found.items()}
