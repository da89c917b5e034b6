"""What a card is to show: the brief that a caller gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import InputError
from .colour import from_hex
from .palette import Theme
from .parts import LAYOUT_OF, Part

Layout = Literal[
    "hero",
    "square",
    "section",
    "icon",
    "banner",
    "strip",
    "quote",
    "statistic",
    "comparison",
    "steps",
    "timeline",
    "chart",
]
SIZES: dict[str, tuple[int, int]] = {
    "hero": (1200, 630),
    "square": (1080, 1080),
    "section": (1200, 400),
    "icon": (1024, 1024),
    "banner": (1200, 500),
    "strip": (1200, 360),
    **dict.fromkeys(LAYOUT_OF.values(), (1200, 630)),
}
"""Width and height in pixels."""
WORDLESS = ("icon", "banner", "strip")
"""Layouts that show no words."""
_LOGO_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Brand:
    """What every card of one publisher has in common.

    Raises:
        InputError: The colour is not ``#rrggbb``, or the logo is no readable PNG under 1 MB.
    """

    accent: str = ""
    """A colour, ``#rrggbb``; empty: seeded."""
    logo: str = ""
    """A PNG file; empty for none."""
    name: str = ""
    """Stands at the foot of a card; empty for none."""

    def __post_init__(self) -> None:
        if self.accent:
            try:
                from_hex(self.accent)
            except ValueError as error:
                raise InputError(f"The accent colour is {self.accent!r}.", "Write it as #1a73e8.") from error
        if self.logo:
            self.logo_png()

    def logo_png(self) -> bytes:
        """The bytes of the logo.

        Raises:
            InputError: It cannot be read, or is no PNG under 1 MB.
        """
        path = Path(self.logo).expanduser()
        try:
            if path.stat().st_size > _LOGO_BYTES:
                raise InputError(f"The logo {self.logo!r} is over 1 MB.", "Give a smaller one.")
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"Cannot read the logo {self.logo!r}: {error.strerror}.", "Check it.") from error
        if not data.startswith(b"\x89PNG\r\n\x1a\n"):
            raise InputError(f"The logo {self.logo!r} is no PNG.", "Give a PNG.")
        return data


@dataclass(frozen=True, slots=True)
class CardBrief:
    """One card to draw. Texts are data: nothing in them is markup.

    Raises:
        InputError: The layout or the theme is unknown, or the part is none of the layout's.
    """

    title: str
    """Shortened at 320 characters."""
    subtitle: str = ""
    """May be empty; shortened at 220 characters."""
    subject: str = ""
    """What the drawing shows; empty: the title."""
    also: tuple[str, ...] = ()
    """What banner and strip show beside it, a few words each."""
    avoid: tuple[str, ...] = ()
    """Names of drawings that are not to be the chief one, for they are elsewhere already."""
    kicker: str = ""
    """A few words above the title."""
    layout: Layout = "hero"
    """`icon`, `banner` and `strip` show no words."""
    part: Part | None = None
    """What the layouts from `quote` on show besides the title."""
    theme: Theme = "light"
    tone: int | None = None
    """Cards with the same tone have the same colours; None: the seed and the drawings decide."""
    seed: int = 0
    """Same brief and seed, same bytes."""
    language: str = "en"
    """For hyphenation."""
    brand: Brand = Brand()

    def __post_init__(self) -> None:
        if self.layout not in SIZES:
            raise InputError(f"There is no layout {self.layout!r}.", f"Use one of: {', '.join(SIZES)}.")
        if self.theme not in ("light", "dark"):
            raise InputError(f"There is no theme {self.theme!r}.", "Use light or dark.")
        needed = next((part for part, layout in LAYOUT_OF.items() if layout == self.layout), None)
        if (needed is not None or self.part is not None) and type(self.part) is not needed:
            name = "none" if needed is None else f"a {needed.__name__}"
            given = "none" if self.part is None else f"a {type(self.part).__name__}"
            raise InputError(
                f"The part of this card is {given}.", f"The layout {self.layout!r} takes {name}."
            )
