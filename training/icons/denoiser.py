"""The UNet: it learns to take noise off the latents of pictures, told by their captions what they show."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel

from .data import Pictures
from .loop import Sitting, Trained, begin, generators, resume, run
from .recipe import TEXT_WIDTH, Recipe
from .samples import draw_samples
from .stream import stream
from .words import Words

NOISE = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
}


def new_unet(recipe: Recipe, seed: int, text_width: int = TEXT_WIDTH) -> Any:
    """Return an untrained UNet; the seed decides its weights."""
    down = {True: "CrossAttnDownBlock2D", False: "DownBlock2D"}
    up = {True: "CrossAttnUpBlock2D", False: "UpBlock2D"}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed + 1)
        return UNet2DConditionModel(
            sample_size=recipe.latent_side,
            in_channels=recipe.latents,
            out_channels=recipe.latents,
            down_block_types=tuple(down[attends] for attends in recipe.attention),
            up_block_types=tuple(up[attends] for attends in reversed(recipe.attention)),
            block_out_channels=recipe.unet,
            layers_per_block=1,
            norm_num_groups=8,
            cross_attention_dim=text_width,
            # diffusers takes the number of heads under this name
            attention_head_dim=tuple(max(1, channels // 32) for channels in recipe.unet),
        )


def sampler() -> Any:
    """The scheduler that pictures are drawn with."""
    return DPMSolverMultistepScheduler(**NOISE)


def set_latent_scale(autoencoder: Any, learned: Pictures, seed: int) -> None:
    """Store in the autoencoder what its latents are multiplied by to have a spread of one."""
    images = draw_samples(learned, 128, generators(seed, 0)[0]).images
    device = next(autoencoder.parameters()).device
    with torch.no_grad():
        parts = [
            autoencoder.encode(batch.to(device)).latent_dist.mean
            for batch in torch.from_numpy(images).split(32)
        ]
    autoencoder.register_to_config(scaling_factor=float(1 / torch.cat(parts).std()))


def train_unet(
    recipe: Recipe,
    learned: Pictures,
    autoencoder: Any,
    words: Words,
    folder: Path,
    sitting: Sitting,
    seed: int,
    every: int = 500,
    changed: bool = True,
    report: Callable[[Trained], str] = lambda state: "",
) -> Trained:
    """Train the UNet as far as the sitting goes, from its checkpoint where there is one.

    Args:
        recipe: Its size and steps.
        learned: The pictures.
        autoencoder: Trained, with the scale of its latents set; it is left as it is.
        words: The text encoder; it is left as it is.
        folder: Of the checkpoint.
        sitting: When to stop early.
        seed: Of weights, data and noise.
        every: Steps between two checkpoints.
        changed: Whether pictures are recoloured, put on backgrounds and beside each other.
        report: Called with the state after each checkpoint; draws sample grids.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    width = words.encoder.config.hidden_size
    model = new_unet(recipe, seed, width).to(device, memory_format=torch.channels_last)
    autoencoder = autoencoder.to(device).eval().requires_grad_(False)
    state = begin(model, recipe.unet_rate, recipe.decay)
    resume(state, folder / "unet.safetensors")
    noising = DDPMScheduler(**NOISE)

    batches = stream(learned, recipe.unet_batch, seed, range(state.step, recipe.unet_steps), changed)

    def loss_of(step: int) -> torch.Tensor:
        random, dice = generators(seed + 1, step)
        samples = next(batches)
        captions = ["" if random.random() < recipe.wordless else caption for caption in samples.captions]
        every_moment = noising.config.num_train_timesteps
        moments = torch.randint(0, every_moment, (len(captions),), generator=dice).to(device)
        states = words.states(captions)
        with torch.autocast(device, torch.bfloat16):
            with torch.no_grad():
                images = torch.from_numpy(samples.images).to(device)
                clean = autoencoder.encode(images).latent_dist.mean.float()
            clean = (clean * autoencoder.config.scaling_factor).to(memory_format=torch.channels_last)
            noise = torch.randn(clean.shape, generator=dice).to(device)
            noisy = noising.add_noise(clean, noise, moments)
            wanted = noising.get_velocity(clean, noise, moments)
            told = model(noisy, moments, states).sample
        return torch.nn.functional.mse_loss(told.float(), wanted)

    told_of = functools.partial(report, state)
    run(
        state, recipe.unet_steps, loss_of, sitting, "unet", folder / "unet.safetensors", every,
        lambda step: told_of(),
    )  # fmt: skip
    return state
