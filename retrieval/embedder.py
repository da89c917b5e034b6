"""The embeddings behind an index: loaded when first needed, waited for no longer than a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

    EmbeddingsLike = Embeddings | Callable[[], Embeddings]
    """LangChain embeddings, or a function that loads them."""

T = TypeVar("T")


class Embedder:
    """Turns texts into vectors of length 1 with any LangChain embeddings."""

    def __init__(self, embeddings: EmbeddingsLike) -> None:
        self._given = embeddings
        self._loaded: Embeddings | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What the embeddings are called: with a local model, its content counts.

        Raises:
            UnavailableError: The model must be there to tell, and is not.
        """
        return name_of(self._given)

    def load(self) -> Embeddings:
        """Return the embeddings, loading them the first time.

        Raises:
            UnavailableError: They cannot be had, for instance because their weights are not there.
        """
        from langchain_core.embeddings import Embeddings

        with self._lock:
            if self._loaded is None:
                self._loaded = self._given if isinstance(self._given, Embeddings) else self._given()
            return self._loaded

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of sentences, shape (len(texts), width).

        Raises:
            UnavailableError: The embeddings cannot be had.
            ModelError: They gave something else than one vector a text.
        """
        return _unit(self.load().embed_documents(list(texts)), len(texts), self.name)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts whose vectors the caller keeps, so that no cache need.

        Raises:
            UnavailableError: The embeddings cannot be had.
            ModelError: They gave something else than one vector a text.
        """
        from ..models.embeddings import LocalEmbeddings

        embeddings = self.load()
        if not isinstance(embeddings, LocalEmbeddings):
            return self.texts(texts)
        return _unit(embeddings.embed_documents(list(texts), keep=False), len(texts), self.name)

    def query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a query, shape (width,).

        Raises:
            UnavailableError: The embeddings cannot be had.
            ModelError: They gave no vector.
        """
        vector: NDArray[np.float32] = _unit([self.load().embed_query(text)], 1, self.name)[0]
        return vector


def name_of(embeddings: object) -> str:
    """Return what these embeddings are called, without loading them."""
    for attribute in ("identity", "model_name", "model", "name"):
        value = getattr(embeddings, attribute, None)
        if isinstance(value, str) and value:
            return value
    kind = embeddings if callable(embeddings) and hasattr(embeddings, "__qualname__") else type(embeddings)
    return f"{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', kind)}"


def _unit(vectors: Sequence[Sequence[float]], expected: int, name: str) -> NDArray[np.float32]:
    import numpy as np

    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[0] != expected or rows.shape[1] == 0:
        raise ModelError(
            f"Embeddings {name!r} gave shape {rows.shape} for {expected} texts.", "Use other embeddings."
        )
    if not np.isfinite(rows).all():
        raise ModelError(f"Embeddings {name!r} gave a vector that is not finite.", "Use other embeddings.")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = rows / np.maximum(lengths, 1e-12)
    return unit


class Background(Generic[T]):
    """Runs a function in a daemon thread, so that a deadline can pass while it goes on."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done = threading.Event()
        self._error: BaseException | None = None
        self.result: T | None = None
        """What the function returned, once `wait` is true."""
        threading.Thread(target=self._run, name="limner-embed", daemon=True).start()

    def _run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001  (handed to whoever waits)
            self._error = error
        finally:
            self._done.set()

    def wait(self, deadline: float | None) -> bool:
        """Wait until the function is done or the monotonic clock reads `deadline`; tell which came first.

        Raises:
            Exception: Whatever the function raised.
        """
        if not self._done.wait(None if deadline is None else max(0.0, deadline - time.monotonic())):
            return False
        if self._error is not None:
            raise self._error
        return True
