"""Cards of numbers: bars, a line, shares. Nothing is shown that was not given."""

from __future__ import annotations

import math

from .art import Area, circle, rect
from .board import Board
from .colour import Oklch
from .parts import Chart, shown

TOP, BOTTOM = 200, 552


def chart(board: Board, part: Chart) -> None:
    """Title, numbers, source."""
    board.head()
    {"bar": _bars, "line": _line, "share": _shares}[part.kind](board, part)
    board.foot(part.source)


def _bars(board: Board, part: Chart) -> None:
    """Bars from a common zero, the longest in the accent colour; each number stands behind its bar."""
    colours, numbers = board.colours, [number for _, number in part.values]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    reach = (high - low) or 1.0
    left, right = 340.0, board.width - 220.0
    row = (BOTTOM - TOP) / len(numbers)
    zero = left + (right - left) * (0 - low) / reach
    for number, (name, value) in enumerate(part.values):
        y = TOP + number * row
        length = (right - left) * abs(value) / reach
        start = zero if value >= 0 else zero - length
        thick = min(40.0, row * 0.62)
        fill = colours.accent if value == max(numbers, key=abs) else colours.shape
        bar = Area(start, y + (row - thick) / 2, max(2.0, length), thick)
        board.draw(rect(board.at(bar), fill.hex, min(8.0, thick / 4)))
        label = board.text(
            f"name {number}",
            name,
            60,
            (22, 20, 18, 17, 16, 15, 14),
            colours.ink.hex,
            leading=1.15,
            align=board.end,
        )
        board.write(Area(64, y + 1, 256, row - 2), label)
        figure = board.text(
            f"value {number}",
            shown(value, part.unit),
            24,
            (22, 20, 18, 16, 14),
            colours.ink.hex,
            weight=600,
            leading=1.1,
        )
        behind = zero + length if value >= 0 else zero
        board.write(Area(behind + 14, y + 1, 142, row - 2), figure)
    board.draw(rect(board.at(Area(zero - 1.5, TOP - 4, 3, BOTTOM - TOP + 8)), colours.quiet.hex, 1))


def _line(board: Board, part: Chart) -> None:
    """A line over a pale ground; each point has its name, the ends and the extremes their number."""
    colours, numbers = board.colours, [number for _, number in part.values]
    low, high = min(numbers), max(numbers)
    if low > 0 and low < high * 0.6:
        low = 0.0
    reach = (high - low) or 1.0
    top, bottom, left, right = TOP + 44.0, BOTTOM - 52.0, 110.0, board.width - 110.0
    step = (right - left) / (len(numbers) - 1)
    points = [
        (board.x(left + number * step), bottom - (bottom - top) * (value - low) / reach)
        for number, value in enumerate(numbers)
    ]
    for part_ in range(4):
        y = top + (bottom - top) * part_ / 3
        board.draw(
            rect(Area(64, y - 0.75, board.width - 128, 1.5), colours.quiet.hex, 0, 'fill-opacity="0.22"')
        )
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    under = f"M{points[0][0]:.1f} {bottom:.1f}L{path}L{points[-1][0]:.1f} {bottom:.1f}z"
    board.draw(f'<path d="{under}" fill="{colours.shape.hex}" fill-opacity="0.22"/>')
    stroke = 'stroke-width="5" stroke-linejoin="round" stroke-linecap="round"'
    board.draw(f'<path d="M{path}" fill="none" stroke="{colours.accent.hex}" {stroke}/>')
    told = {0, len(numbers) - 1}
    for extreme in (numbers.index(high), numbers.index(min(numbers))):
        if all(abs(extreme - other) * step >= 110 for other in told):
            told.add(extreme)
    for number, (name, value) in enumerate(part.values):
        x, y = points[number]
        board.draw(circle(x, y, 9, colours.paper.hex), circle(x, y, 6.5, colours.accent.hex))
        middle = left + number * step
        wide = min(max(64.0, step - 8), 170.0)
        label = board.text(
            f"name {number}",
            name,
            24,
            (19, 18, 17, 16, 15, 14, 13),
            colours.quiet.hex,
            align="center",
            leading=1.12,
        )
        board.write(Area(middle - wide / 2, bottom + 12, wide, 44), label, valign="top")
        if number in told:
            words = shown(value, part.unit)
            look = {"weight": 600, "align": "center", "leading": 1.1}
            figure = board.text(f"value {number}", words, 24, (22, 20, 18, 16, 14), colours.ink.hex, **look)
            area = Area(middle - 70, y - 50, 140, 34)
            half = min(72.0, 10.0 + 7.6 * len(words))
            # the line must not run through its numbers
            board.draw(rect(Area(x - half, area.y, 2 * half, area.height), colours.paper.hex, 8))
            board.write(area, figure)


def _shares(board: Board, part: Chart) -> None:
    """A ring of shares, and its names with their part of the whole."""
    colours = board.colours
    whole = sum(number for _, number in part.values)
    shades = _shades(board, len(part.values))
    x, y, radius, width = board.x(290), (TOP + BOTTOM) / 2, 128.0, 70.0
    around, turned = 2 * math.pi * radius, 0.0
    for number, (_, value) in enumerate(part.values):
        long = around * value / whole
        gap = 3.0 if value < whole else 0.0
        drawn = max(0.0, long - gap)
        dash = f'stroke-dasharray="{drawn:.2f} {around - drawn:.2f}" stroke-dashoffset="{-turned:.2f}"'
        stroke = f'stroke="{shades[number].hex}" stroke-width="{width}"'
        ring = f'{stroke} {dash} transform="rotate(-90 {x:.1f} {y:.1f})"'
        board.draw(circle(x, y, radius, "none", ring))
        turned += long
    row = min(58.0, (BOTTOM - TOP) / len(part.values))
    top = y - row * len(part.values) / 2
    for number, (name, value) in enumerate(part.values):
        line = top + number * row
        board.draw(rect(board.at(Area(540, line + row / 2 - 11, 22, 22)), shades[number].hex, 6))
        label = board.text(
            f"name {number}", name, 60, (24, 22, 20, 18, 16, 15, 14), colours.ink.hex, leading=1.15
        )
        board.write(Area(580, line + 1, 300, row - 2), label)
        words = shown(value, part.unit)
        if part.unit.strip() != "%":
            words += f" \u00b7 {100 * value / whole:.0f}\u2009%"
        figure = board.text(
            f"value {number}",
            words,
            40,
            (24, 22, 20, 18, 16, 15, 14, 13),
            colours.ink.hex,
            weight=600,
            align=board.end,
            leading=1.1,
        )
        board.write(Area(890, line + 1, 246, row - 2), figure)


def _shades(board: Board, count: int) -> list[Oklch]:
    """Colours that differ in lightness, so that they are told apart without their hue."""
    accent, dark = board.colours.accent, board.colours.paper.lightness < 0.5
    first, last = (0.86, 0.42) if dark else (0.46, 0.86)
    return [
        Oklch(
            first + (last - first) * n / max(1, count - 1),
            max(0.06, accent.chroma * 0.9),
            accent.hue + 26 * n,
        )
        for n in range(count)
    ]
