"""Embeddings: the local model that turns text into vectors, as a LangChain `Embeddings`.

One thread a model computes for all callers of the process (`batching`), and what it computed is kept on disk
(`vector_cache`). A passage of an index is not: the index keeps its vector, and a second copy of 1.5 kB a
passage would be read only where an index is thrown away and made again. What is kept is what comes back in
another run or process: questions, the sentences that claims are compared with, and a router's examples.

The same text has not always the same bytes. What else is in its batch changes the shapes that the CPU's
kernels work on, and with them the last bits: up to 1.8e-7 in a number of MiniLM's and 6e-7 in a cosine.
Rounding the numbers would not help, since some always lie at the edge; the searches of `retrieval` round
their scores to 6 places and take equals in a fixed order. A vector that came from the cache has the bytes
that it was first computed with.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from ..errors import InputError, UnavailableError
from ..steps.threads import offload
from .batching import BatchStats, BatchThread
from .cpu_threads import set_up_cpu
from .has_cuda import has_cuda
from .hub import hub_folder
from .reference import parse_reference
from .shared import Shared
from .store import Store
from .vector_cache import VectorCache, key_of

if TYPE_CHECKING:
    from .batching import Vectors

_shared: Shared[str] = Shared()
"""One model a folder for the whole process: its weights are read-only, so all users share them."""


class LocalEmbeddings(Embeddings):
    """A sentence-transformers model from a folder, loaded on first use.

    Texts longer than the model's `max_seq_length` are embedded by their beginning. Any number of threads and
    event loops may use one; their calls share batches and take turns. A task that is cancelled takes its
    texts back. Close it to end its thread and free the model, once nobody else in the process uses that.

    Args:
        folder: Where the model is, or a function that finds it on first use.
        name: What to call it; the folder's name where left out.
        cache: Keeps vectors for other runs and processes; None computes each anew.
    """

    def __init__(
        self, folder: Path | Callable[[], Path], name: str = "", cache: VectorCache | None = None
    ) -> None:
        self._locate = folder if callable(folder) else lambda: folder
        self._folder: Path | None = None
        self.name = name or self.folder.name
        self._cache = cache
        self._lock = threading.Lock()
        self._thread: BatchThread[str] | None = None
        self._closed = False
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
        return f"{self.name}@{self._content()}"

    @property
    def width(self) -> int:
        """Numbers in a vector, read from the model's configuration where that says it."""
        pooling = self.folder / "1_Pooling" / "config.json"
        if pooling.is_file():
            config = json.loads(pooling.read_text("utf-8"))
            width = config.get("word_embedding_dimension") or config.get("embedding_dimension")
            if width and not (self.folder / "2_Dense").exists():
                return int(width)
        return len(self.embed_query(""))

    def embed_documents(self, texts: list[str], keep: bool = True) -> list[list[float]]:
        """Embed texts; each vector has `width` numbers and length 1.

        Args:
            texts: Any number; each different one is computed once.
            keep: Let the cache keep them; False where the caller does so itself.

        Raises:
            UnavailableError: The model is not on this machine, cannot be loaded, or is closed.
            ModelError: It failed.
        """
        wanted = self._begin(texts, keep)
        return self._finish(texts, wanted, wanted.made.result() if wanted.made else None)

    def embed_query(self, text: str) -> list[float]:
        """Embed one text."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str], keep: bool = True) -> list[list[float]]:
        """Embed texts while the event loop stays free; see `embed_documents`."""
        wanted = await offload(lambda: self._begin(texts, keep))
        made: Vectors | None = None
        if wanted.made:
            made = await asyncio.wrap_future(wanted.made)
        return await offload(lambda: self._finish(texts, wanted, made))

    async def aembed_query(self, text: str) -> list[float]:
        """Embed one text while the event loop stays free."""
        return (await self.aembed_documents([text]))[0]

    def stats(self) -> BatchStats:
        """Return the counters of the model's thread, which others in this process may use as well."""
        with self._lock:
            thread = self._thread
        return BatchStats(False, 0, 0, 0, 0) if thread is None else thread.stats()

    def close(self) -> None:
        """Let go of the model; calls that wait for it end with an error if nobody else uses it."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._closed = True
        if thread is not None:
            _shared.release(self.folder)

    def _begin(self, texts: list[str], keep: bool) -> _Wanted:
        """Look up what is known of some texts, and have the rest computed."""
        keys = {text: key_of(self._content(), text) for text in texts} if self._cache and keep else {}
        known = self._cache.get(keys.values()) if self._cache and keys else {}
        missing = [text for text in dict.fromkeys(texts) if keys.get(text) not in known]
        return _Wanted(keys, known, missing, self._opened().submit(missing) if missing else None)

    def _finish(self, texts: list[str], wanted: _Wanted, made: Vectors | None) -> list[list[float]]:
        """Put known and computed vectors into the order of the texts; keep the new ones."""
        rows = {} if made is None else dict(zip(wanted.missing, made, strict=True))
        if self._cache and wanted.keys and rows:
            self._cache.put({wanted.keys[text]: row for text, row in rows.items()})
        return [(rows[text] if text in rows else wanted.known[wanted.keys[text]]).tolist() for text in texts]

    def _content(self) -> str:
        """Return a hash of everything that the vectors depend on."""
        if not self._hash:
            self._hash = content_hash(self.folder)
        return self._hash

    def _opened(self) -> BatchThread[str]:
        folder = self.folder
        with self._lock:
            if self._closed:
                raise UnavailableError(f"Embeddings {self.name!r} are closed.", "Open them anew.")
            if self._thread is None:
                device = "cuda" if has_cuda() else "cpu"
                self._thread = _shared.borrow(
                    folder, lambda: BatchThread(self.name, lambda: _load(folder), len, device)
                )
            return self._thread


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one call needs."""

    keys: dict[str, bytes]
    """Of each text, where the cache is asked."""
    known: dict[bytes, Vectors]
    missing: list[str]
    made: Future[Vectors] | None
    """The rows of what is missing; None where nothing is."""


def content_hash(folder: Path) -> str:
    """Return a hash of a model's weights, configuration and vocabulary."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".txt"):
            with path.open("rb") as reader:
                digest.update(hashlib.file_digest(reader, "sha256").digest())
    return digest.hexdigest()[:16]


def _load(folder: Path) -> Callable[[list[str]], Vectors]:
    """Load a model; return what embeds a batch.

    Raises:
        UnavailableError: It cannot be loaded.
    """
    set_up_cpu()
    from sentence_transformers import SentenceTransformer

    from .quiet import quiet_loading

    try:
        with quiet_loading():
            model = SentenceTransformer(
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

    def run(texts: list[str]) -> Vectors:
        rows: Vectors = model.encode(
            texts, batch_size=len(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return rows.astype("float32", copy=False)

    return run


def open_embeddings(reference: str, store: Store, cache: VectorCache | None = None) -> LocalEmbeddings:
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
            return LocalEmbeddings(lambda: store.path(parsed.target), parsed.target, cache)
        case "path":
            return LocalEmbeddings(lambda: Path(parsed.target), Path(parsed.target).name, cache)
        case "hf":
            return LocalEmbeddings(lambda: hub_folder(parsed), parsed.target, cache)
        case _:
            raise InputError(
                f"{reference!r} cannot make embeddings.",
                "Use a catalog name, path: or hf:, or pass a LangChain Embeddings object.",
            )
