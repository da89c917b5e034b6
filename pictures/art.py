"""What drawings are made of, in SVG: forms, gradients, shadows, tiles, icons and faint textures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .colour import Oklch
from .icons import Icon
from .palette import Palette


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


def svg(width: int, height: int, parts: Sequence[str]) -> str:
    """A whole drawing."""
    body = "".join(parts)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>'


def rect(area: Area, fill: str, radius: float = 0, extra: str = "") -> str:
    """A rectangle with round corners."""
    return (
        f'<rect x="{area.x:.1f}" y="{area.y:.1f}" width="{area.width:.1f}" height="{area.height:.1f}" '
        f'rx="{radius:.1f}" fill="{fill}" {extra}/>'
    )


def circle(x: float, y: float, radius: float, fill: str, extra: str = "") -> str:
    """A disc."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" {extra}/>'


def gradient(name: str, first: Oklch, last: Oklch, angle: int = 35) -> str:
    """A linear gradient, to be used as ``url(#name)``; in steps of OKLCH, so that its middle is not grey."""
    turn = ((last.hue - first.hue + 180) % 360) - 180
    stops = []
    for step in range(5):
        part = step / 4
        colour = Oklch(
            first.lightness + part * (last.lightness - first.lightness),
            first.chroma + part * (last.chroma - first.chroma),
            first.hue + part * turn,
        )
        stops.append(f'<stop offset="{part:.2f}" stop-color="{colour.hex}"/>')
    way = f'gradientTransform="rotate({angle} .5 .5)"'
    return f'<defs><linearGradient id="{name}" {way}>{"".join(stops)}</linearGradient></defs>'


def shadow(area: Area, radius: float, colour: Oklch, depth: float) -> str:
    """A soft shadow under a tile: many faint layers, which cost less than a blur."""
    layers = []
    for step in range(9):
        grow = depth * (0.9 - step * 0.2)
        spread = Area(
            area.x - grow, area.y - grow + depth * 0.75, area.width + 2 * grow, area.height + 2 * grow
        )
        layers.append(rect(spread, colour.hex, max(0.0, radius + grow), 'fill-opacity="0.022"'))
    return "".join(layers)


def ground_shadow(x: float, y: float, width: float, colour: Oklch) -> str:
    """The shadow that a standing thing throws on the ground."""
    return "".join(
        f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{width / 2 * (1 - step * 0.13):.1f}" '
        f'ry="{width / 13 * (1 - step * 0.13):.1f}" fill="{colour.hex}" fill-opacity="0.055"/>'
        for step in range(6)
    )


def icon(drawing: Icon, x: float, y: float, size: float, turn: float = 0) -> str:
    """An icon around a point."""
    scale = size / 32
    move = f"translate({x - size / 2:.1f} {y - size / 2:.1f}) scale({scale:.4f})"
    return f'<g transform="rotate({turn:.1f} {x:.1f} {y:.1f}) {move}">{drawing.body}</g>'


def tile(
    drawing: Icon | None, x: float, y: float, size: float, colours: Palette, turn: float = 0, fill: str = ""
) -> str:
    """An icon on a raised square with round corners."""
    area, radius = Area(x - size / 2, y - size / 2, size, size), size * 0.24
    inside = "" if drawing is None else icon(drawing, x, y, size * 0.62)
    body = shadow(area, radius, colours.shadow, size * 0.13) + rect(area, fill or colours.tile.hex, radius)
    return f'<g transform="rotate({turn:.1f} {x:.1f} {y:.1f})">{body}{inside}</g>'


# -- textures, faint


def dots(area: Area, colour: Oklch, opacity: float, step: float) -> str:
    """A grid of dots."""
    made = []
    for row in range(math.ceil(area.height / step)):
        for column in range(math.ceil(area.width / step)):
            made.append(
                circle(area.x + (column + 0.5) * step, area.y + (row + 0.5) * step, step * 0.085, colour.hex)
            )
    return f'<g opacity="{opacity}">{"".join(made)}</g>'


def rings(area: Area, colour: Oklch, opacity: float, step: float) -> str:
    """Circles around a corner."""
    x, y = area.x + area.width, area.y
    stroke = f'stroke="{colour.hex}" stroke-width="{step * 0.05:.1f}"'
    count = math.ceil(max(area.width, area.height) / step)
    made = "".join(circle(x, y, step * (number + 1), "none", stroke) for number in range(count))
    return f'<g opacity="{opacity}">{made}</g>'


def waves(area: Area, colour: Oklch, opacity: float, step: float) -> str:
    """Lines like those of a map."""
    made = []
    for number in range(math.ceil(area.height / step) + 1):
        y, path = area.y + number * step, f"M{area.x:.0f} {area.y + number * step:.0f}"
        for part in range(math.ceil(area.width / (4 * step))):
            bend = step * (0.9 if part % 2 else -0.9)
            path += f"q{2 * step:.0f} {bend:.0f} {4 * step:.0f} 0"
        made.append(f'<path d="{path}" fill="none" stroke="{colour.hex}" stroke-width="{step * 0.05:.1f}"/>')
        assert y >= area.y
    return f'<g opacity="{opacity}">{"".join(made)}</g>'


def lines(area: Area, colour: Oklch, opacity: float, step: float) -> str:
    """Slanting lines."""
    made = []
    for number in range(math.ceil((area.width + area.height) / step)):
        x = area.x - area.height + number * step
        made.append(f"M{x:.0f} {area.y + area.height:.0f}l{area.height:.0f} {-area.height:.0f}")
    stroke = f'stroke="{colour.hex}" stroke-width="{step * 0.05:.1f}"'
    return f'<path d="{"".join(made)}" fill="none" {stroke} opacity="{opacity}"/>'


TEXTURES: tuple[Callable[[Area, Oklch, float, float], str], ...] = (dots, rings, waves, lines)
