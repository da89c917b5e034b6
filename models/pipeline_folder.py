"""A diffusers pipeline and its adapters on disk, looked over before any of it is read."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ..errors import InputError
from .reference import parse_reference

_UNSAFE_ENDINGS = {".py", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}
"""Formats that run code when they are read."""
_BLOB = re.compile(r"[0-9a-f]{64}")
"""What the hub's cache calls a large file: its SHA-256."""


def check_pipeline(folder: Path) -> None:
    """Refuse a folder that could run code, before any of it is read.

    Raises:
        InputError: It is no pipeline, holds code or pickles, or names other libraries.
    """
    index = folder / "model_index.json"
    if not index.is_file():
        raise InputError(
            f"{str(folder)!r} holds no diffusers pipeline.", "Name a folder with a model_index.json."
        )
    unsafe = sorted(path.name for path in folder.rglob("*") if path.suffix.lower() in _UNSAFE_ENDINGS)
    if unsafe:
        raise InputError(
            f"{str(folder)!r} holds {unsafe[0]!r}, which can run code when it is loaded.",
            "Use a pipeline of safetensors and JSON files alone.",
        )
    try:
        parts = json.loads(index.read_text("utf-8"))
        libraries = {name: part[0] for name, part in parts.items() if isinstance(part, list)}
        class_name = parts["_class_name"]
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise InputError(
            f"{str(index)!r} cannot be read: {error!r}.", "Use a folder that diffusers saved."
        ) from error
    foreign = sorted({str(name) for name in libraries.values() if name is not None} - _libraries())
    if foreign or not isinstance(class_name, str):
        raise InputError(
            f"{str(index)!r} names {(foreign or [class_name])[0]!r}, not diffusers or transformers.",
            "Use a standard pipeline.",
        )


@cache
def _libraries() -> frozenset[str]:
    """What a pipeline may name: the two libraries, and the pipelines that come with diffusers."""
    found = find_spec("diffusers")
    places = [] if found is None else list(found.submodule_search_locations or ())
    own = {path.name for place in places for path in (Path(place) / "pipelines").iterdir() if path.is_dir()}
    return frozenset({"diffusers", "transformers", *own})


def locate_adapter(reference: str) -> Path:
    """Return the safetensors file of a LoRA adapter, fetched from the hub where it is not here.

    Raises:
        InputError: The reference names no adapter, or another kind of file.
        UnavailableError: It is not here and cannot be fetched.
    """
    parsed = parse_reference(reference)
    if parsed.kind == "hf":
        from .hub import hub_folder

        place = hub_folder(parsed)
    elif parsed.kind == "path":
        place = Path(parsed.target).expanduser()
    else:
        raise InputError(f"{reference!r} names no adapter.", "Use path:FILE.safetensors or hf:org/name.")
    files = sorted(place.glob("*.safetensors")) if place.is_dir() else [place]
    named = [file for file in files if file.name == "pytorch_lora_weights.safetensors"] or files
    if len(named) != 1 or named[0].suffix != ".safetensors" or not named[0].is_file():
        raise InputError(
            f"{reference!r} holds {len(files) if place.is_dir() else 'no'} adapter of safetensors.",
            "Name one .safetensors file.",
        )
    return named[0]


def folder_sha256(folder: Path) -> str:
    """One SHA-256 for all files of a folder, by name and content."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder).as_posix()} {_sha256(path)}\n".encode())
    return whole.hexdigest()


def _sha256(path: Path) -> str:
    stored = path.resolve().name
    if path.is_symlink() and _BLOB.fullmatch(stored):
        return stored
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
