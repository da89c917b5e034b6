"""A knowledge base as LangChain knows it: a retriever for one reader, and a vector store."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore

from ..errors import InputError
from .knowledge import KnowledgeBase, Text

if TYPE_CHECKING:
    from .passage import Passage


class KnowledgeRetriever(BaseRetriever):
    """Passages as LangChain documents, for one reader; `KnowledgeBase.as_retriever` makes it."""

    base: Any
    """The knowledge base."""
    k: int = 8
    """How many passages at most."""
    where: dict[str, Any] | None = None
    """Filter, as `search` takes it."""
    tenant: str | None = None
    roles: tuple[str, ...] = ()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        found = self.base.search(query, k or self.k, self.where, self.tenant, self.roles)
        return [self._document(passage) for passage in found]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        from ..steps.threads import offload

        found = await offload(
            lambda: self.base.search(query, k or self.k, self.where, self.tenant, self.roles)
        )
        return await offload(lambda: [self._document(passage) for passage in found])

    def _document(self, passage: Passage) -> Document:
        known = self.base.metadata(passage.source, passage.tenant or None, self.roles)
        place = passage.model_dump(include={"source", "start", "end", "heading", "page", "score"})
        return Document(id=passage.id, page_content=passage.text, metadata={**known, **place})


class KnowledgeVectorStore(VectorStore):
    """A knowledge base that keeps LangChain documents: what goes in whole comes out whole.

    Search is the knowledge base's own, by meaning and words; a document is as near as its best passage.

    Args:
        base: Where the documents are kept, with its embeddings.
        tenant: Whose they are; None for nobody's.
        roles: Who may read them, and who reads.
    """

    def __init__(self, base: KnowledgeBase, tenant: str | None = None, roles: Iterable[str] = ()) -> None:
        self._base = base
        self._tenant = tenant
        self._roles = tuple(roles)

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **_: Any,
    ) -> list[str]:
        """Add texts, or replace those with the same ids; return the ids.

        Raises:
            InputError: A text is blank, metadata is not flat, or the lists differ in length.
        """
        given = list(texts)
        names = [name or str(uuid.uuid4()) for name in ids or [None] * len(given)]
        known = metadatas or [{}] * len(given)
        if not len(given) == len(names) == len(known):
            raise InputError(
                f"{len(given)} texts come with {len(names)} ids and {len(known)} metadatas.",
                "Give one of each a text.",
            )
        rows = map(Text, names, given, known)
        self._base.add_texts(rows, self._tenant, self._roles)
        return names

    def delete(self, ids: list[str] | None = None, **_: Any) -> bool:
        """Delete documents by id; those that are not there are no fault. None deletes nothing."""
        self._base.remove_all(ids or [], self._tenant)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the documents with these ids, as far as there are any."""
        known = set(self._base.documents(self._tenant, self._roles))
        return [self._document(name) for name in ids if name in known]

    def similarity_search(
        self, query: str, k: int = 4, filter: dict[str, Any] | None = None, **_: Any
    ) -> list[Document]:
        """Return the `k` documents that answer `query` best; `filter` is `search`'s `where`."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: dict[str, Any] | None = None
    ) -> list[tuple[Document, float]]:
        """Return the `k` best documents, each with its score, 0 to 1."""
        found = self._base.search(query, min(1000, 8 * k), filter, self._tenant, self._roles)
        best: dict[str, float] = {}
        for passage in found:
            best.setdefault(passage.source, passage.score)
        return [(self._document(name), score) for name, score in list(best.items())[:k]]

    def _select_relevance_score_fn(self) -> Any:
        return lambda score: score

    def _document(self, name: str) -> Document:
        text = self._base.text(name, self._tenant, self._roles)
        return Document(
            id=name, page_content=text, metadata=self._base.metadata(name, self._tenant, self._roles)
        )

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        folder: str = "knowledge",
        **_: Any,
    ) -> KnowledgeVectorStore:
        """Make a knowledge base in `folder` of some texts."""
        store = cls(KnowledgeBase(folder, embedding))
        store.add_texts(texts, metadatas, ids=ids)
        return store
