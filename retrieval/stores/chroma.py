"""Vectors in Chroma, embedded or a server.

Embedded Chroma is not safe between
processes: one process writes, behind the index's lock, and a reader opens the folder anew when the store says
that something was filed since.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...errors import SettingsError, UnavailableError
from ..filters import Condition, is_empty, to_chroma
from .store import Unfiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 250
"""Vectors sent to a server at once."""
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24}


class ChromaIndex:
    """A `VectorIndex` in Chroma; each access class is a collection of its own.

    Args:
        place: The folder of an embedded Chroma, or the URL of a server (``http://host:port``).
        prefix: Of the names of its collections: what tells indexes on one server apart.

    Raises:
        SettingsError: The URL has no host, or something after it.
    """

    def __init__(self, place: Path | str, prefix: str = "passages") -> None:
        self._place = place
        self._address = _address(place) if isinstance(place, str) else None
        self.prefix = prefix
        self._lock = threading.RLock()
        self._client: Any = None
        self._collections: dict[int, Any] = {}
        self.version = ""
        """Of what is filed, as this process last saw or wrote it."""

    @property
    def exists(self) -> bool:
        """Whether there may be anything in it."""
        return not isinstance(self._place, Path) or self._place.exists()

    def close(self) -> None:
        """Close it; the next use opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None
            self._collections.clear()

    def nearest(
        self,
        vector: NDArray[np.float32],
        limit: int,
        groups: Sequence[int],
        where: Sequence[Condition],
        version: str,
    ) -> list[str]:
        """Return ids of the passages nearest to `vector`, best first."""
        if is_empty(where):
            return []
        with self._lock:
            if version != self.version:
                self.close()
            self.version = version
            found: list[tuple[float, str]] = []
            try:
                for group in groups:
                    rows = self._opened(group).query(
                        query_embeddings=[vector.tolist()],
                        n_results=limit,
                        where=to_chroma(where),
                        include=["distances"],
                    )
                    found += zip(rows["distances"][0], rows["ids"][0], strict=True)
            except Exception as error:
                raise self._broken(error) from error
            return [name for _, name in sorted(found)[:limit]]

    def count(self, groups: Sequence[int]) -> int:
        """Return how many vectors of these access classes are filed."""
        with self._lock:
            try:
                return sum(int(self._opened(group).count()) for group in groups)
            except Exception as error:
                raise self._broken(error) from error

    def file(self, vectors: Sequence[Unfiled]) -> None:
        """Put vectors in."""
        import numpy as np

        with self._lock:
            try:
                for group, rows in groupby(sorted(vectors, key=lambda row: row.group), lambda row: row.group):
                    of_group = list(rows)
                    for first in range(0, len(of_group), _BATCH):
                        batch = of_group[first : first + _BATCH]
                        self._opened(group).upsert(
                            ids=[row.id for row in batch],
                            embeddings=np.stack(
                                [np.frombuffer(row.vector, dtype=np.float32) for row in batch]
                            ),
                            metadatas=[row.metadata for row in batch],
                        )
            except Exception as error:
                raise self._broken(error) from error

    def drop(self, ids: Sequence[tuple[int, str]]) -> None:
        """Take vectors out."""
        with self._lock:
            try:
                for group, rows in groupby(ids, lambda row: row[0]):
                    names = [name for _, name in rows]
                    for first in range(0, len(names), _BATCH):
                        self._opened(group).delete(ids=names[first : first + _BATCH])
            except Exception as error:
                raise self._broken(error) from error

    def reset(self) -> None:
        """Throw everything away."""
        with self._lock:
            if isinstance(self._place, Path):
                self.close()
                if self._place.exists():
                    shutil.rmtree(self._place)
                return
            try:
                for collection in self._connected().list_collections():
                    if collection.name.startswith(f"{self.prefix}-"):
                        self._client.delete_collection(collection.name)
            except Exception as error:
                raise self._broken(error) from error
            self._collections.clear()

    def _opened(self, group: int) -> Any:
        """Return the collection of an access class, made when it is not there."""
        if group not in self._collections:
            # Without `embedding_function=None` Chroma fetches a model of its own. One thread where the graph
            # is built here: two would make it differ from run to run.
            self._collections[group] = self._connected().get_or_create_collection(
                f"{self.prefix}-{group}",
                embedding_function=None,
                configuration={"hnsw": {**_HNSW, "num_threads": 1} if self._address is None else _HNSW},
            )
        return self._collections[group]

    def _connected(self) -> Any:
        if self._client is None:
            import chromadb
            from chromadb.config import Settings

            if self._address is None:
                Path(self._place).mkdir(parents=True, exist_ok=True)
                settings = Settings(anonymized_telemetry=False, is_persistent=True)
                self._client = chromadb.PersistentClient(str(self._place), settings=settings)
            else:
                host, port, tls = self._address
                settings = Settings(anonymized_telemetry=False)
                self._client = chromadb.HttpClient(host, port, tls, settings=settings)
        return self._client

    def _broken(self, error: Exception) -> UnavailableError:
        """Close what failed; Chroma's Rust core raises more than its own types, a panic included."""
        self.close()
        said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        if self._address is None:
            return UnavailableError(
                f"The vector index in {str(self._place)!r} cannot be read: {said}.",
                "Add any document again: that rebuilds it from the vectors kept beside it.",
            )
        return UnavailableError(
            f"The Chroma server at {self._place!r} cannot be used: {said}.",
            "Start it, or correct [knowledge] store.",
        )


def _address(url: str) -> tuple[str, int, bool]:
    """Return host, port and whether TLS is used."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.path.strip("/"):
        raise SettingsError(
            f"Knowledge store {url!r} is no server's address.",
            "Write 'http://host:port', 'postgresql://...', or a folder's name.",
        )
    tls = parts.scheme == "https"
    return parts.hostname, port or (443 if tls else 8000), tls
