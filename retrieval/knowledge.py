"""The knowledge base: documents go in, passages with their place come out."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import InputError, UnavailableError
from .access import access
from .embedder import Embedder
from .find import discover
from .load import MAX_MB, READER, load_text
from .metadata import checked
from .passage import Added, Skipped
from .reading import Reading
from .writing import Beside, Prints, Progress, fingerprints, put_text, write

if TYPE_CHECKING:
    from .embedder import EmbeddingsLike
    from .search import Reranker

_COMPLETE = "complete"
"""Key under which an index that holds exactly some paths notes that it does, with what was passed over."""
_SAME_WORK_SECONDS = 600.0
"""How long to wait for another process that builds the same private index."""


class Text(NamedTuple):
    """A text in hand, to be a document."""

    id: str
    text: str
    """Plain or Markdown."""
    metadata: Mapping[str, Any] = {}


class KnowledgeBase(Reading):
    """Documents of one folder on disk, searched by meaning and by words.

    Safe to share between threads. One process writes at a time; others may search meanwhile.

    Args:
        folder: Where the index is, or is to be made.
        embeddings: Any LangChain `Embeddings`, or a function that loads them when they are first needed;
            None searches by words alone.
        max_mb: Largest document, in megabytes.
        server: URL of a Chroma server (``http://host:port``) or of a PostgreSQL database with pgvector
            (``postgresql://...``) that keeps the vectors; documents and words stay in the folder.
        reranker: Puts the best passages into a better order; see `models.reranker`.
    """

    def __init__(
        self,
        folder: str | Path,
        embeddings: EmbeddingsLike | None = None,
        max_mb: float = MAX_MB,
        server: str = "",
        reranker: Reranker | None = None,
    ) -> None:
        super().__init__(folder, embeddings, server, reranker)
        self._max_mb = max_mb
        self.built: Added | None = None
        """What making a `private` index did; None of any other."""

    def add(
        self,
        *paths: str | Path,
        metadata: Mapping[str, Any] | None = None,
        tenant: str | None = None,
        roles: Iterable[str] = (),
        progress: Progress | None = None,
        strict: bool = False,
        deadline: float | None = None,
    ) -> Added:
        """Add files and folders; what did not change is not read again, and what left a folder is removed.

        Args:
            paths: Files and folders.
            metadata: Of every document under `paths`; it goes before what a document says of itself.
            tenant: Whose documents these are: nobody else sees them. Each tenant has ids of their own.
            roles: Only readers with one of them see these documents. Neither is ever taken from a document.
            progress: Told of reading and embedding.
            strict: One document that cannot be read fails the call; else it is passed over, unless it
                is named itself.
            deadline: On the monotonic clock: embedding stops there, and the next call goes on with it.

        Raises:
            InputError: A path is missing or a folder empty, nothing in it can be read, or metadata, tenant or
                roles are not allowed.
            DocumentError: A document that was named itself cannot be read.
            BusyError: Another process is writing to this folder.
            SettingsError: The index was made with other embeddings.
        """
        beside = Beside(access(tenant, roles), checked(metadata or {}))
        return self._write(paths, False, beside, progress, strict, deadline)

    def sync(
        self,
        paths: Sequence[str | Path],
        progress: Progress | None = None,
        strict: bool = False,
        deadline: float | None = None,
    ) -> Added:
        """Hold exactly the documents under `paths`: like `add`, and others are removed but those of tenants.

        Raises:
            InputError: As `add`.
        """
        return self._write(paths, True, Beside(), progress, strict, deadline)

    def add_text(
        self,
        text: str,
        id: str,
        metadata: Mapping[str, Any] | None = None,
        tenant: str | None = None,
        roles: Iterable[str] = (),
    ) -> Added:
        """Add a text in hand, plain or Markdown, in place of the document with that id.

        Raises:
            DocumentError: It is blank.
            InputError: The id is blank, or metadata, tenant or roles are not allowed.
            BusyError: Another process is writing to this folder.
        """
        return self.add_texts([Text(id, text, metadata or {})], tenant, roles)

    def add_texts(self, texts: Iterable[Text], tenant: str | None = None, roles: Iterable[str] = ()) -> Added:
        """Add many texts in hand at once; a fault of one comes before anything is written.

        Raises:
            InputError: As `add_text`.
        """
        reader = access(tenant, roles)
        given = list(texts)
        for each in given:
            if not each.id.strip():
                raise InputError("A text needs a document id.", "Pass a short name, such as 'returns'.")
        loaded = [(load_text(each.text, each.id), Beside(reader, checked(each.metadata))) for each in given]
        with self._index.writing() as store:
            made = [put_text(store, document, beside) for document, beside in loaded]
            self._embed(None, None)
        new = [passages for passages in made if passages]
        return Added(documents=len(new), passages=sum(new), unchanged=len(made) - len(new))

    def remove(self, document_id: str, tenant: str | None = None) -> None:
        """Remove a document of a tenant, or of nobody.

        Raises:
            InputError: There is no such document.
            BusyError: Another process is writing to this folder.
        """
        if self.remove_all([document_id], tenant) == 0:
            raise InputError(
                f"Document {document_id!r} is not in this knowledge base.", "documents() lists what is."
            )

    def remove_all(self, document_ids: Iterable[str], tenant: str | None = None) -> int:
        """Remove documents of a tenant, or of nobody; return how many there were.

        Raises:
            BusyError: Another process is writing to this folder.
        """
        owner, wanted = access(tenant, ()).tenant, set(document_ids)
        if not self._index.exists:
            return 0
        with self._index.writing() as store:
            gone = [row.number for row in store.stored(owner) if row.id in wanted]
            for number in gone:
                store.remove(number)
            self._index.file()
        return len(gone)

    def owned(self, tenant: str | None = None) -> dict[str, int]:
        """Return a tenant's documents, or nobody's, each with its passages, of all roles: for a writer."""
        owner = access(tenant, ()).tenant
        return self._index.store.owned(owner) if self._index.exists else {}

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def private(
        cls,
        paths: Sequence[str | Path],
        cache_folder: str | Path,
        embeddings: EmbeddingsLike | None = None,
        progress: Progress | None = None,
        strict: bool = False,
        deadline: float | None = None,
        max_mb: float = MAX_MB,
        reranker: Reranker | None = None,
    ) -> KnowledgeBase:
        """Return an index of exactly these paths, cached by what they hold: the same again costs nothing.

        Args:
            paths: Files and folders.
            cache_folder: Where such indexes are kept, one folder each.
            embeddings: As in the constructor.
            progress: Told of reading and embedding.
            strict: One document that cannot be read fails the call.
            deadline: On the monotonic clock: embedding stops there; a later call goes on with it.
            max_mb: Largest document, in megabytes.
            reranker: As in the constructor.

        Raises:
            InputError: A path is missing, a folder empty, or nothing can be read.
            DocumentError: A document that was named itself cannot be read.
            BusyError: Another process has been building this index for ten minutes.
        """
        prints = fingerprints(discover(paths), max_mb, strict)
        base = cls(Path(cache_folder) / _key(prints, embeddings), embeddings, max_mb, "", reranker)
        kept = base._index.store.meta(_COMPLETE) if base._index.exists else None
        if kept is None:
            wait = _SAME_WORK_SECONDS if deadline is None else max(0.0, deadline - time.monotonic())
            base.built = base._write(paths, True, Beside(), progress, strict, deadline, wait)
            return base
        skipped = tuple(Skipped(*left) for left in json.loads(kept))
        if strict and skipped:
            raise InputError(f"{skipped[0].document}: {skipped[0].reason}", "Leave out --strict, or mend it.")
        base.built = Added(unchanged=len(prints.found) - len(skipped) + len(prints.skipped), skipped=skipped)
        return base

    def _write(
        self,
        paths: Sequence[str | Path],
        only: bool,
        beside: Beside,
        progress: Progress | None,
        strict: bool,
        deadline: float | None,
        wait: float = 0,
    ) -> Added:
        with self._index.writing(wait) as store:
            added = write(
                store, paths, beside, max_mb=self._max_mb, strict=strict, only=only, progress=progress
            )
            if self._embed(progress, deadline) and only:
                store.set_meta(
                    _COMPLETE, json.dumps([[left.document, left.reason] for left in added.skipped])
                )
        return added

    def _embed(self, progress: Progress | None, deadline: float | None) -> bool:
        """Embed what has no vector yet; without embeddings, words serve and `notes` says why."""
        told = None if progress is None else lambda done, total: progress("embedding", done, total)
        try:
            whole = self._index.embed(told, deadline)
        except UnavailableError as error:
            self._note(str(error))
            return False
        if not whole:
            self._note("not every passage was embedded by the deadline; adding again goes on with it")
        return whole


def _key(prints: Prints, embeddings: EmbeddingsLike | None) -> str:
    """Return a name for the index of these documents under these embeddings."""
    name = ""
    if embeddings is not None:
        # Without its weights a model has no identity: that index is one of words, and not the one of
        # those who asked for none, so that what is missing is told each time.
        name = "missing"
        with contextlib.suppress(UnavailableError):
            name = Embedder(embeddings).name
    told = [READER, name, sorted((each.document, digest) for each, digest in prints.found)]
    return hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()[:24]
