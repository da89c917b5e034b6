"""Evaluation: tasks in a file, an append-only log, scores without a judge, and honest comparisons."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .comparison import Comparison, compare
    from .gate import Gate
    from .log import Log, read_log
    from .report import Report
    from .runner import Plan, evaluate
    from .suite import Suite, load_suite

__all__ = [
    "Comparison",
    "Gate",
    "Log",
    "Plan",
    "Report",
    "Suite",
    "compare",
    "evaluate",
    "load_suite",
    "read_log",
]

_HOMES = {
    "Comparison": ".comparison",
    "Gate": ".gate",
    "Log": ".log",
    "Plan": ".runner",
    "Report": ".report",
    "Suite": ".suite",
    "compare": ".comparison",
    "evaluate": ".runner",
    "load_suite": ".suite",
    "read_log": ".log",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
