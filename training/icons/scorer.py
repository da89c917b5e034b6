"""A small model that tells which caption a picture of an icon belongs to; the judge of the generated ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from .data import Pictures
from .loop import Sitting, Trained, begin, resume, run
from .recipe import TEXT_WIDTH
from .stream import stream
from .words import Words

SIDE = 64
"""Pixels that it looks at; larger pictures are made smaller."""
CHANNELS = (32, 64, 128, 192)
BATCH, RATE, TEMPERATURE = 64, 1e-3, 0.07


class Scorer(nn.Module):  # type: ignore[misc]
    """Pictures to vectors in the space of MiniLM's sentences."""

    def __init__(self, text_width: int = TEXT_WIDTH, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        before = 3
        for width in channels:
            parts += [nn.Conv2d(before, width, 3, 2, 1), nn.GroupNorm(8, width), nn.SiLU()]
            parts += [nn.Conv2d(width, width, 3, 1, 1), nn.GroupNorm(8, width), nn.SiLU()]
            before = width
        self.trunk = nn.Sequential(*parts)
        self.head = nn.Linear(before, text_width)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Shape (n, channels[-1]); pictures come as (n, 3, size, size), from -1 to 1."""
        small = functional.adaptive_avg_pool2d(images, SIDE) if images.shape[-1] > SIDE else images
        return self.trunk(small).mean((2, 3))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Vectors of length 1, shape (n, text width)."""
        return functional.normalize(self.head(self.features(images)), dim=-1)


def train_scorer(
    learned: Pictures, words: Words, folder: Path, steps: int, sitting: Sitting, seed: int, every: int = 250
) -> Trained:
    """Train the scorer by contrast: each picture with its caption against all other captions of the batch."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed + 2)
        model = Scorer(words.encoder.config.hidden_size).to(device)
    state = begin(model, RATE, 0.99)
    resume(state, folder / "scorer.safetensors")

    batches = stream(learned, BATCH, seed + 2, range(state.step, steps))

    def loss_of(step: int) -> torch.Tensor:
        samples = next(batches)
        texts = words.vectors(samples.captions)
        with torch.autocast(device, torch.bfloat16):
            seen = model(torch.from_numpy(samples.images).to(device))
        scores = seen.float() @ texts.T / TEMPERATURE
        # two captions alike are no mistake of the picture's
        same = [[one == other for other in samples.captions] for one in samples.captions]
        alike = torch.tensor(same, device=device).fill_diagonal_(False)
        right = torch.arange(BATCH, device=device)
        scores = scores.masked_fill(alike, float("-inf"))
        return (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2

    run(state, steps, loss_of, sitting, "scorer", folder / "scorer.safetensors", every)
    return state


def recall(
    scorer: Scorer, words: Words, images: NDArray[np.float32], own: Sequence[int], prompts: Sequence[str]
) -> float:
    """R@1: the share of pictures whose nearest prompt is their own.

    Args:
        scorer: Trained.
        words: The text encoder that it was trained beside.
        images: Shape (n, 3, size, size), from -1 to 1.
        own: For each picture the number of its prompt.
        prompts: All that it is chosen from.
    """
    with torch.no_grad():
        nearest = (scorer(torch.from_numpy(images)) @ words.vectors(prompts).T).argmax(1)
    return float((nearest == torch.tensor(own)).float().mean())
