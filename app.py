"""`Limner`: the models, the knowledge and the runs of one program, behind a few verbs.

with Limner(knowledge="docs/") as app:
    run = app.write("How returns work", deadline=60)
    run.save("out/")
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import InputError
from .graphs.registry import Build, find_graph
from .graphs.run import Run
from .graphs.runner import Options, Runner
from .parts import Parts, Paths, paths_of
from .steps import Budget, StepEvent
from .steps.threads import GuardLoop

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool

    from .agents.brief import Brief
    from .evals import Plan, Report
    from .graphs.articles.article import Article, ArticleImage
    from .graphs.conversation.reply import Reply
    from .models import ImageModel
    from .retrieval import KnowledgeBase

T = TypeVar("T")


class Limner(Parts):
    """One program's models, knowledge and runs.

    Making one loads nothing: models load when they are first asked. Close it, or use it in a ``with``
    block, to stop its threads and free its memory.

    Args:
        config: A limner.toml; without one, ``./limner.toml`` where it exists.
        knowledge: Documents that runs are grounded on: paths of files and folders, indexed privately,
            or a `KnowledgeBase`. Without them the stored knowledge base serves.
        model: A reference or any LangChain chat model; ``""`` for none: every step takes its fallback.
        embeddings: A reference or any LangChain `Embeddings`; ``""`` for none: search by words alone.
        images: A reference or an `ImageModel`; ``""`` for none: pictures are drawn by rule.
        home: Where runs and indexes are kept; the model store does not move with it.
        tools: What the support bot may call besides the tools of limner.toml.
        intents: A YAML file that says what customers may want, in place of the one of limner.toml.
        budget: What a run may spend, unless it is told otherwise.

    Raises:
        SettingsError: The configuration is wrong.
    """

    def __init__(
        self,
        config: str | Path | None = None,
        *,
        knowledge: Paths | KnowledgeBase | None = None,
        model: str | BaseChatModel | None = None,
        embeddings: str | Embeddings | None = None,
        images: str | ImageModel | None = None,
        home: str | Path | None = None,
        budget: Budget | None = None,
        tools: Sequence[BaseTool] = (),
        intents: str | Path | None = None,
    ) -> None:
        super().__init__(
            config,
            knowledge=knowledge,
            given={"model": model, "embeddings": embeddings, "images": images},
            home=home,
            tools=tools,
            intents=intents,
        )
        self.budget = budget or Budget(**self.settings.budget.model_dump())
        self._runner = Runner(self)
        self._loop = GuardLoop()
        self._closed = False

    # -- runs

    def run(self, graph: str | Build, given: Any, **options: Any) -> Run[Any]:
        """Carry out a graph and wait for it; see `arun`."""
        return self._wait(lambda: self.arun(graph, given, **options), "arun")

    async def arun(
        self,
        graph: str | Build,
        given: Any,
        *,
        deadline: float | None = None,
        budget: Budget | None = None,
        seed: int = 0,
        knowledge: Paths | None = None,
        ungrounded: bool = False,
        strict: bool = False,
        run_id: str = "",
        out: str | Path | None = None,
        emit: Callable[[StepEvent], None] | None = None,
    ) -> Run[Any]:
        """Carry out a graph.

        Args:
            graph: A registered name, ``module:function``, or a function that builds a `StateGraph`.
            given: The graph's input: a Brief, a topic or a mapping for ``content``; a mapping of state
                keys for a graph of your own.
            deadline: Seconds from now, by which the run has ended with a valid result.
            budget: What the run may spend, in place of the app's.
            seed: Same inputs and seed, same outputs, with a deterministic model.
            knowledge: A private index of exactly these paths, for this run.
            ungrounded: Write without documents; such text is labelled.
            strict: A document that cannot be read fails the run.
            run_id: The new run's id, in place of a made one.
            out: A folder that gets a copy of the finished run's files.
            emit: Called with each step's start and end, on the run's event loop.

        Raises:
            InputError: Something passed in is wrong; nothing was written.
            LimnerError: The run failed; its folder keeps what was done.
        """
        self._check_open()
        options = Options(
            deadline=deadline,
            budget=None if budget is None else _budget_fields(budget),
            seed=seed,
            knowledge=tuple(str(Path(path).absolute()) for path in paths_of(knowledge)),
            ungrounded=ungrounded,
            strict=strict,
            out=None if out is None else str(Path(out).absolute()),
        )
        found = find_graph(graph, self.settings.graphs)
        self.check_references()
        run = await self._runner.start(found, given, options, run_id, emit)
        if run.status == "failed" and run.error is not None:
            raise run.error
        return run

    async def astream(
        self, graph: str | Build, given: Any, **options: Any
    ) -> AsyncIterator[StepEvent | Run[Any]]:
        """Carry out a graph and yield its steps as they begin and end, and the `Run` last.

        Leaving the loop early stops the run; it can be resumed.
        """
        events: asyncio.Queue[StepEvent] = asyncio.Queue()
        task = asyncio.ensure_future(self.arun(graph, given, emit=events.put_nowait, **options))
        try:
            while not task.done() or not events.empty():
                getter = asyncio.ensure_future(events.get())
                await asyncio.wait({getter, task}, return_when=asyncio.FIRST_COMPLETED)
                if getter.done():
                    yield getter.result()
                else:
                    getter.cancel()
            yield task.result()
        finally:
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def resume(self, run_id: str, answer: Any = None) -> Run[Any]:
        """Go on with a run and wait for it; see `aresume`."""
        return self._wait(lambda: self.aresume(run_id, answer), "aresume")

    async def aresume(
        self, run_id: str, answer: Any = None, emit: Callable[[StepEvent], None] | None = None
    ) -> Run[Any]:
        """Go on with a run that was killed or failed, or that waits for `answer`.

        Steps that had finished are not done again.

        Raises:
            InputError: There is no such run.
        """
        self._check_open()
        run = await self._runner.resume(
            run_id, lambda name: find_graph(name, self.settings.graphs), answer, emit
        )
        if run.status == "failed" and run.error is not None:
            raise run.error
        return run

    def write(
        self, brief: str | Brief | dict[str, Any], *, approve: bool = False, **options: Any
    ) -> Run[Article]:
        """Write an article and wait for it; see `awrite`."""
        return self._wait(lambda: self.awrite(brief, approve=approve, **options), "awrite")

    async def awrite(
        self, brief: str | Brief | dict[str, Any], *, approve: bool = False, **options: Any
    ) -> Run[Article]:
        """Write an article: the ``content`` graph on a topic or a Brief.

        Args:
            brief: What to make.
            approve: Stop after the plan, with the status ``waiting``; `resume` the run with
                ``{"approve": True}`` or ``{"titles": [...]}``.
            options: As in `arun`.
        """
        return await self.arun("content", {"brief": brief, "approve": approve}, **options)

    def evaluate(self, graph: str, suite: str | Path | Plan, **options: Any) -> Report:
        """Run a task file and wait for its scores; see `aevaluate`."""
        return self._wait(lambda: self.aevaluate(graph, suite, **options), "aevaluate")

    async def aevaluate(
        self,
        graph: str,
        suite: str | Path | Plan,
        *,
        out: str | Path | None = None,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> Report:
        """Run a task file, or what its log lacks of it, and return the scores.

        Args:
            graph: What to run, in place of what the suite names; ``""``: what it names.
            suite: The task file; a `limner.evals.Plan` also says what of it to run, and how.
            out: The log; default ``SUITE.jsonl`` in the working folder.
            progress: Called with samples done, samples in all, and the one that ended.

        Raises:
            InputError: The suite is wrong, or the log holds another evaluation.
        """
        from .evals import Plan, Report, evaluate

        plan = suite if isinstance(suite, Plan) else Plan(str(suite))
        plan = replace(plan, graph=graph or plan.graph)
        target = Path(out) if out is not None else Path(f"{Path(plan.suite).stem}.jsonl")
        return Report(await evaluate(self, plan, target, progress))

    def draw(self, prompt: str | dict[str, Any], **options: Any) -> Run[ArticleImage]:
        """Draw one picture: the ``draw`` graph on a prompt, or on a card's fields; options as in `arun`."""
        return self.run("draw", prompt, **options)

    async def adraw(self, prompt: str | dict[str, Any], **options: Any) -> Run[ArticleImage]:
        """Draw one picture; options as in `arun`."""
        return await self.arun("draw", prompt, **options)

    def ask(self, question: str, thread: str = "", customer: str | int = "", **options: Any) -> Reply:
        """Ask the support bot and wait for its reply; see `aask`."""
        return self._wait(lambda: self.aask(question, thread, customer, **options), "aask")

    async def aask(self, question: str, thread: str = "", customer: str | int = "", **options: Any) -> Reply:
        """Ask the support bot: the ``support`` graph on one message.

        Args:
            question: What the customer writes.
            thread: The conversation that it belongs to; "" remembers nothing.
            customer: Who is asking, as your own sign-in knows it; tools serve this customer alone.
            options: As in `arun`.

        Raises:
            InputError: The question is blank, or there are neither documents nor tools.
        """
        from .graphs.conversation.reply import Reply

        documents = bool(options.get("knowledge")) or self.has_knowledge
        options.setdefault("ungrounded", not documents and bool(self.desk.tools))
        given = {"message": question, "thread": thread, "customer": customer}
        return Reply(await self.arun("support", given, **options))

    # -- life

    def close(self) -> None:
        """Stop the threads of this app and free its models' memory. Doing it twice is no error."""
        if self._closed:
            return
        self._closed = True
        self.close_parts()
        self._loop.close()

    def __enter__(self) -> Limner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise InputError("This Limner is closed.", "Make a new one.")

    def _wait(self, work: Callable[[], Coroutine[Any, Any, T]], instead: str) -> T:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._check_open()
            future = self._loop.submit(work)
            try:
                return future.result()
            except BaseException:
                # Ctrl-C: the run is stopped, and marked as interrupted, before this returns
                future.cancel()
                raise
        raise InputError(
            "A blocking call was made on a running event loop.", f"Use `await app.{instead}(...)`."
        )


def _budget_fields(budget: Budget) -> dict[str, Any]:
    names = ("seconds", "tokens", "calls", "images", "steps", "policy")
    return {name: getattr(budget, name) for name in names}
