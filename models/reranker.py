"""A cross-encoder: a model that reads a query and a passage together and says how well they match."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UnavailableError
from .batching import BatchStats, BatchThread
from .cpu_threads import set_up_cpu
from .embeddings import content_hash
from .has_cuda import has_cuda
from .hub import hub_folder
from .reference import parse_reference
from .vector_cache import VectorCache, key_of

if TYPE_CHECKING:
    from .batching import Vectors

_Pair = tuple[str, str]


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder from a folder, loaded on first use.

    Threads may share it: their calls share batches and take turns. As with embeddings, a score's last bits
    depend on its batch. Close it to end its thread and free the model.

    Args:
        folder: Where the model is, or a function that finds it on first use. Safetensors weights, one output.
        cache: Keeps scores for other runs and processes; None computes each anew.
    """

    def __init__(self, folder: Path | Callable[[], Path], cache: VectorCache | None = None) -> None:
        self._locate = folder if callable(folder) else lambda: folder
        self._cache = cache
        self._lock = threading.Lock()
        self._hash = ""
        device = "cuda" if has_cuda() else "cpu"
        self._thread: BatchThread[_Pair] = BatchThread(
            "the reranker", lambda: _load(self._folder()), lambda pair: len(pair[0]) + len(pair[1]), device
        )

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query, 0 to 1.

        Raises:
            UnavailableError: The model is not on this machine, cannot be loaded, or is closed.
            ModelError: It failed.
        """
        keys = {text: key_of(self._content(), query, text) for text in texts} if self._cache else {}
        known = self._cache.get(keys.values()) if self._cache else {}
        missing = [text for text in dict.fromkeys(texts) if keys.get(text) not in known]
        rows: dict[str, Vectors] = {}
        if missing:
            made = self._thread.submit([(query, text) for text in missing]).result()
            rows = dict(zip(missing, made, strict=True))
            if self._cache:
                self._cache.put({keys[text]: row for text, row in rows.items()})
        return [float((rows[text] if text in rows else known[keys[text]])[0]) for text in texts]

    def stats(self) -> BatchStats:
        """Return the counters of the model's thread."""
        return self._thread.stats()

    def close(self) -> None:
        """End the thread and let go of the model; calls that wait for it end with an error."""
        self._thread.close()

    def _content(self) -> str:
        with self._lock:
            if not self._hash:
                self._hash = content_hash(self._folder())
            return self._hash

    def _folder(self) -> Path:
        folder = self._locate().expanduser().resolve()
        if not (folder / "config.json").is_file():
            raise UnavailableError(
                f"There is no cross-encoder in {str(folder)!r}.", "Name a folder that has a config.json."
            )
        return folder


def _load(folder: Path) -> Callable[[list[_Pair]], Vectors]:
    """Load a model; return what scores a batch, one number a row.

    Raises:
        UnavailableError: It cannot be loaded, or is no reranker.
    """
    set_up_cpu()
    from sentence_transformers import CrossEncoder
    from torch.nn import Sigmoid

    from .quiet import quiet_loading

    try:
        with quiet_loading():
            model: Any = CrossEncoder(
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise UnavailableError(
            f"The cross-encoder in {str(folder)!r} cannot be loaded: {error}",
            "It must be a transformers folder with safetensors weights.",
        ) from error
    if model.num_labels != 1:
        raise UnavailableError(
            f"The model in {str(folder)!r} has {model.num_labels} outputs; a reranker has one.",
            "Name a cross-encoder for ranking.",
        )

    def run(pairs: list[_Pair]) -> Vectors:
        given = model.predict(pairs, batch_size=len(pairs), activation_fn=Sigmoid(), show_progress_bar=False)
        scores: Vectors = given.reshape(-1, 1).astype("float32", copy=False)
        return scores

    return run


def open_reranker(reference: str, cache: VectorCache | None = None) -> CrossEncoderReranker:
    """Return the cross-encoder that a reference names, without loading it.

    Raises:
        InputError: The reference is malformed, or of a kind that has no cross-encoder.
    """
    parsed = parse_reference(reference)
    match parsed.kind:
        case "path":
            return CrossEncoderReranker(Path(parsed.target), cache)
        case "hf":
            return CrossEncoderReranker(lambda: hub_folder(parsed), cache)
        case _:
            raise InputError(
                f"{reference!r} cannot rerank.", "Name a cross-encoder: path:FOLDER or hf:org/name."
            )
