"""Cards of one statement: a quotation, or a figure."""

from __future__ import annotations

from .art import TEXTURES, Area, gradient, rect
from .board import Board
from .parts import Quote, Statistic
from .scenes import scene
from .typesetting import DISPLAY


def quote(board: Board, part: Quote) -> None:
    """A quotation, large, on a ground of its own."""
    colours = board.colours
    whole = Area(0, 0, board.width, board.height)
    board.draw(gradient("ground", colours.field, colours.field_end, board.chance.choice((25, 60, 110))))
    board.draw(rect(whole, "url(#ground)"))
    board.draw(board.chance.choice(TEXTURES)(board.at(Area(760, 0, 440, 630)), colours.pale, 0.35, 46))
    panel = board.at(Area(48, 48, board.width - 96, board.height - 96))
    board.draw(rect(panel, colours.paper.hex, 32, 'fill-opacity="0.93"'))
    mark = board.text("mark", "\u201c", 1, (170,), colours.accent.hex, font=DISPLAY, weight=700, leading=1.0)
    board.write(Area(92, 84, 140, 172), mark, valign="top")
    sizes = (66, 60, 54, 49, 44, 40, 36, 32, 29, 26, 23)
    words = board.bold("quote", part.words, 320, sizes, leading=1.16, balance=True)
    board.write(Area(96, 172, board.width - 192, 270), words)
    by = board.text("by", part.by, 80, (26, 24, 22, 20), colours.ink.hex, weight=600)
    role = board.quiet("role", part.role, 100, (21, 20, 18), gap=4)
    board.write(Area(96, 456, 620, 82), by, role, valign="bottom")
    foot = board.brief.brand.name or board.brief.title
    line = board.quiet("title", foot, 90, (19, 18, 17, 16), align=board.end)
    board.write(Area(740, 476, 364, 62), line, valign="bottom")


def statistic(board: Board, part: Statistic) -> None:
    """One figure, large, beside a picture."""
    colours = board.colours
    picture = board.at(Area(board.width - 468, 28, 440, board.height - 56))
    board.draw(scene(picture, board.icons, colours, board.chance, 28, picture))
    sizes = (190, 170, 150, 132, 116, 100, 86, 74, 64, 56, 48, 40, 34)
    look = {"font": DISPLAY, "weight": 700, "leading": 1.0, "tracking": -0.03, "share": 0.5}
    value = board.text("value", part.value, 40, sizes, colours.accent.hex, **look)
    look = {"gap": 14, "leading": 1.16, "share": 0.4, "balance": True}
    label = board.bold("label", part.label, 160, (40, 37, 34, 31, 28, 25, 22), **look)
    context = board.quiet("title", board.brief.title, 160, (24, 22, 20, 18), gap=18)
    board.write(Area(72, 64, board.width - 468 - 72 - 56, board.height - 150), value, label, context)
    board.foot(part.source, right=board.width - 468 - 56)
