"""Batches ahead of the steps that need them: made in other processes where a GPU would wait for them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from torch.utils.data import DataLoader, Dataset

from .data import Pictures
from .loop import generators
from .samples import Samples, draw_samples


class Steps(Dataset):  # type: ignore[misc]
    """The batch of each step; the seed and the step's number decide it."""

    def __init__(self, pictures: Pictures, count: int, seed: int, changed: bool) -> None:
        self._pictures, self._count, self._seed, self._changed = pictures, count, seed, changed

    def __getitem__(self, step: int) -> Samples:
        return draw_samples(self._pictures, self._count, generators(self._seed, step)[0], self._changed)


def stream(
    pictures: Pictures, count: int, seed: int, steps: range, changed: bool = True, workers: int | None = None
) -> Iterator[Samples]:
    """Yield the batches of some steps, in order.

    Args:
        pictures: To draw from.
        count: Samples in a batch.
        seed: With the step's number it decides a batch.
        steps: Which.
        changed: Whether the pictures are changed at random.
        workers: Processes that make them; None is one for each core but one where there is CUDA, else none.
    """
    import torch

    if workers is None:
        workers = len(os.sched_getaffinity(0)) - 1 if torch.cuda.is_available() else 0
    loader = DataLoader(
        Steps(pictures, count, seed, changed), batch_size=None, sampler=steps, num_workers=workers
    )
    yield from loader
