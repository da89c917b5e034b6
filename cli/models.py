"""``limner models``: the store of models."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from ..errors import LimnerError
from .common import Config, Json, downloading, open_app
from .output import err, print_json, print_result, table

app = typer.Typer(help="The store of models: list, pull, show.", no_args_is_help=True)


def _row(entry: object) -> dict[str, object]:
    return {key: getattr(entry, key) for key in ("name", "kind", "about", "licence", "size", "present")}


@app.command("list")
def list_models(config: Config = None, json: Json = False) -> None:
    """Name the models of the catalog, and which are here."""
    with open_app(config) as opened:
        rows = [_row(entry) for entry in opened.store.list()]
    if json:
        print_json(rows)
        return
    print_result(
        table(
            ["model", "kind", "licence", "MB", "here", "about"],
            (
                (
                    r["name"],
                    r["kind"],
                    r["licence"],
                    f"{int(str(r['size'])) / 1e6:.0f}",
                    "yes" if r["present"] else "",
                    r["about"],
                )
                for r in rows
            ),
            numbers=(3,),
        )
    )


@app.command()
def pull(names: Annotated[list[str], typer.Argument()], config: Config = None, json: Json = False) -> None:
    """Fetch models, and convert them for this machine; what is already here is not fetched again."""
    from ..models.opening import prepare

    with open_app(config) as opened:
        for name in names:
            # an unknown name is told before anything is fetched
            opened.store.show(name)
        with downloading() as show:
            paths = {name: str(opened.store.pull(name, show)) for name in names}
        for name in names:
            try:
                with err.status(f"converting {escape(name)} for this machine"):
                    prepare(name, opened.settings.model, opened.store)
            except LimnerError as error:
                # the model is here all the same, and another engine may run it
                err.print(f"[yellow]not converted:[/] {escape(str(error))}", soft_wrap=True)
    if json:
        print_json(paths)
    else:
        for path in paths.values():
            print(path)


@app.command()
def show(name: Annotated[str, typer.Argument()], config: Config = None, json: Json = False) -> None:
    """Tell licence, files, hashes and sources of a model."""
    with open_app(config) as opened:
        details = opened.store.show(name)
    data = {
        **_row(details.entry),
        "files": [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in details.files],
        "sources": [str(source) for source in details.sources],
        "path": str(details.path) if details.entry.present else None,
    }
    if json:
        print_json(data)
        return
    print_result(
        table(["", ""], ((key, value) for key, value in data.items() if key not in ("files", "sources")))
    )
    print_result(
        table(["file", "bytes", "sha256"], ((f.path, f.size, f.sha256) for f in details.files), numbers=(1,))
    )
    print_result(table(["sources, in order"], ((source,) for source in details.sources)))
