"""Drawing a card: the same bytes for the same brief and seed, every text inside its place and readable."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from . import contrast, layouts
from .board import Board
from .briefs import CardBrief
from .charts import chart
from .colour import from_hex
from .diagrams import comparison, steps, timeline
from .icons import Icon, choose
from .palette import palette
from .parts import Chart, Comparison, Part, Quote, Statistic, Steps, Timeline
from .parts import shown as numeral
from .statements import quote, statistic
from .typesetting import Box, Sheet, boxes, png
from .words import clean, right_to_left

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


@dataclass(frozen=True, slots=True)
class Card:
    """A drawn card."""

    png: bytes
    width: int
    height: int
    alt: str
    contrast: float
    """The least WCAG ratio of a text and the pixels under it."""
    icons: tuple[str, ...]
    """Names of the drawings on it."""
    boxes: tuple[Box, ...]
    """Where its texts stand."""


def draw(brief: CardBrief, embeddings: Embeddings | None = None) -> Card:
    """Draw a card.

    Args:
        brief: What it shows.
        embeddings: Choose the drawings by meaning; without them, by words.
    """
    sheet, icons = compose(brief, embeddings)
    placed = boxes(sheet) if sheet.stacks else []
    placed, least = contrast.adjusted(placed, contrast.Ground(png(sheet)))
    if least < contrast.ENOUGH:
        # no colour is read on both the light and the dark under a text: it gets a plate of its own
        sheet = replace(sheet, art=contrast.plated(sheet.art, placed))
        placed, least = contrast.adjusted(placed, contrast.Ground(png(sheet)))
    drawn = png(sheet, placed)
    names = tuple(icon.name for icon in icons)
    return Card(drawn, sheet.width, sheet.height, alt(brief, icons), least, names, tuple(placed))


def compose(brief: CardBrief, embeddings: Embeddings | None = None) -> tuple[Sheet, tuple[Icon, ...]]:
    """Choose drawings, colours and places."""
    chance = random.Random(_digest(brief))
    icons = choose(brief.subject or brief.title, embeddings)
    accent = from_hex(brief.brand.accent) if brief.brand.accent else None
    chief = icons[0].hue if icons and icons[0].colour > 12 else None
    colours = palette(brief.theme, chance, chief, accent)
    rtl = right_to_left(clean(brief.title, 320))
    if brief.layout == "icon":
        return layouts.illustration(brief, icons, colours, chance), icons
    if brief.part is None:
        return layouts.title_card(brief, icons, colours, chance, rtl), icons
    picked: list[Icon] = []

    def pick(words: str) -> Icon | None:
        # a drawing stands for one thing on a card
        icon = next((icon for icon in choose(words, embeddings) if icon not in picked), None)
        picked.extend([icon] if icon else [])
        return icon

    board = Board(brief, icons, colours, chance, rtl, pick)
    match brief.part:
        case Quote():
            quote(board, brief.part)
        case Statistic():
            statistic(board, brief.part)
            picked.extend(icons)
        case Comparison():
            comparison(board, brief.part)
        case Steps():
            steps(board, brief.part)
        case Timeline():
            timeline(board, brief.part)
        case Chart():
            chart(board, brief.part)
    return board.sheet(), tuple(picked)


def alt(brief: CardBrief, icons: tuple[Icon, ...]) -> str:
    """What the card shows, in words."""
    title = " ".join(brief.title.split()) or "Untitled"
    shown = ", ".join(icon.name for icon in icons)
    if brief.layout == "icon":
        return f"Illustration: {shown or 'plain forms'}."
    if brief.part is None:
        return f"Title card: {title}. " + (f"Drawn: {shown}." if shown else "Drawn: plain forms.")
    told = _told(brief.part)
    return f"{brief.layout.capitalize()} card: {title}. {told}" + (f" Drawn: {shown}." if shown else "")


def _told(part: Part) -> str:
    """A part in words."""
    match part:
        case Quote():
            return f"\u201c{part.words}\u201d" + (f", {part.by}." if part.by else ".")
        case Statistic():
            return f"{part.value}: {part.label}."
        case Comparison():
            sides = (f"{side.title}: {'; '.join(side.points)}." for side in (part.left, part.right))
            return " ".join(sides)
        case Steps():
            return " ".join(f"{number}. {words}." for number, words in enumerate(part.steps, 1))
        case Timeline():
            return " ".join(f"{event.when}: {event.what}." for event in part.events)
        case Chart():
            rows = "; ".join(f"{name}: {numeral(value, part.unit)}" for name, value in part.values)
            return f"{rows}. Source: {part.source}."


def _digest(brief: CardBrief) -> bytes:
    facts = json.dumps(asdict(brief), sort_keys=True)
    return hashlib.blake2b(facts.encode("utf-8", "replace"), digest_size=16).digest()
