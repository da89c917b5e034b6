"""Loading a transformers model for the torch engine: a folder of safetensors, or one GGUF file."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import uuid
from pathlib import Path
from typing import Any, Literal

import torch

from ...errors import UnavailableError
from ..quiet import quiet_loading
from .gguf_files import parsed_once

log = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]


def pick_device(device: Device) -> str:
    """Return "cuda" where asked for or, under "auto", where there is one."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return device


def pick_dtype(device: str) -> torch.dtype:
    """Return bfloat16 where the hardware computes in it, else float32."""
    fast = device == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def load(path: Path, device: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Return a causal language model, ready to run, and its tokenizer.

    A GGUF file is unpacked once: later loads take the unpacked copy beside it.

    Raises:
        UnavailableError: The path is neither, or cannot be read as a model.
    """
    try:
        if path.is_dir():
            return _load_folder(path, device, dtype)
        if path.suffix == ".gguf" and path.is_file():
            return _load_gguf(path, device, dtype)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise UnavailableError(
            f"The model in {str(path)!r} cannot be loaded: {error}",
            "It must be a folder with safetensors weights and a tokenizer, or a GGUF file.",
        ) from error
    raise UnavailableError(f"There is no model at {str(path)!r}.", "Name a folder or a .gguf file.")


def _load_folder(path: Path, device: str, dtype: torch.dtype, **options: Any) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    safe = {"local_files_only": True, "trust_remote_code": False, **options}
    with quiet_loading():
        tokenizer = AutoTokenizer.from_pretrained(path, **safe)
        # Straight to the GPU: a large model need not fit into main memory first.
        place = {"device_map": {"": device}} if device != "cpu" else {}
        model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype, use_safetensors=True, **place, **safe)
    return model.eval(), tokenizer


def _load_gguf(path: Path, device: str, dtype: torch.dtype) -> tuple[Any, Any]:
    with path.open("rb") as reader:
        digest = hashlib.file_digest(reader, "sha256").hexdigest()
    unpacked = path.parent / f"unpacked-{digest[:16]}-{str(dtype).removeprefix('torch.')}"
    if unpacked.is_dir():
        return _load_folder(unpacked, device, dtype)
    with parsed_once():
        model, tokenizer = _load_folder(path.parent, device, dtype, gguf_file=path.name)
    # The weights are plain numbers now; left marked as quantised they could not be saved.
    model.hf_quantizer, model.is_quantized = None, False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    try:
        _save(model, tokenizer, unpacked)
    except OSError as error:
        # The model is loaded; only the next start is slower.
        log.warning("cannot keep the unpacked copy of %s: %s", path.name, error)
    return model, tokenizer


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write a model so that the folder is either complete or not there."""
    temporary = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    try:
        with quiet_loading():
            model.save_pretrained(temporary)
            tokenizer.save_pretrained(temporary, save_jinja_files=False)
        for file in temporary.iterdir():
            with file.open("rb") as reader:
                os.fsync(reader.fileno())
        if not folder.exists():
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
