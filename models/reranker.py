"""A cross-encoder: a model that reads a query and a passage together and says how well they match."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError, UnavailableError
from .cpu_threads import wait_passively
from .hub import hub_folder
from .reference import parse_reference


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder from a folder, loaded on first use; threads may share it.

    Args:
        folder: Where the model is, or a function that finds it on first use. Safetensors weights, one output.
        batch: Pairs read at once.
    """

    def __init__(self, folder: Path | Callable[[], Path], batch: int = 32) -> None:
        self._locate = folder if callable(folder) else lambda: folder
        self._batch = batch
        self._lock = threading.Lock()
        self._model: Any = None

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query, 0 to 1.

        Raises:
            UnavailableError: The model is not on this machine or cannot be loaded.
        """
        if not texts:
            return []
        with self._lock:
            model = self._loaded()
            given = model.predict(
                [(query, text) for text in texts],
                batch_size=self._batch,
                activation_fn=_sigmoid(),
                show_progress_bar=False,
            )
        return [float(score) for score in given]

    def _loaded(self) -> Any:
        if self._model is None:
            folder = self._locate().expanduser().resolve()
            if not (folder / "config.json").is_file():
                raise UnavailableError(
                    f"There is no cross-encoder in {str(folder)!r}.", "Name a folder that has a config.json."
                )
            wait_passively()
            from sentence_transformers import CrossEncoder

            from .quiet import quiet_loading

            try:
                with quiet_loading():
                    model = CrossEncoder(
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
            self._model = model
        return self._model


def open_reranker(reference: str) -> CrossEncoderReranker:
    """Return the cross-encoder that a reference names, without loading it.

    Raises:
        InputError: The reference is malformed, or of a kind that has no cross-encoder.
    """
    parsed = parse_reference(reference)
    match parsed.kind:
        case "path":
            return CrossEncoderReranker(Path(parsed.target))
        case "hf":
            return CrossEncoderReranker(lambda: hub_folder(parsed))
        case _:
            raise InputError(
                f"{reference!r} cannot rerank.", "Name a cross-encoder: path:FOLDER or hf:org/name."
            )


def _sigmoid() -> Any:
    from torch.nn import Sigmoid

    return Sigmoid()
