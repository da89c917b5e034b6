"""Where things stand on a card: its drawing and its texts, by layout."""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence

from .art import Area, circle, rect, svg
from .briefs import SIZES, CardBrief
from .icons import Icon
from .palette import Palette
from .panoramas import panorama
from .scenes import scene
from .typesetting import DISPLAY, Sheet, Stack, Text, text

TITLE_SIZES = {
    "hero": (88, 80, 72, 66, 60, 54, 48, 42, 38, 34, 30, 27, 24),
    "square": (92, 84, 76, 68, 62, 56, 50, 44, 40, 36, 32, 28),
    "section": (60, 56, 52, 48, 44, 40, 36, 32, 29, 26, 23, 20),
}
SUBTITLE_SIZES = {"hero": (28, 26, 24, 22, 20), "square": (32, 29, 26, 24, 22), "section": (24, 22, 20, 18)}


def title_card(
    brief: CardBrief, icons: Sequence[Icon], colours: Palette, chance: random.Random, rtl: bool
) -> Sheet:
    """Hero, square and section: words on one side, a composed picture on the other."""
    width, height = SIZES[brief.layout]
    picture, words = areas(brief.layout, rtl)
    parts = [rect(Area(0, 0, width, height), colours.paper.hex)]
    # the picture keeps to a panel of its own, or its ground carries the words, too
    open_ground = brief.layout != "square" and chance.random() < 0.35
    ground, radius = (Area(0, 0, width, height), 0) if open_ground else (picture, 28)
    parts.append(scene(picture, icons, colours, chance, radius, ground))
    foot, marks = footer(brief, words, colours, rtl)
    parts += marks
    room = words.height - (56 if foot or marks else 0)
    stack = Stack(
        round(words.x),
        round(words.y),
        round(words.width),
        round(room),
        tuple(heading(brief, colours)),
        "middle",
    )
    return Sheet(width, height, svg(width, height, parts), (stack, *foot), brief.language)


def illustration(brief: CardBrief, icons: Sequence[Icon], colours: Palette, chance: random.Random) -> Sheet:
    """A picture without words."""
    width, height = SIZES[brief.layout]
    whole = Area(0, 0, width, height)
    if brief.layout == "icon":
        drawn = scene(whole, icons, colours, chance, 0, whole)
    else:
        drawn = panorama(whole, icons, colours, chance)
    return Sheet(width, height, svg(width, height, [drawn]))


def areas(layout: str, rtl: bool) -> tuple[Area, Area]:
    """The picture's and the words' places."""
    width, height = SIZES[layout]
    if layout == "square":
        return Area(36, 36, width - 72, 640), Area(72, 724, width - 144, 292)
    wide, edge = (512, 28) if layout == "hero" else (380, 22)
    picture = Area(width - wide - edge, edge, wide, height - 2 * edge)
    left = 72 if layout == "hero" else 56
    words = Area(
        left,
        60 if layout == "hero" else 44,
        width - wide - edge - left - 56,
        height - 2 * (60 if layout == "hero" else 44),
    )
    if not rtl:
        return picture, words
    return (
        Area(width - picture.x - picture.width, picture.y, picture.width, picture.height),
        Area(width - words.x - words.width, words.y, words.width, words.height),
    )


def heading(brief: CardBrief, colours: Palette) -> list[Text]:
    """Kicker, title and subtitle."""
    made = []
    if brief.kicker.strip():
        sizes = (22, 20, 18) if brief.layout != "section" else (18, 17, 16)
        made.append(
            text("kicker", brief.kicker, 60, sizes, colours.accent.hex, weight=600, share=0.12, tracking=0.01)
        )
    made.append(
        text(
            "title",
            brief.title,
            320,
            TITLE_SIZES[brief.layout],
            colours.ink.hex,
            font=DISPLAY,
            weight=700,
            leading=1.08,
            tracking=-0.018,
            gap=16,
            share=0.74 if brief.subtitle.strip() else 0.9,
            balance=True,
        )
    )
    if brief.subtitle.strip():
        made.append(
            text(
                "subtitle",
                brief.subtitle,
                220,
                SUBTITLE_SIZES[brief.layout],
                colours.quiet.hex,
                leading=1.36,
                gap=22 if brief.layout != "section" else 14,
                balance=True,
            )
        )
    return made


def footer(brief: CardBrief, words: Area, colours: Palette, rtl: bool) -> tuple[list[Stack], list[str]]:
    """The brand at the foot of the words: its logo and its name."""
    brand = brief.brand
    bottom = words.y + words.height
    marks, x = [], words.x
    if brand.logo:
        data = base64.b64encode(brand.logo_png()).decode()
        place = words.x + words.width - 40 if rtl else words.x
        keep = f'preserveAspectRatio="{"xMax" if rtl else "xMin"}YMid meet"'
        marks.append(
            f'<image x="{place:.0f}" y="{bottom - 40:.0f}" width="40" height="40" {keep} '
            f'href="data:image/png;base64,{data}"/>'
        )
        x += 0 if rtl else 54
    elif brand.name.strip():
        place = words.x + words.width - 8 if rtl else words.x + 8
        marks.append(circle(place, bottom - 20, 8, colours.accent.hex))
        x += 0 if rtl else 28
    if not brand.name.strip():
        return [], marks
    taken = 54 if brand.logo else 28
    name = text(
        "brand", brand.name, 60, (20, 18, 16), colours.ink.hex, weight=600, align="right" if rtl else "left"
    )
    return [Stack(round(x), round(bottom - 40), round(words.width - taken), 40, (name,), "middle")], marks
