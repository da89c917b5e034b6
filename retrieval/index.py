"""An index on disk: the store, the vector index, and the order of writes that a killed process cannot break.

Everything is in SQLite before Chroma hears of it, each vector with a flag that says whether Chroma has it.
A process killed anywhere leaves documents that can be searched; the next write files what is missing.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from ..errors import BusyError, SettingsError, UnavailableError
from .embedder import Background, Embedder
from .filters import Condition
from .stores.store import Store, number_of
from .stores.vectors import open_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PROBE = "The quick brown fox jumps over the lazy dog."
_SAME = 0.99
"""Cosine of two vectors of the probe above which they come from the same embeddings."""
_EMBED_BATCH = 128
_HURRIED_BATCH = 16
"""With a deadline: a batch cannot be broken off."""


class Index:
    """One folder with everything that search needs.

    Args:
        folder: Where it is, or is to be made.
        embedder: What makes vectors; None searches by words alone.
        server: URL of a Chroma server or a PostgreSQL database that keeps the vectors; "" keeps them in the
            folder.

    Raises:
        SettingsError: The URL is none.
    """

    def __init__(self, folder: Path, embedder: Embedder | None, server: str = "") -> None:
        self.folder = folder
        self.embedder = embedder
        self.vectors = open_vectors(server or folder / "chroma")
        self._on_server = bool(server)
        self._store: Store | None = None
        self._opening = threading.Lock()
        self._writing = threading.RLock()
        self._checked = False

    @property
    def store(self) -> Store:
        """The store, opened when first used."""
        with self._opening:
            if self._store is None:
                self._store = Store(self.folder / "index.sqlite")
                if self._on_server:
                    # Indexes may share a server: each has a name of its own there, kept with the documents.
                    self.vectors.prefix = self._store.name()
            return self._store

    @property
    def exists(self) -> bool:
        """Whether anything was ever indexed here."""
        return self._store is not None or (self.folder / "index.sqlite").is_file()

    def close(self) -> None:
        """Close both files; the next use opens them again."""
        with self._opening:
            if self._store is not None:
                self._store.close()
            self._store = None
        self.vectors.close()

    @contextmanager
    def writing(self, wait: float = 0) -> Iterator[Store]:
        """Hold the one right to write.

        Args:
            wait: Seconds to wait for another process that is writing.

        Raises:
            BusyError: Another process is writing.
        """
        with self._writing:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "write.lock")
            try:
                lock.acquire(timeout=wait)
            except Timeout as error:
                raise BusyError(
                    f"Another process is writing to the index in {str(self.folder)!r}.",
                    "Try again when it is done, or give this process an index of its own.",
                ) from error
            try:
                yield self.store
            finally:
                lock.release()

    def embed(self, done: Callable[[int, int], None] | None = None, deadline: float | None = None) -> bool:
        """Give every passage its vector and file it; call inside `writing`.

        Args:
            done: Told how many of how many passages have their vector.
            deadline: On the monotonic clock; embedding stops there and goes on with the next write.

        Returns:
            Whether every passage has its vector.

        Raises:
            UnavailableError: The embeddings cannot be had; words still serve.
            SettingsError: The index was made with other embeddings.
        """
        self._repair()
        total = self.store.count("passages") - self.store.count("vectors")
        embedded = 0
        if self.embedder is not None and total and self._ready(deadline):
            size = _EMBED_BATCH if deadline is None else _HURRIED_BATCH
            while not _past(deadline) and (batch := self.store.unembedded(size)):
                vectors = self.embedder.passages([joined(row.context, row.text) for row in batch])
                numbered = [
                    (row.number, vector.tobytes()) for row, vector in zip(batch, vectors, strict=True)
                ]
                self.store.put_vectors(numbered)
                embedded += len(batch)
                if done is not None:
                    done(embedded, total)
        self.file()
        return self.embedder is None or embedded >= total

    def _ready(self, deadline: float | None) -> bool:
        """Load and check the embeddings, where that can be done by the deadline."""
        if deadline is None:
            self.check(write=True)
            return True
        return Background(lambda: self.check(write=True)).wait(deadline)

    def check(self, write: bool = False) -> None:
        """Make sure that the index was made with these embeddings.

        Raises:
            SettingsError: It was not.
        """
        if self._checked or self.embedder is None:
            return
        probe = self.embedder.query(_PROBE)
        kept = self.store.meta("embeddings")
        if kept is None and write:
            self.store.set_meta(
                "embeddings", json.dumps({"name": self.embedder.name, "probe": probe.tolist()})
            )
        elif kept is not None:
            self._compare(json.loads(kept)["name"], json.loads(kept)["probe"], probe)
        self._checked = kept is not None or write

    def _compare(self, name: str, kept: Sequence[float], probe: NDArray[np.float32]) -> None:
        import numpy as np

        before = np.asarray(kept, dtype=np.float32)
        if before.shape != probe.shape or float(before @ probe) < _SAME:
            raise SettingsError(
                f"The index in {str(self.folder)!r} was made with embeddings {name!r} (width {before.size}), "
                f"not with {self.embedder.name if self.embedder else ''!r} (width {probe.size}).",
                "Use the embeddings that it was made with, or delete the folder and add the documents again.",
            )

    def nearest(
        self, vector: NDArray[np.float32], limit: int, classes: Sequence[int], where: Sequence[Condition]
    ) -> list[int]:
        """Return the numbers of the passages nearest to `vector`, of these access classes, best first.

        Raises:
            UnavailableError: The vector index cannot be read.
        """
        version = "" if self._on_server else self.store.meta("filed") or ""
        return [number_of(name) for name in self.vectors.nearest(vector, limit, classes, where, version)]

    def _repair(self) -> None:
        """Rebuild the vector index where it is damaged or has lost something."""
        store = self.store
        if not store.count("vectors") and (self._on_server or not self.vectors.exists):
            return
        try:
            intact = self.vectors.count(store.groups()) >= store.count("vectors") - store.count_unfiled()
        except UnavailableError:
            intact = False
        if not intact:
            self.vectors.reset()
            store.unfile_all()

    def file(self) -> None:
        """Bring the vector index up to the store; call inside `writing`."""
        store = self.store
        changed = False
        if dropped := store.dropped():
            if self.vectors.exists:
                self.vectors.drop(dropped)
            changed = True
        store.clear_dropped()
        while batch := store.unfiled(2000):
            self.vectors.file(batch)
            store.set_filed([row.number for row in batch])
            changed = True
        if changed:
            # Any value no earlier write has had: readers in other processes open the folder anew on it.
            version = str(time.time_ns())
            store.set_meta("filed", version)
            self.vectors.version = "" if self._on_server else version


def joined(context: str, text: str) -> str:
    """Return what is embedded for a passage: its headings, then its text."""
    return f"{context}\n{text}" if context else text


def _past(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline
