"""Limner: agent workflows on your own hardware that always end, with a valid result and a receipt."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Read by langgraph at import: checkpoints may only hold types that we list.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")

if TYPE_CHECKING:
    from .agents.brief import Brief
    from .app import Limner
    from .graphs.run import Run
    from .retrieval import KnowledgeBase
    from .steps import Budget, step
    from .tools import tool

__all__ = ["Brief", "Budget", "KnowledgeBase", "Limner", "Run", "__version__", "step", "tool"]
__version__ = "0.1.0"

_HOMES = {
    "Brief": ".agents.brief",
    "Budget": ".steps",
    "KnowledgeBase": ".retrieval",
    "Limner": ".app",
    "Run": ".graphs.run",
    "step": ".steps",
    "tool": ".tools",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first used: ``import limner`` stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
