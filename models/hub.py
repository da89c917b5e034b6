"""Models of the Hugging Face hub that the catalog does not know: `hf:` references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import UnavailableError
from .reference import Reference

_PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.jinja"]
"""Weights as safetensors, and plain text: nothing that runs code when it is read."""
_PIPELINE = ["model_index.json", "*/*.safetensors", "*/*.json", "*/*.txt", "*/*.jinja", "*/*.model"]
"""Of a diffusers pipeline: its parts' folders, and not the whole model once more in one file."""
_VARIANTS = ["*.fp16.*", "*.bf16.*", "*.non_ema.*", "*.fp16-*", "*.bf16-*", "*.non_ema-*"]
"""The same weights again: they are converted when they are loaded."""


def hub_folder(reference: Reference, pipeline: bool = False) -> Path:
    """Return the folder of a hub model, downloading it only where it is not on this machine.

    Args:
        reference: Of kind `hf`.
        pipeline: Whether it is a diffusers pipeline, of which less is needed.

    Raises:
        UnavailableError: It is not here and cannot be fetched, or has no safetensors weights.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    target = reference.target
    wanted: dict[str, Any] = {
        "revision": reference.revision,
        "allow_patterns": _PIPELINE if pipeline else _PATTERNS,
        "ignore_patterns": _VARIANTS if pipeline else None,
    }
    try:
        folder = Path(snapshot_download(target, local_files_only=True, **wanted))
        if _complete(folder):
            return folder
    except LocalEntryNotFoundError:
        folder = None
    try:
        folder = Path(snapshot_download(target, **wanted))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        raise UnavailableError(
            f"Hub model {str(reference)!r} is not on this machine and cannot be fetched: {error}",
            "Check the name and the network, or name a catalog model or a path: instead.",
        ) from error
    if not _complete(folder):
        raise UnavailableError(
            f"Hub model {str(reference)!r} has no safetensors weights.", "Name a repository that has them."
        )
    return folder


def _complete(folder: Path) -> bool:
    """Tell whether a snapshot has weights: one that was cut off may hold configuration alone."""
    return any(folder.rglob("*.safetensors"))
