"""The autoencoder: pictures to small latents and back; judged in decibels on things held apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL

from limner.errors import InputError

from .data import Pictures
from .loop import Sitting, Trained, averaged, begin, generators, resume, run
from .recipe import PSNR_GATE, Recipe
from .samples import plain_samples
from .stream import stream

KL_WEIGHT = 1e-6
JUDGED = 64
"""Pictures that a report is made of; the gate looks at all."""


def new_autoencoder(recipe: Recipe, seed: int) -> Any:
    """Return an untrained autoencoder; the seed decides its weights."""
    levels = len(recipe.autoencoder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
            block_out_channels=recipe.autoencoder,
            layers_per_block=1,
            latent_channels=recipe.latents,
            norm_num_groups=8,
            sample_size=recipe.size,
            mid_block_add_attention=False,
        )


def train_autoencoder(
    recipe: Recipe,
    learned: Pictures,
    apart: Pictures,
    folder: Path,
    sitting: Sitting,
    seed: int,
    every: int = 500,
) -> Trained:
    """Train the autoencoder as far as the sitting goes, from its checkpoint where there is one."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = new_autoencoder(recipe, seed).to(device, memory_format=torch.channels_last)
    state = begin(model, recipe.autoencoder_rate, min(recipe.decay, 0.995))
    resume(state, folder / "autoencoder.safetensors")

    batches = stream(learned, recipe.autoencoder_batch, seed, range(state.step, recipe.autoencoder_steps))

    def loss_of(step: int) -> torch.Tensor:
        random, noise = generators(seed + 1, step)
        images = next(batches).images
        left, top = (int(place) for place in random.integers(recipe.size - recipe.crop + 1, size=2))
        images = np.ascontiguousarray(images[..., top : top + recipe.crop, left : left + recipe.crop])
        wanted = torch.from_numpy(images).to(device, memory_format=torch.channels_last)
        with torch.autocast(device, torch.bfloat16):
            posterior = model.encode(wanted).latent_dist
            spread = posterior.std * torch.randn(posterior.mean.shape, generator=noise).to(device)
            made = model.decode(posterior.mean + spread).sample
        error = made.float() - wanted
        kl = posterior.kl().float().mean()
        return error.abs().mean() + 2 * error.square().mean() + KL_WEIGHT * kl

    def report(step: int) -> str:
        with averaged(state) as best:
            return f"{psnr(best, apart.take(range(min(JUDGED, len(apart))))):.2f} dB"

    run(
        state, recipe.autoencoder_steps, loss_of, sitting, "autoencoder", folder / "autoencoder.safetensors",
        every, report,
    )  # fmt: skip
    return state


def decode_again(model: Any, images: np.ndarray[Any, Any]) -> torch.Tensor:
    """Return pictures after encoding and decoding, shape and range as they came."""
    device = next(model.parameters()).device
    parts = []
    with torch.no_grad():
        for batch in torch.from_numpy(images).split(32):
            latents = model.encode(batch.to(device)).latent_dist.mean
            parts.append(model.decode(latents).sample.clamp(-1, 1).cpu())
    return torch.cat(parts)


def psnr(model: Any, pictures: Pictures) -> float:
    """Mean decibels of the pictures, drawn on white, after encoding and decoding."""
    images = plain_samples(pictures).images
    error = (decode_again(model, images) - torch.from_numpy(images)) / 2
    return float((-10 * error.square().mean((1, 2, 3)).clamp_min(1e-10).log10()).mean())


def gate(decibels: float) -> None:
    """Let the UNet start only over an autoencoder that is good enough.

    Raises:
        InputError: It is not.
    """
    if decibels < PSNR_GATE:
        raise InputError(
            f"The autoencoder reaches {decibels:.2f} dB on things held apart; the UNet needs {PSNR_GATE:g}.",
            "Train it for more steps: --only autoencoder.",
        )
