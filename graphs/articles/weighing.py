"""How near topics are to the points of a brief, by the rules and by the model where it can tell."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from ...agents.articles.answers import Level, answers, vague
from ...agents.articles.demands import Demand
from ...agents.articles.topics import Topic
from ...agents.planner import weigh
from ...steps import current
from ...steps.call import accepts

_CANDIDATES, _WITHIN = 6, 0.15
"""Topics that are weighed for each point, and how much less near than the nearest they may be."""
_WEIGHT = 0.2
"""What a likelihood counts beside nearness: the logarithm of it for a token of the point."""
_LETTERS = 4.0
"""Of a token."""
_SHARE, _LEAST = 0.6, 20.0
"""Of the time that models have left, what weighing may take; and the seconds without which none begins."""
_READ = 500
"""Characters of a topic that the model reads."""


async def weighed(
    points: Sequence[Demand], topics: Sequence[Topic], near: Sequence[Mapping[str, float]]
) -> Sequence[Mapping[str, float]]:
    """Nearness corrected by how likely the model thinks it that a topic's reader asks for the point.

    This is query likelihood (Ponte and Croft 1998; with language models, Sachan et al. 2022). A point that a
    heading names is not weighed, nor is a vague one or one of the brief's topic, nor any by a model that
    tells no likelihoods, or where time is short; in a deterministic run the clock plays no part.
    """
    context = current()
    if context.model is None or "likelihoods" not in accepts(context.model):
        return near
    found: list[Mapping[str, float]] = list(near)
    left = math.inf if context.deterministic else context.ledger.time_left()
    end, taken = time.monotonic() + _SHARE * left, 0.0
    for number, point in enumerate(points):
        began = time.monotonic()
        if left < _LEAST or began + taken > end:
            break
        best = answers(point, topics, near[number])
        if len(best) < 2 or best[0].level >= Level.CORE or point.near or vague(point):
            continue
        mine = _candidates([each.topic for each in best], near[number])
        if len(mine) < 2:
            continue
        outcome = await weigh.arun(point.text, [_shown(topic) for topic in mine])
        taken = time.monotonic() - began
        if outcome.source == "model":
            found[number] = _corrected(near[number], mine, outcome.value, point.text)
    return found


def _candidates(topics: Sequence[Topic], near: Mapping[str, float]) -> list[Topic]:
    """The nearest topics, among which the model shall tell the answer."""
    ordered = sorted(topics, key=lambda topic: -near[topic.key])[:_CANDIDATES]
    return [topic for topic in ordered if near[topic.key] >= near[ordered[0].key] - _WITHIN]


def _corrected(
    near: Mapping[str, float], weighed: Sequence[Topic], likelihoods: Sequence[float], point: str
) -> dict[str, float]:
    scale = _WEIGHT / max(1.0, len(point) / _LETTERS)
    best, least = max(likelihoods), min(likelihoods)
    told = {topic.key: each for topic, each in zip(weighed, likelihoods, strict=True)}
    return {key: rate + scale * (told.get(key, least) - best) for key, rate in near.items()}


def _shown(topic: Topic) -> str:
    """A topic as the model reads it, under its headings."""
    headings = f"Document: {topic.document or topic.title}\nSection: {topic.title}"
    return f"{headings}\n{' '.join([topic.text, *topic.rows])[:_READ]}"
