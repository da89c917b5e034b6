"""The recipe of limner-icons, on drawn shapes and tiny models: minutes of training are not tested here."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from limner import Limner
from limner.errors import InputError, UnavailableError
from limner.testing import random_pipeline
from limner.training.icons import packages
from limner.training.icons.autoencoder import gate, train_autoencoder
from limner.training.icons.data import Pictures, held_apart, save
from limner.training.icons.drawings import Drawing, render
from limner.training.icons.evaluate import diversity, frechet
from limner.training.icons.loop import Sitting, generators
from limner.training.icons.pipeline import assemble, export
from limner.training.icons.recipe import PLAIN, RECIPES, Recipe
from limner.training.icons.samples import (
    COMBINATIONS_APART,
    draw_samples,
    over,
    recoloured,
    with_article,
)
from limner.training.icons.train import Training
from limner.training.icons.words import Words

# diffusers' scheduler hands a tensor to numpy in the old way
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = Recipe(
    size=16,
    styles=("fluent", "noto"),
    autoencoder=(8, 16),
    latents=4,
    unet=(16, 32),
    attention=(False, True),
    crop=16,
    autoencoder_batch=4,
    autoencoder_steps=3,
    unet_batch=4,
    unet_steps=4,
    scorer_steps=2,
)


def disc(colour: tuple[int, int, int], radius: int, size: int = 16) -> np.ndarray[Any, Any]:
    """A disc on nothing."""
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    inside = rows**2 + columns**2 <= radius**2
    return np.where(inside[..., None], (*colour, 255), 0).astype(np.uint8)


def shapes() -> Pictures:
    """A disc for each plain thing in two styles, and for things that are held apart."""
    apart = [name for name in (f"thing {number}" for number in range(60)) if held_apart(name)]
    names = [*PLAIN, *PLAIN, *apart]
    random = np.random.default_rng(1)
    pixels = [
        disc((int(red), int(green), 40), int(radius))
        for red, green, radius in random.integers((0, 0, 3), (255, 255, 8), (len(names), 3))
    ]
    styles = ["fluent"] * len(PLAIN) + ["noto"] * len(PLAIN) + ["fluent"] * len(apart)
    return Pictures(np.stack(pixels), tuple(names), tuple(("round",) for _ in names), tuple(styles))


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_pipeline(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture
def words(text: Path) -> Words:
    from transformers import BertModel, BertTokenizer

    return Words(
        BertModel.from_pretrained(text / "text_encoder", local_files_only=True),
        BertTokenizer.from_pretrained(text / "tokenizer", local_files_only=True),
    )


@pytest.fixture
def ungated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny autoencoder after three steps is not good, and need not be."""
    monkeypatch.setattr("limner.training.icons.autoencoder.PSNR_GATE", 0.0)


def training(folder: Path, words: Words, sitting: Sitting | None = None) -> Training:
    path = folder / "pictures-16-fluent-noto.npz"
    if not path.exists():
        save(shapes(), path)
    return Training(TINY, folder, words, sitting or Sitting(), every=2)


def test_a_named_colour_is_the_colour_of_the_picture() -> None:
    red = disc((220, 30, 30), 6)
    blue = recoloured(red, "blue")
    assert blue is not None
    assert blue[8, 8, 2] > 180 > 100 > blue[8, 8, 0]
    assert (blue[..., 3] == red[..., 3]).all()


def test_what_has_no_colour_is_not_recoloured() -> None:
    assert recoloured(disc((120, 120, 120), 6), "blue") is None


def test_what_is_transparent_shows_the_background() -> None:
    picture = over(disc((220, 30, 30), 4), (0, 0, 255))
    assert tuple(picture[0, 0]) == (0, 0, 255)
    assert tuple(picture[8, 8]) == (220, 30, 30)


def test_captions_say_what_was_changed_and_leave_out_what_is_held_apart() -> None:
    learned, apart = shapes().split(PLAIN)
    captions = draw_samples(learned, 2000, np.random.default_rng(4)).captions
    assert any(caption.endswith("on an orange background") for caption in captions)
    assert any(caption.startswith("a blue ") for caption in captions)
    assert any(" and " in caption for caption in captions)
    assert not any(name in caption.split(" on ")[0] for name in apart.names for caption in captions)
    pairs = [caption for caption in captions if " and " in caption]
    assert not any(held_apart(pair, COMBINATIONS_APART) for pair in pairs)
    assert not any(
        caption.endswith(f"{colour} {name}")
        for colour in ("red", "blue", "green")
        for name in PLAIN
        if held_apart(f"{colour} {name}", COMBINATIONS_APART)
        for caption in captions
        if name != "red apple"
    )


def test_plain_things_are_learned_and_every_other_thing_is_on_one_side() -> None:
    learned, apart = shapes().split(PLAIN)
    assert set(PLAIN) <= set(learned.names)
    assert len(apart) and not set(apart.names) & set(learned.names)


def test_the_same_seed_and_step_draw_the_same_samples() -> None:
    one, other = (draw_samples(shapes(), 8, generators(7, 3)[0]) for _ in range(2))
    assert one.captions == other.captions
    assert (one.images == other.images).all()
    assert draw_samples(shapes(), 8, generators(7, 4)[0]).captions != one.captions


def test_a_package_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        body = json.dumps({"a": 1}).encode()
        member = tarfile.TarInfo("package/data.json")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    right = base64.b64encode(hashlib.sha512(content.getvalue()).digest()).decode()
    pinned = packages.Package("@set/icons", "1.0.0", "MIT", right)
    monkeypatch.setattr(packages, "PACKAGES", (pinned,))
    path = tmp_path / pinned.archive
    path.write_bytes(content.getvalue())
    packages.fetch(tmp_path)
    assert packages.read_json(tmp_path, pinned, "data.json") == {"a": 1}
    path.write_bytes(content.getvalue() + b"more")
    with pytest.raises(InputError, match="another SHA-512"):
        packages.fetch(tmp_path)


def test_without_npm_the_message_says_which_file_to_bring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"fluent-emoji-flat-1\.2\.6\.tgz"):
        packages.fetch(tmp_path)


def test_a_drawing_is_rendered_with_what_is_not_drawn_transparent() -> None:
    pytest.importorskip("resvg_py")
    drawing = Drawing("square", (), "flat", '<path fill="#ff0000" d="M8 8h16v16H8z"/>', 32)
    pixels = render(drawing, 16)
    assert pixels.shape == (16, 16, 4)
    assert tuple(pixels[8, 8]) == (255, 0, 0, 255)
    assert pixels[0, 0, 3] == 0


def test_the_gate_refuses_below_25_decibels() -> None:
    with pytest.raises(InputError, match=r"24\.90 dB"):
        gate(24.9)
    gate(25.0)


def test_a_unet_does_not_start_over_an_autoencoder_that_is_not_good_enough(
    tmp_path: Path, words: Words
) -> None:
    recipe = training(tmp_path, words)
    recipe.run("autoencoder")
    with pytest.raises(InputError, match="the UNet needs 25"):
        recipe.run("unet")


@pytest.mark.slow
def test_a_stopped_training_goes_on_to_the_same_weights(tmp_path: Path, words: Words, ungated: None) -> None:
    class Once(Sitting):
        """Over after one step."""

        def over(self) -> bool:
            self.stopped, before = True, self.stopped
            return before

    def weights(folder: Path, stage: str) -> dict[str, Any]:
        from safetensors.torch import load_file

        return load_file(folder / "checkpoints-16" / f"{stage}.safetensors")

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for stage, steps in (("autoencoder", 3), ("unet", 4)):
        training(whole, words).run(stage)  # type: ignore[arg-type]
        for _ in range(steps):
            stopped = training(parts, words)
            once = Once()
            learned, apart = stopped.learned, stopped.apart
            if stage == "autoencoder":
                train_autoencoder(TINY, learned, apart, parts / "checkpoints-16", once, 7, every=2)
            else:
                stopped.sitting = once
                stopped._unet()
        one, other = weights(whole, stage), weights(parts, stage)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_checkpoint_of_another_shape_is_refused(tmp_path: Path, words: Words) -> None:
    import dataclasses

    recipe = training(tmp_path, words)
    recipe.run("autoencoder")
    recipe.recipe = dataclasses.replace(TINY, autoencoder=(16, 16))
    with pytest.raises(InputError, match="another shape"):
        recipe.run("autoencoder")


@pytest.mark.slow
def test_the_whole_recipe_ends_in_a_pipeline_that_limner_draws_with(
    tmp_path: Path, words: Words, ungated: None
) -> None:
    pytest.importorskip("skimage")
    recipe = training(tmp_path, words)
    figures = recipe.run()
    assert figures["pictures"] == 160
    assert 0 <= figures["r_at_1"] <= 1
    assert set(figures["seconds_a_picture"]) == {"1", "4", "8"}
    results = tmp_path / "results-16"
    assert {"plain.png", "beyond.png", "figures.json", "unet.json", "step-000004.png"} <= {
        path.name for path in results.iterdir()
    }
    folder = results / "limner-icons"

    from diffusers import StableDiffusionPipeline

    loaded = StableDiffusionPipeline.from_pretrained(folder, use_safetensors=True, local_files_only=True)
    loaded.set_progress_bar_config(disable=True)
    assert loaded("a red apple", num_inference_steps=2).images[0].size == (16, 16)
    assert next(loaded.unet.parameters()).dtype == torch.float32
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    assert weights.stat().st_size < 2.2 * sum(value.numel() for value in loaded.unet.parameters()) + 100_000

    with Limner(model="", embeddings="", home=tmp_path / "home", images=f"path:{folder}") as app:
        run = app.draw("a red apple")
    assert (run.output.source, run.output.model) == ("model", "limner-icons")


def test_an_export_over_40_megabytes_is_refused(tmp_path: Path, words: Words) -> None:
    from limner.training.icons.autoencoder import new_autoencoder
    from limner.training.icons.denoiser import new_unet

    class Huge(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.empty(30_000_000, device="meta"))

    pipeline = assemble(new_autoencoder(TINY, 1), new_unet(TINY, 1, 16), words)
    pipeline.unet.extra = Huge()
    with pytest.raises(InputError, match="in fp16"):
        export(pipeline, tmp_path / "out")


@pytest.mark.parametrize("size", sorted(RECIPES))
def test_each_size_fits_40_megabytes_in_fp16(size: int) -> None:
    from limner.training.icons.autoencoder import new_autoencoder
    from limner.training.icons.denoiser import new_unet

    recipe = RECIPES[size]
    parts = (new_autoencoder(recipe, 1), new_unet(recipe, 1))
    assert 2 * sum(value.numel() for part in parts for value in part.parameters()) <= 40_000_000


def test_the_distance_of_features_is_none_to_themselves_and_grows() -> None:
    random = np.random.default_rng(2)
    one = random.normal(size=(200, 6)).astype(np.float32)
    assert frechet(one, one) == pytest.approx(0, abs=1e-3)
    assert frechet(one, one + 2) == pytest.approx(24, rel=0.05)


def test_pictures_that_are_all_alike_have_no_diversity() -> None:
    features = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    found = diversity(features, [0, 0, 1, 1])
    assert found == {"seeds": pytest.approx(0), "prompts": pytest.approx(1)}


def test_articles_fit_the_name() -> None:
    assert [with_article(name) for name in ("apple", "dog")] == ["an apple", "a dog"]
