"""Pictures from a diffusers pipeline: one thread that owns it, and micro-batches of requests alike."""

from __future__ import annotations

import asyncio
import math
import queue
import sys
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import DeadlineError, InputError, LimnerError, MemoryFullError, ModelError, UnavailableError
from ..settings import ImageSettings
from .image_pipeline import Diffusion, load_pipeline
from .images import Adapter, ImageRequest, Picture
from .pipeline_folder import check_pipeline, locate_adapter

_GATHER_SECONDS = 0.02
"""How long the first request of a batch waits for others like it."""


class _Stopped(Exception):  # noqa: N818 - nothing failed
    """Nobody waits for a batch any more."""


@dataclass(eq=False, slots=True)
class _Job:
    """A request in the queue, with all its values filled in."""

    request: ImageRequest
    deadline: float | None
    result: Future[Picture] = field(default_factory=Future)

    @property
    def kind(self) -> Hashable:
        """What the requests of one batch have in common."""
        r = self.request
        strength = None if r.image is None else r.strength
        return r.task, r.width, r.height, r.fit, r.steps, r.guidance, strength, r.adapters

    @property
    def pixels(self) -> int:
        """How large the picture is."""
        return self.request.width * self.request.height

    def over(self) -> bool:
        """Tell whether nobody waits for the picture any more; fail it at its deadline."""
        late = self.deadline is not None and time.monotonic() >= self.deadline
        if late:
            self.fail(DeadlineError("The picture was not ready by the deadline.", "Give it more time."))
        return self.result.done()

    def fail(self, error: Exception) -> None:
        """Hand out an error, unless the caller has left."""
        with suppress(InvalidStateError):
            self.result.set_exception(error)

    def finish(self, picture: Picture) -> None:
        """Hand out the picture, unless the caller has left."""
        with suppress(InvalidStateError):
            self.result.set_result(picture)

    def tell(self, done: int, steps: int) -> None:
        """Tell the caller how far the picture is; whatever that raises is the caller's own."""
        if self.request.on_step is not None and not self.result.done():
            try:
                self.request.on_step(done, steps)
            except Exception as error:  # noqa: BLE001 - it fails this request and no other
                self.fail(error)


class DiffusersImages:
    """A diffusers pipeline from a folder, loaded at the first request.

    Args:
        folder: Where `model_index.json` is.
        model_name: What to call it; the folder's name where left out.
        settings: How it is loaded, and what a request takes that does not say.
        load: How to make the pipeline; for pipelines that need parts from elsewhere.

    Raises:
        InputError: The folder is no pipeline, or it or an adapter holds files that could run code.
        UnavailableError: An adapter cannot be fetched.
    """

    def __init__(
        self,
        folder: Path,
        model_name: str = "",
        settings: ImageSettings | None = None,
        load: Callable[[Path, ImageSettings], Any] = load_pipeline,
    ) -> None:
        check_pipeline(folder)
        self.model_name = model_name or folder.name
        self._folder = folder
        self._settings = settings or ImageSettings()
        self._adapters = tuple(Adapter(*row) for row in self._settings.adapters.items())
        for adapter in self._adapters:
            locate_adapter(adapter.reference)
        self._load = load
        self._most_pixels = sys.maxsize
        """Of one batch; falls when the memory does not suffice."""
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
        jobs = [_Job(self._filled(request), deadline) for request in requests]
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

    def _filled(self, request: ImageRequest) -> ImageRequest:
        """The request with what it leaves to the settings."""
        steps = self._settings.steps if request.steps is None else request.steps
        if request.image is not None and int(steps * request.strength) < 1:
            raise InputError(
                f"{steps} steps at strength {request.strength:g} are none.", "Raise steps or strength."
            )
        guidance = self._settings.guidance if request.guidance is None else request.guidance
        adapters = self._adapters if request.adapters is None else request.adapters
        return replace(request, steps=steps, guidance=guidance, adapters=adapters)

    # -- on the owner thread

    def _main(self) -> None:
        """Load, then make pictures until the model is closed."""
        diffusion: Diffusion | None = None
        waiting: list[_Job] = []
        while not self._closed:
            waiting = [job for job in waiting + self._arrivals(block=not waiting) if not job.over()]
            if not waiting:
                continue
            batch = self._batch(waiting)
            waiting = [job for job in waiting if job not in batch]
            try:
                if diffusion is None:
                    pipeline = self._load(self._folder, self._settings)
                    diffusion = Diffusion(pipeline, self._folder, self.model_name, self._settings)
                self._make(diffusion, batch)
            except _Stopped:
                continue
            except Exception as error:  # noqa: BLE001 - a failed batch fails its jobs; the thread goes on
                if diffusion is not None and len(batch) > 1 and _memory_is_full(error):
                    self._most_pixels = batch[0].pixels * (len(batch) // 2)
                    diffusion.free()
                    waiting = batch + waiting
                    continue
                for job in batch:
                    job.fail(_as_limner(error, loaded=diffusion is not None))
        for job in waiting + self._arrivals(block=False):
            job.fail(UnavailableError("The image model was closed during the call.", "Open a new one."))

    def _batch(self, waiting: list[_Job]) -> list[_Job]:
        """The oldest request, and those like it that fit beside it."""
        first = waiting[0]
        most = min(self._settings.max_batch, max(1, self._most_pixels // first.pixels))
        return [job for job in waiting if job.kind == first.kind][:most]

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
            wait = _GATHER_SECONDS if block and len(arrived) < self._settings.max_batch else 0.0

    def _make(self, diffusion: Diffusion, batch: list[_Job]) -> None:
        """Make one batch of pictures.

        Raises:
            _Stopped: Nobody waits for any of them; the step under work was the last.
        """
        batch = [job for job in batch if not job.over()]
        if not batch:
            return

        def after_step(done: int, steps: int) -> None:
            # each is asked, for asking fails a late one
            if sum(job.over() for job in batch) == len(batch):
                raise _Stopped
            if self._closed:
                raise UnavailableError("The image model was closed during the call.", "Open a new one.")
            for job in batch:
                job.tell(done, steps)

        made = diffusion.run([job.request for job in batch], after_step)
        for job, picture in zip(batch, made, strict=True):
            if not job.over():
                job.finish(picture)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None or deadline == math.inf else max(0.0, deadline - time.monotonic())


def _memory_is_full(error: Exception) -> bool:
    text = str(error)
    return isinstance(error, MemoryError) or "out of memory" in text or "allocate memory" in text


def _as_limner(error: Exception, loaded: bool) -> LimnerError:
    """Say what failed in the words that callers act on."""
    if isinstance(error, LimnerError):
        return error
    text = f"{type(error).__name__}: {error}"
    if _memory_is_full(error):
        return MemoryFullError(
            f"The image model ran out of memory: {text}", "Ask for fewer or smaller pictures."
        )
    if not loaded:
        return UnavailableError(f"The image model cannot be loaded: {text}", "Check the pipeline's folder.")
    return ModelError(f"The image model failed: {text}")
