"""Embeddings: the local model that turns text into vectors, as a LangChain `Embeddings`."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from ..errors import InputError, UnavailableError
from ..steps.threads import offload
from .cpu_threads import wait_passively
from .hub import hub_folder
from .reference import parse_reference
from .store import Store

_loading = threading.Lock()
_loaded: dict[Path, Any] = {}
"""One model a folder for the whole process: its weights are read-only, so all users share them."""


class LocalEmbeddings(Embeddings):
    """A sentence-transformers model from a folder, loaded on first use.

    Texts longer than the model's `max_seq_length` are embedded by their beginning. Safe to use from
    several threads and event loops; calls of one model run one after another.

    Args:
        folder: Where the model is, or a function that finds it on first use.
        name: What to call it; the folder's name where left out.
        batch: Texts embedded at once.
    """

    def __init__(self, folder: Path | Callable[[], Path], name: str = "", batch: int = 32) -> None:
        self._locate = folder if callable(folder) else lambda: folder
        self._folder: Path | None = None
        self.name = name or self.folder.name
        self._batch = batch
        self._encoding = threading.Lock()
        self._hash = ""

    @property
    def folder(self) -> Path:
        """The model's folder.

        Raises:
            UnavailableError: The model is not on this machine.
        """
        if self._folder is None:
            folder = self._locate().expanduser().resolve()
            if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
                raise UnavailableError(
                    f"There is no embedding model in {str(folder)!r}.",
                    "Name a folder that has a config.json.",
                )
            self._folder = folder
        return self._folder

    @property
    def identity(self) -> str:
        """Name and content: two models with one identity make the same vectors."""
        if not self._hash:
            digest = hashlib.sha256()
            for path in sorted(self.folder.rglob("*")):
                if path.suffix in (".safetensors", ".json", ".txt"):
                    with path.open("rb") as reader:
                        digest.update(hashlib.file_digest(reader, "sha256").digest())
            self._hash = digest.hexdigest()[:16]
        return f"{self.name}@{self._hash}"

    @property
    def width(self) -> int:
        """Numbers in a vector, read from the model's configuration without loading its weights."""
        pooling = self.folder / "1_Pooling" / "config.json"
        if pooling.is_file():
            config = json.loads(pooling.read_text("utf-8"))
            width = config.get("word_embedding_dimension") or config.get("embedding_dimension")
            if width and not (self.folder / "2_Dense").exists():
                return int(width)
        return int(self._model().get_embedding_dimension())

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts; each vector has `width` numbers and length 1.

        Raises:
            UnavailableError: The model is not on this machine or cannot be loaded.
        """
        if not texts:
            return []
        model = self._model()
        with self._encoding:
            vectors = model.encode(
                texts, batch_size=self._batch, normalize_embeddings=True, show_progress_bar=False
            )
        rows: list[list[float]] = vectors.tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """Embed one text."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts on a thread, so that the event loop stays free."""
        return await offload(lambda: self.embed_documents(texts))

    async def aembed_query(self, text: str) -> list[float]:
        """Embed one text on a thread, so that the event loop stays free."""
        return await offload(lambda: self.embed_query(text))

    def _model(self) -> Any:
        folder = self.folder
        with _loading:
            if folder not in _loaded:
                wait_passively()
                from sentence_transformers import SentenceTransformer

                from .quiet import quiet_loading

                try:
                    with quiet_loading():
                        _loaded[folder] = SentenceTransformer(
                            str(folder),
                            local_files_only=True,
                            trust_remote_code=False,
                            model_kwargs={"use_safetensors": True},
                        )
                except (OSError, ValueError, RuntimeError, KeyError) as error:
                    raise UnavailableError(
                        f"The embedding model in {str(folder)!r} cannot be loaded: {error}",
                        "It must be a sentence-transformers folder with safetensors weights.",
                    ) from error
            return _loaded[folder]


def open_embeddings(reference: str, store: Store) -> LocalEmbeddings:
    """Return the embedding model that a reference names, without loading it.

    Raises:
        InputError: The reference is malformed, unknown to the catalog, or of a kind that has no embeddings.
    """
    parsed = parse_reference(reference)
    match parsed.kind:
        case "catalog":
            entry = store.show(parsed.target).entry
            if entry.kind != "embeddings":
                raise InputError(
                    f"Model {parsed.target!r} is a {entry.kind} model.",
                    "Name an embedding model, such as 'all-minilm-l6-v2'.",
                )
            return LocalEmbeddings(lambda: store.path(parsed.target), parsed.target)
        case "path":
            return LocalEmbeddings(lambda: Path(parsed.target), Path(parsed.target).name)
        case "hf":
            return LocalEmbeddings(lambda: hub_folder(parsed), parsed.target)
        case _:
            raise InputError(
                f"{reference!r} cannot make embeddings.",
                "Use a catalog name, path: or hf:, or pass a LangChain Embeddings object.",
            )
