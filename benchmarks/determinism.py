"""Are answers under load those given alone? With `deterministic` and without, and what it costs.

python benchmarks/determinism.py --engine openvino --requests 50
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import closing

from limner.models import Store, open_engine
from limner.models.engines.base import ChatEngine, ChatRequest, Delta
from limner.models.engines.choices import choices_grammar
from limner.settings import ModelSettings, load_settings

SENTENCES = ["Sandals can be returned.", "We ship world-wide.", "Write to us for a label."]
ASKED = [
    "Tell of {}.",
    "Is {} a prime number?",
    "Write a line of a poem with the number {}.",
    "Copy number {}.",
]


def make_requests(count: int, tokens: int) -> list[ChatRequest]:
    """Return different requests, greedy and sampled, a quarter of them under a grammar."""
    return [
        ChatRequest(
            messages=({"role": "user", "content": ASKED[number % 4].format(number)},),
            max_tokens=tokens,
            temperature=0.8 * (number // 4 % 2),
            seed=number,
            grammar=choices_grammar(SENTENCES, 1, 2) if number % 4 == 3 else None,
        )
        for number in range(count)
    ]


async def answer(engine: ChatEngine, request: ChatRequest) -> str:
    """Return the whole text."""
    return "".join([part.text async for part in engine.stream(request) if isinstance(part, Delta)])


async def compare(engine: ChatEngine, requests: Sequence[ChatRequest]) -> dict[str, float]:
    """Ask one after another, then all at once; count the answers that are equal."""
    await answer(engine, requests[0])
    began, before = time.monotonic(), engine.stats().tokens_out
    alone = [await answer(engine, request) for request in requests]
    middle = time.monotonic()
    together = await asyncio.gather(*[answer(engine, request) for request in requests])
    ended, tokens = time.monotonic(), (engine.stats().tokens_out - before) / 2
    return {
        "equal": sum(one == other for one, other in zip(alone, together, strict=True)),
        "of": len(requests),
        "alone_tokens_per_second": round(tokens / (middle - began), 1),
        "at_once_tokens_per_second": round(tokens / (ended - middle), 1),
    }


def main() -> None:
    """Print the figures of both ways as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--engine", default="auto", choices=["auto", "torch", "openvino"])
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    configured = load_settings()
    store = Store(configured.models_folder, configured.mirrors)
    asked = make_requests(options.requests, options.tokens)
    for deterministic in (True, False):
        settings = ModelSettings(
            engine=options.engine,
            threads=options.threads,
            deterministic=deterministic,
            max_queue=max(options.requests, 1),
        )
        with closing(open_engine(options.model, settings, store)) as engine:
            figures = asyncio.run(compare(engine, asked))
        print(json.dumps({"engine": options.engine, "deterministic": deterministic, **figures}))


if __name__ == "__main__":
    main()
