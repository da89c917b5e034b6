"""How like two sentences are: by embeddings, or by words where there are none."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import ModelError, UnavailableError
from .embedder import Embedder
from .terms import Weights, content_stems
from .verification.sources import Sources

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

LEAST_COSINE = 0.50
"""Likeness to the best source sentence below which a sentence is not about it."""
LEAST_BY_WORDS = 0.34
"""The same for the weighted cosine of words."""
_REMEMBERED = 4096
"""Sentences whose vectors are kept, 1.5 kB each."""

Measure = Literal["embeddings", "words"]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like each of some lines is to each source sentence."""

    rows: Sequence[Sequence[float]]
    """One row a line, one value a source sentence, at most 1."""
    least: float
    """What counts as like at all."""
    measure: Measure
    """"words" is the deterministic fallback."""


def likeness_of(lines: Sequence[str], sources: Sources, embeddings: Embeddings | None) -> Likeness:
    """Measure with `embeddings`, else with the stored MiniLM, else by words."""
    rows, measure = cosines(lines, [source.claim.text for source in sources.all], embeddings)
    return Likeness(rows, LEAST_COSINE if measure == "embeddings" else LEAST_BY_WORDS, measure)


def cosines(
    lines: Sequence[str], texts: Sequence[str], embeddings: Embeddings | None
) -> tuple[Sequence[Sequence[float]], Measure]:
    """Return how like each line is to each text, at most 1, and how that was measured."""
    embedder = _stored() if embeddings is None else Embedder(embeddings)
    try:
        # One call for all: a model's time is mostly per call.
        vectors = embedder.texts([*lines, *texts])
    except (UnavailableError, ModelError):
        weights = Weights(texts)
        stems = [set(content_stems(text)) for text in texts]
        return [[weights.similarity(content_stems(line), each) for each in stems] for line in lines], "words"
    rows = vectors[: len(lines)] @ vectors[len(lines) :].T
    return [[float(value) for value in row] for row in rows], "embeddings"


def _stored() -> Embedder:
    """Return the stored MiniLM, which loads at its first call."""
    return _opened(_folder(_surroundings()))


def _surroundings() -> tuple[object, ...]:
    """Return what settings are read from: reading them takes longer than judging a sentence."""
    try:
        stat = Path("limner.toml").stat()
        file = (stat.st_mtime_ns, stat.st_size)
    except OSError:
        file = (0, 0)
    named = sorted((key, os.environ[key]) for key in os.environ if key.upper().startswith(("LIMNER", "HOME")))
    return Path.cwd(), file, tuple(named)


@lru_cache(maxsize=4)
def _folder(surroundings: tuple[object, ...]) -> Path:
    """Return where models are stored, as the settings of these surroundings say."""
    from ..settings import load_settings

    return load_settings().models_folder


@lru_cache(maxsize=4)
def _opened(folder: Path) -> Embedder:
    """Return one embedder a store: its weights load once."""
    from ..models.embeddings import open_embeddings
    from ..models.store import Store
    from ..settings import DEFAULT_EMBEDDINGS

    return _Remembering(open_embeddings(DEFAULT_EMBEDDINGS, Store(folder)))


class _Remembering(Embedder):
    """Keeps the vectors of the last sentences: one text after another is held against the same passages."""

    def __init__(self, embeddings: Embeddings) -> None:
        super().__init__(embeddings)
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._keeping = threading.Lock()

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As of any embedder, with only new sentences computed."""
        import numpy as np

        if not texts:
            return super().texts(texts)
        with self._keeping:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= zip(missing, super().texts(missing), strict=True)
        with self._keeping:
            for text in known:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return np.stack([known[text] for text in texts])
