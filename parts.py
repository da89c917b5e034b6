"""What an app is made of: settings, models, documents, tools; each opened when it is first used."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .errors import UnavailableError
from .graphs.registry import Graph
from .graphs.resources import Resources
from .graphs.runner import Options
from .settings import Settings, load_settings
from .steps import Finding, Outcome, current
from .steps.threads import offload

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool

    from .agents.articles.house_style import HouseStyle
    from .graphs.conversation.desk import Desk
    from .models import ImageModel, Store
    from .models.engines.base import EngineStats
    from .models.vector_cache import VectorCache
    from .pictures import Brand
    from .pictures.signing import Credentials
    from .retrieval import KnowledgeBase
    from .retrieval.search import Reranker
    from .tracing.metrics import Metrics

Paths = str | Path | Sequence[str | Path]


class Parts:
    """What was configured or handed over, opened once and shared by all runs.

    Args:
        config: A limner.toml; None for ``./limner.toml`` where it exists.
        knowledge: Paths of documents, or a `KnowledgeBase`; None for the stored one.
        given: A reference, an object or None under ``model``, ``embeddings`` and ``images``.
        home: Where runs and indexes are kept; None as configured.
        tools: What the support bot may call besides the tools of the settings.
        intents: The file of intents; None as configured.

    Raises:
        SettingsError: The configuration is wrong.
    """

    def __init__(
        self,
        config: str | Path | None,
        *,
        knowledge: Paths | KnowledgeBase | None,
        given: Mapping[str, Any],
        home: str | Path | None,
        tools: Sequence[BaseTool],
        intents: str | Path | None,
    ) -> None:
        arguments: dict[str, Any] = {key: ref for key, ref in given.items() if isinstance(ref, str)}
        before = load_settings(config)
        if home is not None:
            arguments |= {"home": Path(home).absolute(), "models": before.models_folder}
        self.settings: Settings = load_settings(config, **arguments) if arguments else before
        self._given = {key: obj for key, obj in given.items() if obj is not None and not isinstance(obj, str)}
        self._knowledge = knowledge
        self._tools = tuple(tools)
        self._intents = self.settings.support.intents if intents is None else str(intents)
        self._opening = threading.Lock()
        self.metrics = self._open_metrics()

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

        return open_images(self.settings.images.name, self.settings.images, self.store)

    @cached_property
    def knowledge(self) -> KnowledgeBase:
        """The documents of this app: those given to it, else the stored knowledge base."""
        from .retrieval import KnowledgeBase

        given = self._knowledge
        if isinstance(given, KnowledgeBase):
            return given
        if given is not None:
            return self._private(paths_of(given))
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
    def style(self) -> HouseStyle:
        """The words and the tone of the house, in articles."""
        from .agents.articles.house_style import HouseStyle

        return HouseStyle(**self.settings.brand.model_dump())

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

    def _open_metrics(self) -> Metrics | None:
        """What counts the spans of all runs, where the settings say where metrics go."""
        if not self.settings.trace.metrics:
            return None
        from .tracing.metrics import open_metrics

        return open_metrics(self.settings.trace.metrics, self._queue)

    def _queue(self) -> EngineStats | None:
        """What the engine of the chat model does; None where there is none, or no call was made."""
        engine = getattr(self.__dict__.get("model"), "engine", None)
        return None if engine is None else cast("EngineStats", engine.stats())

    @cached_property
    def desk(self) -> Desk:
        """The support desk: tools, intents, threads, and the journal of what was done."""
        from .graphs.conversation.desk import Desk

        support = self.settings.support
        return Desk(self.settings.home, self._intents, (*self._tools, *support.tools), support.languages)

    @property
    def has_knowledge(self) -> bool:
        """Whether there is any document to ground a run on."""
        return self._knowledge is not None or bool(self.knowledge.documents())

    def check_references(self) -> None:
        """See, before anything is written, that every reference names something; nothing loads."""
        _ = self.brand, self.credentials
        # what is missing is told by the receipt of the run
        with suppress(UnavailableError):
            _ = self.open_model(), self.embeddings
        if not self.settings.images.name.startswith("hf:"):
            # a pipeline of the hub would be fetched here, outside of the run's time
            with suppress(UnavailableError):
                _ = self.images

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
            look = (self.brand, self.credentials, self.style)
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
        look = (self.brand, self.credentials, self.style)
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
            return self._private(paths_of(self._knowledge), deadline, options.strict)
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

    def close_parts(self) -> None:
        """Close what was opened; what was handed in belongs to whoever made it."""
        # metrics first: they tell the queue of a model that is still open
        for name in (
            "metrics",
            "model",
            "images",
            "knowledge",
            "desk",
            "embeddings",
            "_reranker",
            "_vectors",
        ):
            opened = self.__dict__.get(name)
            if opened is not None and name not in self._given and opened is not self._knowledge:
                close = getattr(opened, "close", None)
                if close is not None:
                    close()


def paths_of(given: Paths | KnowledgeBase | None) -> list[str | Path]:
    """Return paths as a list; none of None."""
    if given is None:
        return []
    if isinstance(given, str | Path):
        return [given]
    return list(cast("Sequence[str | Path]", given))
