"""Every error that Limner raises, split by what the caller does next.

LimnerError
├── InputError            fix what you passed in            (command line: exit 2)
│   └── DocumentError       one document that cannot be read
├── SettingsError         fix the configuration             (exit 2)
├── UnavailableError      fetch it or start it, then retry; a step takes its fallback meanwhile
│   └── BusyError           the queue is full: retry later
├── ModelError            a model's fault: a step takes its next rung, other callers decide
│   ├── DeadlineError       no answer in time
│   └── MemoryFullError     the model ran out of memory
├── BudgetError           the run's budget is spent and its policy is "stop": raise the budget
├── RunError              look at the run (`limner runs show ID`), then resume it
└── DefectError           a bug in a step's body or check: fix the code

A message says what is wrong with which value; `hint` says what to do. Both are shown together.
"""

from typing import ClassVar


class LimnerError(Exception):
    """Base of every error that Limner raises on purpose.

    Args:
        message: What is wrong, naming the value.
        hint: The remedy, as an instruction.
    """

    code: ClassVar[str] = "limner"
    """Stable, low-cardinality name, as in JSON output and trace attributes."""
    exit_code: ClassVar[int] = 4
    """What the command line exits with."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(LimnerError):
    """What the caller passed in cannot be used; the message names the field and the value."""

    code = "input"
    exit_code = 2


class DocumentError(InputError):
    """A document cannot be read: empty, too large, encrypted, or not what its name says."""

    code = "document"


class SettingsError(LimnerError):
    """The configuration is wrong: limner.toml, an environment variable or an argument of `Limner`."""

    code = "settings"
    exit_code = 2


class UnavailableError(LimnerError):
    """Something outside is not there: weights not pulled, a server not reached, an engine closed."""

    code = "unavailable"


class BusyError(UnavailableError):
    """A bounded queue is full; the same call may succeed later."""

    code = "busy"


class ModelError(LimnerError):
    """A model failed while it was working."""

    code = "model"


class DeadlineError(ModelError):
    """A model gave no answer by its deadline."""

    code = "deadline"


class MemoryFullError(ModelError):
    """A model ran out of memory."""

    code = "out_of_memory"


class BudgetError(LimnerError):
    """The budget of a run is spent, and its policy says to stop."""

    code = "budget"


class RunError(LimnerError):
    """A run could not be carried out; its folder keeps what was done."""

    code = "run"


class DefectError(LimnerError):
    """A step's body, check or template is at fault: code, not data and not a model."""

    code = "defect"
