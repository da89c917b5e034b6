"""What a tool raises to say how its failure is to be taken."""

from __future__ import annotations

from typing import ClassVar

from ..errors import InputError, LimnerError, UnavailableError


class RefusedError(LimnerError):
    """The tool says no, and nothing was changed; its message may be shown to the customer."""

    code: ClassVar[str] = "refused"


class RetryableError(UnavailableError):
    """Nothing was changed, and the same call may succeed in a moment."""

    code: ClassVar[str] = "retryable"


UNCHANGED = (RefusedError, InputError, UnavailableError)
"""What a tool with an effect raises only where it did not happen; after anything else, nobody knows."""


def retryable(error: Exception) -> bool:
    """Whether the same call may succeed in a moment."""
    return isinstance(error, UnavailableError | ConnectionError)
