"""What the nodes of our own graphs use besides their state."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DefectError
from ..steps import current

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ..models.images import ImageModel
    from ..retrieval import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Resources:
    """Handed to a run by the runner, in `StepContext.resources`."""

    folder: Path
    """The run's folder."""
    knowledge: KnowledgeBase | None = None
    """None: the text is not grounded."""
    embeddings: Embeddings | None = None
    """None: there are none, or they were not ready in time."""
    images: ImageModel | None = None


def resources() -> Resources:
    """The resources of the run in force.

    Raises:
        DefectError: Called outside of a run.
    """
    found = current().resources
    if not isinstance(found, Resources):
        raise DefectError("This node runs only inside a Limner run.", "Start it with `Limner.run`.")
    return found


def search_deadline() -> float | None:
    """When a search must be done: half of the time that is left, in `time.monotonic` seconds."""
    left = current().ledger.time_left()
    return None if left == math.inf else time.monotonic() + left / 2
