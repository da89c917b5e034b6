"""What micro-batches gain: many picture requests at once, beside one-by-one calls of the same pipeline.

The pipeline has random weights, unless a reference is given: time does not depend on what weights know.
Both sides make the same pictures, in rounds that take turns, so that a change of load meets both; the
greatest difference of their pixels is told, too.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from limner.models import ImageModel, ImageRequest, Picture, open_images
from limner.models.quiet import quiet_loading
from limner.settings import ImageSettings
from limner.testing import random_pipeline

CHANNELS, SIDE, STEPS = (64, 128), 16, 8
"""Of the random pipeline: a UNet of 3.9 million weights on squares of 16 by 16 cells."""
BATCHES = (1, 4, 8)


def main(requests: int = 16, model: str = "", rounds: int = 3) -> dict[str, Any]:
    """Return seconds and processor seconds a picture, one by one and at once in each batch size."""
    asked = [ImageRequest("a red apple", 512, 512, seed, fit=True) for seed in range(requests)]
    times: dict[int, list[tuple[float, float]]] = {batch: [] for batch in BATCHES}
    made: dict[int, list[Picture]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        if not model:
            with quiet_loading():
                random_pipeline(Path(folder), CHANNELS, SIDE)
        pool = stack.enter_context(ThreadPoolExecutor(requests))
        models = {batch: _opened(model or f"path:{folder}", batch, stack) for batch in BATCHES}
        for _ in range(rounds):
            for batch, engine in models.items():
                wall, work = time.perf_counter(), time.process_time()
                made[batch] = _made(engine, asked, None if batch == 1 else pool)
                wall, work = time.perf_counter() - wall, time.process_time() - work
                times[batch].append((wall / requests, work / requests))
    middle = {
        batch: [statistics.median(part) for part in zip(*rows, strict=True)] for batch, rows in times.items()
    }
    figures: dict[str, Any] = {"requests": requests, "pixels": list(made[1][0].image.size)}
    for batch, (wall, work) in middle.items():
        row: dict[str, Any] = {"seconds": round(wall, 4), "processor_seconds": round(work, 4)}
        if batch > 1:
            row["times_faster"] = round(middle[1][0] / wall, 2)
            row["times_less_work"] = round(middle[1][1] / work, 2)
            row["greatest_difference"] = _apart(made[1], made[batch])
        figures["one_by_one" if batch == 1 else f"at_once_{batch}"] = row
    return figures


def _opened(reference: str, batch: int, stack: ExitStack) -> ImageModel:
    """A warm model that closes with the stack."""
    model = open_images(reference, ImageSettings(steps=STEPS, max_batch=batch))
    stack.callback(model.close)
    model.generate([ImageRequest("warm", 512, 512, steps=1, fit=True)])
    return model


def _made(model: ImageModel, asked: Sequence[ImageRequest], pool: ThreadPoolExecutor | None) -> list[Picture]:
    """The pictures, one by one or, with a pool, asked for at once."""
    return list((map if pool is None else pool.map)(lambda request: model.generate([request])[0], asked))


def _apart(one: list[Picture], other: list[Picture]) -> int:
    """The greatest difference of two pixels, of 255."""
    pairs = [(np.asarray(a.image, int), np.asarray(b.image, int)) for a, b in zip(one, other, strict=True)]
    return max(int(abs(first - second).max()) for first, second in pairs)
