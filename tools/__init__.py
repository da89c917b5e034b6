"""Tools: functions that a graph or a model may call. `tool` makes one of a typed function."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .policy import tool

__all__ = ["tool"]


def __getattr__(name: str) -> Any:
    """Load langchain only when a tool is made."""
    if name == "tool":
        from .policy import tool

        return tool
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
