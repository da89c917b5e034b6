"""`@tool`: a LangChain tool that says what it may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from langchain_core.tools import StructuredTool

from ..errors import DefectError


@dataclass(frozen=True, slots=True)
class Policy:
    """What a graph must respect when it calls the tool; kept in the tool's `metadata`."""

    effect: bool = False
    """It changes something outside."""
    confirm: bool = False
    """A person must confirm its arguments first."""


def tool(*, effect: bool = False, confirm: bool = False) -> Callable[[Callable[..., Any]], StructuredTool]:
    """Make a LangChain tool of a typed function with a docstring.

    Args:
        effect: It changes something outside: it is journalled, and done once.
        confirm: Its arguments are confirmed by a person before it runs.

    Raises:
        DefectError: The function has no docstring: a model could not know what it is for.
    """

    def decorate(function: Callable[..., Any]) -> StructuredTool:
        if not function.__doc__:
            raise DefectError(f"Tool {function.__name__!r} has no docstring.", "Say in one what it does.")
        made = StructuredTool.from_function(function)
        made.metadata = asdict(Policy(effect, confirm))
        return made

    return decorate
