"""Training the router on examples alone: logistic regression, calibrated on held-out folds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...retrieval.embedder import Embedder
from ..router import CLEAR
from .heads import Heads, Linear, Vocabulary, grams, log_chances
from .intents import Intents

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

    from .heads import Chances, Floats

STRENGTH = 10.0
"""Inverse of the regularisation; chosen on the first fold of banking77 among 3, 10 and 30."""
BINS = 10
_SHARPEST, _FLATTEST = -1.0, 3.0
"""Bounds of the logarithm of a temperature: a handful of examples must not make it certain of everything."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages of like confidence."""

    confidence: float
    """Mean confidence, 0 to 1."""
    accuracy: float
    """Share that was right, 0 to 1."""
    count: int


@dataclass(frozen=True, slots=True)
class Trained:
    """The heads, and how they do on examples that they were not trained on."""

    heads: Heads
    bins: tuple[Bin, ...]
    """Out of fold, after calibration; empty where an intent has a single example."""
    error: float
    """Expected calibration error, 0 to 1: the mean distance of confidence and accuracy."""
    clear: float
    """Share of messages for which the words were clear, 0 to 1."""
    folds: int


def train(intents: Intents, embeddings: Embeddings | None, folds: int = 10, seed: int = 0) -> Trained:
    """Train on the examples of intents. Deterministic.

    Args:
        intents: At least two.
        embeddings: They stay as they are; None: the words alone.
        folds: Held-out parts, at least 2; fewer where an intent has fewer examples.
        seed: Of the folds.

    Raises:
        UnavailableError: The embeddings cannot be had.
    """
    texts, names = zip(*intents.examples, strict=True)
    labels = tuple(sorted(set(names)))
    target = np.asarray([labels.index(name) for name in names])
    found = [grams(text) for text in texts]
    embedder = None if embeddings is None else Embedder(embeddings)
    vectors = None if embedder is None else embedder.texts(texts)
    folds = min(folds, *Counter(names).values())
    said, meant, both, accuracy, clear = 1.0, 1.0, 1.0, 0.0, 0.0
    bins: tuple[Bin, ...] = ()
    if folds >= 2:
        by_words, by_meaning = _held_out(found, vectors, target, folds, seed)
        said = temperature(by_words, target)
        chances = log_chances(by_words, said)
        if by_meaning is not None:
            meant = temperature(by_meaning, target)
            mixed = (chances + log_chances(by_meaning, meant)) / 2
            both = temperature(mixed, target)
            sure = np.exp(chances.max(axis=1)) >= CLEAR
            clear = float(sure.mean())
            chances = np.where(sure[:, None], chances, log_chances(mixed, both))
        bins = reliability(chances, target)
        accuracy = float(np.mean(chances.argmax(axis=1) == target))
    vocabulary, words_alone = _fit_words(found, target)
    heads = Heads(
        labels,
        vocabulary,
        Linear(*words_alone, said),
        None if vectors is None else Linear(*_fit(vectors, target), meant),
        both,
        "" if embedder is None else embedder.name,
        intents.sha256,
        round(accuracy, 4),
    )
    total = sum(part.count for part in bins) or 1
    error = sum(part.count * abs(part.confidence - part.accuracy) for part in bins) / total
    return Trained(heads, bins, error, clear, folds)


def temperature(scores: Chances, target: NDArray[Any]) -> float:
    """Return what to divide scores by, so that the held-out examples are likeliest."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(target))

    def loss(power: float) -> float:
        return -float(log_chances(scores, float(np.exp(power)))[rows, target].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(_SHARPEST, _FLATTEST), method="bounded").x))


def reliability(chances: Chances, target: NDArray[Any]) -> tuple[Bin, ...]:
    """Compare confidence with accuracy, in bins of equal width; empty bins are left out.

    Args:
        chances: Logarithms, shape (examples, labels).
        target: The right label of each.
    """
    sure, right = np.exp(chances.max(axis=1)), chances.argmax(axis=1) == target
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    return tuple(
        Bin(float(sure[inside].mean()), float(right[inside].mean()), int(inside.sum()))
        for inside in (places == place for place in range(BINS))
        if inside.any()
    )


def _held_out(
    found: Sequence[Sequence[str]], vectors: Floats | None, target: NDArray[Any], folds: int, seed: int
) -> tuple[Chances, Chances | None]:
    """Score each example by heads that did not see it, each of shape (examples, labels)."""
    from sklearn.model_selection import StratifiedKFold

    by_words = np.zeros((len(target), int(target.max()) + 1))
    by_meaning = None if vectors is None else np.zeros_like(by_words)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for known, held in parts.split(target, target):
        vocabulary, (weight, bias) = _fit_words([found[row] for row in known], target[known])
        by_words[held] = _sparse(vocabulary, [found[row] for row in held]) @ weight.T + bias
        if vectors is not None and by_meaning is not None:
            weight, bias = _fit(vectors[known], target[known])
            by_meaning[held] = vectors[held] @ weight.T + bias
    return by_words, by_meaning


def _fit_words(
    found: Sequence[Sequence[str]], target: NDArray[Any]
) -> tuple[Vocabulary, tuple[Floats, Floats]]:
    vocabulary = Vocabulary.of(found)
    return vocabulary, _fit(_sparse(vocabulary, found), target)


def _sparse(vocabulary: Vocabulary, found: Sequence[Sequence[str]]) -> Any:
    from scipy.sparse import csr_matrix

    rows, columns, values = [], [], []
    for row, each in enumerate(found):
        places, weights = vocabulary.vector(each)
        rows += [row] * len(places)
        columns += places
        values += weights
    return csr_matrix((values, (rows, columns)), shape=(len(found), len(vocabulary.terms)), dtype=np.float32)


def _fit(features: Any, target: NDArray[Any]) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=500).fit(features, target)
    weight, bias = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if len(bias) == 1:
        # of two labels the library keeps the scores of the second alone
        weight, bias = np.vstack([np.zeros_like(weight), weight]), np.array([0, bias[0]], np.float32)
    return weight, bias
