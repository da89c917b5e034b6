"""Asking an image model for a run's pictures: all at once, each checked, and once more for those at fault."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ..errors import LimnerError
from ..models.images import ImageRequest
from ..steps import Finding, current
from ..steps.threads import offload
from .picture_checks import fault

if TYPE_CHECKING:
    from PIL.Image import Image

    from ..models.images import ImageModel, Picture

SECOND_SEED = 1000
"""Added to the seed for the model's second try."""


@dataclass(slots=True)
class Try:
    """A picture on its way down the ladder."""

    prompt: str
    seed: int
    size: tuple[int, int]
    """Width and height in pixels; the model may keep to their proportions alone."""
    wanted: bool
    """Whether a model is to make it."""
    picture: Picture | None = None
    """Generated, and found good."""
    faults: list[Finding] = field(default_factory=list)
    calls: int = 0


async def generate(tries: Sequence[Try], model: ImageModel) -> None:
    """Ask the model for every picture at once, and once more, with another seed, for those at fault."""
    for number in range(2):
        left = [each for each in tries if each.picture is None]
        made = await asyncio.gather(*(_asked(each, number, model) for each in left))
        for each, picture in zip(left, made, strict=True):
            if picture is None:
                continue
            others = [other.picture.image for other in tries if other.picture is not None]
            found = await _checked(picture, others)
            if found is None:
                each.picture = picture
            else:
                each.faults.append(found)
        if all(picture is None for picture in made):
            return


async def _asked(each: Try, number: int, model: ImageModel) -> Picture | None:
    """One picture of the model; None where there is none, and the fault says why."""
    context = current()
    left = context.ledger.time_left()
    if left <= 0:
        each.faults.append(Finding("deadline", "no time was left for the image model"))
        return None
    if context.ledger.reserve(calls=0, images=1) is None:
        each.faults.append(Finding("budget", "the run's budget of pictures is spent"))
        return None
    width, height = (side // 8 * 8 for side in each.size)
    request = ImageRequest(each.prompt, width, height, each.seed + number * SECOND_SEED, fit=True)
    most = None if left == math.inf else 0.6 * left
    each.calls += 1
    try:
        deadline = None if most is None else time.monotonic() + most
        # whatever the model makes of the deadline, this waits no longer
        async with asyncio.timeout(most):
            (picture,) = await model.agenerate([request], deadline=deadline)
        return picture
    except TimeoutError:
        each.faults.append(Finding("deadline", "the picture was not ready in time"))
    except LimnerError as error:
        each.faults.append(Finding(error.code, str(error)))
    except Exception as error:  # noqa: BLE001  (whatever an image model raises is its fault, and is named)
        each.faults.append(Finding("raised", f"{type(error).__name__}: {error}"))
    return None


async def _checked(picture: Picture, others: Sequence[Image]) -> Finding | None:
    """What is wrong with a picture; one that cannot be checked in time is not taken."""
    left = current().ledger.time_left()
    try:
        return await asyncio.wait_for(
            offload(partial(_fault, picture, others)), None if left == math.inf else max(0.0, left)
        )
    except TimeoutError:
        return Finding("deadline", "the picture could not be checked in time")


def _fault(picture: Picture, others: Sequence[Image]) -> Finding | None:
    try:
        return fault(picture, others)
    except Exception as error:  # noqa: BLE001  (what a model hands out may be no picture at all)
        return Finding("invalid", f"{type(error).__name__}: {error}")
