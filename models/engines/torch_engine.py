"""The torch engine: a transformers model, many requests a step, on one thread that owns it all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...settings import ModelSettings
from ..cpu_threads import set_up_cpu
from .owner import Core, OwnerEngine


class TorchEngine(OwnerEngine):
    """A `ChatEngine` over transformers and torch, on CUDA where there is one, else on the CPU.

    Args:
        path: A folder of safetensors or a GGUF file, or a function that finds it on the owner thread.
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
        import torch

        from .torch_core import TorchCore
        from .torch_load import load, pick_device, pick_dtype

        path = self._locate()
        torch.set_num_threads(self._settings.threads or os.cpu_count() or 1)
        device = pick_device("auto")
        model, tokenizer = load(path, device, pick_dtype(device))
        return TorchCore(model, tokenizer, self._settings)
