"""`Report`: a log as means, as Markdown and as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from ..graphs.folder import write_atomically
from .gate import Gate, gate
from .log import Log, read_log
from .page import to_html
from .scorers import SCORERS


@dataclass(frozen=True, slots=True)
class Mean:
    """One scorer over the tasks of a log."""

    scorer: str
    better: str
    what: str
    n: int
    mean: float
    median: float
    least: float
    most: float
    tasks: dict[str, float]
    """Task to its mean over the repeats."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a log says."""

    log: Log

    @property
    def means(self) -> list[Mean]:
        """One row a scorer that scored anything."""
        scores = self.log.scores()
        return [
            Mean(
                scorer.name,
                scorer.better,
                scorer.what,
                len(scores[scorer.name]),
                fmean(values := list(scores[scorer.name].values())),
                median(values),
                min(values),
                max(values),
                scores[scorer.name],
            )
            for scorer in SCORERS.values()
            if scorer.name in scores
        ]

    @property
    def pass_k(self) -> tuple[float, int] | None:
        """The share of tasks of which every repeat passed, and the repeats; None where nothing can pass."""
        passed: dict[str, list[bool]] = {}
        for sample in self.log.samples:
            if "passed" in sample["scores"]:
                passed.setdefault(sample["task"], []).append(sample["scores"]["passed"] == 1)
        if not passed:
            return None
        return fmean(all(each) for each in passed.values()), max(map(len, passed.values()))

    @property
    def statuses(self) -> dict[tuple[str, str], int]:
        """How often a turn that expects one status, or one of some, got which."""
        counts: dict[tuple[str, str], int] = {}
        for sample in self.log.samples:
            for turn in sample.get("turns", ()):
                if turn["expected"]:
                    key = (" or ".join(turn["expected"]), turn["status"])
                    counts[key] = counts.get(key, 0) + 1
        return dict(sorted(counts.items()))

    def gate(
        self, floor: float | Mapping[str, float] | None = None, baseline: str | Path | None = None
    ) -> Gate:
        """Hold the log to floors and against a baseline log; see `limner.evals.gate`.

        Args:
            floor: Scorer to its floor; a number is the floor of ``passed``, or of ``supported`` where
                nothing can pass.
            baseline: A log of the same suite.

        Raises:
            InputError: A floor or the baseline does not fit the log.
        """
        if floor is not None and not isinstance(floor, Mapping):
            floor = {"supported" if self.pass_k is None else "passed": floor}
        return gate(self.log, floor or {}, None if baseline is None else read_log(baseline))

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        header = self.log.header
        passed = self.pass_k
        return {
            "log": str(self.log.path.absolute()),
            **{
                key: header[key] for key in ("suite", "suite_sha256", "model", "seed", "unguarded", "version")
            },
            "samples": len(self.log.samples),
            "failed": sum(bool(sample["error"]) for sample in self.log.samples),
            "pass_k": None if passed is None else {"share": passed[0], "k": passed[1]},
            "statuses": [
                {"expected": expected, "got": got, "turns": count}
                for (expected, got), count in self.statuses.items()
            ],
            "means": [
                {
                    "scorer": row.scorer,
                    "better": row.better,
                    "n": row.n,
                    "mean": row.mean,
                    "median": row.median,
                }
                | {"min": row.least, "max": row.most}
                for row in self.means
            ],
        }

    @property
    def markdown(self) -> str:
        """The means as a Markdown table."""
        header = self.log.header
        how = ", unguarded" if header["unguarded"] else ""
        lines = [
            f"# {header['suite']}: {header['model'] or 'no model'}{how}",
            "",
            f"{len(self.log.samples)} samples, seed {header['seed']}, Limner {header['version']}, "
            f"suite {header['suite_sha256'][:12]}.",
            "",
            "| score | better | n | mean | median | min | max |",
            "|---|---|--:|--:|--:|--:|--:|",
        ]
        lines += [
            f"| {row.scorer} | {row.better} | {row.n} | {row.mean:.3f} | {row.median:.3f} "
            f"| {row.least:.3f} | {row.most:.3f} |"
            for row in self.means
        ]
        if (passed := self.pass_k) is not None:
            lines += ["", f"All of {passed[1]} repeats passed: {passed[0]:.1%} of the tasks."]
        return "\n".join([*lines, ""])

    @property
    def html(self) -> str:
        """The report as one page that needs nothing else."""
        return to_html(self)

    def save(self, folder: str | Path) -> Path:
        """Write ``NAME.html`` and ``NAME.md``; returns the page."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / f"{self.log.name}.html"
        write_atomically(page, self.html.encode("utf-8", "replace"))
        write_atomically(page.with_suffix(".md"), self.markdown.encode("utf-8", "replace"))
        return page
