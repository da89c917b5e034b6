"""The runner: carries out the samples of a suite that its log does not hold yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import InputError, LimnerError, SettingsError
from ..steps.threads import offload
from .content import run_content, run_unguarded
from .desk import desk_of
from .dialogue import run_dialogue
from .log import Log, LogFile, read_log
from .single import run_single
from .suite import ContentTask, DialogueTask, Split, Suite, Task, load_suite

if TYPE_CHECKING:
    from ..app import Limner

Progress = Callable[[int, int, str], None]
"""Told of samples done, samples in all, and the one that ended."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run of a suite, and how; kept in the log's header, so that `resume` has it again."""

    suite: str
    """Path of the task file."""
    graph: str = ""
    """In place of the suite's own."""
    seed: int = 0
    """Of the first repeat; each further one adds 1."""
    repeats: int = 1
    only: tuple[str, ...] = ()
    split: Split | None = None
    limit: int | None = None
    """The first so many tasks."""
    concurrency: int = 1
    unguarded: bool = False
    """Content: one plain prompt to the model with the same passages, and nothing of Limner."""
    deadline: float | None = None
    """Seconds for each run of a graph."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One task, once."""

    suite: Suite
    task: Task
    repeat: int
    plan: Plan

    @property
    def graph(self) -> str:
        """What a dialogue or single task runs.

        Raises:
            InputError: Nobody named a graph.
        """
        if not (name := self.plan.graph or self.suite.graph):
            raise InputError(f"Suite {self.suite.name!r} names no graph.", "Add 'graph: NAME', or give one.")
        return name

    @property
    def options(self) -> dict[str, Any]:
        """Options for `Limner.arun`."""
        paths = self.suite.paths(self.task)
        return {
            "seed": self.plan.seed + self.repeat,
            "knowledge": paths or None,
            "deadline": self.plan.deadline,
        }


async def evaluate(app: Limner, plan: Plan, out: str | Path, progress: Progress | None = None) -> Log:
    """Run what `out` lacks of the plan, and return the whole log.

    A sample whose run fails is logged as not completed. Killed at any point, the same call goes on.

    Raises:
        InputError: The suite, the plan or the log is wrong, or `out` holds another evaluation.
    """
    suite = await offload(lambda: load_suite(plan.suite))
    for name, value in (("repeats", plan.repeats), ("concurrency", plan.concurrency)):
        if value < 1:
            raise InputError(f"{name} is {value}.", "Give 1 or more.")
    tasks = suite.select(plan.only, plan.split, plan.limit)
    if plan.unguarded and not all(isinstance(task, ContentTask) for task in tasks):
        raise InputError("Only content tasks can be run unguarded.", "Choose them with --only.")
    header = {
        "limner_eval": 1,
        "suite": suite.name,
        "suite_sha256": await offload(lambda: suite.sha256),
        "graph": plan.graph or suite.graph,
        "model": _model_name(app),
        "reference": app.settings.model.name,
        "seed": plan.seed,
        "unguarded": plan.unguarded,
        "version": __version__,
        "plan": {**asdict(plan), "suite": str(Path(plan.suite).absolute())},
    }
    out = Path(out)
    with LogFile.open(out, header) as (file, done), desk_of(app, suite):
        samples = [Sample(suite, task, repeat, plan) for repeat in range(plan.repeats) for task in tasks]
        waiting = [sample for sample in samples if (sample.task.id, sample.repeat) not in done]
        finished = len(samples) - len(waiting)
        room, writing = asyncio.Semaphore(plan.concurrency), asyncio.Lock()

        async def one(sample: Sample) -> None:
            nonlocal finished
            async with room:
                row = await run_sample(app, sample)
                async with writing:
                    await offload(lambda: file.append(row))
            finished += 1
            if progress is not None:
                progress(finished, len(samples), sample.task.id)

        if progress is not None:
            progress(finished, len(samples), "")
        try:
            async with asyncio.TaskGroup() as group:
                for sample in waiting:
                    group.create_task(one(sample))
        except ExceptionGroup as failed:
            # the first stopped the others
            raise failed.exceptions[0] from None
    return read_log(out)


async def run_sample(app: Limner, sample: Sample) -> dict[str, Any]:
    """Run and score one sample.

    Raises:
        InputError: What was asked cannot be run at all.
    """
    task = sample.task
    if isinstance(task, ContentTask):
        work = run_unguarded if sample.plan.unguarded else run_content
    else:
        work = run_dialogue if isinstance(task, DialogueTask) else run_single
    started = time.monotonic()
    error = ""
    try:
        row = await work(app, sample)
    except (InputError, SettingsError):
        raise
    except LimnerError as failed:
        error, row = str(failed), {"scores": {} if isinstance(task, ContentTask) else {"passed": 0.0}}
    seconds = row.pop("seconds", time.monotonic() - started)
    scores = {"completed": float(not error), **row.pop("scores"), "seconds": seconds}
    return {
        "task": task.id,
        "repeat": sample.repeat,
        "kind": task.kind,
        "split": task.split,
        "error": error,
        "scores": {name: None if value is None else round(value, 6) for name, value in scores.items()},
        **row,
    }


def _model_name(app: Limner) -> str:
    model, missing = app.open_model()
    if model is None:
        return f"{app.settings.model.name} (missing)" if missing else ""
    return str(getattr(model, "model_name", "") or type(model).__name__)
