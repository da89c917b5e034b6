"""Vectors that were computed before, on disk: by what model and of what text, both as hashes.

One SQLite file serves any number of threads and processes. It is a cache: a file that is broken is made
anew, a row that is broken counts as absent, and a disk that is full or read-only only means computing.
No text is stored, but a vector tells what its text is about: the file deserves the care of the texts.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..settings import Settings

    Vector = NDArray[np.float32]

log = logging.getLogger(__name__)

T = TypeVar("T")

_TABLE = """
CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, sum INTEGER NOT NULL, used INTEGER NOT NULL,
    vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_use ON vectors (used);
"""
_BUSY_SECONDS = 2.0
_FRESH_SECONDS = 3600
"""A row's last use is written down no more often than this: reading would be writing otherwise."""
_GONE = 0.1
"""The part of the rows, unused for longest, that makes room when the file is full."""
_ASKED = 500
"""Keys in one query."""


_Row = tuple[bytes, int, int, object]
"""Key, checksum, last use, vector."""


class VectorCache:
    """Float32 vectors by the hash of what they were made of. Thread-safe; opens its file at first use.

    Args:
        path: The SQLite file; its folder is made.
        most_mb: Megabytes that vectors may take; the longest unused go first.
        now: The clock, in seconds.
    """

    def __init__(self, path: Path, most_mb: float = 256, now: Callable[[], float] = time.time) -> None:
        self._path, self._most, self._now = path, most_mb * 1e6, now
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None
        self._warned = False
        self.hits = self.misses = 0

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Vector]:
        """Return the vectors of those keys that are known."""
        import numpy as np

        wanted = list(dict.fromkeys(keys))
        found: dict[bytes, Vector] = {}
        stale = []
        fresh = int(self._now()) - _FRESH_SECONDS
        with self._lock:
            none: list[_Row] = []
            for key, check, used, blob in self._attempt(lambda: self._rows(wanted), none):
                if isinstance(blob, bytes) and blob and len(blob) % 4 == 0 and zlib.crc32(blob) == check:
                    found[key] = np.frombuffer(blob, np.float32)
                    if used < fresh:
                        stale.append(key)
            self.hits += len(found)
            self.misses += len(wanted) - len(found)
            if stale:
                self._attempt(lambda: self._touch(stale), None)
        return found

    def put(self, vectors: Mapping[bytes, Vector]) -> None:
        """Keep vectors, and make room for them."""
        now = int(self._now())
        rows = [(key, zlib.crc32(blob), now, blob) for key, row in vectors.items() if (blob := row.tobytes())]
        with self._lock:
            self._attempt(lambda: self._write(rows), None)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _rows(self, keys: Sequence[bytes]) -> list[_Row]:
        rows: list[_Row] = []
        for first in range(0, len(keys), _ASKED):
            some = keys[first : first + _ASKED]
            marks = ",".join("?" * len(some))
            rows += self._file().execute(
                f"SELECT key, sum, used, vector FROM vectors WHERE key IN ({marks})", some
            )
        return rows

    def _touch(self, keys: Sequence[bytes]) -> None:
        now = int(self._now())
        with self._file() as file:
            file.executemany("UPDATE vectors SET used = ? WHERE key = ?", [(now, key) for key in keys])

    def _write(self, rows: Sequence[tuple[bytes, int, int, bytes]]) -> None:
        with self._file() as file:
            file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)
            while self._size() > self._most:
                (count,) = file.execute("SELECT count(*) FROM vectors").fetchone()
                if not count:
                    break
                file.execute(
                    "DELETE FROM vectors WHERE rowid IN"
                    " (SELECT rowid FROM vectors ORDER BY used, rowid LIMIT ?)",
                    (max(1, int(count * _GONE)),),
                )

    def _size(self) -> int:
        """Bytes in use; pages that were freed are written again before the file grows."""
        pages, free, size = (
            self._file().execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _attempt(self, work: Callable[[], T], otherwise: T) -> T:
        """Do something with the file; where that cannot be done, go on without it."""
        try:
            return work()
        except (sqlite3.Error, OSError) as error:
            log.log(
                logging.DEBUG if self._warned else logging.WARNING,
                "the vector cache %s is left out: %s",
                self._path,
                error,
            )
            self._warned = True
            if self._opened is not None:
                self._opened.close()
                self._opened = None
            if type(error) is sqlite3.DatabaseError:
                # Not a database, or a damaged one: other processes go on with the file that they opened.
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            return otherwise

    def _file(self) -> sqlite3.Connection:
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._opened = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False)
            self._opened.execute("PRAGMA journal_mode=WAL")
            self._opened.execute("PRAGMA synchronous=NORMAL")
            self._opened.executescript(_TABLE)
        return self._opened


def open_cache(settings: Settings) -> VectorCache | None:
    """Return the cache that the settings describe; None where they want none."""
    most = settings.embeddings.cache_mb
    return VectorCache(settings.vectors_file, most) if most else None


def key_of(model: str, *texts: str) -> bytes:
    """Return the key of what a model makes of some texts together."""
    digest = hashlib.sha256(model.encode())
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(raw) + raw)
    return digest.digest()
