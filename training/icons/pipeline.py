"""The trained parts as a plain `StableDiffusionPipeline`: to draw with, and to save."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from limner.errors import InputError
from limner.models.pipeline_folder import check_pipeline
from limner.models.quiet import quiet_loading

from .denoiser import sampler
from .recipe import LARGEST_BYTES
from .words import Words

STEPS, GUIDANCE = 12, 3.0
"""Of the pictures that are judged."""


def assemble(autoencoder: Any, unet: Any, words: Words) -> Any:
    """Return a pipeline of trained parts."""
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline(
        vae=autoencoder,
        text_encoder=words.encoder,
        tokenizer=words.tokenizer,
        unet=unet,
        scheduler=sampler(),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(pipeline: Any, prompts: Sequence[str], seeds: Sequence[int], batch: int = 20) -> list[Any]:
    """Return one PIL picture for each prompt and its seed."""
    made: list[Any] = []
    for start in range(0, len(prompts), batch):
        part = list(prompts[start : start + batch])
        dice = [torch.Generator("cpu").manual_seed(seed) for seed in seeds[start : start + batch]]
        answer = pipeline(part, generator=dice, num_inference_steps=STEPS, guidance_scale=GUIDANCE)
        made += answer.images
    return made


def grid(pictures: Sequence[Any], columns: int, scale: int = 1) -> Any:
    """Return pictures of one size in rows, as one."""
    from PIL import Image

    side = pictures[0].width * scale
    sheet = Image.new("RGB", (columns * side, -(-len(pictures) // columns) * side), "white")
    for number, picture in enumerate(pictures):
        large = picture.resize((side, side), Image.Resampling.BICUBIC)
        sheet.paste(large, (number % columns * side, number // columns * side))
    return sheet


def trained_bytes(pipeline: Any) -> int:
    """Size in fp16 of the weights that were trained here: the UNet's and the autoencoder's."""
    parts = (pipeline.unet, pipeline.vae)
    return 2 * sum(int(value.numel()) for part in parts for value in part.parameters())


def export(pipeline: Any, folder: Path) -> Path:
    """Save a pipeline in fp16 as safetensors, and return its folder. What was there is replaced.

    MiniLM is saved with it, so that the folder loads by itself.

    Raises:
        InputError: The trained weights are too large.
    """
    from diffusers.utils import logging

    size = trained_bytes(pipeline)
    if size > LARGEST_BYTES:
        raise InputError(
            f"The trained weights take {size / 1e6:.1f} of {LARGEST_BYTES / 1e6:.0f} MB in fp16.",
            "Take fewer channels.",
        )
    if folder.exists():
        shutil.rmtree(folder)
    with quiet_loading(logging):
        # a copy, for what is halved here may still be in training
        small = copy.deepcopy(pipeline).to(torch.float16)
        small.save_pretrained(folder, safe_serialization=True)
    # else transformers would load its part in fp16, and diffusers the others in fp32
    config = folder / "text_encoder" / "config.json"
    config.write_text(
        json.dumps({**json.loads(config.read_text("utf-8")), "dtype": "float32"}, indent=2), "utf-8"
    )
    check_pipeline(folder)
    return folder
