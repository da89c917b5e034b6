"""Tools: functions that a graph or a model may call, under a policy.

`tool` makes one of a typed function; `call_tool` calls one, and always comes back.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arguments import Evidence, Filled, check_proposal, fill, readings
    from .arithmetic import calculator
    from .call import NO_RECORD, ToolResult, allow, call_tool
    from .faults import RefusedError, RetryableError
    from .journal import Journal, effect_key
    from .knowledge import knowledge_tool
    from .policy import Policy, grant_needed, policy_of, tool
    from .references import references_in, resolve
    from .sql import sql_tool

__all__ = [
    "NO_RECORD",
    "Evidence",
    "Filled",
    "Journal",
    "Policy",
    "RefusedError",
    "RetryableError",
    "ToolResult",
    "allow",
    "calculator",
    "call_tool",
    "check_proposal",
    "effect_key",
    "fill",
    "grant_needed",
    "knowledge_tool",
    "policy_of",
    "readings",
    "references_in",
    "resolve",
    "sql_tool",
    "tool",
]

_HOMES = {
    "Evidence": ".arguments",
    "Filled": ".arguments",
    "Journal": ".journal",
    "NO_RECORD": ".call",
    "Policy": ".policy",
    "RefusedError": ".faults",
    "RetryableError": ".faults",
    "ToolResult": ".call",
    "allow": ".call",
    "calculator": ".arithmetic",
    "call_tool": ".call",
    "check_proposal": ".arguments",
    "effect_key": ".journal",
    "fill": ".arguments",
    "grant_needed": ".policy",
    "knowledge_tool": ".knowledge",
    "policy_of": ".policy",
    "readings": ".arguments",
    "references_in": ".references",
    "resolve": ".references",
    "sql_tool": ".sql",
    "tool": ".policy",
}


def __getattr__(name: str) -> Any:
    """Load langchain only when a tool is made or called."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
