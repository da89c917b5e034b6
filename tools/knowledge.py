"""Search in a knowledge base, as a tool."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .policy import tool

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from ..retrieval import KnowledgeBase

_SECONDS = 7.0


def knowledge_tool(knowledge_base: KnowledgeBase, k: int = 4) -> StructuredTool:
    """A reading tool ``search_knowledge(query)`` that returns up to `k` passages with their sources.

    Embeddings that are not ready in most of its time are done without.
    """

    @tool()
    def search_knowledge(query: str) -> list[dict[str, Any]]:
        """Search the documents for passages that answer a question."""
        return [
            {"id": found.id, "source": found.source, "text": found.text, "score": round(found.score, 3)}
            for found in knowledge_base.search(query, k, deadline=time.monotonic() + _SECONDS)
        ]

    return search_knowledge
