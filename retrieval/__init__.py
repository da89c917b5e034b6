"""Retrieval: documents become passages, passages are found, and what is said is held against them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answer import Answer
    from .cite import Judged, Verification, grounded, verify
    from .extract import Cited, lead
    from .judge import entailment_judge
    from .knowledge import KnowledgeBase, Text
    from .langchain import KnowledgeRetriever, KnowledgeVectorStore
    from .passage import Added, Passage

__all__ = [
    "Added",
    "Answer",
    "Cited",
    "Judged",
    "KnowledgeBase",
    "KnowledgeRetriever",
    "KnowledgeVectorStore",
    "Passage",
    "Text",
    "Verification",
    "entailment_judge",
    "grounded",
    "lead",
    "verify",
]

_HOMES = {
    "Added": ".passage",
    "Answer": ".answer",
    "Cited": ".extract",
    "Judged": ".cite",
    "KnowledgeBase": ".knowledge",
    "KnowledgeRetriever": ".langchain",
    "KnowledgeVectorStore": ".langchain",
    "Passage": ".passage",
    "Text": ".knowledge",
    "Verification": ".cite",
    "entailment_judge": ".judge",
    "grounded": ".cite",
    "lead": ".extract",
    "verify": ".cite",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
