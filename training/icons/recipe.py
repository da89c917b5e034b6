"""The sizes that the model comes in, and all numbers of its training."""

from __future__ import annotations

from dataclasses import dataclass

from .drawings import Style

PSNR_GATE = 25.0
"""Decibels that the autoencoder reaches on things held apart, before the UNet starts."""
LARGEST_BYTES = 40_000_000
"""Of the weights that are trained here, in fp16."""
TOKENS = 16
"""Length of a prompt for the text encoder; longer ones are cut."""
TEXT_WIDTH = 384
"""Of MiniLM's token states."""
PLAIN = (
    "airplane,alarm clock,automobile,backpack,banana,bell,bicycle,books,camera,carrot,cat,cheese wedge,"
    "cherries,cloud,coin,crown,delivery truck,dog,door,eggplant,elephant,envelope,fire,fish,gear,grapes,"
    "hammer,house,key,laptop,light bulb,money bag,package,pizza,red apple,rocket,sun,tent,umbrella,watermelon"
).split(",")
"""The 40 plain things that the model is asked for when it is judged; they are all in the training set."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One size of the model, and how it is trained."""

    size: int
    """Side of the pictures, in pixels."""
    styles: tuple[Style, ...]
    autoencoder: tuple[int, ...]
    """Channels of each level; each level but the first halves the side."""
    latents: int
    """Channels of a latent."""
    unet: tuple[int, ...]
    attention: tuple[bool, ...]
    """At which levels the UNet looks at the words."""
    crop: int
    """Side in pixels of the pieces of pictures that the autoencoder learns from."""
    autoencoder_batch: int
    autoencoder_steps: int
    unet_batch: int
    unet_steps: int
    scorer_steps: int
    autoencoder_rate: float = 1e-3
    unet_rate: float = 4e-4
    decay: float = 0.999
    """Of the moving average of the weights."""
    wordless: float = 0.1
    """Share of captions left empty, for guidance without a classifier."""

    @property
    def latent_side(self) -> int:
        """The side of a latent, in cells."""
        return self.size >> (len(self.autoencoder) - 1)


RECIPES = {
    64: Recipe(
        size=64,
        styles=("fluent", "flat", "noto"),
        autoencoder=(16, 32, 64),
        latents=12,
        unet=(64, 128, 192),
        attention=(False, True, True),
        crop=32,
        autoencoder_batch=8,
        autoencoder_steps=12_000,
        unet_batch=16,
        unet_steps=20_000,
        scorer_steps=600,
        autoencoder_rate=2e-3,
    ),
    128: Recipe(
        size=128,
        styles=("fluent", "flat", "noto"),
        autoencoder=(24, 48, 96, 128),
        latents=4,
        unet=(96, 160, 224),
        attention=(False, True, True),
        crop=128,
        autoencoder_batch=64,
        autoencoder_steps=12_000,
        unet_batch=256,
        unet_steps=40_000,
        scorer_steps=6_000,
    ),
}
"""By size: 64 for a CPU, 128 for a GPU."""
