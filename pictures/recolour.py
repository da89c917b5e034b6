"""A drawing in the colour that the subject names: a red delivery truck is red."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence
from dataclasses import replace

from .colour import Oklch, from_hex
from .icons import Icon

COLOURS = {
    "red": Oklch(0.60, 0.22, 25),
    "orange": Oklch(0.74, 0.17, 55),
    "yellow": Oklch(0.87, 0.17, 95),
    "green": Oklch(0.65, 0.18, 145),
    "turquoise": Oklch(0.76, 0.12, 190),
    "blue": Oklch(0.60, 0.17, 250),
    "purple": Oklch(0.56, 0.19, 305),
    "pink": Oklch(0.77, 0.14, 355),
    "brown": Oklch(0.50, 0.09, 55),
    "black": Oklch(0.30, 0.01, 270),
    "grey": Oklch(0.62, 0.01, 270),
    "gray": Oklch(0.62, 0.01, 270),
    "white": Oklch(0.95, 0.01, 90),
}
_FILL = re.compile(r"#[0-9a-f]{6}")
_LIVELY, _NEAR = 0.07, 60
"""Chroma from which a fill has a hue, and degrees from the drawing's main hue that belong to it."""


def in_its_colour(icon: Icon, subject: str) -> Icon:
    """The drawing in the colour that stands before its name in a subject; as it is where none does."""
    words = _words(subject)
    named = [word for word in _words(icon.name) if word in words]
    if not named:
        return icon
    before = words[: words.index(named[0])]
    word = next((word for word in reversed(before) if word in COLOURS), None)
    if word is None or word in _words(icon.name):
        return icon
    body = _recoloured(icon, COLOURS[word])
    if body == icon.body:
        return icon
    red, green, blue = (part / 255 for part in COLOURS[word].rgb)
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    look = (round(360 * hue), round(100 * saturation), round(100 * value))
    return Icon(icon.number, f"{word} {icon.name}", icon.tags, body, *look)


def names(icon: Icon, subject: str) -> bool:
    """Whether a subject names the thing that a drawing shows."""
    return any(word in _words(subject) for word in _words(icon.name) if word not in COLOURS)


def without_colours(subject: str) -> str:
    """A subject without the names of colours."""
    return " ".join(word for word in subject.split() if word.lower() not in COLOURS)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _recoloured(icon: Icon, wanted: Oklch) -> str:
    """The body with the fills of its main hue in another; their differences of lightness are halved."""
    main = _oklch(icon.hue).hue
    fills = {text: from_hex(text) for text in _FILL.findall(icon.body)}
    own = {text: c for text, c in fills.items() if c.chroma >= _LIVELY and _apart(c.hue, main) <= _NEAR}
    if not own:
        return icon.body
    middle = _middle([colour.lightness for colour in own.values()])
    made = {
        text: replace(
            wanted, lightness=min(0.99, max(0.08, wanted.lightness + (c.lightness - middle) / 2))
        ).hex
        for text, c in own.items()
    }
    return _FILL.sub(lambda found: made.get(found[0], found[0]), icon.body)


def _oklch(hue: int) -> Oklch:
    red, green, blue = colorsys.hsv_to_rgb(hue / 360, 0.8, 0.9)
    return from_hex("#{:02x}{:02x}{:02x}".format(*(round(255 * part) for part in (red, green, blue))))


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def _middle(values: Sequence[float]) -> float:
    return (min(values) + max(values)) / 2
