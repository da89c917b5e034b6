"""Cards that show an order: two sides, steps, dates."""

from __future__ import annotations

from .art import Area, circle, ground_shadow, icon, rect, shadow
from .board import Board
from .icons import Icon
from .parts import Comparison, Side, Steps, Timeline

TOP, BOTTOM = 196, 574
"""Where a diagram begins and ends, in pixels from the top."""


def comparison(board: Board, part: Comparison) -> None:
    """Two panels side by side."""
    board.head()
    colours = board.colours
    drawings = [board.pick(side.title) for side in (part.left, part.right)]
    # a drawing on one side alone would look like a fault
    drawings = drawings if all(drawings) else [None, None]
    for number, (side, fill) in enumerate(((part.left, colours.field), (part.right, colours.second))):
        pale = fill.lighter(-0.14 * number) if colours.paper.lightness < 0.5 else fill.lighter(0.025)
        area = Area(64 + number * 548, TOP, 524, 384)
        board.draw(rect(board.at(area), pale.hex, 28))
        _side(board, side, area, number, drawings[number])


def _side(board: Board, side: Side, area: Area, number: int, drawing: Icon | None) -> None:
    colours = board.colours
    indent = 0
    if drawing is not None:
        box = board.at(Area(area.x + 32, area.y + 30, 76, 76))
        board.draw(shadow(box, 20, colours.shadow, 10), rect(box, colours.tile.hex, 20))
        board.draw(icon(drawing, box.x + 38, box.y + 38, 48))
        indent = 96
    title = board.bold(f"side {number}", side.title, 80, (34, 31, 28, 25, 22, 20), balance=True)
    board.write(Area(area.x + 32 + indent, area.y + 30, area.width - 64 - indent, 76), title)
    room = (area.height - 148) / max(3, len(side.points))
    for row, point in enumerate(side.points):
        y = area.y + 124 + row * room
        board.draw(circle(board.x(area.x + 42), y + room / 2, 6, colours.accent.hex))
        words = board.text(
            f"point {number}.{row}", point, 140, (28, 26, 24, 22, 20, 18, 17), colours.ink.hex, leading=1.22
        )
        board.write(Area(area.x + 66, y, area.width - 98, room - 4), words)


def steps(board: Board, part: Steps) -> None:
    """Numbered tiles from the first to the last."""
    board.head()
    colours, count = board.colours, len(part.steps)
    gap = 20
    width = (board.width - 128 - gap * (count - 1)) / count
    for number, words in enumerate(part.steps):
        area = Area(64 + number * (width + gap), TOP, width, BOTTOM - TOP)
        place = board.at(area)
        fill = colours.field if colours.paper.lightness < 0.5 else colours.field.lighter(0.04)
        board.draw(rect(place, fill.hex, 26))
        drawing = board.pick(words)
        middle = place.x + width / 2
        disc = min(84.0, width * 0.36)
        board.draw(circle(middle, TOP + 122, disc, colours.shape.hex, 'fill-opacity="0.75"'))
        if drawing is None:
            board.draw(
                circle(
                    middle,
                    TOP + 122,
                    disc * 0.5,
                    "none",
                    f'stroke="{colours.pale.hex}" stroke-width="{disc * 0.22:.1f}"',
                )
            )
        else:
            board.draw(ground_shadow(middle, TOP + 122 + disc * 0.62, disc * 0.9, colours.shadow))
            board.draw(icon(drawing, middle, TOP + 116, disc * 1.16))
        badge = Area(area.x + 18, TOP + 18, 44, 44)
        spot = board.at(badge)
        board.draw(circle(spot.x + 22, spot.y + 22, 22, colours.ink.hex))
        figure = board.text(
            f"number {number}",
            str(number + 1),
            2,
            (22, 20),
            colours.paper.hex,
            weight=600,
            align="center",
            leading=1.0,
        )
        board.write(badge, figure)
        text = board.text(
            f"step {number}",
            words,
            160,
            (26, 24, 22, 20, 18, 16, 15),
            colours.ink.hex,
            weight=600,
            leading=1.24,
            align="center",
            balance=True,
        )
        board.write(Area(area.x + 20, TOP + 226, width - 40, BOTTOM - TOP - 246), text)


def timeline(board: Board, part: Timeline) -> None:
    """Events on a line, in turn above it and under it."""
    board.head()
    colours, count = board.colours, len(part.events)
    line = (TOP + BOTTOM) / 2 + 6
    board.draw(rect(Area(64, line - 3, board.width - 128, 6), colours.shape.hex, 3))
    span = (board.width - 128) / count
    wide = min(span * (1.62 if count > 3 else 0.94), 420)
    for number, event in enumerate(part.events):
        x = 64 + span * (number + 0.5)
        left = min(max(64.0, x - wide / 2), board.width - 64 - wide)
        above = number % 2 == 0
        spot = board.x(x)
        stem = Area(spot - 1.5, line - 46 if above else line, 3, 46)
        board.draw(rect(stem, colours.shape.hex))
        board.draw(circle(spot, line, 15, colours.paper.hex), circle(spot, line, 11, colours.accent.hex))
        when = board.text(
            f"when {number}",
            event.when,
            30,
            (30, 27, 24, 22, 20, 18),
            colours.accent.hex,
            weight=600,
            align="center",
            leading=1.15,
            share=0.4,
        )
        what = board.text(
            f"what {number}",
            event.what,
            110,
            (24, 22, 20, 18, 17, 16, 15),
            colours.ink.hex,
            align="center",
            leading=1.26,
            gap=4,
            balance=True,
        )
        area = Area(left, TOP - 4 if above else line + 54, wide, line - 54 - TOP + 4)
        if above:
            area = Area(left, TOP - 4, wide, line - 50 - TOP)
        board.write(area, when, what, valign="bottom" if above else "top")
    board.foot("")
