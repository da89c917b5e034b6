"""Contrast as it was drawn: every pixel under a text against the text's colour (WCAG 2)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from .art import Area, rect
from .colour import contrast, from_hex, luminance
from .typesetting import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENOUGH = 4.5
"""WCAG AA for text of any size."""
_AROUND = 2
"""Pixels around a text that count as under it."""


class Ground:
    """A drawing without its texts, as luminances."""

    def __init__(self, png: bytes) -> None:
        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            self._pixels: NDArray[np.uint8] = np.asarray(image.convert("RGB"))

    def under(self, box: Box) -> tuple[float, float]:
        """The darkest and the lightest relative luminance under a text."""
        import numpy as np

        top, left = max(0, int(box.y) - _AROUND), max(0, int(box.x) - _AROUND)
        bottom, right = int(box.y + box.height) + _AROUND + 1, int(box.x + box.width) + _AROUND + 1
        found = _table()[self._pixels[top:bottom, left:right]] @ np.array([0.2126, 0.7152, 0.0722])
        return float(found.min()), float(found.max())


@cache
def _table() -> Any:
    import numpy as np

    parts = np.arange(256) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def worst(fill: str, ground: tuple[float, float]) -> float:
    """The least contrast of a colour over a ground."""
    own = luminance(from_hex(fill).rgb)
    return min(contrast(own, ground[0]), contrast(own, ground[1]))


def readable(fill: str, ground: tuple[float, float]) -> str:
    """The colour, or the nearest lighter or darker one that is read well enough on a ground."""
    if worst(fill, ground) >= ENOUGH:
        return fill
    colour = from_hex(fill)
    steps = sorted((step / 50 - colour.lightness for step in range(51)), key=abs)
    candidates = [colour.lighter(step).hex for step in steps] + ["#000000", "#ffffff"]
    for candidate in candidates:
        if worst(candidate, ground) >= ENOUGH:
            return candidate
    return max(candidates, key=lambda candidate: worst(candidate, ground))


def adjusted(boxes: Sequence[Box], ground: Ground) -> tuple[list[Box], float]:
    """The texts in colours that are read well enough, and the least contrast that one has."""
    made, least = [], 21.0
    for box in boxes:
        under = ground.under(box)
        fill = readable(box.fill, under)
        least = min(least, worst(fill, under))
        made.append(replace(box, fill=fill))
    return made, least


def plated(art: str, boxes: Sequence[Box]) -> str:
    """The drawing with a plain plate under each text, light under dark ones and dark under light ones."""
    plates = [
        rect(
            Area(box.x - 6, box.y - 4, box.width + 12, box.height + 8),
            "#ffffff" if luminance(from_hex(box.fill).rgb) < 0.18 else "#000000",
            8,
        )
        for box in boxes
    ]
    return art.removesuffix("</svg>") + "".join(plates) + "</svg>"
