"""The vector index: an embedded Chroma folder, filled from the store and replaceable from it.

Chroma is not safe between processes: one process writes, behind the index's lock, and a reader opens the
folder anew when the store says that something was filed since.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UnavailableError
from .store import Unfiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLLECTION = "passages"
_BATCH = 2000
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24, "num_threads": 1}
"""One thread: a graph built by two differs from run to run."""


class VectorIndex:
    """Nearest passages by cosine; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._client: Any = None
        self._collection: Any = None
        self.version = ""
        """Of what is filed, as this process last saw or wrote it."""

    def close(self) -> None:
        """Close the folder; the next use opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._collection = None

    def nearest(
        self, vector: NDArray[np.float32], limit: int, documents: Sequence[str] | None, version: str
    ) -> list[str]:
        """Return ids of the passages nearest to `vector`, best first; some may be gone from the store.

        Args:
            vector: Shape (width,), of length 1.
            limit: How many at most.
            documents: Only passages of these; None for all.
            version: Of what is filed; another one than last time opens the folder anew.

        Raises:
            UnavailableError: Chroma cannot read its folder.
        """
        with self._lock:
            if version != self.version:
                self.close()
            self.version = version
            collection = self._opened()
            try:
                count = collection.count()
                if not count:
                    return []
                where = None if documents is None else {"document": {"$in": list(documents)}}
                found = collection.query(
                    query_embeddings=[vector.tolist()], n_results=min(limit, count), where=where, include=[]
                )
                return [str(name) for name in found["ids"][0]]
            except Exception as error:  # Chroma's Rust core raises more than its own types
                self.close()
                raise _broken(self._folder, error) from error

    def count(self) -> int:
        """Return how many vectors are filed.

        Raises:
            UnavailableError: Chroma cannot read its folder.
        """
        with self._lock:
            try:
                return int(self._opened().count())
            except UnavailableError:
                raise
            except Exception as error:
                self.close()
                raise _broken(self._folder, error) from error

    def file(self, vectors: Sequence[Unfiled]) -> None:
        """Put vectors in."""
        import numpy as np

        with self._lock:
            for first in range(0, len(vectors), _BATCH):
                batch = vectors[first : first + _BATCH]
                self._opened().upsert(
                    ids=[vector.id for vector in batch],
                    embeddings=np.stack([np.frombuffer(vector.vector, dtype=np.float32) for vector in batch]),
                    metadatas=[{"document": vector.document} for vector in batch],
                )

    def drop(self, ids: Sequence[str]) -> None:
        """Take vectors out; ids that are not in are passed over."""
        with self._lock:
            for first in range(0, len(ids), _BATCH):
                self._opened().delete(ids=list(ids[first : first + _BATCH]))

    def reset(self) -> None:
        """Throw the folder away: all vectors are to be filed again."""
        with self._lock:
            self.close()
            if self._folder.exists():
                shutil.rmtree(self._folder)

    def _opened(self) -> Any:
        if self._collection is None:
            import chromadb
            from chromadb.config import Settings

            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                self._client = chromadb.PersistentClient(
                    str(self._folder), settings=Settings(anonymized_telemetry=False, is_persistent=True)
                )
                # Without `embedding_function=None` Chroma fetches a model of its own.
                self._collection = self._client.get_or_create_collection(
                    _COLLECTION, embedding_function=None, configuration={"hnsw": _HNSW}
                )
            except Exception as error:  # a damaged file surfaces as anything, a Rust panic included
                raise _broken(self._folder, error) from error
        return self._collection


def _broken(folder: Path, error: Exception) -> UnavailableError:
    return UnavailableError(
        f"The vector index in {str(folder)!r} cannot be read: {type(error).__name__}: {error}.",
        "Add any document again: that rebuilds it from the vectors kept beside it.",
    )
