"""`Limner`: the models, the knowledge and the runs of one program, behind a few verbs.

with Limner(knowledge="docs/") as app:
    run = app.write("How returns work", deadline=60)
    run.save("out/")
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .errors import InputError, UnavailableError
from .graphs.registry import Build, Graph, find_graph
from .graphs.resources import Resources
from .graphs.run import Run
from .graphs.runner import Options, Runner
from .settings import Settings, load_settings
from .steps import Budget, Finding, Outcome, StepEvent, current
from .steps.threads import GuardLoop, offload

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool

    from .agents.brief import Brief
    from .evals import Plan, Report
    from .graphs.article import Article, ArticleImage
    from .graphs.desk import Desk
    from .graphs.reply import Reply
    from .models import ImageModel, Store
    from .models.vector_cache import VectorCache
    from .pictures import Brand
    from .pictures.signing import Credentials
    from .retrieval import KnowledgeBase
    from .retrieval.search import Reranker

T = TypeVar("T")
Paths = str | Path | Sequence[str | Path]


class Limner:
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
        references = {"model": model, "embeddings": embeddings, "images": images}
        arguments: dict[str, Any] = {key: ref for key, ref in references.items() if isinstance(ref, str)}
        before = load_settings(config)
        if home is not None:
            arguments |= {"home": Path(home).absolute(), "models": before.models_folder}
        self.settings: Settings = load_settings(config, **arguments) if arguments else before
        limits = self.settings.budget.model_dump()
        self.budget = budget or Budget(**limits)
        self._given = {
            key: obj for key, obj in references.items() if obj is not None and not isinstance(obj, str)
        }
        self._knowledge = knowledge
        self._tools = tuple(tools)
        self._intents = self.settings.support.intents if intents is None else str(intents)
        self._runner = Runner(self)
        self._loop = GuardLoop()
        self._opening = threading.Lock()
        self._closed = False

    # -- what an app is made of

    @cached_property
    def store(self) -> Store:
        """The model store."""
        from .models import Store

        return Store(self.settings.models_folder, self.settings.mirrors)

    @cached_property
    def model(self) -> BaseChatModel | None:
        """The chat model in use, as LangChain sees it; its weights load at its first call."""
        if "model" in self._given:
            return cast("BaseChatModel", self._given["model"])
        if not self.settings.model.name:
            return None
        from .models import open_chat

        return open_chat(self.settings.model.name, self.settings.model, self.store)

    @cached_property
    def embeddings(self) -> Embeddings | None:
        """The embeddings in use; their weights load at the first call."""
        if "embeddings" in self._given:
            return cast("Embeddings", self._given["embeddings"])
        if not self.settings.embeddings.name:
            return None
        from .models import open_embeddings

        return open_embeddings(self.settings.embeddings.name, self.store, self._vectors)

    @cached_property
    def images(self) -> ImageModel | None:
        """The image model in use; its weights load at the first call."""
        if "images" in self._given:
            return cast("ImageModel", self._given["images"])
        if not self.settings.images.name:
            return None
        from .models import open_images

        return open_images(self.settings.images.name, self.settings.images)

    @cached_property
    def knowledge(self) -> KnowledgeBase:
        """The documents of this app: those given to it, else the stored knowledge base."""
        from .retrieval import KnowledgeBase

        given = self._knowledge
        if isinstance(given, KnowledgeBase):
            return given
        if given is not None:
            return self._private(_paths(given))
        knowledge = self.settings.knowledge
        server = knowledge.store if "://" in knowledge.store else ""
        # Of an index on a server, too, documents and words stay here.
        name = re.sub(r"[^\w.-]+", "-", knowledge.store) if server else knowledge.store
        folder = self.settings.home.expanduser() / "knowledge" / name
        return KnowledgeBase(folder, self.embeddings, knowledge.max_file_mb, server, self._reranker)

    @cached_property
    def _reranker(self) -> Reranker | None:
        """What orders the passages found, where one is configured."""
        from .models.reranker import open_reranker

        reference = self.settings.knowledge.reranker
        return open_reranker(reference, self._vectors) if reference else None

    @cached_property
    def _vectors(self) -> VectorCache | None:
        """What keeps vectors for other runs, unless the settings say that nothing does."""
        from .models.vector_cache import open_cache

        return open_cache(self.settings)

    @cached_property
    def brand(self) -> Brand:
        """What all drawn cards have in common.

        Raises:
            InputError: The colour or the logo is of no use.
        """
        from .pictures import Brand

        return Brand(**self.settings.pictures.model_dump())

    @cached_property
    def credentials(self) -> Credentials | None:
        """What pictures are signed with; None where they are not.

        Raises:
            InputError: The certificate or the key cannot be read.
            SettingsError: The extra `provenance` is not installed, or one of the two files is not named.
        """
        from .pictures.signing import open_credentials

        wanted = self.settings.provenance
        return open_credentials(wanted, self.settings.home.expanduser() / "keys") if wanted.sign else None

    @cached_property
    def desk(self) -> Desk:
        """The support desk: tools, intents, threads, and the journal of what was done."""
        from .graphs.desk import Desk

        support = self.settings.support
        return Desk(self.settings.home, self._intents, (*self._tools, *support.tools), support.languages)

    @property
    def has_knowledge(self) -> bool:
        """Whether there is any document to ground a run on."""
        return self._knowledge is not None or bool(self.knowledge.documents())

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
            knowledge=tuple(str(Path(path).absolute()) for path in _paths(knowledge)),
            ungrounded=ungrounded,
            strict=strict,
            out=None if out is None else str(Path(out).absolute()),
        )
        found = find_graph(graph, self.settings.graphs)
        self._check_references()
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
        from .graphs.reply import Reply

        documents = bool(options.get("knowledge")) or self.has_knowledge
        options.setdefault("ungrounded", not documents and bool(self.desk.tools))
        given = {"message": question, "thread": thread, "customer": customer}
        return Reply(await self.arun("support", given, **options))

    def _check_references(self) -> None:
        """See, before anything is written, that every reference names something; nothing loads."""
        _ = self.brand, self.credentials
        # what is missing is told by the receipt of the run
        with suppress(UnavailableError):
            _ = self.open_model(), self.embeddings
        if not self.settings.images.name.startswith("hf:"):
            # a pipeline of the hub would be fetched here, outside of the run's time
            with suppress(UnavailableError):
                _ = self.images

    # -- for the runner

    def open_model(self) -> tuple[BaseChatModel | None, str]:
        """The chat model, and why a configured one is missing."""
        try:
            with self._opening:
                return self.model, ""
        except UnavailableError as error:
            return None, str(error)

    async def prepare(self, graph: Graph, options: Options, folder: Path) -> Resources:
        """Get ready what the graph's nodes use; indexing happens here, within the run's time."""
        context = current()
        left = context.ledger.time_left()
        limit = None if context.deterministic or left == float("inf") else time.monotonic() + 0.4 * left
        if not graph.needs_knowledge and not await self._finds_knowledge(graph, options):
            return Resources(folder)
        if options.ungrounded:
            images, no_images = await self._open_images(limit)
            look = (self.brand, self.credentials)
            return Resources(folder, None, False, None, images, no_images, *look)
        with context.trace.span("retrieval", "index", context.span):
            knowledge = await offload(lambda: self._index(options, limit))
        if knowledge.notes:
            # words alone decide: a configured model is missing, and the receipt says so
            finding = Finding("unavailable", knowledge.notes[0])
            context.receipt.add(Outcome("retrieve", None, "fallback", (finding,)))
        embeddings = None if knowledge.notes else self.embeddings
        images, no_images = await self._open_images(limit)
        own = knowledge is not self._lasting
        look = (self.brand, self.credentials)
        return Resources(folder, knowledge, own, embeddings, images, no_images, *look)

    async def _finds_knowledge(self, graph: Graph, options: Options) -> bool:
        """Whether there are documents for a graph that can do without."""
        if not graph.may_use_knowledge or options.ungrounded:
            return False
        return bool(options.knowledge) or await offload(lambda: self.has_knowledge)

    async def _open_images(self, deadline: float | None) -> tuple[ImageModel | None, str]:
        """The image model, and why a configured one is missing; a hub may be asked, so not on the loop."""
        if "images" in self.__dict__ or "images" in self._given or not self.settings.images.name:
            # opened already, or nothing to open: that takes no time, even where none is left
            return self.images, ""
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            return await asyncio.wait_for(offload(lambda: self.images), left), ""
        except UnavailableError as error:
            return None, str(error)
        except TimeoutError:
            return None, "the image model could not be fetched in time"

    @property
    def _lasting(self) -> KnowledgeBase | None:
        """The knowledge base that outlives a run, where it was opened."""
        return self.__dict__.get("knowledge")

    def _index(self, options: Options, deadline: float | None) -> KnowledgeBase:
        if options.knowledge:
            return self._private(options.knowledge, deadline, options.strict)
        if self._knowledge is not None and isinstance(self._knowledge, str | Path | Sequence):
            return self._private(_paths(self._knowledge), deadline, options.strict)
        return self.knowledge

    def _private(
        self, paths: Sequence[str | Path], deadline: float | None = None, strict: bool = False
    ) -> KnowledgeBase:
        from .retrieval import KnowledgeBase

        return KnowledgeBase.private(
            paths,
            self.settings.home.expanduser() / "indexes",
            self.embeddings,
            strict=strict,
            deadline=deadline,
            max_mb=self.settings.knowledge.max_file_mb,
            reranker=self._reranker,
        )

    # -- life

    def close(self) -> None:
        """Stop the threads of this app and free its models' memory. Doing it twice is no error."""
        if self._closed:
            return
        self._closed = True
        for name in ("model", "images", "knowledge", "desk", "embeddings", "_reranker", "_vectors"):
            opened = self.__dict__.get(name)
            # what was handed in belongs to whoever made it
            if opened is not None and name not in self._given and opened is not self._knowledge:
                close = getattr(opened, "close", None)
                if close is not None:
                    close()
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


def _paths(given: Paths | KnowledgeBase | None) -> list[str | Path]:
    if given is None:
        return []
    if isinstance(given, str | Path):
        return [given]
    return list(cast("Sequence[str | Path]", given))


def _budget_fields(budget: Budget) -> dict[str, Any]:
    names = ("seconds", "tokens", "calls", "images", "steps", "policy")
    return {name: getattr(budget, name) for name in names}
