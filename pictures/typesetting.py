"""Setting text over a drawing with Typst: one warm compiler, the bundled fonts, and each text's place."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from .words import FONTS, Words, prepare

_TEMPLATE = Path(__file__).with_name("card.typ")
_lock = threading.Lock()
DISPLAY, SANS = "Inter Display", "Inter"
_REST = ["Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai"]
_REST += ["Noto Sans JP", "Noto Sans SC", "Noto Sans KR", "Noto Emoji"]

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a card."""

    name: str
    """Its part in the card: title, subtitle, ..."""
    words: Words
    sizes: tuple[int, ...]
    """Pixels, the largest first; the first that fits is taken."""
    fill: str
    """Colour, ``#rrggbb``."""
    font: str = SANS
    weight: int = 400
    leading: float = 1.32
    """Height of a line, in sizes."""
    tracking: float = 0.0
    gap: int = 0
    """Pixels above it, where another text stands there."""
    share: float = 1.0
    """Most of its stack's height that it may take."""
    align: Align = "left"
    balance: bool = False
    """Lines of even length."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Texts under one another in an area."""

    x: int
    y: int
    width: int
    height: int
    texts: tuple[Text, ...]
    valign: Literal["top", "middle", "bottom"] = "top"


@dataclass(frozen=True, slots=True)
class Box:
    """Where a text came to stand, in pixels."""

    name: str
    x: float
    y: float
    width: float
    height: float
    size: float
    fill: str
    ink: float
    """Width of its widest line."""
    words: str
    """What is shown of it, with the places where it may break."""
    hyphenate: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A card before it is set."""

    width: int
    height: int
    art: str
    """An SVG of the card's size."""
    stacks: tuple[Stack, ...] = ()
    language: str = "en"


def text(name: str, words: str, most: int, sizes: Sequence[int], fill: str, **options: Any) -> Text:
    """A text of at most `most` characters; one that runs to the left stands on the right, unless told."""
    ready = prepare(words, most)
    options.setdefault("align", "right" if ready.right_to_left else "left")
    made = Text(name, ready, tuple(sizes), fill, **options)
    if ready.tall:
        made = replace(made, leading=max(made.leading, 1.45))
    if ready.right_to_left:
        # spacing between letters parts those that join
        made = replace(made, tracking=0.0)
    return made


@cache
def _compiler() -> Any:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(str(_TEMPLATE), font_paths=fonts)


def boxes(sheet: Sheet) -> list[Box]:
    """Lay the texts out, and tell where they came to stand."""
    with _lock:
        compiler = _compiler()
        compiler.compile(format="svg", sys_inputs=_inputs(replace(sheet, art=_NOTHING)))
        found = compiler.query("<box>", field="value")
    return [Box(**row) for row in json.loads(found)]


def png(sheet: Sheet, placed: Sequence[Box] = ()) -> bytes:
    """Draw a card with the texts that were placed; without them, the drawing alone."""
    with _lock:
        made = _compiler().compile(format="png", ppi=72.0, sys_inputs=_inputs(sheet, placed))
    assert isinstance(made, bytes)
    return made


_NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'


def _inputs(sheet: Sheet, placed: Sequence[Box] | None = None) -> dict[str, str]:
    """A sheet as the template reads it: to be laid out, or with every text's place."""
    texts = {text.name: text for stack in sheet.stacks for text in stack.texts}
    card = {
        "width": sheet.width,
        "height": sheet.height,
        "language": _language(sheet.language),
        "stacks": [] if placed is not None else [_stack(stack) for stack in sheet.stacks],
        "placed": [[_item(replace(texts[box.name], fill=box.fill)), asdict(box)] for box in placed or ()],
    }
    return {"card": json.dumps(card, ensure_ascii=False), "art": sheet.art}


def _stack(stack: Stack) -> dict[str, Any]:
    return {
        "x": stack.x,
        "y": stack.y,
        "width": stack.width,
        "height": stack.height,
        "valign": stack.valign,
        "items": [_item(text) for text in stack.texts],
    }


def _language(code: str) -> str:
    """The two or three letters that Typst takes; English for what is none."""
    base = code.split("-")[0].lower()
    return base if len(base) in (2, 3) and base.isascii() and base.isalpha() else "en"


def _item(text: Text) -> dict[str, Any]:
    return {
        "name": text.name,
        "text": text.words.text,
        "broken": text.words.broken,
        "longest": text.words.longest,
        "tall": text.words.tall,
        "rtl": text.words.right_to_left,
        "sizes": text.sizes,
        "fill": text.fill,
        "font": [text.font, SANS, *_REST] if text.font != SANS else [SANS, *_REST],
        "weight": text.weight,
        "leading": text.leading,
        "tracking": text.tracking,
        "gap": text.gap,
        "share": text.share,
        "align": text.align,
        "balance": text.balance,
    }
