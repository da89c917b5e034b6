"""What the nodes of our own graphs use besides their state."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DefectError
from ..steps import current
from ..tracing import names

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ..agents.articles.house_style import HouseStyle
    from ..models.images import ImageModel
    from ..pictures import Brand
    from ..pictures.signing import Credentials
    from ..retrieval import KnowledgeBase, Passage
    from ..retrieval.filters import Where


_SLOW = 12.0
"""Seconds that must be left for texts to be compared by their embeddings, and not by their words."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Handed to a run by the runner, in `StepContext.resources`."""

    folder: Path
    """The run's folder."""
    knowledge: KnowledgeBase | None = None
    """None: the text is not grounded."""
    owned: bool = False
    """Whether the knowledge base was opened for this run, and ends with it."""
    embeddings: Embeddings | None = None
    """None: there are none, or they were not ready in time."""
    images: ImageModel | None = None
    no_images: str = ""
    """Why a configured image model is missing."""
    brand: Brand | None = None
    """What all drawn cards have in common."""
    credentials: Credentials | None = None
    """What pictures are signed with."""
    style: HouseStyle | None = None
    """The words and the tone of the house."""

    def close(self) -> None:
        """Close what was opened for the run alone."""
        if self.owned and self.knowledge is not None:
            self.knowledge.close()


def resources() -> Resources:
    """The resources of the run in force.

    Raises:
        DefectError: Called outside of a run.
    """
    found = current().resources
    if not isinstance(found, Resources):
        raise DefectError("This node runs only inside a Limner run.", "Start it with `Limner.run`.")
    return found


def embeddings_in_time() -> Embeddings | None:
    """The embeddings, where there is time for them."""
    return resources().embeddings if current().ledger.time_left() > _SLOW else None


async def find(query: str, k: int, sources: Sequence[str] = ()) -> list[Passage]:
    """Search the run's documents, traced, in at most half of the time left; nothing where there are none.

    Args:
        query: A question or keywords.
        k: How many passages at most.
        sources: Only these documents; all where none is named.
    """
    context, knowledge = current(), resources().knowledge
    if knowledge is None:
        return []
    left = context.ledger.time_left()
    limit = None if context.deterministic or left == math.inf else time.monotonic() + left / 2
    facts = {names.DATA_SOURCE: knowledge.folder.name}
    with context.trace.span(names.RETRIEVAL, "knowledge", context.span, facts) as span:
        where: Where | None = {"source": {"any": list(sources)}} if sources else None
        found = await knowledge.asearch(query, k, where, deadline=limit)
        span.set_attribute("limner.retrieval.found", len(found))
    return found
