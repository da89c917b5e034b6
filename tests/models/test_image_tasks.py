"""What an image model can be asked for besides a picture from words, and what it costs under load."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from limner.errors import DeadlineError, InputError, MemoryFullError, UnavailableError
from limner.models import Adapter, DiffusersImages, ImageRequest, Picture, open_images
from limner.models.pipeline_folder import locate_adapter
from limner.settings import ImageSettings
from limner.testing import random_pipeline

pytest.importorskip("diffusers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_pipeline(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture
def model(folder: Path) -> Iterator[DiffusersImages]:
    model = DiffusersImages(folder, "tiny", ImageSettings(steps=2))
    yield model
    model.close()


def apple(seed: int = 1, **options: Any) -> ImageRequest:
    return ImageRequest("a red apple", **({"width": 32, "height": 32, "seed": seed} | options))


def one(model: DiffusersImages, **options: Any) -> Picture:
    return model.generate([apple(**options)])[0]


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(picture.image, np.int16)


def test_a_picture_can_begin_with_another(model: DiffusersImages) -> None:
    start = Image.new("RGB", (50, 20), "green")
    made, again, plain = one(model, image=start), one(model, image=start), one(model)
    assert made.image.size == (32, 32)
    assert made.image.tobytes() == again.image.tobytes() != plain.image.tobytes()


def test_a_mask_says_what_is_made_anew(model: DiffusersImages) -> None:
    start = one(model, seed=9).image
    mask = Image.new("L", (32, 32), 0)
    mask.paste(255, (16, 0, 32, 32))
    made = np.asarray(one(model, image=start, mask=mask, strength=1.0, steps=4).image, np.int16)
    left, right = abs(made - np.asarray(start, np.int16)).mean(axis=(0, 2)).reshape(2, 16).mean(axis=1)
    assert right > left


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mask": Image.new("L", (8, 8))}, "no picture"),
        ({"strength": 0.0}, "strength"),
        ({"image": Image.new("RGB", (8, 8)), "strength": 0.1}, "none"),
    ],
)
def test_a_request_that_means_nothing_is_refused(
    model: DiffusersImages, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        one(model, **options)


def test_progress_is_told_step_by_step(model: DiffusersImages) -> None:
    told: list[tuple[int, int]] = []
    one(model, steps=3, on_step=lambda done, steps: told.append((done, steps)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_listener_that_fails_fails_its_own_picture_alone(model: DiffusersImages) -> None:
    def broken(done: int, steps: int) -> None:
        raise KeyError("mine")

    with ThreadPoolExecutor(2) as pool:
        bad = pool.submit(model.generate, [apple(1, on_step=broken)])
        good = pool.submit(model.generate, [apple(2)])
        assert good.result()[0].seed == 2
        with pytest.raises(KeyError, match="mine"):
            bad.result()


def test_alone_the_pixels_are_equal_and_in_a_batch_within_one(folder: Path) -> None:
    requests = [apple(seed, steps=4) for seed in range(4)]
    alone = DiffusersImages(folder, settings=ImageSettings(max_batch=1))
    first, again = alone.generate(requests), alone.generate(requests)
    alone.close()
    together = DiffusersImages(folder, settings=ImageSettings(max_batch=4))
    batched = together.generate(requests)
    together.close()
    for one_, other, third in zip(first, again, batched, strict=True):
        assert one_.image.tobytes() == other.image.tobytes()
        assert abs(pixels(one_) - pixels(third)).max() <= 1


def test_work_stops_within_one_denoising_step(folder: Path) -> None:
    model = DiffusersImages(folder)
    one(model, steps=1)
    steps: list[float] = []
    with pytest.raises(DeadlineError):
        model.generate(
            [apple(steps=900, on_step=lambda *_: steps.append(time.monotonic()))], time.monotonic() + 0.3
        )
    told = time.monotonic()
    one(model, steps=1)
    model.close()
    # none is begun after the caller has left, save the one that was under work
    assert sum(moment > told for moment in steps) <= 1
    assert 1 < len(steps) < 900


def test_where_memory_does_not_suffice_the_batch_is_halved(folder: Path) -> None:
    batches: list[int] = []

    class Pipeline:
        def __call__(self, prompt: list[str]) -> Any:
            batches.append(len(prompt))
            if len(prompt) > 2:
                raise RuntimeError("CUDA out of memory")
            return type("Out", (), {"images": prompt})

    model = DiffusersImages(folder, settings=ImageSettings(max_batch=8), load=lambda *_: Pipeline())
    assert len(model.generate([apple(seed) for seed in range(8)])) == 8
    # what was learned is kept
    assert len(model.generate([apple(seed) for seed in range(4)])) == 4
    model.close()
    assert max(batches[2:]) == 2 and batches[-2:] == [2, 2]


def test_one_picture_that_does_not_fit_is_an_error(folder: Path) -> None:
    class Pipeline:
        def __call__(self, prompt: list[str]) -> Any:
            raise MemoryError

    model = DiffusersImages(folder, load=lambda *_: Pipeline())
    with pytest.raises(MemoryFullError):
        one(model)
    model.close()


def test_the_checker_of_a_pipeline_is_heard(folder: Path) -> None:
    class Pipeline:
        def __call__(self, prompt: list[str]) -> Any:
            return type("Out", (), {"images": prompt, "nsfw_content_detected": [True]})

    model = DiffusersImages(folder, load=lambda *_: Pipeline())
    assert one(model).unsafe
    model.close()


def test_a_pipeline_without_pictures_in_says_so(folder: Path) -> None:
    class Pipeline:
        config: dict[str, Any] = {}  # noqa: RUF012

        def __call__(self, prompt: list[str]) -> Any:
            return type("Out", (), {"images": prompt})

    model = DiffusersImages(folder, load=lambda *_: Pipeline())
    with pytest.raises(InputError, match="cannot begin with a picture"):
        one(model, image=Image.new("RGB", (8, 8)))
    model.close()


def test_a_picture_that_may_fit_takes_the_models_own_area(model: DiffusersImages) -> None:
    assert one(model, width=1200, height=624, fit=True).image.size == (48, 16)
    assert one(model, width=1024, height=1024, fit=True).image.size == (32, 32)


def test_the_weights_are_known_by_their_sum(model: DiffusersImages, folder: Path, tmp_path: Path) -> None:
    made = one(model)
    assert len(made.sha256) == 64 and made.model == "tiny"
    other = DiffusersImages(random_pipeline(tmp_path, seed=6), settings=ImageSettings(steps=1))
    assert one(other).sha256 != made.sha256
    other.close()


# -- adapters


@pytest.fixture(scope="module")
def adapter(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of the tiny UNet with random weights."""
    pytest.importorskip("peft")
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet")
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_v"], init_lora_weights="gaussian"))
    torch.manual_seed(1)
    weights = get_peft_model_state_dict(unet)
    weights = {name: torch.randn_like(value) for name, value in weights.items()}
    out = tmp_path_factory.mktemp("adapter")
    StableDiffusionPipeline.save_lora_weights(
        out, unet_lora_layers=convert_state_dict_to_diffusers(weights), safe_serialization=True
    )
    return out / "pytorch_lora_weights.safetensors"


def test_an_adapter_changes_the_picture_and_goes_again(model: DiffusersImages, adapter: Path) -> None:
    style = Adapter(f"path:{adapter}", 2.0)
    plain, styled, after = one(model), one(model, adapters=(style,)), one(model)
    weak = one(model, adapters=(Adapter(f"path:{adapter}", 0.01),))
    assert plain.image.tobytes() == after.image.tobytes() != styled.image.tobytes()
    assert abs(pixels(weak) - pixels(plain)).mean() < abs(pixels(styled) - pixels(plain)).mean()
    assert styled.model == "tiny + pytorch_lora_weights.safetensors"
    assert styled.sha256 not in ("", plain.sha256)


def test_the_adapters_of_the_settings_are_taken_where_a_request_names_none(
    folder: Path, adapter: Path
) -> None:
    model = DiffusersImages(folder, "tiny", ImageSettings(steps=2, adapters={f"path:{adapter}": 1.0}))
    assert "+" in one(model).model
    assert one(model, adapters=()).model == "tiny"
    model.close()


@pytest.mark.parametrize("name", ["style.bin", "style.pt", "missing.safetensors"])
def test_an_adapter_that_is_no_safetensors_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    if "missing" not in name:
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match="safetensors"):
        DiffusersImages(folder, settings=ImageSettings(adapters={f"path:{tmp_path / name}": 1.0}))
    with pytest.raises(InputError):
        locate_adapter("openai:http://localhost:8000/v1#m")


def test_an_adapter_of_another_model_is_named(model: DiffusersImages, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    (tmp_path / "style.safetensors").write_bytes(b"no weights")
    with pytest.raises((InputError, UnavailableError), match="style"):
        one(model, adapters=(Adapter(f"path:{tmp_path}"),))
    assert one(model).seed == 1


# -- pipelines by reference


def test_a_pipeline_may_name_parts_that_come_with_diffusers(folder: Path, tmp_path: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    DiffusersImages(tmp_path).close()
    index["unet"] = ["my_module", "UNet"]
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match="my_module"):
        DiffusersImages(tmp_path)


def test_of_a_hub_pipeline_only_its_parts_are_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    from huggingface_hub.utils._paths import filter_repo_objects

    files = """model_index.json sd_xl.safetensors pipeline.py unet/config.json unet/model.safetensors
    unet/model.fp16.safetensors vae/weights.bin tokenizer/spiece.model tokenizer/merges.txt""".split()
    fetched: list[str] = []

    def download(target: str, revision: str, **wanted: Any) -> str:
        wanted.pop("local_files_only", None)
        fetched[:] = filter_repo_objects(files, **wanted)
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    open_images("hf:org/pipeline@main").close()
    assert fetched == [
        "model_index.json",
        "unet/config.json",
        "unet/model.safetensors",
        "tokenizer/spiece.model",
        "tokenizer/merges.txt",
    ]


# -- under load


@pytest.mark.slow
def test_sixteen_callers_at_once_are_served_faster_than_one_by_one(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    model = DiffusersImages(random_pipeline(tmp_path, (32, 64), side=16), settings=ImageSettings(steps=6))
    one(model)
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for seed in range(16):
            one(model, seed=seed)
        serial, began = time.process_time() - began, time.process_time()
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda seed: one(model, seed=seed), range(16)))
        best = max(best, serial / (time.process_time() - began))
    model.close()
    assert best >= 1.5
    assert not [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("limner-") and thread not in before
    ]
