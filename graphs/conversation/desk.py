"""The support desk of an app: its tools, intents and threads, and the journal of what was done."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.tools import BaseTool

from ...agents.messages.heads import Heads
from ...agents.messages.intents import Intents, load_intents
from ...agents.messages.spelling import Speller
from ...agents.messages.training import train
from ...agents.router import Router
from ...errors import InputError, SettingsError, UnavailableError
from ...retrieval.embedder import Embedder
from ...retrieval.house import house_of
from ...retrieval.kept import KeptEmbeddings
from ...tools.journal import Journal
from ..folder import write_atomically
from ..registry import load_object
from .memory import Threads

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ...retrieval import KnowledgeBase

HOUSE_FROM = 100
"""Documents that the name of the house is read from, evenly spread where there are more."""


class Desk:
    """What the turns of one app share. Opens its files when they are first needed.

    Args:
        home: Where threads, the journal and trained routers are kept.
        intents: A YAML file; "" for none: every message is a question or small talk.
        tools: LangChain tools, or ``module:name`` of a tool, of a list of tools, or of a function that
            returns them.
        languages: Languages, as ISO 639-1 codes, that the chat model writes well.

    Raises:
        InputError: The intents cannot be read, or name a tool that is not there.
        SettingsError: A tool cannot be imported.
    """

    def __init__(
        self, home: Path, intents: str, tools: Sequence[BaseTool | str], languages: Sequence[str]
    ) -> None:
        self.home = home.expanduser()
        self.languages = tuple(languages)
        self.tools = {tool.name: tool for given in tools for tool in tools_of(given)}
        self._file = Path(intents) if intents else None
        self.intents: Intents | None = load_intents(intents) if intents else None
        said = (text for intent in self.intents.intents for text in intent.examples) if self.intents else ()
        self.speller = Speller(said)
        self._routers: dict[str, Router] = {}
        self._kept: tuple[Embeddings, KeptEmbeddings] | None = None
        self._house: tuple[tuple[str, ...], str] | None = None
        self._lock = threading.Lock()
        for intent in self.intents.intents if self.intents is not None else ():
            if intent.tool and intent.tool not in self.tools:
                raise InputError(
                    f"Intent {intent.name!r} names the tool {intent.tool!r}, which is not there.",
                    f"Known tools: {', '.join(sorted(self.tools)) or 'none'}.",
                )

    @cached_property
    def threads(self) -> Threads:
        """What the bot remembers."""
        return Threads(self.home / "threads.sqlite")

    @cached_property
    def journal(self) -> Journal:
        """What was done, and who allowed it."""
        self.home.mkdir(parents=True, exist_ok=True)
        return Journal(self.home / "effects.sqlite")

    def embeddings(self, given: Embeddings | None) -> Embeddings | None:
        """The same embeddings, which remember the vectors of the sentences that come up again."""
        if given is None:
            return None
        with self._lock:
            if self._kept is None or self._kept[0] is not given:
                self._kept = (given, KeptEmbeddings(given))
            return self._kept[1]

    def house(self, knowledge: KnowledgeBase | None) -> str:
        """The name that the documents call their house by; "" where there is none; blocks."""
        if knowledge is None:
            return ""
        documents = tuple(knowledge.documents())
        with self._lock:
            if self._house is None or self._house[0] != documents:
                step = len(documents) // HOUSE_FROM + 1
                self._house = documents, house_of([knowledge.text(each) for each in documents[::step]])
            return self._house[1]

    def router(self, embeddings: Embeddings | None) -> Router | None:
        """The router for the intents: the trained file beside them, or one trained now and kept; blocks.

        None where there are no intents. Without embeddings, or while they cannot be had, words decide.
        """
        if self.intents is None or self._file is None:
            return None
        name = ""
        if embeddings is not None:
            try:
                name = Embedder(embeddings).name
            except UnavailableError:
                embeddings = None
        with self._lock:
            if name not in self._routers:
                self._routers[name] = self._open(self.intents, self._file, embeddings, name)
            return self._routers[name]

    def _open(self, intents: Intents, file: Path, embeddings: Embeddings | None, name: str) -> Router:
        kept = self.home / "routers" / f"{intents.sha256[:16]}-{_plain(name)}.safetensors"
        for path in (file.with_suffix(".safetensors"), kept):
            if path.is_file():
                heads = Heads.load(path)
                # heads over embeddings hold those over words too
                if heads.intents == intents.sha256 and name in ("", heads.embeddings):
                    return Router(intents, heads, embeddings)
        heads = train(intents, embeddings, folds=5).heads
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, heads.to_bytes())
        return Router(intents, heads, embeddings)

    def close(self) -> None:
        """Close the journal."""
        if "journal" in self.__dict__:
            self.journal.close()


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)[-40:] or "words"


def tools_of(given: BaseTool | str) -> list[BaseTool]:
    """A tool, or the tools that ``module:name`` names.

    Raises:
        SettingsError: It cannot be imported, or is no tool.
    """
    if isinstance(given, BaseTool):
        return [given]
    found = load_object(given, "tool")
    made = found() if callable(found) and not isinstance(found, BaseTool) else found
    tools = [made] if isinstance(made, BaseTool) else list(made)
    if not all(isinstance(tool, BaseTool) for tool in tools):
        raise SettingsError(f"{given!r} is no tool and no list of tools.", "Make one with @tool.")
    return tools
