"""One diffusers pipeline: how it is loaded, its tasks and adapters, and how a batch of requests is made."""

from __future__ import annotations

import gc
import hashlib
import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UnavailableError
from ..settings import ImageSettings
from .cpu_threads import set_up_cpu
from .images import Adapter, ImageRequest, Picture, Task
from .pipeline_folder import folder_sha256, locate_adapter

if TYPE_CHECKING:
    from PIL.Image import Image


def load_pipeline(folder: Path, settings: ImageSettings) -> Any:
    """Return the pipeline in a folder, placed and set up as the settings say.

    On CUDA where there is one, there in bfloat16; else on the CPU in float32.
    """
    # Read by diffusers when it is imported: no code from a folder, even a local one.
    os.environ["DIFFUSERS_DISABLE_REMOTE_CODE"] = "1"
    set_up_cpu()
    import torch
    from diffusers.utils import logging

    from .quiet import quiet_loading

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = settings.dtype if settings.dtype != "auto" else "bfloat16" if device == "cuda" else "float32"
    with quiet_loading(logging):
        from diffusers import DiffusionPipeline

        pipeline = DiffusionPipeline.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, dtype=getattr(torch, dtype)
        )
    if settings.offload == "none":
        pipeline.to(device)
    denoiser = getattr(pipeline, "transformer", None) or getattr(pipeline, "unet", None)
    if denoiser is not None and settings.attention != "auto":
        denoiser.set_attention_backend(settings.attention)
    if denoiser is not None and settings.compile:
        # one graph for all batch sizes
        denoiser.compile_repeated_blocks(dynamic=True)
    return _offloaded(pipeline, settings)


def _offloaded(pipeline: Any, settings: ImageSettings) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    if settings.offload == "model":
        pipeline.enable_model_cpu_offload()
    elif settings.offload == "sequential":
        pipeline.enable_sequential_cpu_offload()
    return pipeline


class Diffusion:
    """A loaded pipeline; used by one thread alone, for a call leaves its state in the pipeline."""

    def __init__(self, pipeline: Any, folder: Path, name: str, settings: ImageSettings) -> None:
        self._settings = settings
        self._tasks: dict[Task, Any] = {"text": pipeline}
        self._base = pipeline
        self._name = name
        self._sums = {"": folder_sha256(folder)}
        """SHA-256 of the weights: of the pipeline, and of each adapter by reference."""

    def run(self, requests: Sequence[ImageRequest], after_step: Callable[[int, int], None]) -> list[Picture]:
        """Make requests of one kind as one batch.

        Args:
            requests: With all values filled in.
            after_step: Called with steps done and steps in all; what it raises ends the batch at once.

        Raises:
            InputError: The pipeline has no such task, or takes no such adapter.
            UnavailableError: What an adapter needs is not here.
        """
        import torch

        first = requests[0]
        pipeline = self._for(first.task)
        self._adapt(first.adapters or ())
        width, height = self._size(first)
        denoising = first.steps or 1
        steps = denoising if first.image is None else int(denoising * first.strength)

        def callback(pipe: Any, step: int, moment: Any, values: dict[str, Any]) -> dict[str, Any]:
            after_step(step + 1, steps)
            return values

        negative = [request.negative for request in requests]
        arguments = {
            "prompt": [request.prompt for request in requests],
            "negative_prompt": negative if any(negative) else None,
            "width": width,
            "height": height,
            "num_inference_steps": first.steps,
            "guidance_scale": first.guidance,
            # on the CPU, so that a seed means the same noise on every device
            "generator": [torch.Generator("cpu").manual_seed(request.seed % 2**63) for request in requests],
            "output_type": "pil",
            "callback_on_step_end": callback,
        }
        if first.image is not None:
            arguments["image"] = [_resized(request.image, "RGB", width, height) for request in requests]
            arguments["strength"] = first.strength
        if first.mask is not None:
            arguments["mask_image"] = [_resized(request.mask, "L", width, height) for request in requests]
        known = inspect.signature(pipeline.__call__).parameters
        try:
            made = pipeline(**{name: value for name, value in arguments.items() if name in known})
        finally:
            if hasattr(pipeline, "maybe_free_model_hooks"):
                pipeline.maybe_free_model_hooks()
        flagged = getattr(made, "nsfw_content_detected", None) or [False] * len(requests)
        name, digest = self._called(first.adapters or ())
        return [
            Picture(image, request.seed, name, sha256=digest, unsafe=bool(unsafe))
            for request, image, unsafe in zip(requests, made.images, flagged, strict=True)
        ]

    def free(self) -> None:
        """Give memory back after a batch that did not fit."""
        import torch

        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _for(self, task: Task) -> Any:
        """The pipeline of a task, over the same weights.

        Raises:
            InputError: There is none.
        """
        if task not in self._tasks:
            from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

            auto = AutoPipelineForImage2Image if task == "image" else AutoPipelineForInpainting
            try:
                made = auto.from_pipe(self._base)
            except ValueError as error:
                raise InputError(
                    f"{type(self._base).__name__} cannot begin with a picture: {error}.",
                    "Ask with words alone, or use another model.",
                ) from error
            self._tasks[task] = _offloaded(made, self._settings)
        return self._tasks[task]

    def _size(self, request: ImageRequest) -> tuple[int, int]:
        """Width and height to make, in pixels."""
        side = _side(self._base)
        if not request.fit or side is None:
            return request.width, request.height
        shrink: float = side / (request.width * request.height) ** 0.5
        # wide enough for the patches of every common architecture
        width, height = (max(16, round(n * shrink / 16) * 16) for n in (request.width, request.height))
        return width, height

    def _adapt(self, adapters: tuple[Adapter, ...]) -> None:
        """Switch the adapters of a batch on, and all others off; load those that are new."""
        for adapter in adapters:
            if adapter.reference in self._sums:
                continue
            file = locate_adapter(adapter.reference)
            name = f"adapter{len(self._sums)}"
            try:
                self._base.load_lora_weights(
                    file.parent, weight_name=file.name, adapter_name=name, local_files_only=True
                )
            except (OSError, ValueError, AttributeError, KeyError, RuntimeError) as error:
                if "PEFT" in str(error):
                    raise UnavailableError("Adapters need peft.", "pip install 'limner[images]'") from error
                raise InputError(
                    f"{adapter.reference!r} does not fit {self._name!r}: {error}",
                    "Use an adapter that was made for this model.",
                ) from error
            self._sums[adapter.reference] = hashlib.sha256(file.read_bytes()).hexdigest()
        names = [f"adapter{list(self._sums).index(adapter.reference)}" for adapter in adapters]
        if names:
            self._base.enable_lora()
            self._base.set_adapters(names, [adapter.weight for adapter in adapters])
        elif len(self._sums) > 1:
            self._base.disable_lora()

    def _called(self, adapters: tuple[Adapter, ...]) -> tuple[str, str]:
        """What to call the model with its adapters, and the SHA-256 of all their weights."""
        if not adapters:
            return self._name, self._sums[""]
        short = [Path(adapter.reference.partition(":")[2]).name for adapter in adapters]
        parts = [self._sums[""], *(self._sums[adapter.reference] for adapter in adapters)]
        return " + ".join([self._name, *short]), hashlib.sha256("".join(parts).encode()).hexdigest()


def _side(pipeline: Any) -> int | None:
    """The side in pixels of the squares that a pipeline was trained on; None where it does not tell."""
    denoiser = getattr(pipeline, "transformer", None) or getattr(pipeline, "unet", None)
    latents = getattr(pipeline, "default_sample_size", None)
    latents = latents or getattr(getattr(denoiser, "config", None), "sample_size", None)
    scale = getattr(pipeline, "vae_scale_factor", None)
    return latents * scale if isinstance(latents, int) and isinstance(scale, int) else None


def _resized(image: Image | None, mode: str, width: int, height: int) -> Image:
    assert image is not None  # one batch has one task
    return image.convert(mode).resize((width, height))
