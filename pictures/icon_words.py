"""The words of an icon as one sentence, the same when its vector is made and when it is looked for."""

from __future__ import annotations

from collections.abc import Sequence

PROBE = "a small red boat on a quiet lake"
"""Embedded once beside the icons: who embeds it alike embeds everything alike."""


def sentence(name: str, tags: Sequence[str]) -> str:
    """Name and tags of an icon as a text to embed."""
    return f"{name}: {', '.join(tags[:8])}"
