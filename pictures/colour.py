"""Colours in OKLCH, as sRGB, and how well one can be read on another (WCAG 2).

OKLCH (Björn Ottosson, 2020): lightness 0 to 1, chroma 0 to about 0.37, hue in degrees. Equal steps look
equal, so that a palette made by rule stays even.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Oklch:
    """A colour by lightness, chroma and hue."""

    lightness: float
    chroma: float
    hue: float

    @property
    def rgb(self) -> Rgb:
        """The nearest colour that a screen shows: chroma gives way, lightness and hue stay."""
        low, high = 0.0, self.chroma
        if _inside(linear := _linear(self)):
            return _encoded(linear)
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if _inside(_linear(replace(self, chroma=middle))) else (low, middle)
        return _encoded(_linear(replace(self, chroma=low)))

    @property
    def hex(self) -> str:
        """As ``#rrggbb``."""
        return "#{:02x}{:02x}{:02x}".format(*self.rgb)

    def lighter(self, by: float) -> Oklch:
        """The same colour with other lightness; negative: darker."""
        return replace(self, lightness=min(1.0, max(0.0, self.lightness + by)))

    def turned(self, degrees: float) -> Oklch:
        """The same colour with another hue."""
        return replace(self, hue=(self.hue + degrees) % 360)


def _linear(colour: Oklch) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _inside(linear: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= part <= 1 + 1e-4 for part in linear)


def _encoded(linear: tuple[float, float, float]) -> Rgb:
    parts = [min(1.0, max(0.0, part)) for part in linear]
    red, green, blue = (12.92 * p if p <= 0.0031308 else 1.055 * p ** (1 / 2.4) - 0.055 for p in parts)
    return round(red * 255), round(green * 255), round(blue * 255)


def from_hex(text: str) -> Oklch:
    """A colour from ``#rrggbb``.

    Raises:
        ValueError: It is not written so.
    """
    if len(text) != 7 or text[0] != "#":
        raise ValueError(text)
    red, green, blue = (_decoded(int(text[i : i + 2], 16) / 255) for i in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def _decoded(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(rgb: Rgb) -> float:
    """Relative luminance, 0 to 1."""
    red, green, blue = (_decoded(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """WCAG's ratio of two relative luminances, 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
