"""Pictures from a diffusers pipeline: any folder of safetensors, one thread that owns it, micro-batches."""

from __future__ import annotations

import asyncio
import inspect
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..errors import DeadlineError, InputError, LimnerError, MemoryFullError, ModelError, UnavailableError
from .pipeline_folder import check_pipeline, load_pipeline

if TYPE_CHECKING:
    from PIL.Image import Image

_GATHER_SECONDS = 0.02
"""How long the first request of a batch waits for others like it."""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One picture to make.

    Raises:
        InputError: A value is out of range.
    """

    prompt: str
    width: int = 512
    """Pixels; a multiple of 8."""
    height: int = 512
    seed: int = 0
    steps: int = 20
    guidance: float = 5.0
    """How closely to follow the prompt; 0 and more."""

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            pixels = getattr(self, name)
            if not 8 <= pixels <= 4096 or pixels % 8:
                raise InputError(f"{name} is {pixels!r} pixels.", "Give a multiple of 8 from 8 to 4096.")
        if not 1 <= self.steps <= 1000:
            raise InputError(f"steps is {self.steps!r}.", "Give a number from 1 to 1000.")
        if not 0 <= self.guidance <= 100:
            raise InputError(f"guidance is {self.guidance!r}.", "Give a number from 0 to 100.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and how it came about."""

    image: Image
    seed: int
    model: str
    source: Literal["model"] = "model"


class ImageModel(Protocol):
    """Something that makes pictures."""

    @property
    def model_name(self) -> str:
        """What to call the model in receipts."""

    def generate(self, requests: Sequence[ImageRequest], deadline: float | None = None) -> list[Picture]:
        """Make one picture a request, in order; `deadline` is absolute, in seconds of `time.monotonic()`.

        Raises:
            DeadlineError: They were not all ready in time.
            ModelError: The model failed.
            UnavailableError: It cannot be loaded, or is closed.
        """

    async def agenerate(
        self, requests: Sequence[ImageRequest], deadline: float | None = None
    ) -> list[Picture]:
        """Do the same without blocking the event loop; cancelling stops the work at its next step."""

    def close(self) -> None:
        """Stop the thread and free the memory."""


@dataclass(eq=False, slots=True)
class _Job:
    """A request in the queue."""

    request: ImageRequest
    deadline: float | None
    result: Future[Picture] = field(default_factory=Future)

    @property
    def shape(self) -> tuple[int, int, int, float]:
        """What the requests of one batch have in common."""
        request = self.request
        return request.width, request.height, request.steps, request.guidance

    def over(self) -> bool:
        """Tell whether nobody waits for the picture any more; fail it at its deadline."""
        late = self.deadline is not None and time.monotonic() >= self.deadline
        if late:
            self.fail(DeadlineError("The picture was not ready by the deadline.", "Give it more time."))
        return self.result.done()

    def fail(self, error: LimnerError) -> None:
        """Hand out an error, unless the caller has left."""
        with suppress(InvalidStateError):
            self.result.set_exception(error)

    def finish(self, picture: Picture) -> None:
        """Hand out the picture, unless the caller has left."""
        with suppress(InvalidStateError):
            self.result.set_result(picture)


class DiffusersImages:
    """A diffusers pipeline from a folder, loaded at the first request.

    Args:
        folder: Where `model_index.json` is.
        model_name: What to call it; the folder's name where left out.
        max_batch: Pictures made at once.
        load: How to make the pipeline; for pipelines that need parts from elsewhere.

    Raises:
        InputError: The folder is no pipeline, or holds files that could run code.
    """

    def __init__(
        self,
        folder: Path,
        model_name: str = "",
        max_batch: int = 4,
        load: Callable[[Path], Any] | None = None,
    ) -> None:
        check_pipeline(folder)
        self.model_name = model_name or folder.name
        self._folder = folder
        self._max_batch = max_batch
        self._load = load or load_pipeline
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def generate(self, requests: Sequence[ImageRequest], deadline: float | None = None) -> list[Picture]:
        """Make one picture a request, in order; see `ImageModel.generate`."""
        jobs = self._submit(requests, deadline)
        try:
            return [job.result.result(_left(deadline)) for job in jobs]
        except TimeoutError as error:
            raise DeadlineError(
                "The pictures were not ready by the deadline.", "Give them more time."
            ) from error
        finally:
            for job in jobs:
                job.result.cancel()

    async def agenerate(
        self, requests: Sequence[ImageRequest], deadline: float | None = None
    ) -> list[Picture]:
        """Do the same without blocking the event loop; cancelling stops the work at its next step."""
        jobs = self._submit(requests, deadline)
        try:
            async with asyncio.timeout(_left(deadline)):
                return await asyncio.gather(*(asyncio.wrap_future(job.result) for job in jobs))
        except TimeoutError as error:
            raise DeadlineError(
                "The pictures were not ready by the deadline.", "Give them more time."
            ) from error
        finally:
            for job in jobs:
                job.result.cancel()

    def close(self) -> None:
        """Stop the thread and free the memory; open requests fail."""
        with self._starting:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._jobs.put(None)
            thread.join(5)

    def _submit(self, requests: Sequence[ImageRequest], deadline: float | None) -> list[_Job]:
        jobs = [_Job(request, deadline) for request in requests]
        with self._starting:
            if self._closed:
                raise UnavailableError(f"The image model {self.model_name!r} is closed.", "Open a new one.")
            for job in jobs:
                self._jobs.put(job)
            if self._thread is None and jobs:
                self._thread = threading.Thread(
                    target=self._main, name=f"limner-{self.model_name}", daemon=True
                )
                self._thread.start()
        return jobs

    def _main(self) -> None:
        """Run on the owner thread: load, then make pictures until the model is closed."""
        pipeline: Any = None
        waiting: list[_Job] = []
        while not self._closed:
            waiting = [job for job in waiting + self._arrivals(block=not waiting) if not job.over()]
            if not waiting:
                continue
            batch = [job for job in waiting if job.shape == waiting[0].shape][: self._max_batch]
            waiting = [job for job in waiting if job not in batch]
            try:
                pipeline = pipeline or self._load(self._folder)
                self._make(pipeline, batch)
            except Exception as error:  # noqa: BLE001 - a failed batch fails its jobs; the thread goes on
                for job in batch:
                    job.fail(_as_limner(error, loaded=pipeline is not None))
        for job in waiting + self._arrivals(block=False):
            job.fail(UnavailableError("The image model was closed during the call.", "Open a new one."))

    def _arrivals(self, block: bool) -> list[_Job]:
        """Take what is in the queue; where `block`, wait for the first and a moment for others like it."""
        arrived: list[_Job] = []
        wait = None if block else 0.0
        while True:
            try:
                job = self._jobs.get(block=wait != 0.0, timeout=wait)
            except queue.Empty:
                return arrived
            if job is None:
                return arrived
            arrived.append(job)
            wait = _GATHER_SECONDS if block and len(arrived) < self._max_batch else 0.0

    def _make(self, pipeline: Any, batch: list[_Job]) -> None:
        import torch

        batch = [job for job in batch if not job.over()]
        if not batch:
            return

        def after_step(pipe: Any, step: int, moment: Any, values: dict[str, Any]) -> dict[str, Any]:
            over = [job.over() for job in batch]
            if self._closed or all(over):
                pipe._interrupt = True
            return values

        first = batch[0].request
        # On the CPU, so that a seed means the same noise on every device.
        generators = [torch.Generator("cpu").manual_seed(job.request.seed) for job in batch]
        arguments = {
            "prompt": [job.request.prompt for job in batch],
            "width": first.width,
            "height": first.height,
            "num_inference_steps": first.steps,
            "guidance_scale": first.guidance,
            "generator": generators,
            "output_type": "pil",
            "callback_on_step_end": after_step,
        }
        known = inspect.signature(pipeline.__call__).parameters
        made = pipeline(**{name: value for name, value in arguments.items() if name in known}).images
        for job, image in zip(batch, made, strict=True):
            if self._closed:
                job.fail(UnavailableError("The image model was closed during the call.", "Open a new one."))
            elif not job.over():
                job.finish(Picture(image, job.request.seed, self.model_name))


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _as_limner(error: Exception, loaded: bool) -> LimnerError:
    """Say what failed in the words that callers act on."""
    if isinstance(error, LimnerError):
        return error
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError) or "out of memory" in text or "allocate memory" in text:
        return MemoryFullError(
            f"The image model ran out of memory: {text}", "Ask for fewer or smaller pictures."
        )
    if not loaded:
        return UnavailableError(f"The image model cannot be loaded: {text}", "Check the pipeline's folder.")
    return ModelError(f"The image model failed: {text}")
