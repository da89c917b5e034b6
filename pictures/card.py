"""Drawing a card: the same bytes for the same brief and seed, every text inside its place and readable."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from . import contrast, layouts
from .board import Board
from .briefs import WORDLESS, CardBrief
from .charts import chart
from .colour import from_hex
from .diagrams import comparison, steps, timeline
from .icons import Icon, choose
from .palette import palette
from .parts import Chart, Comparison, Part, Quote, Statistic, Steps, Timeline
from .parts import shown as numeral
from .recolour import in_its_colour, names, without_colours
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
    icons = _chosen(brief, embeddings)
    accent = from_hex(brief.brand.accent) if brief.brand.accent else None
    chief = icons[0].hue if icons and icons[0].colour > 12 else None
    if brief.tone is None:
        colours = palette(brief.theme, chance, chief, accent)
    else:
        colours = palette(brief.theme, random.Random(brief.tone), None, accent)
    rtl = right_to_left(clean(brief.title, 320))
    if brief.layout in WORDLESS:
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


def _chosen(brief: CardBrief, embeddings: Embeddings | None) -> tuple[Icon, ...]:
    """The drawings of a card: those of its subject and, where it is wide, of what stands beside it.

    One that is to be avoided is the chief one only where nothing else fits.
    """
    subject = brief.subject or brief.title
    found = [in_its_colour(icon, subject) for icon in _named(subject, embeddings)]
    if brief.layout not in ("banner", "strip"):
        return _without(found[:3], brief.avoid)
    beside: list[Icon] = []
    for words in brief.also:
        beside += [icon for icon in choose(words, embeddings) if icon not in (*found[:1], *beside)][:1]
    chosen = [*found[:1], *beside, *(icon for icon in found[1:] if icon not in beside)]
    return _without(chosen[:5], brief.avoid)


def _named(subject: str, embeddings: Embeddings | None) -> tuple[Icon, ...]:
    """The drawings of a subject; its colour leads astray where the thing itself has a drawing without it."""
    found = choose(subject, embeddings, 5)
    plain = without_colours(subject)
    if plain == subject or (found and names(found[0], subject)):
        return found
    other = choose(plain, embeddings, 5)
    return other if other and names(other[0], subject) else found


def _without(icons: Sequence[Icon], avoid: Sequence[str]) -> tuple[Icon, ...]:
    kept = [icon for icon in icons if icon.name not in avoid]
    return tuple(kept or icons)


def alt(brief: CardBrief, icons: tuple[Icon, ...]) -> str:
    """What the card shows, in words."""
    title = " ".join(brief.title.split()) or "Untitled"
    shown = ", ".join(icon.name for icon in icons)
    if brief.layout in WORDLESS:
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
