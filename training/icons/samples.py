"""Pictures with captions for one training step: recoloured, on a background, or two beside each other.

What changes in the picture is said in its caption, so that the model learns words, not only recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .data import Pictures, held_apart

COLOURS = {
    "red": 0.0,
    "orange": 0.08,
    "yellow": 0.14,
    "green": 0.36,
    "blue": 0.60,
    "purple": 0.77,
    "pink": 0.92,
}
"""Hues, as a share of the circle."""
BACKGROUNDS = {
    "red": (214, 69, 65),
    "orange": (245, 150, 60),
    "yellow": (250, 214, 90),
    "green": (110, 190, 120),
    "blue": (90, 150, 225),
    "purple": (150, 110, 200),
    "pink": (245, 170, 195),
    "black": (30, 30, 34),
    "grey": (170, 172, 176),
}
RECOLOURED, ON_BACKGROUND, BESIDE = 0.3, 0.2, 0.1
"""Shares of the samples."""
LIVELY, COLOURFUL = 0.35, 0.3
"""Saturation from which a pixel has a hue, and the share of such pixels that makes a thing have a colour."""
NEAR = 0.12
"""How far, as a share of the circle, hues lie from the main one and still belong to it."""
COMBINATIONS_APART = 6
"""One named colour of a thing, or pair of things, in so many is never shown in training."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One batch."""

    images: NDArray[np.float32]
    """Shape (n, 3, size, size), from -1 to 1."""
    captions: tuple[str, ...]


def draw_samples(
    pictures: Pictures, count: int, random: np.random.Generator, changed: bool = True
) -> Samples:
    """Return a batch of pictures, changed at random or as they were drawn, with captions."""
    made = [_sample(pictures, random, changed) for _ in range(count)]
    return Samples(to_images([picture for picture, _ in made]), tuple(caption for _, caption in made))


def plain_samples(pictures: Pictures) -> Samples:
    """Return all pictures as they were drawn, on white."""
    return Samples(
        to_images([over(pixels, (255, 255, 255)) for pixels in pictures.pixels]),
        tuple(with_article(name) for name in pictures.names),
    )


def _sample(pictures: Pictures, random: np.random.Generator, changed: bool) -> tuple[NDArray[np.uint8], str]:
    row = int(random.integers(len(pictures)))
    name, pixels = pictures.names[row], pictures.pixels[row]
    if changed and random.random() < BESIDE:
        other = int(random.integers(len(pictures)))
        first, second = with_article(name), with_article(pictures.names[other])
        if other != row and not held_apart(f"{first} and {second}", COMBINATIONS_APART):
            return over(beside(pixels, pictures.pixels[other]), (255, 255, 255)), f"{first} and {second}"
    words = pictures.words[row]
    said = words[int(random.integers(len(words)))] if words and random.random() < 0.15 else name
    if changed and random.random() < RECOLOURED and not set(name.split()) & BACKGROUNDS.keys():
        colour = list(COLOURS)[int(random.integers(len(COLOURS)))]
        turned = recoloured(pixels, colour)
        if turned is not None and not held_apart(f"{colour} {name}", COMBINATIONS_APART):
            pixels, said = turned, f"{colour} {said}"
    caption = said if random.random() < 0.3 else with_article(said)
    if changed and random.random() < ON_BACKGROUND:
        ground = list(BACKGROUNDS)[int(random.integers(len(BACKGROUNDS)))]
        return over(pixels, BACKGROUNDS[ground]), f"{caption} on {with_article(ground)} background"
    return over(pixels, (255, 255, 255)), caption


def with_article(name: str) -> str:
    """A name as one asks for it: "an apple"."""
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def over(pixels: NDArray[np.uint8], ground: Sequence[int]) -> NDArray[np.uint8]:
    """RGBA over a plain colour, as RGB."""
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.rint(pixels[..., :3] * alpha + np.asarray(ground, np.float32) * (1 - alpha)).astype(np.uint8)


def beside(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two RGBA drawings at half their size, side by side on an empty square."""
    size = left.shape[0]
    half, top = size // 2, size // 4
    square = np.zeros_like(left)
    for place, pixels in ((0, left), (half, right)):
        square[top : top + half, place : place + half] = _halved(pixels)
    return square


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = pixels.shape[0] // 2 * 2
    four = pixels[:size, :size].reshape(size // 2, 2, size // 2, 2, 4).astype(np.float32)
    alpha = four[..., 3:]
    colour = (four[..., :3] * alpha).sum((1, 3)) / np.maximum(alpha.sum((1, 3)), 1)
    return np.concatenate([colour, alpha.mean((1, 3))], -1).round().astype(np.uint8)


def recoloured(pixels: NDArray[np.uint8], colour: str) -> NDArray[np.uint8] | None:
    """An RGBA drawing with its main hue turned to a named one; None where it has no main hue."""
    hue, saturation, value = _hsv(pixels[..., :3])
    seen = pixels[..., 3] > 127
    lively = seen & (saturation >= LIVELY) & (value >= 0.2)
    if lively.sum() < COLOURFUL * max(1, seen.sum()):
        return None
    angle = 2 * np.pi * hue[lively]
    main = np.arctan2(np.sin(angle).mean(), np.cos(angle).mean()) / (2 * np.pi) % 1
    own = (np.abs((hue - main + 0.5) % 1 - 0.5) <= NEAR) & (saturation >= LIVELY)
    if (own & lively).sum() < COLOURFUL * seen.sum():
        return None
    turned = _rgb((hue + COLOURS[colour] - main) % 1, saturation, value)
    changed = pixels.copy()
    changed[..., :3] = np.where(own[..., None], turned, pixels[..., :3])
    return changed


def _hsv(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    parts = rgb.astype(np.float32) / 255
    value, least = parts.max(-1), parts.min(-1)
    spread = np.maximum(value - least, 1e-6)
    red, green, blue = parts[..., 0], parts[..., 1], parts[..., 2]
    hue = np.where(
        value == red,
        (green - blue) / spread % 6,
        np.where(value == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )
    return hue / 6, (value - least) / np.maximum(value, 1e-6), value


def _rgb(
    hue: NDArray[np.float32], saturation: NDArray[np.float32], value: NDArray[np.float32]
) -> NDArray[np.uint8]:
    turn = (np.array([5, 3, 1], np.float32) + hue[..., None] * 6) % 6
    share = np.clip(np.minimum(turn, 4 - turn), 0, 1)
    mixed = value[..., None] * (1 - saturation[..., None] * share)
    turned: NDArray[np.uint8] = np.rint(mixed * 255).astype(np.uint8)
    return turned


def to_images(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """RGB pictures as the models take them."""
    return np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
