"""Embeddings that remember: the sentences of a store's documents come up again with every question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from ..errors import UnavailableError
from .embedder import name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 20_000
"""Vectors that are kept: about 30 MB of 384 numbers each."""


class KeptEmbeddings(Embeddings):
    """Other embeddings, with the vectors of the texts seen last kept in memory. Thread-safe.

    Args:
        inner: Makes the vectors.
        most: How many are kept; those unused for longest go first.
    """

    def __init__(self, inner: Embeddings, most: int = MOST) -> None:
        self._inner, self._most = inner, most
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """What the inner embeddings are called: the vectors are theirs."""
        return name_of(self._inner)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts, each new one once."""
        with self._lock:
            known = self._known(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            rows = np.asarray(self._inner.embed_documents(missing), dtype=np.float32)
            made = dict(zip(missing, rows, strict=True))
            known |= made
            with self._lock:
                self._kept |= made
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return [known[text].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Embed one text."""
        return self.embed_documents([text])[0]

    def _known(self, texts: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        found = {text: self._kept[text] for text in texts if text in self._kept}
        for text in found:
            self._kept.move_to_end(text)
        return found


class NoEmbeddings(Embeddings):
    """No embeddings, by choice or for want of time: whoever asks for a vector goes by words."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse, so that words decide.

        Raises:
            UnavailableError: Always.
        """
        raise UnavailableError("There are no embeddings here.", "Words decide instead.")

    def embed_query(self, text: str) -> list[float]:
        """Refuse, as `embed_documents` does."""
        return self.embed_documents([text])[0]
