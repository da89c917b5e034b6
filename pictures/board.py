"""A card under work: what is drawn and set on it, mirrored where its title runs to the left."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .art import Area, rect, svg
from .briefs import SIZES, CardBrief
from .icons import Icon
from .palette import Palette
from .typesetting import DISPLAY, Sheet, Stack, Text, text


@dataclass
class Board:
    """Collects the parts of a card; places are given as for a title that runs to the right."""

    brief: CardBrief
    icons: Sequence[Icon]
    """That fit the subject, best first."""
    colours: Palette
    chance: random.Random
    mirrored: bool
    pick: Callable[[str], Icon | None]
    """The icon that fits some words."""
    parts: list[str] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.width, self.height = SIZES[self.brief.layout]
        self.draw(rect(Area(0, 0, self.width, self.height), self.colours.paper.hex))

    def at(self, area: Area) -> Area:
        """Where an area stands on this card."""
        x = self.width - area.x - area.width if self.mirrored else area.x
        return Area(x, area.y, area.width, area.height)

    def x(self, x: float) -> float:
        """Where a point stands on this card."""
        return self.width - x if self.mirrored else x

    def draw(self, *parts: str) -> None:
        """Draw over what there is."""
        self.parts += parts

    def text(self, name: str, words: str, most: int, sizes: Sequence[int], fill: str, **options: Any) -> Text:
        """A text that begins where lines of this card begin."""
        if self.mirrored:
            options.setdefault("align", "right")
        return text(name, words, most, sizes, fill, **options)

    def bold(self, name: str, words: str, most: int, sizes: Sequence[int], **options: Any) -> Text:
        """A heading."""
        settings = {"font": DISPLAY, "weight": 700, "leading": 1.1, "tracking": -0.015, **options}
        return self.text(name, words, most, sizes, self.colours.ink.hex, **settings)

    def quiet(self, name: str, words: str, most: int, sizes: Sequence[int], **options: Any) -> Text:
        """A text beside a heading."""
        return self.text(name, words, most, sizes, self.colours.quiet.hex, **options)

    def write(self, area: Area, *texts: Text, valign: Literal["top", "middle", "bottom"] = "middle") -> None:
        """Set texts in an area; empty ones take no room."""
        place, kept = self.at(area), tuple(text for text in texts if text.words.text)
        if kept:
            x, y = round(place.x), round(place.y)
            self.stacks.append(Stack(x, y, round(place.width), round(place.height), kept, valign))

    def head(self) -> None:
        """The title over a diagram, and the subtitle under it."""
        title = self.bold(
            "title", self.brief.title, 200, (46, 42, 38, 34, 30, 26, 23), share=0.72, balance=True
        )
        sub = self.quiet("subtitle", self.brief.subtitle, 160, (22, 20, 18, 17), gap=10)
        self.write(Area(64, 48, self.width - 128, 132), title, sub, valign="middle")

    def foot(self, source: str, right: float = 0.0) -> None:
        """Where numbers come from, and whose card it is; `right` is where the line ends."""
        right, y, name = right or self.width - 64.0, self.height - 62, self.brief.brand.name
        taken = 240 if name.strip() else 0
        line = self.quiet("source", f"Source: {source}" if source.strip() else "", 160, (17, 16, 15, 14))
        self.write(Area(64, y, right - 64 - taken, 36), line)
        brand = self.text("brand", name, 40, (18, 17, 16), self.colours.ink.hex, weight=600, align=self.end)
        self.write(Area(right - 220, y, 220, 36), brand)

    @property
    def end(self) -> Literal["left", "right"]:
        """Where lines of this card end."""
        return "left" if self.mirrored else "right"

    def sheet(self) -> Sheet:
        """The finished card."""
        art = svg(self.width, self.height, self.parts)
        return Sheet(self.width, self.height, art, tuple(self.stacks), self.brief.language)
