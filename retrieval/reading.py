"""The reading half of a knowledge base: search, and looking things up, each for one reader.

A reader is a tenant and roles. Without them only what is open to everybody is seen: documents of a tenant or
with roles do not exist for others, in results, scores, lists and messages alike.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .access import access
from .embedder import Embedder
from .filters import Where, conditions
from .index import Index
from .passage import Passage
from .search import Query, Reranker, search
from .stores.store import number_of

if TYPE_CHECKING:
    from .embedder import EmbeddingsLike
    from .langchain import KnowledgeRetriever

_MOST_QUERY = 4000
"""Characters of a query that count: an embedding model reads no more anyway."""
_MOST_FOUND = 1000


class Reading:
    """What can be asked of an index; `KnowledgeBase` adds what can be put in."""

    def __init__(
        self, folder: str | Path, embeddings: EmbeddingsLike | None, server: str, reranker: Reranker | None
    ) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._index = Index(self.folder, None if embeddings is None else Embedder(embeddings), server)
        self._reranker = reranker
        self.notes: list[str] = []
        """Why words alone decided somewhere, or no reranker, each reason once."""

    def search(
        self,
        query: str,
        k: int = 8,
        where: Where | None = None,
        tenant: str | None = None,
        roles: Iterable[str] = (),
        deadline: float | None = None,
    ) -> list[Passage]:
        """Return the `k` passages that answer `query` best, best first, scored 0 to 1.

        Args:
            query: A question or keywords.
            k: How many at most, 1 to 1000.
            where: What their documents must be, as `filters` describes it, such as
                ``{"source": {"any": ["faq.md"]}, "year": {"gte": 2024}}``.
            tenant: Who asks; their documents are seen beside those of nobody.
            roles: What the asker is; documents with roles are seen with one of them.
            deadline: On the monotonic clock: where the embeddings are not ready by then, words alone
                decide and `notes` says so.

        Raises:
            InputError: The query is blank, or `k`, filter, tenant or roles are not allowed.
            SettingsError: The index was made with other embeddings.
        """
        if not query.strip():
            raise InputError("The query is blank.", "Ask a question or give keywords.")
        if not 1 <= k <= _MOST_FOUND:
            raise InputError(f"k is {k}.", f"Ask for 1 to {_MOST_FOUND} passages.")
        asked = Query(query[:_MOST_QUERY], k, conditions(where), access(tenant, roles), deadline)
        if not self._index.exists:
            return []
        result = search(self._index, asked, self._reranker)
        for note in result.notes:
            self._note(note)
        return list(result.passages)

    async def asearch(
        self,
        query: str,
        k: int = 8,
        where: Where | None = None,
        tenant: str | None = None,
        roles: Iterable[str] = (),
        deadline: float | None = None,
    ) -> list[Passage]:
        """`search` in a thread, so that the event loop stays free."""
        from ..steps.threads import offload

        return await offload(lambda: self.search(query, k, where, tenant, roles, deadline))

    def passages(
        self, ids: Iterable[str], tenant: str | None = None, roles: Iterable[str] = ()
    ) -> list[Passage]:
        """Return the passages with these ids, in that order; unknown ids are passed over."""
        numbers = [number_of(name) for name in ids]
        found = (
            self._index.store.passages(numbers, self._visible(tenant, roles)) if self._index.exists else {}
        )
        return [found[number] for number in numbers if number in found]

    def passages_of(
        self, document_id: str, tenant: str | None = None, roles: Iterable[str] = ()
    ) -> list[Passage]:
        """Return all passages of a document, in its order; none where it is unknown."""
        found = self._find(document_id, tenant, roles)
        return self._index.store.passages_of(found[0]) if found else []

    def documents(self, tenant: str | None = None, roles: Iterable[str] = ()) -> list[str]:
        """Return the ids of all documents, sorted."""
        visible = self._visible(tenant, roles)
        return self._index.store.documents(visible) if visible else []

    def text(self, document_id: str, tenant: str | None = None, roles: Iterable[str] = ()) -> str:
        """Return the stored text of a document, which every span refers to; a tenant's own goes first.

        Raises:
            InputError: There is no such document.
        """
        return self._found(document_id, tenant, roles)[1]

    def metadata(
        self, document_id: str, tenant: str | None = None, roles: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Return what is known of a document besides its text.

        Raises:
            InputError: There is no such document.
        """
        return self._found(document_id, tenant, roles)[2]

    def headings(
        self, tenant: str | None = None, roles: Iterable[str] = ()
    ) -> list[tuple[str, tuple[str, ...]]]:
        """Return ``(document id, heading path)`` of every section with text, in order."""
        visible = self._visible(tenant, roles)
        return self._index.store.headings(visible) if visible else []

    def node(
        self, query: str = "ticket", k: int = 6
    ) -> Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]:
        """Return a LangGraph node that searches for the state key `query` and writes ``passages``.

        It reads what is open to everybody: a state is no place to learn from who is asking.
        """

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

    def as_retriever(
        self, k: int = 8, where: Where | None = None, tenant: str | None = None, roles: Iterable[str] = ()
    ) -> KnowledgeRetriever:
        """Return a LangChain retriever for one reader."""
        from .langchain import KnowledgeRetriever

        return KnowledgeRetriever(
            base=self, k=k, where=dict(where) if where else None, tenant=tenant, roles=tuple(roles)
        )

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        self._index.close()

    def _visible(self, tenant: str | None, roles: Iterable[str]) -> tuple[int, ...]:
        reader = access(tenant, roles)
        return self._index.store.visible(reader) if self._index.exists else ()

    def _find(
        self, document_id: str, tenant: str | None, roles: Iterable[str]
    ) -> tuple[int, str, dict[str, Any]] | None:
        visible = self._visible(tenant, roles)
        return self._index.store.find(document_id, visible) if visible else None

    def _found(
        self, document_id: str, tenant: str | None, roles: Iterable[str]
    ) -> tuple[int, str, dict[str, Any]]:
        found = self._find(document_id, tenant, roles)
        if found is None:
            raise InputError(
                f"Document {document_id!r} is not in this knowledge base.", "documents() lists what is."
            )
        return found

    def _note(self, note: str) -> None:
        if note and note not in self.notes:
            self.notes.append(note)
