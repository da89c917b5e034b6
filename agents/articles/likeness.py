"""How alike texts are: by their embeddings, or by their words where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import LimnerError
from ...retrieval.embedder import Embedder
from ...retrieval.terms import Weights, content_stems

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray


def alike(texts: Sequence[str], embeddings: Embeddings | None) -> list[list[float]]:
    """The likeness of each text to each, mostly from 0 to 1.

    Embeddings that fail are done without: words serve, with lower figures for the same likeness.
    """
    if not texts:
        return []
    vectors = vectors_of(texts, embeddings)
    if vectors is not None:
        return [[float(value) for value in row] for row in vectors @ vectors.T]
    weights = Weights(texts)
    stems = [set(content_stems(text)) for text in texts]
    return [[weights.similarity(one, two) for two in stems] for one in stems]


def vectors_of(texts: Sequence[str], embeddings: Embeddings | None) -> NDArray[np.float32] | None:
    """Of length 1; None where there are none to be had."""
    try:
        return Embedder(embeddings).texts(texts) if embeddings is not None else None
    except LimnerError:
        return None
