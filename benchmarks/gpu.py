"""The torch engine beside static `generate`, on the accelerator that is here: ``python benchmarks/gpu.py``.

SmolLM2 has its real weights. The second model has the shape of Qwen3-8B and weights drawn at random: its
answers mean nothing, its speed does. Without CUDA it is cut down to two small layers and both are asked for
little, which shows that this runs and no more. The result is JSON with the hardware named; ``--out FILE``
writes it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen3Config

from limner.models import Store
from limner.models.engines.base import ChatRequest, Done
from limner.models.engines.owner import OwnerEngine
from limner.models.engines.torch_core import TorchCore
from limner.models.engines.torch_load import load, pick_device, pick_dtype
from limner.settings import ModelSettings, load_settings

SMALL = "smollm2-135m-instruct"
QWEN3_8B = {
    "vocab_size": 151_936,
    "hidden_size": 4096,
    "intermediate_size": 12_288,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 4096,
}
CUT = {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 2, "num_attention_heads": 8}


class HeldEngine(OwnerEngine):
    """The torch engine over a model that is loaded already."""

    def __init__(self, model: Any, tokenizer: Any, settings: ModelSettings) -> None:
        super().__init__("held", settings.max_queue)
        self._parts = (model, tokenizer, settings)

    def _load(self) -> TorchCore:
        return TorchCore(*self._parts)


def drawn(device: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Return a model of random weights, in the shape of Qwen3-8B on CUDA, and SmolLM2's tokenizer."""
    shape = QWEN3_8B | ({} if device == "cuda" else CUT)
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(Qwen3Config(**shape, eos_token_id=2), dtype=dtype).eval()
    path = Store(load_settings().models_folder).path(SMALL)
    unpacked = next(path.parent.glob("unpacked-*"))
    return model, AutoTokenizer.from_pretrained(unpacked, local_files_only=True)


def prompts(count: int, length: int) -> list[tuple[int, ...]]:
    """Return prompts of token ids that no other prompt begins like."""
    chance = torch.Generator().manual_seed(count)
    return [tuple(row) for row in torch.randint(100, 40_000, (count, length), generator=chance).tolist()]


def by_engine(engine: HeldEngine, count: int, length: int, tokens: int) -> int:
    """Have all requests answered at once; return how many tokens came."""

    async def ask(prompt: tuple[int, ...]) -> int:
        async for event in engine.stream(ChatRequest(prompt=prompt, max_tokens=tokens)):
            if isinstance(event, Done):
                return event.tokens_out
        return 0

    async def all_of_them() -> int:
        return sum(await asyncio.gather(*map(ask, prompts(count, length))))

    return asyncio.run(all_of_them())


def by_generate(model: Any, count: int, length: int, tokens: int) -> int:
    """Have one static batch generated, as long as it may be; return how many tokens came."""
    ids = torch.tensor(prompts(count, length), device=model.device)
    lengths = {"min_new_tokens": tokens, "max_new_tokens": tokens, "do_sample": False}
    with torch.inference_mode():
        out = model.generate(ids, attention_mask=torch.ones_like(ids), pad_token_id=0, **lengths)
    return int(out.shape[0] * (out.shape[1] - length))


def measure(
    model: Any, tokenizer: Any, counts: Sequence[int], length: int, tokens: int, rounds: int
) -> dict[str, Any]:
    """Return medians of tokens a second by requests at once, of interleaved rounds after one to warm up."""
    figures: dict[str, Any] = {"parameters": sum(weight.numel() for weight in model.parameters())}
    for count in counts:
        settings = ModelSettings(max_batch=count, context=max(128, length + tokens + 1))
        engine = HeldEngine(model, tokenizer, settings)
        sides: dict[str, Callable[[], int]] = {
            "engine": partial(by_engine, engine, count, length, tokens),
            "generate": partial(by_generate, model, count, length, tokens),
        }
        speeds: dict[str, list[float]] = {side: [] for side in sides}
        for turn in range(rounds + 1):
            for side, work in sides.items():
                began = time.perf_counter()
                made = work()
                if turn:
                    speeds[side].append(made / (time.perf_counter() - began))
        engine.close()
        pairs = [ours / theirs for ours, theirs in zip(*speeds.values(), strict=True)]
        medians = {side: round(statistics.median(values), 1) for side, values in speeds.items()}
        figures[f"{count} at once"] = medians | {"ratio": round(statistics.median(pairs), 3)}
    return figures


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if platform.system() == "Linux" else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def main() -> None:
    """Measure both models and print the figures."""
    device = pick_device("auto")
    cuda = device == "cuda"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    counts, length, tokens, rounds = ([1, 8, 64], 128, 256, 3) if cuda else ([1, 4], 16, 8, 1)
    dtype = pick_dtype(device)
    result: dict[str, Any] = {
        "hardware": torch.cuda.get_device_name() if cuda else f"{_cpu()}, {torch.get_num_threads()} threads",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "python": platform.python_version(),
        "dtype": str(dtype),
        "prompt": length,
        "tokens": tokens,
        "rounds": rounds,
    }
    sources: dict[str, Callable[[], tuple[Any, Any]]] = {
        SMALL: lambda: load(Store(load_settings().models_folder).path(SMALL), device, dtype),
        "qwen3-8b shape, random weights" if cuda else "qwen3 shape cut down, random weights": lambda: drawn(
            device, dtype
        ),
    }
    for name, source in sources.items():
        result[name] = measure(*source(), counts, length, tokens, rounds)
        if cuda:
            result[name]["gpu_memory_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 1)
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.empty_cache()
    text = json.dumps(result, indent=1)
    if out is not None:
        out.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
