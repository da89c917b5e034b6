"""Wide compositions of up to five icons, without words: for the head of an article and its sections."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from .art import TEXTURES, Area, circle, gradient, ground_shadow, icon, rect, shadow, tile
from .icons import Icon
from .palette import Palette
from .scenes import fitting, forms, mark

PLACES = (0.5, 0.735, 0.265, 0.925, 0.075)
"""Where icons stand, in widths: the chief one in the middle, the others in turn to its right and left."""
_SIZES = (0.6, 0.36, 0.36, 0.27, 0.27)
"""How tall they are, in heights of the area."""


def panorama(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """Compose a wide picture; without icons, one of plain forms."""
    ground = gradient("field", colours.field, colours.field_end, chance.choice((5, 20, 160)))
    if not icons:
        composition: Panorama = forms
    else:
        composition = chance.choice(fitting(icons[0], colours, STANDING, TILED))
    return ground + rect(area, "url(#field)") + composition(area, icons, colours, chance)


def hills(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """Icons on soft hills under a sun."""
    height, width, side = area.height, area.width, chance.choice((-1, 1))
    sun = area.x + width * (0.5 + side * 0.33)
    made = [circle(sun, area.y + height * 0.3, height * 0.19, colours.second.hex, 'fill-opacity="0.9"')]
    made.append(circle(sun, area.y + height * 0.3, height * 0.27, colours.pale.hex, 'fill-opacity="0.25"'))
    shift = chance.uniform(0, 2 * math.pi)
    back, front = colours.shape.lighter(0.05), colours.shape.lighter(-0.015)
    made.append(_hill(area, 0.6, 0.07, shift + 1.9, back.hex))
    # the chief one stands before all others
    order = [*range(1, min(len(icons), len(PLACES))), 0]
    made.append(_hill(area, 0.76, 0.05, shift, front.hex))
    for number in order:
        x, size = area.x + width * PLACES[number], height * _SIZES[number]
        foot = area.y + height * (0.76 + 0.05 * math.sin(shift + 2 * math.pi * PLACES[number]) + 0.075)
        foot += height * 0.03 if number == 0 else 0
        made.append(ground_shadow(x, foot, size * 0.9, colours.shadow))
        made.append(icon(icons[number], x, foot - size * 0.475, size))
    return "".join(made)


def _hill(area: Area, top: float, rise: float, shift: float, fill: str) -> str:
    """A wave that fills the area from `top` heights on."""
    points = []
    for step in range(49):
        part = step / 48
        y = area.y + area.height * (top + rise * math.sin(shift + 2 * math.pi * part))
        points.append(f"{area.x + area.width * part:.1f} {y:.1f}")
    bottom = area.y + area.height
    path = f"M{area.x:.1f} {bottom:.1f}L{'L'.join(points)}L{area.x + area.width:.1f} {bottom:.1f}z"
    return f'<path d="{path}" fill="{fill}"/>'


def gallery(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """Raised tiles in a row; those that have no icon show a plain form."""
    height, y = _unit(area), area.centre[1]
    made = [chance.choice(TEXTURES)(area, colours.pale, 0.5, height / 11)]
    fills = [colours.second.hex, colours.shape.hex, colours.accent.hex, colours.second.hex]
    chance.shuffle(fills)
    kinds, way = chance.sample(range(4), 4), chance.choice((-1, 1))
    for number in reversed(range(len(PLACES))):
        x, side = area.x + area.width * PLACES[number], height * (_SIZES[number] * 1.12)
        lift = 0 if number == 0 else way * height * (0.09 if number % 2 else -0.09)
        if number < len(icons):
            turn = 0.0 if number == 0 else way * (3.0 if number % 2 else -3.0)
            made.append(tile(icons[number], x, y + lift, side, colours, turn))
            continue
        cell = Area(x - side * 0.4, y + lift - side * 0.4, side * 0.8, side * 0.8)
        made.append(shadow(cell, side * 0.2, colours.shadow, side * 0.08))
        made.append(mark(cell, side * 0.2, kinds[number - 1], colours, fills[number - 1]))
    return "".join(made)


def trail(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """Icons along a dotted way that swings from side to side, the chief one on a disc."""
    width, height, y = area.width, _unit(area), area.centre[1]
    way, swing = chance.choice((-1, 1)), 0.16
    points = []
    for step in range(65):
        part = step / 64
        points.append(
            f"{area.x + width * part:.1f} {y + way * height * swing * math.sin(4 * math.pi * part):.1f}"
        )
    stroke = f'stroke="{colours.pale.hex}" stroke-width="{height * 0.014:.1f}" stroke-linecap="round"'
    made = [
        f'<path d="M{"L".join(points)}" fill="none" {stroke} stroke-dasharray="0.1 {height * 0.045:.1f}"/>'
    ]
    x = area.centre[0]
    made.append(circle(x, y, height * 0.45, colours.pale.hex, 'fill-opacity="0.3"'))
    made.append(circle(x, y, height * 0.36, colours.shape.hex))
    made.append(ground_shadow(x, y + height * 0.235, height * 0.4, colours.shadow))
    made.append(icon(icons[0], x, y, height * 0.48))
    for number in range(1, len(PLACES)):
        place = PLACES[number]
        cx = area.x + width * place
        cy = y + way * height * swing * math.sin(4 * math.pi * place)
        if number < len(icons):
            made.append(tile(icons[number], cx, cy, height * _SIZES[number], colours))
        else:
            fill = (colours.second, colours.accent)[number % 2].hex
            made.append(circle(cx, cy, height * 0.06, colours.pale.hex) + circle(cx, cy, height * 0.04, fill))
    return "".join(made)


def _unit(area: Area) -> float:
    """The height that is drawn in: no more than leaves room at both ends."""
    return min(area.height, area.width / 2.8)


Panorama = Callable[[Area, Sequence[Icon], Palette, random.Random], str]
STANDING: tuple[Panorama, ...] = (hills, trail)
"""The chief icon stands on the ground's colours."""
TILED: tuple[Panorama, ...] = (gallery,)
"""It stands on a white tile."""
