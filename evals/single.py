"""Single tasks: one input for a graph, and what its output is held against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..graphs.run import as_json
from .match import stands_in

if TYPE_CHECKING:
    from ..app import Limner
    from .runner import Sample
    from .suite import Expect, SingleTask


async def run_single(app: Limner, sample: Sample) -> dict[str, Any]:
    """Run the graph on the input, and score one field of its output."""
    task = cast("SingleTask", sample.task)  # the runner sends no others
    run = await app.arun(sample.graph, task.input, **sample.options)
    got = _field(as_json(run.output), task.expect.field)
    score = score_single(got, task.expect)
    passed = float(score >= task.expect.at_least)
    return {
        "scores": {"passed": passed, "score": score, "degraded": float(run.degraded)},
        "got": got,
        "run_id": run.run_id,
    }


def _field(output: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    for name in path.split(".") if path else ():
        if isinstance(output, list) and name.isdigit() and int(name) < len(output):
            output = output[int(name)]
        else:
            output = output.get(name) if isinstance(output, Mapping) else None
    return output


def score_single(got: Any, expect: Expect) -> float:
    """Score an answer, 0 to 1.

    ``exact`` and ``f1`` compare words without case, articles and punctuation, as SQuAD does; ``contains``
    gives the share of patterns that are there; ``json`` is 1 for equal data.
    """
    if expect.scorer == "json":
        return float(got == expect.value)
    text = "" if got is None else str(got)
    if expect.scorer == "contains":
        patterns = expect.value if isinstance(expect.value, list) else [expect.value]
        return sum(stands_in(str(pattern), text) for pattern in patterns) / len(patterns)
    said, wanted = _words(text), _words(str(expect.value))
    if expect.scorer == "exact":
        return float(said == wanted)
    both = sum((Counter(said) & Counter(wanted)).values())
    return 2 * both / (len(said) + len(wanted)) if said or wanted else 1.0


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+(?:[.,]\d+)*", text.lower()) if word not in ("a", "an", "the")]
