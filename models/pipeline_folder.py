"""A diffusers pipeline on disk: looked over before any of it is read, then loaded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import InputError
from .cpu_threads import wait_passively

_UNSAFE_ENDINGS = {".py", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}
"""Formats that run code when they are read."""
_LIBRARIES = {"diffusers", "transformers"}


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
    foreign = sorted({str(name) for name in libraries.values() if name is not None} - _LIBRARIES)
    if foreign or not isinstance(class_name, str):
        raise InputError(
            f"{str(index)!r} names {(foreign or [class_name])[0]!r}, not diffusers or transformers.",
            "Use a standard pipeline.",
        )


def load_pipeline(folder: Path) -> Any:
    """Return the pipeline in a folder: on CUDA where there is one, in bfloat16 there."""
    # Read by diffusers when it is imported: no code from a folder, even a local one.
    os.environ["DIFFUSERS_DISABLE_REMOTE_CODE"] = "1"
    wait_passively()
    import torch
    from diffusers import DiffusionPipeline

    from .quiet import quiet_loading

    device = "cuda" if torch.cuda.is_available() else "cpu"
    with quiet_loading():
        pipeline = DiffusionPipeline.from_pretrained(
            folder,
            use_safetensors=True,
            local_files_only=True,
            dtype=torch.bfloat16 if device == "cuda" else torch.float32,
        ).to(device)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
