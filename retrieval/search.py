"""Finding passages: nearest by meaning and best by words, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..errors import ModelError, UnavailableError
from .access import Access
from .embedder import Background
from .filters import Condition
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
_CANDIDATES = 200
_RERANKED = 50
"""Passages that a reranker reads; the others stay behind them."""


class Reranker(Protocol):
    """Reads a query and a passage together."""

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return how well each text answers the query, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, and by whom."""

    text: str
    k: int
    """How many passages at most."""
    where: tuple[Condition, ...] = ()
    reader: Access = field(default_factory=Access)
    deadline: float | None = None
    """On the monotonic clock: what is not ready by then is left out."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found."""

    passages: tuple[Passage, ...]
    """Best first."""
    notes: tuple[str, ...] = ()
    """What was left out, and why."""


def search(index: Index, query: Query, reranker: Reranker | None = None) -> Search:
    """Find the passages that answer a query best, among those that its reader may see.

    Every figure behind a score is one of visible passages: a score is the same whether others exist or not.
    Scores that are equal in 6 places count as equal: a query's vector depends on its batch in the seventh.

    Raises:
        SettingsError: The index was made with other embeddings.
    """
    classes = index.store.visible(query.reader)
    if not classes:
        return Search(())
    limit = max(_CANDIDATES, 2 * query.k)
    waiting: Background[tuple[NDArray[np.float32], list[int]]] | None = None
    if index.embedder is not None and index.store.has_vectors(classes):
        waiting = Background(lambda: _nearest(index, query, limit, classes))
    by_words = dict(index.store.match(query.text, limit, classes, query.where))
    scores: dict[int, float] | None = None
    notes = []
    if waiting is not None:
        try:
            if waiting.wait(query.deadline) and waiting.result is not None:
                vector, near = waiting.result
                vectors = index.store.vectors([*near, *by_words])
                scores = weighted({found: float(row @ vector) for found, row in vectors.items()}, by_words)
            else:
                notes.append("the embeddings were not ready by the deadline")
        except (UnavailableError, ModelError) as error:
            notes.append(str(error))
    if scores is None:
        scores = _by_words_alone(index, query, by_words, classes)
    ranked = sorted(scores, key=lambda found: (-round(scores[found], 6), found))
    found = index.store.passages(ranked[: max(query.k, _RERANKED if reranker else 0)], classes)
    best = [found[n].model_copy(update={"score": round(scores[n], 6)}) for n in ranked if n in found]
    if reranker is not None:
        best, note = _reranked(reranker, query, best)
        notes += note
    return Search(tuple(best[: query.k]), tuple(notes))


def _nearest(
    index: Index, query: Query, limit: int, classes: Sequence[int]
) -> tuple[NDArray[np.float32], list[int]]:
    """Return the vector of the query and the numbers of the passages nearest to it."""
    if index.embedder is None:
        raise UnavailableError("This index has no embeddings.", "Pass some to KnowledgeBase.")
    index.check()
    vector = index.embedder.query(query.text)
    return vector, index.nearest(vector, limit, classes, query.where)


def _reranked(reranker: Reranker, query: Query, best: list[Passage]) -> tuple[list[Passage], list[str]]:
    """Put the first passages into the reranker's order, in time; else leave them, with a note."""
    first = best[:_RERANKED]
    work = Background(lambda: reranker.scores(query.text, [_read(passage) for passage in first]))
    try:
        if not work.wait(query.deadline) or work.result is None:
            return best, ["the reranker was not ready by the deadline"]
    except (UnavailableError, ModelError) as error:
        return best, [str(error)]
    given = [min(1.0, max(0.0, float(score))) for score in work.result]
    if len(given) != len(first):
        return best, [f"the reranker gave {len(given)} scores for {len(first)} passages"]
    order = sorted(range(len(first)), key=lambda at: (-given[at], at))
    least = min(given, default=0.0)
    behind = [
        passage.model_copy(update={"score": round(least * passage.score, 6)}) for passage in best[_RERANKED:]
    ]
    return [first[at].model_copy(update={"score": round(given[at], 6)}) for at in order] + behind, []


def _read(passage: Passage) -> str:
    """Return what a reranker reads of a passage."""
    return f"{'. '.join(passage.heading)}\n{passage.text}" if passage.heading else passage.text


def weighted(
    cosines: Mapping[int, float], by_words: Mapping[int, float], weight: float = WORDS_WEIGHT
) -> dict[int, float]:
    """Fuse by value: the cosine plus `weight` times BM25 over its best, scaled to at most 1."""
    top = max(by_words.values(), default=0.0)
    return {
        found: (
            max(0.0, cosines.get(found, 0.0)) + weight * (by_words.get(found, 0.0) / top if top > 0 else 0.0)
        )
        / (1 + weight)
        for found in {**cosines, **by_words}
    }


def _by_words_alone(
    index: Index, query: Query, by_words: Mapping[int, float], classes: Sequence[int]
) -> dict[int, float]:
    """Score 0 to 1 by BM25 over its best and by how much of the query the passage covers."""
    top = max(by_words.values(), default=0.0)
    if top <= 0:
        return {}
    passages = index.store.passages(by_words, classes)
    weights = Weights([passage.text for passage in passages.values()])
    asked = set(content_stems(query.text))
    return {
        found: by_words[found] / top * (0.5 + 0.5 * weights.coverage(asked, content_stems(passage.text)))
        for found, passage in passages.items()
    }
