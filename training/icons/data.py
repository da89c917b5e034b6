"""The pictures of all drawings in one file: made once from the packages, read by everything else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner.errors import InputError

from .drawings import Drawing, Style, drawings, render
from .packages import fetch

APART, OF = 1, 12
"""One thing in twelve is held apart: no model sees a drawing of it, or its name."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Drawings as pixels, with what they show."""

    pixels: NDArray[np.uint8]
    """Shape (n, size, size, 4), RGBA."""
    names: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    styles: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def size(self) -> int:
        """The side of the pictures, in pixels."""
        return int(self.pixels.shape[1])

    def take(self, rows: Sequence[int]) -> Pictures:
        """Some of the pictures."""
        return Pictures(
            self.pixels[list(rows)],
            tuple(self.names[row] for row in rows),
            tuple(self.words[row] for row in rows),
            tuple(self.styles[row] for row in rows),
        )

    def of(self, names: Sequence[str]) -> Pictures:
        """The pictures of some things, in all styles."""
        return self.take([row for row, name in enumerate(self.names) if name in set(names)])

    def split(self, plain: Sequence[str]) -> tuple[Pictures, Pictures]:
        """Return those to learn from and those held apart; things in `plain` are always learned."""
        apart = [name not in plain and held_apart(name) for name in self.names]
        return (
            self.take([row for row, is_apart in enumerate(apart) if not is_apart]),
            self.take([row for row, is_apart in enumerate(apart) if is_apart]),
        )


def held_apart(text: str, one_in: int = OF) -> bool:
    """Tell whether a name or a caption is kept out of training; its letters alone decide."""
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")
    return number % one_in < APART


def rendered(found: Sequence[Drawing], size: int) -> Pictures:
    """Render drawings."""
    return Pictures(
        np.stack([render(drawing, size) for drawing in found]),
        tuple(drawing.name for drawing in found),
        tuple(drawing.words for drawing in found),
        tuple(drawing.style for drawing in found),
    )


def save(pictures: Pictures, path: Path) -> None:
    """Write pictures as one compressed file of numpy; the texts are JSON in it."""
    texts = json.dumps([pictures.names, pictures.words, pictures.styles])
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    np.savez_compressed(partial, pixels=pictures.pixels, texts=np.frombuffer(texts.encode(), np.uint8))
    partial.replace(path)


def load(path: Path) -> Pictures:
    """Read what `save` wrote.

    Raises:
        InputError: There is none.
    """
    if not path.exists():
        raise InputError(f"There are no pictures at {path.name!r}.", "Make them first: --only data.")
    with np.load(path, allow_pickle=False) as file:
        names, words, styles = json.loads(file["texts"].tobytes())
        return Pictures(file["pixels"], tuple(names), tuple(tuple(row) for row in words), tuple(styles))


def prepare(folder: Path, size: int, styles: tuple[Style, ...]) -> Pictures:
    """Return the pictures of a size, from their file, or made of the packages where it is not there.

    Raises:
        UnavailableError: The packages cannot be fetched.
        InputError: A package is not the one that is pinned.
    """
    path = folder / f"pictures-{size}-{'-'.join(styles)}.npz"
    if not path.exists():
        fetch(folder / "packages")
        save(rendered(drawings(folder / "packages", styles), size), path)
    return load(path)
