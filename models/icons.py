"""limner-icons: the small image model in the package; its text encoder, MiniLM, comes from the store."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from .store import Store

ICONS = "limner-icons"
"""Its reference."""
TEXT_ENCODER = "all-minilm-l6-v2"
_SHIPPED = Path(__file__).with_name("limner_icons")
_REVISION = "2d6076648082"
"""The first digits of the SHA-256 of the UNet's weights."""


def icons_folder(store: Store) -> Path:
    """Return a whole pipeline folder in the store: what ships, and MiniLM's weights; made at the first call.

    Raises:
        UnavailableError: MiniLM has not been pulled.
    """
    encoder = store.path(TEXT_ENCODER)
    whole = store.folder / f"{ICONS}-{_REVISION}" / ICONS
    if not whole.exists():
        whole.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=whole.parent) as scratch:
            made = Path(scratch) / ICONS
            shutil.copytree(_SHIPPED, made)
            shutil.copy(encoder / "model.safetensors", made / "text_encoder" / "model.safetensors")
            try:
                made.rename(whole)
            except OSError:
                if not whole.exists():  # else another process was first
                    raise
    return whole
