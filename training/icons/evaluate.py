"""What a trained model can do, in figures and grids: alignment, Frechet distance, SSIM, diversity, speed."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .data import Pictures
from .pipeline import GUIDANCE, STEPS, draw, grid
from .recipe import PLAIN
from .samples import plain_samples, to_images, with_article
from .scorer import Scorer, recall
from .words import Words

SEEDS = (1, 2, 3, 4)
"""Each prompt is drawn with each of them."""
BATCHES = (1, 4, 8)
BEYOND = (
    "a green elephant,a blue banana,a pink umbrella,a purple house,a dog and a key,a bell and a pizza,"
    "a lorry,a kitten on a blue background"
).split(",")
"""Colours, pairs and other words; drawn to look at, not judged by a figure."""


def evaluate(
    pipeline: Any, scorer: Scorer, words: Words, learned: Pictures, other: Pictures, folder: Path
) -> dict[str, Any]:
    """Draw the plain things, write the grids and `figures.json`, and return the figures.

    Args:
        pipeline: To judge.
        scorer: To judge with.
        words: Its text encoder.
        learned: Drawings that the pipeline has learned from.
        other: Drawings in a style that the scorer has not seen: they tell how far it is to be trusted.
        folder: Where to.
    """
    prompts = [with_article(name) for name in PLAIN]
    asked = [number for number in range(len(prompts)) for _ in SEEDS]
    made = draw(pipeline, [prompts[number] for number in asked], [seed for _ in PLAIN for seed in SEEDS])
    folder.mkdir(parents=True, exist_ok=True)
    grid(made[:: len(SEEDS)], 8).save(folder / "plain.png", optimize=True)
    grid(made, len(SEEDS) * 4).save(folder / "plain-seeds.png", optimize=True)
    grid(draw(pipeline, BEYOND, [1] * len(BEYOND)), 8).save(folder / "beyond.png", optimize=True)
    images = to_images([np.asarray(picture.convert("RGB"), np.uint8) for picture in made])
    scorer = scorer.cpu().eval()
    with torch.no_grad():
        features = scorer.features(torch.from_numpy(images)).numpy()
        real = scorer.features(torch.from_numpy(plain_samples(learned.of(PLAIN)).images)).numpy()
    known = other.of(PLAIN)
    figures = {
        "pictures": len(made),
        "steps": STEPS,
        "guidance": GUIDANCE,
        "r_at_1": round(recall(scorer, words, images, asked, prompts), 3),
        "r_at_1_of_drawings": round(
            recall(
                scorer, words, plain_samples(known).images, [PLAIN.index(n) for n in known.names], prompts
            ),
            3,
        ),
        "r_at_1_by_chance": round(1 / len(PLAIN), 3),
        "fd_icon": round(frechet(features, real), 3),
        "ssim_to_nearest_drawing": round(nearest_ssim(images, asked, learned), 3),
        "diversity": {key: round(value, 3) for key, value in diversity(features, asked).items()},
        "seconds_a_picture": {str(batch): seconds(pipeline, prompts, batch) for batch in BATCHES},
    }
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return figures


def frechet(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """FD-icon: the Frechet distance of two sets of the scorer's features. No FID: it has other features."""
    apart = one.mean(0) - other.mean(0)
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(first @ second).real.clip(0)).sum()
    return float(apart @ apart + np.trace(first) + np.trace(second) - 2 * roots)


def nearest_ssim(images: NDArray[np.float32], own: Sequence[int], learned: Pictures) -> float:
    """Mean SSIM of each picture to the drawing of its thing that is most like it, from -1 to 1."""
    from skimage.metrics import structural_similarity

    drawn = {name: plain_samples(learned.of([name])).images for name in PLAIN}
    best = [
        max(
            structural_similarity(image, drawing, channel_axis=0, data_range=2.0)
            for drawing in drawn[PLAIN[number]]
        )
        for image, number in zip(images, own, strict=True)
    ]
    return float(np.mean(best))


def diversity(features: NDArray[np.float32], own: Sequence[int]) -> dict[str, float]:
    """Mean cosine distance of features: between seeds of one prompt, and between prompts."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    numbers = np.asarray(own)
    apart = 1 - unit @ unit.T
    pairs = list(combinations(range(len(numbers)), 2))
    same = [apart[i, j] for i, j in pairs if numbers[i] == numbers[j]]
    different = [apart[i, j] for i, j in pairs if numbers[i] != numbers[j]]
    return {"seeds": float(np.mean(same)), "prompts": float(np.mean(different))}


def seconds(pipeline: Any, prompts: Sequence[str], batch: int) -> float:
    """Seconds a picture, the best of three rounds."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        draw(pipeline, prompts[:batch], range(batch), batch)
        times.append((time.perf_counter() - started) / batch)
    return round(min(times), 3)
