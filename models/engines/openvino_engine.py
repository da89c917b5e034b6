"""The OpenVINO engine: a GGUF model on the CPU, many requests a step, on one thread that owns it all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...settings import ModelSettings
from ..cpu_threads import set_up_cpu
from .owner import Core, OwnerEngine


class OpenVINOEngine(OwnerEngine):
    """A `ChatEngine` over OpenVINO's CPU runtime; needs the extra `cpu`.

    Args:
        path: A GGUF file, or a function that finds it on the owner thread.
        settings: Threads, batch, queue, context, and whether to be deterministic.
        model_name: What receipts call the model; the path's name where left out.
    """

    def __init__(
        self,
        path: Path | Callable[[], Path],
        settings: ModelSettings | None = None,
        model_name: str = "",
    ) -> None:
        self._settings = settings or ModelSettings()
        self._locate = path if callable(path) else lambda: path
        super().__init__(
            model_name or (path.name if isinstance(path, Path) else "model"), self._settings.max_queue
        )

    def _load(self) -> Core:
        set_up_cpu()
        from .openvino_core import OpenVINOCore
        from .openvino_load import load

        path = self._locate()
        threads = self._settings.threads or os.cpu_count() or 1
        return OpenVINOCore(load(path, {"INFERENCE_NUM_THREADS": threads}), self._settings)
