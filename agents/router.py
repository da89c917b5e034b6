"""The router: which intent a message has, and how sure that is.

Rules go first; then the words, where they are clear; then words and embedding together. Confidences are
calibrated on held-out examples (`agents.training`), so that 0.8 means right four times in five.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import InputError, UnavailableError
from ..retrieval.embedder import Embedder, name_of
from .messages.heads import Heads
from .messages.intents import Intents

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

LEAST, MARGIN = 0.45, 0.15
"""Confidence of the first intent, and its lead over the second, under which a route is unsure."""
CLEAR = 0.9
"""Confidence by words alone from which no embedding is made."""
MAX_MESSAGE = 2000
"""Characters of a message that are looked at."""


@dataclass(frozen=True, slots=True)
class Route:
    """An intent for a message."""

    intent: str
    confidence: float
    """Calibrated chance, 0 to 1, that it is right; 1 by a rule."""
    second: str = ""
    """The next best intent; "" by a rule."""
    margin: float = 1.0
    """How much more confidence the first has than the second."""
    by: Literal["rule", "words", "both"] = "rule"

    @property
    def sure(self) -> bool:
        """Whether it can be acted upon without asking back."""
        return self.confidence >= LEAST and self.margin >= MARGIN


class Router:
    """Routes messages to intents. Safe to share between threads.

    Args:
        intents: The intents, with their rules.
        heads: Trained on just these intents.
        embeddings: Those that the heads were trained on; None: words decide.

    Raises:
        InputError: The heads were trained on other intents or other embeddings.
    """

    def __init__(self, intents: Intents, heads: Heads, embeddings: Embeddings | None = None) -> None:
        other = (
            embeddings is not None and heads.meaning is not None and heads.embeddings != name_of(embeddings)
        )
        if heads.intents != intents.sha256 or other:
            raise InputError(
                "The trained router belongs to other intents or embeddings.",
                "Train it again: `limner support train`.",
            )
        self.intents = intents
        self._heads = heads
        self._embedder = (
            Embedder(embeddings) if embeddings is not None and heads.meaning is not None else None
        )
        self._rules = [
            (re.compile(rule, re.IGNORECASE), intent.name)
            for intent in intents.intents
            for rule in intent.rules
        ]

    def route(self, message: str) -> Route:
        """Return the likeliest intent of a message. Deterministic."""
        message = message[:MAX_MESSAGE]
        for rule, name in self._rules:
            if rule.search(message):
                return Route(name, 1.0)
        chances, by = self._heads.by_words(message), "words"
        if self._embedder is not None and chances.max() < CLEAR:
            try:
                chances, by = self._heads.by_both(message, self._embedder.query(message)), "both"
            except UnavailableError:
                # the embeddings left; the words still tell
                by = "words"
        first, second = (int(place) for place in np.argsort(-chances, kind="stable")[:2])
        labels, lead = self._heads.labels, float(chances[first] - chances[second])
        return Route(
            labels[first], float(chances[first]), labels[second], lead, "both" if by == "both" else "words"
        )
