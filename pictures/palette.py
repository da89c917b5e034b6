"""A palette: seeded, in even steps of OKLCH, light or dark."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from .colour import Oklch

Theme = Literal["light", "dark"]
HUES = (18, 42, 62, 88, 128, 155, 182, 215, 245, 268, 292, 325, 352)
"""Hues that look clean as pale grounds."""
DARK_HUES = (18, 42, 155, 182, 215, 245, 268, 292, 325, 352)
"""Dark yellows and olives look dirty."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one card."""

    paper: Oklch
    """Under the text."""
    field: Oklch
    """Under the picture."""
    field_end: Oklch
    """Where the field's gradient ends."""
    shape: Oklch
    """Large forms on the field."""
    second: Oklch
    """A second form, of another hue."""
    tile: Oklch
    """What icons stand on."""
    ink: Oklch
    quiet: Oklch
    accent: Oklch
    shadow: Oklch
    pale: Oklch
    """Lines, dots and halos on the field."""


def palette(theme: Theme, chance: random.Random, icon_hue: int | None, accent: Oklch | None) -> Palette:
    """Mix a palette.

    Args:
        theme: Dark text on light paper, or the other way round.
        chance: Seeded.
        icon_hue: The HSV hue of the chief icon; the ground keeps away from it, so that the icon stands out.
        accent: A brand's colour; all others follow its hue.
    """
    if accent is not None:
        hue = accent.hue
    else:
        hues = HUES if theme == "light" else DARK_HUES
        away = [h for h in hues if icon_hue is None or abs((h - icon_hue + 180) % 360 - 180) >= 50]
        hue = chance.choice(away)
    step = chance.choice((-38, -24, 24, 38))
    other = hue + chance.choice((150, 180, 210, step * 2))
    if theme == "dark":
        other = min(DARK_HUES, key=lambda known: abs((known - other + 180) % 360 - 180))
    if theme == "light":
        made = Palette(
            paper=Oklch(0.982, 0.007, hue),
            field=Oklch(0.915, 0.052, hue),
            field_end=Oklch(0.868, 0.078, hue + step),
            shape=Oklch(0.805, 0.105, hue + step / 2),
            second=Oklch(0.84, 0.095, other),
            tile=Oklch(0.995, 0.004, hue),
            ink=Oklch(0.235, 0.038, hue),
            quiet=Oklch(0.445, 0.03, hue),
            accent=Oklch(0.53, 0.155, hue),
            shadow=Oklch(0.35, 0.08, hue),
            pale=Oklch(0.985, 0.012, hue),
        )
    else:
        made = Palette(
            paper=Oklch(0.195, 0.022, hue),
            field=Oklch(0.29, 0.052, hue),
            field_end=Oklch(0.35, 0.078, hue + step),
            shape=Oklch(0.44, 0.105, hue + step / 2),
            second=Oklch(0.50, 0.10, other),
            tile=Oklch(0.955, 0.014, hue),
            ink=Oklch(0.975, 0.008, hue),
            quiet=Oklch(0.79, 0.022, hue),
            accent=Oklch(0.80, 0.13, hue),
            shadow=Oklch(0.10, 0.03, hue),
            pale=Oklch(0.56, 0.10, hue + step),
        )
    if accent is None:
        return made
    # a brand's colour is kept where it stands; text takes it only as far as it can be read
    return replace(made, accent=accent)
