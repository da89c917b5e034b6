"""What a step returns: the value, where it came from, why, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")

Source = Literal["model", "repaired", "selected", "rendered", "cached", "fallback"]
"""Who made a value.

- ``model``: the model, at its first answer or as the best of several;
- ``repaired``: the model, after its faults were named to it once;
- ``selected``: the model chose among given texts, word for word;
- ``rendered``: drawn by rule, by design;
- ``cached``: taken from an earlier identical call;
- ``fallback``: the step's deterministic body.
"""

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or one fact worth knowing, about a step's value."""

    code: str
    """Low-cardinality name: ``deadline``, ``invalid``, ``check`` ..."""
    message: str
    severity: Severity = "error"
    """``error``: the value is worse for it; ``warning``: seen and mended; ``info``: by design."""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class Usage:
    """What was spent on a step or a run."""

    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 0
    """Model calls."""
    seconds: float = 0.0
    """Wall-clock time."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.calls + other.calls,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """A step's value with its provenance."""

    step: str
    value: T
    source: Source
    findings: tuple[Finding, ...] = ()
    model: str | None = None
    """The chat model that was asked, whether or not its answer was used."""
    usage: Usage = Usage()

    @property
    def attempts(self) -> int:
        """How many times the model was called."""
        return self.usage.calls

    @property
    def reasons(self) -> tuple[str, ...]:
        """The findings in words, each opening with its code."""
        return tuple(str(finding) for finding in self.findings)

    @property
    def degraded(self) -> bool:
        """Whether a configured model failed, was cut short or was overruled."""
        return any(finding.severity == "error" for finding in self.findings)

    def row(self) -> dict[str, Any]:
        """This outcome as one row of a receipt, without the value."""
        return {
            "step": self.step,
            "source": self.source,
            "attempts": self.attempts,
            "reasons": list(self.reasons),
            "model": self.model,
            "tokens_in": self.usage.tokens_in,
            "tokens_out": self.usage.tokens_out,
            "seconds": round(self.usage.seconds, 4),
            "degraded": self.degraded,
        }
