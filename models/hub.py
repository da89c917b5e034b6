"""Models of the Hugging Face hub that the catalog does not know: `hf:` references."""

from __future__ import annotations

from pathlib import Path

from ..errors import UnavailableError
from .reference import Reference

_PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.jinja"]
"""Weights as safetensors, and plain text: nothing that runs code when it is read."""


def hub_folder(reference: Reference) -> Path:
    """Return the folder of a hub model, downloading it only where it is not on this machine.

    Raises:
        UnavailableError: It is not here and cannot be fetched, or has no safetensors weights.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    target, revision = reference.target, reference.revision
    try:
        folder = Path(
            snapshot_download(target, revision=revision, allow_patterns=_PATTERNS, local_files_only=True)
        )
        if _complete(folder):
            return folder
    except LocalEntryNotFoundError:
        folder = None
    try:
        folder = Path(snapshot_download(target, revision=revision, allow_patterns=_PATTERNS))
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
