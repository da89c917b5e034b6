"""A diffusers pipeline with random weights: small, real in every other way, and in no need of a download."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a the red blue green apple boat truck parcel house tree".split()


def random_pipeline(folder: Path, channels: Sequence[int] = (16, 32), side: int = 16, seed: int = 5) -> Path:
    """Save a `StableDiffusionPipeline` whose pictures are noise, and return its folder.

    Args:
        folder: Where to; it may exist.
        channels: Width of each level of the UNet and the autoencoder, multiples of 8.
        side: Of the latent squares, in cells; each level but one doubles the picture's side.
        seed: Of the weights.
    """
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    levels, width = len(channels), 16
    blocks = {"block_out_channels": tuple(channels), "layers_per_block": 1, "norm_num_groups": 8}
    words = folder / "words.txt"
    words.write_text("\n".join(WORDS), "utf-8")
    text = {"hidden_size": width, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipeline = StableDiffusionPipeline(
            vae=AutoencoderKL(
                down_block_types=("DownEncoderBlock2D",) * levels,
                up_block_types=("UpDecoderBlock2D",) * levels,
                latent_channels=4,
                sample_size=side * 2 ** (levels - 1),
                **blocks,
            ),
            text_encoder=BertModel(BertConfig(vocab_size=len(WORDS), **text)),
            tokenizer=BertTokenizerFast(str(words), model_max_length=8),
            unet=UNet2DConditionModel(
                sample_size=side,
                down_block_types=("DownBlock2D", *("CrossAttnDownBlock2D",) * (levels - 1)),
                up_block_types=(*("CrossAttnUpBlock2D",) * (levels - 1), "UpBlock2D"),
                cross_attention_dim=width,
                attention_head_dim=4,
                **blocks,
            ),
            scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
            safety_checker=None,
            feature_extractor=None,
            image_encoder=None,
            requires_safety_checker=False,
        )
    pipeline.save_pretrained(folder)
    words.unlink()
    return folder
