"""Pictures drawn by rule: cards that are set, composed and measured, the same bytes for the same brief.

from limner.pictures import CardBrief, draw
card = draw(CardBrief(title="How returns work", subject="returns", seed=3))
"""

from __future__ import annotations

from .briefs import Brand, CardBrief, Layout
from .card import Card, draw
from .parts import Chart, Comparison, Event, Quote, Side, Statistic, Steps, Timeline

__all__ = [
    "Brand",
    "Card",
    "CardBrief",
    "Chart",
    "Comparison",
    "Event",
    "Layout",
    "Quote",
    "Side",
    "Statistic",
    "Steps",
    "Timeline",
    "draw",
]
