"""Two logs side by side: paired by task, with tests that say what chance alone could do."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean, stdev
from typing import Any

from ..errors import InputError
from .log import Log
from .scorers import SCORERS

RESAMPLES = 2000
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """One scorer over the tasks that both logs scored."""

    scorer: str
    better: str
    n: int
    a: float
    b: float
    difference: float
    """Mean of b less a."""
    low: float
    high: float
    """95 % interval of the difference, by paired bootstrap."""
    wins: int
    losses: int
    """Tasks on which b is better or worse than a; the rest are ties."""
    p: float | None
    """Exact two-sided sign test; None where no way is better, or no task differs."""
    p_holm: float | None
    """The same, corrected for the number of scorers."""
    detectable: float | None
    """Smallest mean difference that this many tasks would show four times in five."""

    @property
    def verdict(self) -> str:
        """``better``, ``worse`` or, where chance could do it, ``""``."""
        if self.p_holm is None or self.p_holm >= ALPHA or self.low <= 0 <= self.high:
            return ""
        return "better" if self.wins > self.losses else "worse"


@dataclass(frozen=True, slots=True)
class Comparison:
    """B against A."""

    a: str
    b: str
    rows: tuple[Row, ...]
    unpaired: int
    """Tasks that only one of the logs has."""

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain JSON data."""
        rows = [{**asdict(row), "verdict": row.verdict} for row in self.rows]
        return {"a": self.a, "b": self.b, "unpaired": self.unpaired, "rows": rows}


def compare(a: Log, b: Log, seed: int = 0) -> Comparison:
    """Compare two logs of one suite, task by task; repeats of a task count as one.

    Raises:
        InputError: The logs are of different suites, or share no task.
    """
    if a.header["suite_sha256"] != b.header["suite_sha256"]:
        raise InputError(
            f"{str(a.path)!r} and {str(b.path)!r} are of different suites or documents.",
            "Run one of them anew.",
        )
    tasks_a, tasks_b = ({task for task, _ in log.done()} for log in (a, b))
    if not tasks_a & tasks_b:
        raise InputError("The logs share no task.", "Run both on the same tasks.")
    scores_a, scores_b = a.scores(), b.scores()
    rows = [
        _row(name, scores_a[name], scores_b[name], seed)
        for name in SCORERS
        if scores_a.get(name, {}).keys() & scores_b.get(name, {}).keys()
    ]
    tested = {row.scorer: row.p for row in rows if row.p is not None}
    corrected = holm(tested)
    made = [replace(row, p_holm=corrected[row.scorer]) if row.scorer in corrected else row for row in rows]
    return Comparison(a.name, b.name, tuple(made), len(tasks_a ^ tasks_b))


def _row(name: str, a: dict[str, float], b: dict[str, float], seed: int) -> Row:
    tasks = sorted(a.keys() & b.keys())
    differences = [b[task] - a[task] for task in tasks]
    better = SCORERS[name].better
    sign = -1 if better == "lower" else 1
    wins = sum(sign * each > 0 for each in differences)
    losses = sum(sign * each < 0 for each in differences)
    low, high = bootstrap(differences, seed)
    return Row(
        scorer=name,
        better=better,
        n=len(tasks),
        a=fmean(a[task] for task in tasks),
        b=fmean(b[task] for task in tasks),
        difference=fmean(differences),
        low=low,
        high=high,
        wins=wins,
        losses=losses,
        # where no task differs there is nothing to test, and nothing to correct for
        p=None if better == "none" or not wins + losses else sign_test(wins, losses),
        p_holm=None,
        detectable=detectable(differences),
    )


def sign_test(wins: int, losses: int) -> float:
    """Two-sided exact probability of a split at least this uneven, were both equally good."""
    n, few = wins + losses, min(wins, losses)
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(few + 1)) / 2**n) if n else 1.0


def bootstrap(differences: Sequence[float], seed: int) -> tuple[float, float]:
    """The 95 % percentile interval of the mean of paired differences."""
    rng, n = random.Random(seed), len(differences)
    means = sorted(fmean(rng.choices(differences, k=n)) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def holm(values: dict[str, float]) -> dict[str, float]:
    """Holm's step-down correction."""
    corrected: dict[str, float] = {}
    largest = 0.0
    for rank, (name, p) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, (len(values) - rank) * p))
        corrected[name] = largest
    return corrected


def detectable(differences: Sequence[float]) -> float | None:
    """The mean difference seen with power 0.8 at the 5 % level, roughly; None where all are alike."""
    if len(set(differences)) < 2:
        return None
    return (1.96 + 0.84) * stdev(differences) / math.sqrt(len(differences))
