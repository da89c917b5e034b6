"""Graphs: content, and your own; and the runner that carries them out, bounded, traced and resumable."""

from .registry import Graph, chain, find_graph
from .run import Run

__all__ = ["Graph", "Run", "chain", "find_graph"]
