"""Checks: functions that accept a step's value or say in words what is wrong with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import DefectError
from .outcome import Finding

CheckResult = str | Finding | Iterable[Finding] | None
Check = Callable[..., CheckResult]
"""``check(out, **some_of_the_parameters)``; a text is an error, a `Finding` says its own severity."""


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """A check and the parameters that it asks for."""

    function: Check
    name: str
    needs: tuple[str, ...]


def bind_check(function: Check, step: str, parameters: set[str]) -> BoundCheck:
    """Match a check's parameters to the step's, by name; the first is the output.

    A callable that takes ``**arguments`` names what it wants in an attribute `needs`.

    Raises:
        DefectError: It asks for something that the step does not have.
    """
    name = getattr(function, "__name__", type(function).__name__)
    needs = getattr(function, "needs", None)
    if needs is None:
        needs = tuple(list(inspect.signature(function).parameters)[1:])
    unknown = set(needs) - parameters
    if unknown:
        raise DefectError(
            f"Check {name!r} asks for {sorted(unknown)}, which step {step!r} does not take.",
            f"Parameters of the step: {sorted(parameters)}.",
        )
    return BoundCheck(function, name, tuple(needs))


def run_checks(checks: Iterable[BoundCheck], value: Any, arguments: Mapping[str, Any]) -> list[Finding]:
    """Collect the findings of every check.

    A check that raises has not accepted the value: what it raised is the finding.
    """
    findings: list[Finding] = []
    for check in checks:
        try:
            result = check.function(value, **{name: arguments[name] for name in check.needs})
        except Exception as error:  # noqa: BLE001  (a value nobody foresaw must not end the run)
            result = Finding("check", f"{check.name} raised {type(error).__name__}: {error}")
        if isinstance(result, str):
            result = Finding("check", f"{check.name}: {result}")
        if isinstance(result, Finding):
            findings.append(result)
        elif result is not None:
            findings.extend(result)
    return findings
