"""Compositions of up to three icons, or of plain forms, chosen by a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from .art import TEXTURES, Area, circle, gradient, ground_shadow, icon, rect, shadow, tile
from .icons import Icon
from .palette import Palette


def scene(
    area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random, radius: float, ground: Area
) -> str:
    """Compose a picture in an area; without icons, one of plain forms.

    Args:
        area: Where the icons stand.
        icons: The chief one first.
        colours: Of the card.
        chance: Chooses among the compositions.
        radius: Of the ground's corners.
        ground: What the picture's own colour fills.
    """
    parts = [gradient("field", colours.field, colours.field_end, chance.choice((20, 45, 70, 110)))]
    parts.append(f'<clipPath id="area">{rect(ground, "#000", radius)}</clipPath><g clip-path="url(#area)">')
    parts.append(rect(ground, "url(#field)"))
    unit = min(area.width, area.height)
    parts.append(chance.choice(TEXTURES)(area, colours.pale, 0.5, unit / 13) if area == ground else "")
    composition = chance.choice(fitting(icons[0], colours, STANDING, TILED)) if icons else forms
    parts.append(composition(area, icons, colours, chance))
    parts.append("</g>")
    return "".join(parts)


def orbit(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """The chief icon on a disc, the others on tiles around it."""
    x, y = area.centre
    unit = min(area.width, area.height)
    pale = colours.pale.hex
    made = [circle(x, y, unit * 0.46, pale, 'fill-opacity="0.3"')]
    made.append(circle(x, y, unit * 0.335, colours.shape.hex))
    made.append(ground_shadow(x, y + unit * 0.225, unit * 0.36, colours.shadow))
    made.append(icon(icons[0], x, y - unit * 0.005, unit * 0.44))
    start = chance.choice((-35, 145, 215, 35))
    for number, other in enumerate(icons[1:3]):
        angle = math.radians(start + 180 * number + chance.randint(-8, 8))
        far = unit * 0.40
        made.append(
            tile(
                other,
                x + far * math.cos(angle),
                y + far * math.sin(angle),
                unit * 0.2,
                colours,
                chance.choice((-8, 7)),
            )
        )
    for number in range(3 if len(icons) > 1 else 5):
        angle = math.radians(start + (58, 118, 246, 304, 88)[number])
        far = unit * 0.46
        fill = (colours.second.hex, pale, colours.accent.hex)[number % 3]
        made.append(
            circle(
                x + far * math.cos(angle),
                y + far * math.sin(angle),
                unit * (0.022 - number % 2 * 0.008),
                fill,
            )
        )
    return "".join(made)


def arch(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """The chief icon in an arched window, the others before it."""
    x, _ = area.centre
    unit = min(area.width, area.height * 0.94)
    width, top, bottom = unit * 0.62, area.y + area.height * 0.5 - unit * 0.38, area.y + area.height
    window = _window(x, bottom, top, width)
    side = chance.choice((-1, 1))
    made = [circle(x + side * width * 0.52, top + unit * 0.12, unit * 0.13, colours.second.hex)]
    made.append(f'<path d="{window}" fill="{colours.shape.hex}"/>')
    rim = _window(x, bottom, top + width * 0.08, width * 0.84)
    made.append(f'<path d="{rim}" fill="{colours.pale.hex}" fill-opacity="0.24"/>')
    y = area.y + area.height * 0.5 + unit * 0.08
    made.append(ground_shadow(x, y + unit * 0.235, unit * 0.4, colours.shadow))
    made.append(icon(icons[0], x, y, unit * 0.46))
    for number, other in enumerate(icons[1:3]):
        way = side if number else -side
        made.append(
            tile(
                other, x + way * unit * 0.37, y + unit * (0.18 - 0.25 * number), unit * 0.2, colours, way * 6
            )
        )
    return "".join(made)


def _window(x: float, bottom: float, top: float, width: float) -> str:
    """The outline of an arched window."""
    half = width / 2
    bow = f"a{half:.1f} {half:.1f} 0 0 1 {width:.1f} 0"
    return f"M{x - half:.1f} {bottom:.1f}V{top + half:.1f}{bow}V{bottom:.1f}z"


def bento(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """A large tile and small ones in a grid."""
    x, y = area.centre
    unit = min(area.width, area.height) * 0.84
    gap = unit * 0.045
    cell = (unit - 2 * gap) / 3
    left, top = x - unit / 2, y - unit / 2
    big = 2 * cell + gap
    mirrored = chance.random() < 0.5
    main = Area(left + (cell + gap if mirrored else 0), top, big, big)
    radius = cell * 0.26
    column = left if mirrored else left + big + gap
    made = [shadow(main, radius, colours.shadow, cell * 0.16), rect(main, colours.tile.hex, radius)]
    mx, my = main.centre
    made.append(icon(icons[0], mx, my, big * 0.66))
    cells = [Area(column, top + number * (cell + gap), cell, cell) for number in range(2)]
    cells += [Area(left + number * (cell + gap), top + big + gap, cell, cell) for number in range(3)]
    fills = [colours.second.hex, colours.shape.hex, colours.tile.hex, colours.accent.hex]
    chance.shuffle(fills)
    places = chance.sample(range(5), len(icons) - 1)
    marks = chance.sample(range(4), 4)
    for number, area_ in enumerate(cells):
        cx, cy = area_.centre
        if number in places:
            made.append(
                shadow(area_, radius, colours.shadow, cell * 0.14) + rect(area_, colours.tile.hex, radius)
            )
            made.append(icon(icons[1 + places.index(number)], cx, cy, cell * 0.62))
        else:
            made.append(mark(area_, radius, marks[number % 4], colours, fills[number % 4]))
    return "".join(made)


def mark(area: Area, radius: float, kind: int, colours: Palette, fill: str) -> str:
    """A cell with a plain form in it."""
    x, y = area.centre
    side = area.width
    pale = colours.tile.hex if fill != colours.tile.hex else colours.shape.hex
    base = rect(area, fill, radius, 'fill-opacity="0.9"')
    if kind == 0:
        return base + circle(x, y, side * 0.27, pale, 'fill-opacity="0.85"')
    if kind == 1:
        long = side * 0.6
        bow = f"a{long:.1f} {long:.1f} 0 0 1 {long:.1f} {long:.1f}z"
        quarter = f"M{area.x + side * 0.2:.1f} {area.y + side * 0.8:.1f}v{-long:.1f}{bow}"
        return base + f'<path d="{quarter}" fill="{pale}" fill-opacity="0.85"/>'
    if kind == 2:
        spots = "".join(
            circle(
                area.x + side * (0.27 + 0.23 * column),
                area.y + side * (0.27 + 0.23 * row),
                side * 0.055,
                pale,
            )
            for row in range(3)
            for column in range(3)
        )
        return base + f'<g opacity="0.85">{spots}</g>'
    ring = f'stroke="{pale}" stroke-width="{side * 0.1:.1f}" stroke-opacity="0.85"'
    return base + circle(x, y, side * 0.24, "none", ring)


def steps_up(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """Icons on blocks of different heights, the chief one on the highest."""
    x, _ = area.centre
    unit = min(area.width, area.height)
    count = len(icons)
    block = unit * {1: 0.56, 2: 0.38, 3: 0.285}[count]
    order = {
        1: [0],
        2: [1, 0] if chance.random() < 0.5 else [0, 1],
        3: [1, 0, 2] if chance.random() < 0.5 else [2, 0, 1],
    }[count]
    heights = {0: 0.34, 1: 0.22, 2: 0.14}
    if count == 1:
        heights = {0: 0.24}
    sizes = {0: min(block * 1.12, unit * 0.46), 1: block * 0.86, 2: block * 0.86}
    sun = circle(
        x + chance.choice((-1, 1)) * unit * 0.26,
        area.y + area.height * 0.5 - unit * 0.24,
        unit * 0.16,
        colours.second.hex,
        'fill-opacity="0.85"',
    )
    made = [sun]
    start = x - block * count / 2
    for place, rank in enumerate(order):
        height = unit * heights[rank] + area.height * 0.08
        top = area.y + area.height - height
        box = Area(start + place * block, top, block, height + 40)
        fill = colours.shape if rank == 0 else colours.shape.lighter(0.045 if rank == 1 else -0.04)
        made.append(rect(box, fill.hex, block * 0.09))
        made.append(rect(Area(box.x, top, block, block * 0.08), fill.lighter(0.05).hex, block * 0.04))
        middle = box.x + block / 2
        made.append(ground_shadow(middle, top + block * 0.03, sizes[rank] * 0.8, colours.shadow))
        made.append(icon(icons[rank], middle, top - sizes[rank] * 0.44, sizes[rank]))
    return "".join(made)


def fan(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """Cards in a fan, the chief icon on the front one."""
    x, y = area.centre
    unit = min(area.width, area.height)
    width, height = unit * 0.45, unit * 0.58
    tilt = chance.choice((-1, 1))
    made = []
    for number, fill in ((2, colours.second.hex), (1, colours.shape.hex), (0, colours.tile.hex)):
        shift = number * tilt
        left, top = x - width / 2 + shift * unit * 0.055, y - height / 2 + number * unit * 0.01
        card = Area(left, top, width, height)
        inside = shadow(card, unit * 0.06, colours.shadow, unit * 0.04) + rect(card, fill, unit * 0.06)
        if number == 0:
            inside += icon(icons[0], x, y, width * 0.76)
        made.append(
            f'<g transform="rotate({shift * 7 - tilt * 5:.1f} {x:.1f} {y + height / 2:.1f})">{inside}</g>'
        )
    for number, other in enumerate(icons[1:3]):
        way = -tilt if number == 0 else tilt
        made.append(
            tile(
                other,
                x + way * unit * 0.32,
                y + unit * (0.26 if number == 0 else -0.27),
                unit * 0.2,
                colours,
                way * 7,
            )
        )
    return "".join(made)


Scene = Callable[[Area, Sequence[Icon], Palette, random.Random], str]
STANDING: tuple[Scene, ...] = (orbit, arch, steps_up)
"""The chief icon stands on the ground's colours."""
TILED: tuple[Scene, ...] = (bento, fan)
"""It stands on a white tile."""


def fitting(
    chief: Icon, colours: Palette, standing: tuple[Scene, ...], tiled: tuple[Scene, ...]
) -> tuple[Scene, ...]:
    """The compositions in which an icon stands out: no dark one on a dark ground, no white one on white."""
    if chief.light < 42 and colours.paper.lightness < 0.5:
        return tiled
    return standing if chief.light > 78 else standing + tiled


def forms(area: Area, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> str:
    """A grid of plain forms, for a subject that no drawing fits."""
    wide = area.width / area.height
    rows = 3 if wide < 1.5 else 2
    columns = 3 if wide < 1.5 else max(4, int(wide * 2.4))
    x, y = area.centre
    cell = min(area.width / (columns + 0.9), area.height / (rows + 0.9))
    left, top = x - cell * columns / 2, y - cell * rows / 2
    fills = [colours.shape, colours.second, colours.tile, colours.accent]
    made = []
    for row in range(rows):
        for column in range(columns):
            cx, cy = left + (column + 0.5) * cell, top + (row + 0.5) * cell
            fill = chance.choice(fills).hex
            kind, turn = chance.randrange(5), 90 * chance.randrange(4)
            half = cell / 2 * 0.94
            long = 2 * half
            path = f"M{-half:.1f} {-half:.1f}h{long:.1f}a{long:.1f} {long:.1f} 0 0 1 {-long:.1f} {long:.1f}z"
            quarter = f'<path d="{path}" fill="{fill}"/>'
            bow = f'<path d="M{-half:.1f} 0a{half:.1f} {half:.1f} 0 0 1 {2 * half:.1f} 0z" fill="{fill}"/>'
            form = (
                circle(0, 0, half, fill),
                quarter,
                bow + f'<g transform="translate(0 {half:.1f})">{bow}</g>',
                circle(0, 0, half * 0.72, "none", f'stroke="{fill}" stroke-width="{half * 0.5:.1f}"'),
                rect(Area(-half, -half, 2 * half, 2 * half), fill, half * 0.3),
            )[kind]
            made.append(f'<g transform="translate({cx:.1f} {cy:.1f}) rotate({turn})">{form}</g>')
    return "".join(made)
