"""Guarded steps: typed generative acts that always return, with a receipt.

`step` makes one; `Budget` bounds a run; `StepContext` is what surrounds a step. Nothing here knows of
Limner's own models or graphs: a step runs in any LangGraph graph with any LangChain chat model.
"""

from .budget import Budget, Ledger
from .context import StepContext, StepEvent, current, use
from .outcome import Finding, Outcome, Severity, Source, Usage
from .receipt import Receipt
from .step import Step, step

__all__ = [
    "Budget",
    "Finding",
    "Ledger",
    "Outcome",
    "Receipt",
    "Severity",
    "Source",
    "Step",
    "StepContext",
    "StepEvent",
    "Usage",
    "current",
    "step",
    "use",
]
