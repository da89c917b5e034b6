"""The graphs that can be run by name: our own, those of limner.toml, and those given as functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, LimnerError, SettingsError

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

    from ..app import Limner

Build = Callable[["Limner"], "StateGraph[Any, Any, Any, Any]"]


def _as_it_is(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise InputError(
            f"A graph's input is a mapping of state keys, not {type(given).__name__}.", "Pass a dict."
        )
    return dict(given)


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that can be run."""

    name: str
    build: Build
    read: Callable[[Any], dict[str, Any]] = _as_it_is
    """Turns the caller's input into the first state; raises InputError."""
    finish: Callable[[dict[str, Any], Path], Any] | None = None
    """Turns the final state, or what there is of it at the deadline, into the output."""
    needs_knowledge: bool = False
    may_use_knowledge: bool = False
    """Documents are indexed for it where there are any."""
    keep: float = 0.2
    """Seconds before the deadline that models may not use: what the fallbacks need."""
    home: str = ""
    """``module:function`` where the build function is found again, for resuming."""


BUILT_IN = {
    "content": "limner.graphs.content:CONTENT",
    "draw": "limner.graphs.draw:DRAW",
    "research": "limner.graphs.research:RESEARCH",
    "support": "limner.graphs.support:SUPPORT",
}


def find_graph(name: str | Build, configured: Mapping[str, str]) -> Graph:
    """Find a graph by its registered name, by ``module:function``, or take a function as it is.

    Raises:
        InputError: No graph has that name.
        SettingsError: What limner.toml names cannot be imported.
    """
    if not isinstance(name, str):
        return Graph(name.__name__, name, home=f"{name.__module__}:{name.__qualname__}")
    places = {**BUILT_IN, **configured}
    place = places.get(name, name if ":" in name else "")
    if not place:
        raise InputError(f"There is no graph {name!r}.", f"Known graphs: {', '.join(sorted(places))}.")
    found = load_object(place, "graph")
    return found if isinstance(found, Graph) else Graph(name, found, home=place)


def load_object(place: str, what: str) -> Any:
    """Import what ``module:name`` says, also from the folder in which the program is run.

    Raises:
        SettingsError: It cannot be imported; the message calls it `what`.
    """
    module, _, attribute = place.partition(":")
    folder = str(Path.cwd())
    # a graph of the user's own lies where the program is run, as with `python -m`
    added = folder not in sys.path
    if added:
        sys.path.insert(0, folder)
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"The {what} {place!r} cannot be loaded: {error}.", "It is written module:name."
        ) from error
    finally:
        if added:
            sys.path.remove(folder)
    return found


def build(graph: Graph, app: Limner) -> StateGraph[Any, Any, Any, Any]:
    """Build a graph, and see that its steps use keys that its state has.

    Raises:
        InputError: What should build it fails, or builds no `StateGraph`.
    """
    from langgraph.graph import StateGraph

    try:
        built = graph.build(app)
    except LimnerError:
        raise
    except Exception as error:
        raise InputError(
            f"Building the graph {graph.name!r} raised {type(error).__name__}: {error}.",
            "It is a function that takes the Limner and returns a StateGraph.",
        ) from error
    if not isinstance(built, StateGraph):
        raise InputError(
            f"Building the graph {graph.name!r} gave {type(built).__name__}.",
            "Return a StateGraph, uncompiled.",
        )
    check_reads(built)
    return built


def check_reads(graph: StateGraph[Any, Any, Any, Any]) -> None:
    """See that every step in a graph reads and writes keys that the state has.

    Raises:
        InputError: One does not; the message names step and key.
    """
    keys = set(graph.channels)
    for name, spec in graph.nodes.items():
        function = getattr(spec.runnable, "afunc", None) or getattr(spec.runnable, "func", None)
        reads = getattr(function, "limner_reads", ())
        writes = getattr(function, "limner_writes", None)
        for key in (*reads, *([writes] if writes else [])):
            if key not in keys:
                raise InputError(
                    f"Node {name!r} uses state key {key!r}, which the state does not have.",
                    f"It has {', '.join(sorted(keys))}; rename with .node(parameter='key').",
                )


def chain(graph: StateGraph[Any, Any, Any, Any], *nodes: str) -> StateGraph[Any, Any, Any, Any]:
    """Join nodes one after another, from start to end, and check the keys that their steps use.

    Raises:
        InputError: A step uses a key that the state does not have.
    """
    from langgraph.graph import END, START

    check_reads(graph)
    for start, end in zip([START, *nodes], [*nodes, END], strict=True):
        graph.add_edge(start, end)
    return graph
