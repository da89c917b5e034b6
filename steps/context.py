"""What surrounds a step: the model, the ledger, the receipt and the trace of the current run.

It travels in a context variable and in LangGraph's `Runtime`, never in a user's arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..tracing import NO_TRACE, Span, Trace
from .budget import Ledger
from .receipt import Receipt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True, slots=True)
class StepEvent:
    """A step began or ended, for those who watch a run."""

    step: str
    row: dict[str, Any] | None = None
    """The receipt row of a step that ended."""


@dataclass(frozen=True, slots=True)
class StepContext:
    """The surroundings of the steps of one run."""

    model: BaseChatModel | None = None
    """Any LangChain chat model; None: every step takes its fallback, by choice."""
    missing: str = ""
    """Why a configured model is not here; such a run is degraded."""
    ledger: Ledger = field(default_factory=Ledger)
    receipt: Receipt = field(default_factory=Receipt)
    trace: Trace = NO_TRACE
    span: Span | None = None
    """The span under which new spans begin."""
    seed: int = 0
    deterministic: bool = False
    """No step falls back by deadline."""
    emit: Callable[[StepEvent], None] | None = None
    resources: Any = None
    """What a graph's own nodes need besides: the knowledge base, the run's folder."""


_current: ContextVar[StepContext | None] = ContextVar("limner_step_context", default=None)


def current() -> StepContext:
    """Return the surroundings in force; outside of a run, empty ones."""
    return _current.get() or StepContext()


@contextmanager
def use(context: StepContext) -> Iterator[StepContext]:
    """Put `context` in force for the block and for the tasks begun in it."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
