"""``limner doctor``: what is installed, what is missing, what to do."""

from __future__ import annotations

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import typer

from .. import __version__
from ..errors import LimnerError
from .common import Config, Home, Json, open_app
from .output import print_json, print_result, table

CORE = (
    "langgraph",
    "langchain-core",
    "transformers",
    "torch",
    "chromadb",
    "sentence-transformers",
    "opentelemetry-sdk",
)
EXTRAS = {"images": "diffusers", "remote": "openai"}


def doctor(config: Config = None, home: Home = None, json: Json = False) -> None:
    """Tell what is installed, what is missing, and what to do about it."""
    rows = [_row("limner", __version__), _row("python", platform.python_version())]
    for name in CORE:
        try:
            rows.append(_row(name, version(name)))
        except PackageNotFoundError:
            rows.append(_row(name, "missing", "pip install limner"))
    for extra, module in EXTRAS.items():
        here = find_spec(module) is not None
        rows.append(_row(f"extra: {extra}", "installed" if here else "not installed", optional=True))
    rows.append(_row("processor", f"{os.cpu_count()} cores, {_gpu()}"))
    with open_app(config, home) as app:
        settings = app.settings
        free = shutil.disk_usage(_existing(settings.home)).free / 1e9
        remedy = "" if free > 3 else "Free some space: the default models need 1.3 GB."
        rows.append(_row("disk", f"{free:.0f} GB free for {settings.home}", remedy))
        for kind, name in (("chat model", settings.model.name), ("embeddings", settings.embeddings.name)):
            rows.append(_model(app, kind, name))
        rows.append(_row("image model", settings.images.name or "none: pictures are drawn by rule"))
    if json:
        print_json(rows)
    else:
        cells = ((r["item"], r["found"], r["remedy"]) for r in rows)
        print_result(table(["item", "found", "what to do"], cells))
    raise typer.Exit(0 if all(row["ok"] for row in rows) else 4)


def _row(item: str, found: str, remedy: str = "", optional: bool = False) -> dict[str, object]:
    return {"item": item, "found": found, "remedy": remedy, "ok": optional or not remedy}


def _model(app: object, kind: str, name: str) -> dict[str, object]:
    from ..models import parse_reference

    if not name:
        return _row(kind, "none")
    try:
        if parse_reference(name).kind != "catalog":
            return _row(kind, name)
        entry = app.store.show(name).entry  # type: ignore[attr-defined]
    except LimnerError as error:
        return _row(kind, name, str(error))
    return (
        _row(kind, f"{name}, in the store")
        if entry.present
        else _row(kind, f"{name}, not here", f"limner models pull {name}")
    )


def _gpu() -> str:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no CUDA"


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())
