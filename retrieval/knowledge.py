"""The knowledge base: documents go in, passages with their place come out."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UnavailableError
from .embedder import Embedder
from .find import discover
from .index import Index
from .load import MAX_MB, READER, load_text
from .passage import Added, Passage, Skipped
from .search import search
from .split import split
from .writing import Prints, Progress, fingerprints, write

if TYPE_CHECKING:
    from .embedder import EmbeddingsLike

_MOST_QUERY = 4000
"""Characters of a query that count: an embedding model reads no more anyway."""
_MOST_FOUND = 1000
_COMPLETE = "complete"
"""Key under which an index that holds exactly some paths notes that it does, with what was passed over."""
_SAME_WORK_SECONDS = 600.0
"""How long to wait for another process that builds the same private index."""


class KnowledgeBase:
    """Documents of one folder on disk, searched by meaning and by words.

    Safe to share between threads. One process writes at a time; others may search meanwhile.

    Args:
        folder: Where the index is, or is to be made.
        embeddings: Any LangChain `Embeddings`, or a function that loads them when they are first needed;
            None searches by words alone.
        max_mb: Largest document, in megabytes.
    """

    def __init__(
        self, folder: str | Path, embeddings: EmbeddingsLike | None = None, max_mb: float = MAX_MB
    ) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._index = Index(self.folder, None if embeddings is None else Embedder(embeddings))
        self._max_mb = max_mb
        self.notes: list[str] = []
        """Why words alone decided somewhere, each reason once."""
        self.built: Added | None = None
        """What making a `private` index did; None of any other."""

    def add(
        self,
        *paths: str | Path,
        progress: Progress | None = None,
        strict: bool = False,
        deadline: float | None = None,
    ) -> Added:
        """Add files and folders; what did not change is not read again, and what left a folder is removed.

        Args:
            paths: Files and folders.
            progress: Told of reading and embedding.
            strict: One document that cannot be read fails the call; else it is passed over, unless it
                is named itself.
            deadline: On the monotonic clock: embedding stops there, and the next call goes on with it.

        Raises:
            InputError: A path is missing or a folder empty, or nothing in it can be read.
            DocumentError: A document that was named itself cannot be read.
            BusyError: Another process is writing to this folder.
            SettingsError: The index was made with other embeddings.
        """
        return self._write(paths, False, progress, strict, deadline)

    def sync(
        self,
        paths: Sequence[str | Path],
        progress: Progress | None = None,
        strict: bool = False,
        deadline: float | None = None,
    ) -> Added:
        """Hold exactly the documents under `paths`: like `add`, and every other document is removed.

        Raises:
            InputError: As `add`.
        """
        return self._write(paths, True, progress, strict, deadline)

    def add_text(self, text: str, id: str) -> Added:
        """Add a text in hand, plain or Markdown, in place of the document with that id.

        Raises:
            DocumentError: It is blank.
            InputError: The id is blank.
            BusyError: Another process is writing to this folder.
        """
        if not id.strip():
            raise InputError("A text needs a document id.", "Pass a short name, such as 'returns'.")
        document = load_text(text, id)
        version = f"{READER}:{document.sha256}"
        with self._index.writing() as store:
            known = {row.id: row.sha256 for row in store.documents()}
            if known.get(id) == version:
                added = Added(unchanged=1)
            else:
                pieces = split(document)
                store.put(document, pieces, version, "", "")
                added = Added(documents=1, passages=len(pieces))
            self._embed(None, None)
        return added

    def search(
        self, query: str, k: int = 8, documents: Iterable[str] | None = None, deadline: float | None = None
    ) -> list[Passage]:
        """Return the `k` passages that answer `query` best, best first, scored 0 to 1.

        Args:
            query: A question or keywords.
            k: How many at most, 1 to 1000.
            documents: Only passages of these documents.
            deadline: On the monotonic clock: where the embeddings are not ready by then, words alone
                decide and `notes` says so.

        Raises:
            InputError: The query is blank, or `k` out of range.
            SettingsError: The index was made with other embeddings.
        """
        if not query.strip():
            raise InputError("The query is blank.", "Ask a question or give keywords.")
        if not 1 <= k <= _MOST_FOUND:
            raise InputError(f"k is {k}.", f"Ask for 1 to {_MOST_FOUND} passages.")
        if not self._index.exists:
            return []
        within = None if documents is None else list(documents)
        result = search(self._index, query[:_MOST_QUERY], k, within, deadline)
        self._note(result.note)
        return list(result.passages)

    async def asearch(
        self, query: str, k: int = 8, documents: Iterable[str] | None = None, deadline: float | None = None
    ) -> list[Passage]:
        """`search` in a thread, so that the event loop stays free."""
        from ..steps.threads import offload

        return await offload(lambda: self.search(query, k, documents, deadline))

    def passages(self, ids: Iterable[str]) -> list[Passage]:
        """Return the passages with these ids, in that order; unknown ids are passed over."""
        wanted = list(ids)
        found = self._index.store.passages(wanted) if self._index.exists else {}
        return [found[name] for name in wanted if name in found]

    def passages_of(self, document_id: str) -> list[Passage]:
        """Return all passages of a document, in its order; none where it is unknown."""
        return self._index.store.passages_of(document_id) if self._index.exists else []

    def documents(self) -> list[str]:
        """Return the ids of all documents, sorted."""
        return [row.id for row in self._index.store.documents()] if self._index.exists else []

    def text(self, document_id: str) -> str:
        """Return the stored text of a document, which every span refers to.

        Raises:
            InputError: There is no such document.
        """
        text = self._index.store.text(document_id) if self._index.exists else None
        if text is None:
            raise InputError(
                f"Document {document_id!r} is not in this knowledge base.", "documents() lists what is."
            )
        return text

    def headings(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return ``(document id, heading path)`` of every section with text, in order."""
        return self._index.store.headings() if self._index.exists else []

    def remove(self, document_id: str) -> None:
        """Remove a document.

        Raises:
            InputError: There is no such document.
            BusyError: Another process is writing to this folder.
        """
        self.text(document_id)
        with self._index.writing() as store:
            store.remove(document_id)
            self._index.file()

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        self._index.close()

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def node(
        self, query: str = "ticket", k: int = 6
    ) -> Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]:
        """Return a LangGraph node that searches for the state key `query` and writes ``passages``."""

        async def passages(state: Mapping[str, Any]) -> dict[str, Any]:
            """Find the passages for this state."""
            from ..steps.context import current

            if query not in state:
                raise InputError(
                    f"State key {query!r} is not set.", f"Set it, or use node(query=...): {sorted(state)}."
                )
            context = current()
            left = context.ledger.time_left()
            limited = left != float("inf") and not context.deterministic
            attributes = {"gen_ai.data_source.id": self.folder.name}
            with context.trace.span("retrieval", "knowledge", context.span, attributes) as span:
                found = await self.asearch(
                    str(state[query]), k, deadline=time.monotonic() + left if limited else None
                )
                span.set_attribute("limner.retrieval.found", len(found))
            return {"passages": found}

        return passages

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

        Raises:
            InputError: A path is missing, a folder empty, or nothing can be read.
            DocumentError: A document that was named itself cannot be read.
            BusyError: Another process has been building this index for ten minutes.
        """
        prints = fingerprints(discover(paths), max_mb, strict)
        base = cls(Path(cache_folder) / _key(prints, embeddings), embeddings, max_mb)
        kept = base._index.store.meta(_COMPLETE) if base._index.exists else None
        if kept is None:
            wait = _SAME_WORK_SECONDS if deadline is None else max(0.0, deadline - time.monotonic())
            base.built = base._write(paths, True, progress, strict, deadline, wait)
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
        progress: Progress | None,
        strict: bool,
        deadline: float | None,
        wait: float = 0,
    ) -> Added:
        with self._index.writing(wait) as store:
            added = write(
                self._index, store, paths, max_mb=self._max_mb, strict=strict, only=only, progress=progress
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

    def _note(self, note: str) -> None:
        if note and note not in self.notes:
            self.notes.append(note)


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
