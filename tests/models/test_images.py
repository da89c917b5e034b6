"""Pictures from a tiny diffusers pipeline with random weights."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from limner.errors import DeadlineError, InputError, MemoryFullError, ModelError, UnavailableError
from limner.models import DiffusersImages, ImageRequest
from limner.settings import ImageSettings
from limner.testing import random_pipeline

pytest.importorskip("diffusers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_pipeline(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture
def model(folder: Path) -> Iterator[DiffusersImages]:
    model = DiffusersImages(folder, "tiny")
    yield model
    model.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "limner-tiny"]


def apple(seed: int, **options: Any) -> ImageRequest:
    return ImageRequest("a red apple", **({"width": 32, "height": 32, "steps": 2, "seed": seed} | options))


def test_pictures_come_in_the_order_of_their_requests(model: DiffusersImages) -> None:
    pictures = model.generate([apple(1), apple(2, width=48), apple(3)])
    assert [picture.seed for picture in pictures] == [1, 2, 3]
    assert [picture.image.size for picture in pictures] == [(32, 32), (48, 32), (32, 32)]
    assert {(picture.model, picture.source) for picture in pictures} == {("tiny", "model")}


def test_a_seed_repeats_and_another_differs(model: DiffusersImages) -> None:
    first, again, other = (model.generate([apple(seed)])[0].image.tobytes() for seed in (1, 1, 2))
    assert first == again != other


def test_requests_of_one_shape_share_a_batch(folder: Path) -> None:
    batches: list[int] = []

    class Pipeline:
        def __call__(self, prompt: list[str], width: int, generator: list[Any]) -> Any:
            batches.append(len(prompt))
            time.sleep(0.05)
            return type("Out", (), {"images": [f"{width}-{each.initial_seed()}" for each in generator]})

    model = DiffusersImages(folder, settings=ImageSettings(max_batch=3), load=lambda *_: Pipeline())
    made: Any = model.generate([apple(seed, width=32 + 16 * (seed % 2)) for seed in range(8)])
    model.close()
    assert [picture.image for picture in made] == [f"{32 + 16 * (seed % 2)}-{seed}" for seed in range(8)]
    assert sorted(batches) == [1, 1, 3, 3]


async def test_the_event_loop_stays_free(model: DiffusersImages) -> None:
    task = asyncio.create_task(model.agenerate([apple(1, steps=5)]))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert task.result()[0].image.size == (32, 32)
    assert turns > 2


def test_a_deadline_stops_the_pipeline_at_its_next_step(model: DiffusersImages) -> None:
    model.generate([apple(0)])
    deadline = time.monotonic() + 0.2
    with pytest.raises(DeadlineError):
        model.generate([apple(1, steps=900)], deadline)
    assert time.monotonic() - deadline < 0.2
    began = time.monotonic()
    assert model.generate([apple(2)])[0].seed == 2
    assert time.monotonic() - began < 2


async def test_a_cancelled_call_stops_the_pipeline(model: DiffusersImages) -> None:
    await model.agenerate([apple(0)])
    task = asyncio.create_task(model.agenerate([apple(1, steps=900)]))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    began = time.monotonic()
    await model.agenerate([apple(2)])
    assert time.monotonic() - began < 2


def test_closing_fails_what_is_open(folder: Path) -> None:
    model = DiffusersImages(folder)
    failed: list[Exception] = []

    def ask() -> None:
        try:
            model.generate([apple(1, steps=900)])
        except UnavailableError as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    model.close()
    thread.join(10)
    assert len(failed) == 1
    with pytest.raises(UnavailableError, match="closed"):
        model.generate([apple(1)])


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (MemoryError("x"), MemoryFullError),
        (RuntimeError("CUDA out of memory"), MemoryFullError),
        (ValueError("bad"), ModelError),
    ],
)
def test_a_failed_batch_is_said_and_the_next_is_made(
    folder: Path, raised: Exception, expected: type[Exception]
) -> None:
    faults = [raised]

    class Pipeline:
        def __call__(self, prompt: list[str]) -> Any:
            if faults:
                raise faults.pop()
            return type("Out", (), {"images": prompt})

    model = DiffusersImages(folder, load=lambda *_: Pipeline())
    with pytest.raises(expected):
        model.generate([apple(1)])
    assert model.generate([apple(1)])[0].image == "a red apple"
    model.close()


def test_a_pipeline_that_cannot_load_says_so(folder: Path) -> None:
    def load(folder: Path, settings: ImageSettings) -> Any:
        raise OSError("weights are gone")

    model = DiffusersImages(folder, load=load)
    with pytest.raises(UnavailableError, match="weights are gone"):
        model.generate([apple(1)])
    model.close()


@pytest.mark.parametrize("name", ["pipeline.py", "unet/weights.bin", "model.ckpt", "x.PKL", "y.pt"])
def test_a_folder_with_files_that_can_run_code_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "X"}', "utf-8")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match="can run code"):
        DiffusersImages(tmp_path)


@pytest.mark.parametrize(
    "index",
    [
        {"_class_name": "X", "unet": ["os", "system"]},
        {"_class_name": ["pipeline", "Mine"]},
        {"unet": ["diffusers", "UNet"]},
        None,
    ],
    ids=["foreign library", "own class", "no class", "absent"],
)
def test_a_folder_that_is_no_standard_pipeline_is_refused(tmp_path: Path, index: Any) -> None:
    if index is not None:
        (tmp_path / "model_index.json").write_text(json.dumps(index), "utf-8")
    with pytest.raises(InputError):
        DiffusersImages(tmp_path)


@pytest.mark.parametrize(
    "options", [{"width": 30}, {"height": 0}, {"width": 8000}, {"steps": 0}, {"guidance": -1}], ids=str
)
def test_a_request_out_of_range_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        apple(1, **options)
