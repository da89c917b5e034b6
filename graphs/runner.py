"""The runner: carries out any graph with one budget, one receipt, one trace, and checkpoints to resume from.

The run's hard end is enforced in `Runner._drive`; models stop earlier, at the ledger's time
(`steps.budget`), so that fallbacks have time to finish.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import secrets
import shutil
import time
import typing
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import DeadlineError, InputError, LimnerError, RunError
from ..steps import Budget, Finding, Ledger, Outcome, Receipt, StepContext, StepEvent, current, use
from ..steps.budget import Spent
from ..steps.threads import offload
from ..tracing import Span, fail, names
from ..tracing.sinks import open_trace
from .articles.article import Article
from .folder import RunFolder, Status, find_run, write_atomically
from .registry import Graph, build
from .resources import Resources
from .run import Run, as_json

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph import StateGraph
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import Interrupt, StateSnapshot

    from ..app import Limner

RECURSION_LIMIT = 60
"""LangGraph steps of one run; its own default is about ten thousand."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is to be carried out; kept in run.json, so that a resumed run has them again."""

    deadline: float | None = None
    """Seconds from the call."""
    budget: dict[str, Any] | None = None
    seed: int = 0
    knowledge: tuple[str, ...] = ()
    """Absolute paths of a private index; none: the stored knowledge base."""
    ungrounded: bool = False
    strict: bool = False
    out: str | None = None
    """Where a finished run is copied to."""


def new_run_id(graph: str) -> str:
    """A new id that sorts by time."""
    name = re.sub(r"[^\w.-]+", "-", graph)
    return f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


ENDING = 0.5
"""Seconds before the deadline at which a run is cut, to write what there is of its result."""


class Runner:
    """Starts and resumes runs for one app."""

    def __init__(self, app: Limner) -> None:
        self.app = app

    async def start(
        self,
        graph: Graph,
        given: Any,
        options: Options,
        run_id: str = "",
        emit: Callable[[StepEvent], None] | None = None,
    ) -> Run[Any]:
        """Begin a new run, under a new id unless one is given.

        Raises:
            InputError: Input or options are wrong; nothing was written.
        """
        called = time.monotonic()
        if options.deadline is not None and not options.deadline > 0:
            raise InputError(f"deadline is {options.deadline!r}.", "Give seconds above 0, or leave it out.")
        state = graph.read(given)
        if (
            graph.needs_knowledge
            and not options.ungrounded
            and not options.knowledge
            and not self.app.has_knowledge
        ):
            raise InputError("There are no documents to write from.", "Add --knowledge, or --ungrounded.")
        built = build(graph, self.app)
        run_id = run_id or new_run_id(graph.name)
        now = datetime.now(UTC)
        spec = {
            "run_id": run_id,
            "graph": graph.name,
            "home": graph.home,
            "input": as_json(state),
            "options": asdict(options),
            "started": now.isoformat(timespec="milliseconds"),
            "created": now.timestamp(),
            "status": "running",
        }
        folder = RunFolder.create(self.app.settings.runs_folder, run_id, spec)
        try:
            return await self._carry_out(graph, built, folder, options, called, emit, state=state)
        except InputError:
            if not folder.checkpoints.exists():
                # no node had begun: what was passed in was wrong, and nothing is left of the attempt
                shutil.rmtree(folder.path)
            raise

    async def resume(
        self,
        run_id: str,
        find: Callable[[str], Graph],
        answer: Any = None,
        emit: Callable[[StepEvent], None] | None = None,
    ) -> Run[Any]:
        """Go on with a run that was killed, failed, or waits for a person's `answer`.

        Raises:
            InputError: There is no such run.
            RunError: It is being run, or it waits and no answer was given.
        """
        called = time.monotonic()
        folder = find_run(self.app.settings.runs_folder, run_id)
        spec = folder.read_spec()
        if spec["status"] == "waiting" and answer is None:
            raise RunError(f"Run {run_id!r} waits for a person.", "Resume it with an answer.")
        graph = find(spec["home"] or spec["graph"])
        options = Options(**{**spec["options"], "knowledge": tuple(spec["options"]["knowledge"])})
        built = build(graph, self.app)
        return await self._carry_out(
            graph, built, folder, options, called, emit, state=spec["input"], answer=answer
        )

    async def _carry_out(
        self,
        graph: Graph,
        built: StateGraph[Any, Any, Any, Any],
        folder: RunFolder,
        options: Options,
        called: float,
        emit: Callable[[StepEvent], None] | None,
        *,
        state: dict[str, Any],
        answer: Any = None,
    ) -> Run[Any]:
        app, settings = self.app, self.app.settings
        deadline = math.inf if options.deadline is None else called + options.deadline
        budget = Budget(**options.budget) if options.budget is not None else app.budget
        if settings.model.deterministic:
            budget = replace(budget, seconds=None)
        # of a very short time the fallbacks get the larger part
        keep = min(graph.keep, 0.6 * min(options.deadline or math.inf, budget.seconds or math.inf))
        with folder.in_use():
            spec = folder.read_spec()
            folder.write_spec({**spec, "status": "running"})
            trace = open_trace(folder.trace, settings.trace.otlp, settings.trace.content, app.metrics)
            receipt = Receipt(folder.journal)
            root = trace.start(names.INVOKE_WORKFLOW, graph.name, None, self._attributes(graph, folder))
            model, missing = app.open_model()
            context = StepContext(
                model=model,
                missing=missing,
                # a resumed run goes on from what it had spent
                ledger=Ledger(budget, deadline, keep, spent=Spent.of(receipt.usage, len(receipt.rows))),
                receipt=receipt,
                trace=trace,
                span=root,
                seed=options.seed,
                deterministic=settings.model.deterministic,
                emit=emit,
            )
            status: Status = "interrupted"
            ready: Resources | None = None
            try:
                with use(context):
                    ready = await app.prepare(graph, options, folder.path)
                with use(replace(context, resources=ready)):
                    run = await self._drive(graph, built, folder, called, deadline, state, answer, root)
                status = run.status
                run = replace(run, seconds=time.monotonic() - called)
                self._keep(folder, run)
                if options.out is not None and status == "completed":
                    run.save(options.out)
                return run
            except LimnerError:
                status = "failed"
                raise
            finally:
                if status != "completed":
                    fail(root, status)
                root.end()
                if ready is not None:
                    ready.close()
                await offload(trace.close)
                receipt.close()
                folder.write_spec({**spec, "status": status})

    async def _drive(
        self,
        graph: Graph,
        built: StateGraph[Any, Any, Any, Any],
        folder: RunFolder,
        called: float,
        deadline: float,
        state: dict[str, Any],
        answer: Any,
        root: Span,
    ) -> Run[Any]:
        from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
        from langgraph.types import Command
        from langsmith import tracing_context

        config: RunnableConfig = {
            "configurable": {"thread_id": folder.run_id},
            "recursion_limit": RECURSION_LIMIT,
        }
        error: LimnerError | None = None
        async with AsyncSqliteSaver.from_conn_string(str(folder.checkpoints)) as saver:
            saver.serde = JsonPlusSerializer(allowed_msgpack_modules=_state_types(built))
            compiled: CompiledStateGraph[Any, Any, Any, Any] = built.compile(checkpointer=saver)
            before = await compiled.aget_state(config)
            begun = bool(before.values or before.next)
            given: Any = state if not begun else None
            if answer is not None:
                # branches may ask at once: an answer is for the first, which is the one that was shown
                asked = _interrupts(before)
                given = Command(resume={asked[0].id: answer} if asked else answer)
            # whoever makes a result of a run cut short needs a moment for it
            ending = 0.0 if graph.finish is None else min(ENDING, 0.1 * (deadline - called))
            left = None if deadline == math.inf else max(0.01, deadline - ending - time.monotonic())
            try:
                if not begun or before.next or answer is not None:
                    # inherited LANGSMITH_* variables must open no socket
                    with tracing_context(enabled=False):
                        work = compiled.ainvoke(given, config, durability="sync")
                        await asyncio.wait_for(work, left)
            except TimeoutError:
                error = DeadlineError(
                    f"Run {folder.run_id!r} reached its deadline before its last node.",
                    "Its result is what there was; resume it for the rest.",
                )
            except LimnerError as raised:
                error = raised
            except Exception as raised:  # noqa: BLE001  (a node of the user's own may raise anything)
                traceback = folder.keep_traceback(raised)
                error = RunError(
                    f"Graph {graph.name!r} raised {type(raised).__name__}: {raised}.",
                    f"See {traceback}; once it is fixed, `limner runs resume {folder.run_id}`.",
                )
                error.__cause__ = raised
            after = await compiled.aget_state(config)
        values = dict(after.values)
        interrupts = [item.value for item in _interrupts(after)]
        status: Status = "failed" if error else "waiting" if interrupts else "completed"
        receipt = current().receipt
        if isinstance(error, DeadlineError) and graph.finish is not None:
            # what there is, is a result; the receipt says that the run was cut short
            receipt.add(Outcome(graph.name, None, "fallback", (Finding(error.code, error.message),)))
            status, error = "completed", None
        output: Any = values if graph.finish is None else graph.finish({**state, **values}, folder.path)
        return Run(
            run_id=folder.run_id,
            graph=graph.name,
            status=status,
            output=output,
            receipt=tuple(receipt.rows),
            usage=receipt.usage,
            seconds=0.0,
            trace_id=f"{root.get_span_context().trace_id:032x}",
            folder=folder.path,
            waiting_for=interrupts[0] if interrupts else None,
            error=error,
            warnings=_warnings(current().resources),
        )

    def _keep(self, folder: RunFolder, run: Run[Any]) -> None:
        """Write what the run's folder says of its result, and its copy where one was asked for."""
        data = run.to_json()
        receipt = {
            key: data[key] for key in ("run_id", "degraded", "receipt", "usage", "seconds", "trace_id")
        }
        if isinstance(run.output, Article):
            receipt["grounded"] = run.output.grounded
        if run.status == "completed":
            write_atomically(folder.path / "receipt.json", json.dumps(receipt, indent=1).encode())
        write_atomically(folder.path / "result.json", json.dumps(data).encode())

    def _attributes(self, graph: Graph, folder: RunFolder) -> dict[str, str]:
        return {names.WORKFLOW: graph.name, names.RUN_ID: folder.run_id, names.SESSION: folder.run_id}


def _interrupts(state: StateSnapshot) -> list[Interrupt]:
    """What a graph asks a person, in the order of its tasks."""
    return [item for task in state.tasks for item in task.interrupts]


def _warnings(ready: Any) -> tuple[str, ...]:
    """The documents that could not be read."""
    built = ready.knowledge.built if isinstance(ready, Resources) and ready.knowledge is not None else None
    skipped = built.skipped if built is not None else ()
    # most reasons name their document
    return tuple(
        left.reason if left.document in left.reason else f"{left.document}: {left.reason}" for left in skipped
    )


def _state_types(graph: StateGraph[Any, Any, Any, Any]) -> Sequence[tuple[str, ...]]:
    """The types that a graph's state and steps declare: a checkpoint may hold these, and plain data."""
    found: set[tuple[str, ...]] = set()

    def visit(kind: Any) -> None:
        for part in typing.get_args(kind):
            visit(part)
        if isinstance(kind, type) and kind.__module__ != "builtins":
            found.add((kind.__module__, kind.__qualname__))

    for schema in graph.schemas:
        for kind in typing.get_type_hints(schema, include_extras=True).values():
            visit(kind)
    for node in graph.nodes.values():
        function = getattr(node.runnable, "afunc", None) or getattr(node.runnable, "func", None)
        for kind in getattr(function, "limner_types", ()):
            visit(kind)
    return sorted(found)
