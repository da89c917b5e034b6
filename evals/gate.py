"""The gate: floors under the means, and no significant loss against a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any
from xml.etree import ElementTree

from ..errors import InputError
from .comparison import compare
from .log import Log
from .scorers import SCORERS


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was held to a bar."""

    name: str
    fault: str
    """"" where it holds."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The checks of a log."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check holds."""
        return not any(check.fault for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """The gate as plain JSON data."""
        return {
            "passed": self.passed,
            "checks": [{"name": check.name, "fault": check.fault} for check in self.checks],
        }

    def to_junit(self, suite: str) -> bytes:
        """The checks as JUnit XML, one test case each."""
        failures = sum(bool(check.fault) for check in self.checks)
        root = ElementTree.Element(
            "testsuite", name=suite, tests=str(len(self.checks)), failures=str(failures)
        )
        for check in self.checks:
            case = ElementTree.SubElement(root, "testcase", classname=suite, name=check.name)
            if check.fault:
                ElementTree.SubElement(case, "failure", message=check.fault)
        made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return made


def gate(log: Log, floors: Mapping[str, float], baseline: Log | None = None) -> Gate:
    """Hold a log to floors, and against a baseline.

    Args:
        log: What was measured.
        floors: Scorer to the least mean; for a scorer where lower is better, the most.
        baseline: No scorer may be significantly worse than there.

    Raises:
        InputError: A scorer is unknown, has no way that is better, or scored nothing in this log.
    """
    failed = sum(bool(sample["error"]) for sample in log.samples)
    checks = [Check("every sample completed", f"{failed} did not" if failed else "")]
    scores = log.scores()
    for name, floor in floors.items():
        if name not in SCORERS or name not in scores or SCORERS[name].better == "none":
            known = [each for each in scores if SCORERS[each].better != "none"]
            raise InputError(
                f"There is no score {name!r} to hold to a floor.", f"There are {', '.join(known)}."
            )
        mean, lower = fmean(scores[name].values()), SCORERS[name].better == "lower"
        fault = f"the mean is {mean:.4g}" if (mean > floor if lower else mean < floor) else ""
        checks.append(Check(f"{name} {'at most' if lower else 'at least'} {floor:g}", fault))
    for row in compare(baseline, log).rows if baseline is not None else ():
        # time is the machine's: it can be held by a floor, and is no regression of the text
        if row.better != "none" and row.scorer != "seconds":
            worse = f"{row.a:.4g} became {row.b:.4g} (p = {row.p_holm:.4f})" if row.verdict == "worse" else ""
            checks.append(Check(f"{row.scorer} no worse than the baseline", worse))
    return Gate(tuple(checks))
