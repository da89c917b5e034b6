"""Finding passages: nearest by meaning and best by words, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ModelError, UnavailableError
from .embedder import Background
from .index import Index
from .passage import Passage
from .terms import Weights, content_stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORDS_WEIGHT = 0.5
"""Of BM25 over its best, beside the cosine. nDCG@10 on Cranfield and SQuAD 2.0 with MiniLM: 0.562 and 0.938;
at 0.3, 0.559 and 0.937; fused by rank (k = 60), 0.551 and 0.905; cosine alone, 0.507 and 0.836; words alone,
0.517 and 0.912."""
HEADING_WEIGHT = 1.0
"""Of a word in title or headings beside one in the text."""
_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found."""

    passages: tuple[Passage, ...]
    """Best first."""
    note: str = ""
    """Why meaning was left out and words alone decided; "" where it was not."""


def search(
    index: Index, query: str, k: int, documents: Sequence[str] | None = None, deadline: float | None = None
) -> Search:
    """Find the `k` passages that answer `query` best.

    Args:
        index: Where.
        query: A question or keywords.
        k: How many at most.
        documents: Only passages of these documents; None for all.
        deadline: On the monotonic clock: where the embeddings are not ready by then, words alone decide.

    Raises:
        SettingsError: The index was made with other embeddings.
    """
    limit = max(_CANDIDATES, 2 * k)
    waiting: Background[tuple[NDArray[np.float32], list[str]]] | None = None
    if index.embedder is not None and index.store.count("vectors"):
        waiting = Background(lambda: _nearest(index, query, limit, documents))
    by_words = dict(index.store.match(query, limit, documents, HEADING_WEIGHT))
    scores: dict[str, float] | None = None
    note = ""
    if waiting is not None:
        try:
            if waiting.wait(deadline) and waiting.result is not None:
                vector, near = waiting.result
                vectors = index.store.vectors([*near, *by_words])
                scores = weighted({found: float(row @ vector) for found, row in vectors.items()}, by_words)
            else:
                note = "the embeddings were not ready by the deadline"
        except (UnavailableError, ModelError) as error:
            note = str(error)
    if scores is None:
        scores = _by_words_alone(index, query, by_words)
    best = sorted(scores, key=lambda found: (-scores[found], found))[:k]
    found = index.store.passages(best)
    return Search(
        tuple(
            found[name].model_copy(update={"score": round(scores[name], 6)}) for name in best if name in found
        ),
        note,
    )


def _nearest(
    index: Index, query: str, limit: int, documents: Sequence[str] | None
) -> tuple[NDArray[np.float32], list[str]]:
    """Return the vector of the query and the ids of the passages nearest to it."""
    if index.embedder is None:
        raise UnavailableError("This index has no embeddings.", "Pass some to KnowledgeBase.")
    index.check()
    vector = index.embedder.query(query)
    return vector, index.nearest(vector, limit, documents)


def weighted(
    cosines: Mapping[str, float], by_words: Mapping[str, float], weight: float = WORDS_WEIGHT
) -> dict[str, float]:
    """Fuse by value: the cosine plus `weight` times BM25 over its best, scaled to at most 1."""
    top = max(by_words.values(), default=0.0)
    return {
        found: (
            max(0.0, cosines.get(found, 0.0)) + weight * (by_words.get(found, 0.0) / top if top > 0 else 0.0)
        )
        / (1 + weight)
        for found in {**cosines, **by_words}
    }


def _by_words_alone(index: Index, query: str, by_words: Mapping[str, float]) -> dict[str, float]:
    """Score 0 to 1 by BM25 over its best and by how much of the query the passage covers."""
    top = max(by_words.values(), default=0.0)
    if top <= 0:
        return {}
    passages = index.store.passages(by_words)
    weights = Weights([passage.text for passage in passages.values()])
    asked = set(content_stems(query))
    return {
        found: by_words[found] / top * (0.5 + 0.5 * weights.coverage(asked, content_stems(passage.text)))
        for found, passage in passages.items()
    }
