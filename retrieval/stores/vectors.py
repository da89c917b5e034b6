"""The vector index: nearest passages by cosine, filled from the store and replaceable from it.

Each access class lies apart: a query opens those that its reader may see, and nothing in the others can reach
it, not even through the shape of a common graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..filters import Condition
from .store import Unfiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VectorIndex(Protocol):
    """Where vectors lie; safe to share between threads. Every method but `close` raises UnavailableError."""

    prefix: str
    """Of the names of its collections: what tells indexes on one server apart."""
    version: str
    """Of what is filed, as this process last saw or wrote it."""

    @property
    def exists(self) -> bool:
        """Whether there may be anything in it."""
        ...

    def close(self) -> None:
        """Close it; the next use opens it again."""
        ...

    def nearest(
        self,
        vector: NDArray[np.float32],
        limit: int,
        groups: Sequence[int],
        where: Sequence[Condition],
        version: str,
    ) -> list[str]:
        """Return ids of the passages nearest to `vector`, best first; some may be gone from the store.

        Args:
            vector: Shape (width,), of length 1.
            limit: How many at most.
            groups: Access classes that the reader may see.
            where: What the passages' documents must be.
            version: Of what is filed; another one than last time opens a folder anew.
        """
        ...

    def count(self, groups: Sequence[int]) -> int:
        """Return how many vectors of these access classes are filed."""
        ...

    def file(self, vectors: Sequence[Unfiled]) -> None:
        """Put vectors in."""
        ...

    def drop(self, ids: Sequence[tuple[int, str]]) -> None:
        """Take vectors out, as ``(access class, id)`` by class; unknown ones are no fault."""
        ...

    def reset(self) -> None:
        """Throw everything away: all vectors are to be filed again."""
        ...


def open_vectors(place: Path | str) -> VectorIndex:
    """Return the index in a folder (Chroma), on a Chroma server (``http://``) or in PostgreSQL.

    Raises:
        SettingsError: The URL is none of these, or the extra `postgres` is missing.
    """
    if isinstance(place, str) and place.startswith(("postgresql://", "postgres://")):
        from .pgvector import PgVectorIndex

        return PgVectorIndex(place)
    from .chroma import ChromaIndex

    return ChromaIndex(place)
