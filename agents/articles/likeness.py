"""How alike texts are: by their embeddings, or by their words where there are none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ...errors import LimnerError
from ...retrieval.embedder import Embedder
from ...retrieval.terms import Weights, content_stems
from ...retrieval.verification.kinship import related
from ...retrieval.verification.synonyms import canonical

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

    from .topics import Topic

_SENTENCE, _TEXT, _TITLE, _WORDS, _TO_BRIEF = 0.5, 0.5, 0.25, 0.25, 0.2
"""Weights of what tells how near a topic is to a point: its best sentence, all of it, its heading, the words
that a sentence has of the point, and its relevance to the brief."""
_KIN = 0.7
"""What a word counts for that is not there, where one of its kin is."""
_READ = 600
"""Characters of a topic that are looked at as a whole."""


def alike(texts: Sequence[str], embeddings: Embeddings | None) -> list[list[float]]:
    """The likeness of each text to each, mostly from 0 to 1.

    Embeddings that fail are done without: words serve, with lower figures for the same likeness.
    """
    if not texts:
        return []
    vectors = _vectors(texts, embeddings)
    if vectors is not None:
        return [[float(value) for value in row] for row in vectors @ vectors.T]
    weights = Weights(texts)
    stems = [set(content_stems(text)) for text in texts]
    return [[weights.similarity(one, two) for two in stems] for one in stems]


def _vectors(texts: Sequence[str], embeddings: Embeddings | None) -> NDArray[np.float32] | None:
    """Of length 1; None where there are none to be had."""
    try:
        return Embedder(embeddings).texts(texts) if embeddings is not None else None
    except LimnerError:
        return None


def nearness(
    points: Sequence[str], topics: Sequence[Topic], embeddings: Embeddings | None
) -> list[dict[str, float]]:
    """How near each topic is to each point of a brief, by the topic's key; about 0.4 to 1.5 where it answers.

    A point in words that no heading has is found by single sentences: "who may come along" by "Every patient
    may bring one person along". Words count with their kin, so that a charge is a cost.
    """
    if not points or not topics:
        return [{} for _ in points]
    texts = [f"{topic.title}. {topic.text}" for topic in topics]
    weights = Weights(texts)
    sentences = [[cited.text for cited, _ in topic.lines] or [topic.title] for topic in topics]
    best = max(topic.relevance for topic in topics) or 1.0
    flat = [*(topic.title for topic in topics), *(text[:_READ] for text in texts)]
    flat += [each for said in sentences for each in said]
    stems = [{canonical(stem) for stem in content_stems(text)} for text in flat]
    known = set().union(*stems)
    vectors = _vectors([*points, *flat], embeddings)
    found: list[dict[str, float]] = []
    for number, point in enumerate(points):
        wanted, near = _wanted(point, known, weights), dict[str, float]()
        words = [_covered(wanted, each) for each in stems]
        like = words if vectors is None else (vectors[len(points) :] @ vectors[number]).tolist()
        start = 2 * len(topics)
        for at, topic in enumerate(topics):
            own = slice(start, start := start + len(sentences[at]))
            near[topic.key] = (
                _SENTENCE * max(like[own])
                + _TEXT * like[len(topics) + at]
                + _TITLE * like[at]
                + _WORDS * max(words[own])
                + _TO_BRIEF * topic.relevance / best
            )
        found.append(near)
    return found


def _wanted(point: str, known: Collection[str], weights: Weights) -> list[tuple[float, str, set[str]]]:
    """The words of a point, each with its weight and with those that are known of its kin."""
    stems = [(weights.of(stem), canonical(stem)) for stem in set(content_stems(point))]
    return [
        (weight, stem, {word for word in known if related(stem, (word,))}) for weight, stem in sorted(stems)
    ]


def _covered(wanted: Sequence[tuple[float, str, set[str]]], said: set[str]) -> float:
    """The share, 0 to 1, of some words' weight that a text has, in these words or in kin of theirs."""
    total = sum(weight for weight, _, _ in wanted)
    held = sum(weight * (1.0 if word in said else _KIN * bool(kin & said)) for weight, word, kin in wanted)
    return held / total if total else 0.0
