"""Many short requests that end in every way: each gets one terminal event, nothing hangs, nothing grows.

python benchmarks/soak.py --requests 10000
python benchmarks/soak.py --requests 1000 --model smollm2-135m-instruct --engine openvino
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import runpy
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from limner.errors import BusyError
from limner.models import Store, open_engine
from limner.models.engines.base import ChatEngine, ChatRequest, Delta, Done
from limner.models.engines.choices import choices_grammar
from limner.settings import ModelSettings, load_settings


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of all requests."""

    ends: dict[str, int]
    """How many ended in each way; "left" and "task" are callers that took no end."""
    wrong: int
    """Requests with no terminal event, more than one, or text after it."""
    seconds: float
    threads: tuple[int, ...]
    """After each tenth of the requests."""
    rss_mb: tuple[float, ...]
    """Resident memory after each tenth, in megabytes."""


async def one(engine: ChatEngine, number: int) -> str:
    """Ask once, in a way drawn from the number; return how it ended."""
    chance = random.Random(number)
    request = ChatRequest(
        messages=({"role": "user", "content": f"Request {number}: " + "word " * chance.randrange(30)},),
        max_tokens=chance.randrange(1, 24),
        temperature=chance.choice([0.0, 1.0]),
        seed=chance.choice([None, number]),
        stop=tuple(chance.sample(["e", "a", "th", "\\n"], chance.randrange(3))),
        grammar=choices_grammar(["Yes.", "No."], 1, 1) if chance.random() < 0.1 else None,
        deadline=time.monotonic() + chance.uniform(0, 0.2) if chance.random() < 0.2 else None,
    )
    if chance.random() < 0.1:
        return await cancelled(engine, request, chance.uniform(0, 0.05))
    leaves_after = chance.randrange(4) if chance.random() < 0.15 else -1
    ends, stream = list[Done](), engine.stream(request)
    try:
        async for event in stream:
            if isinstance(event, Done):
                ends.append(event)
            elif ends:
                return "wrong"
            elif leaves_after == 0:
                await stream.aclose()
                return "left"
            leaves_after -= isinstance(event, Delta)
    except BusyError:
        return "busy"
    return ends[0].reason if len(ends) == 1 else "wrong"


async def cancelled(engine: ChatEngine, request: ChatRequest, after: float) -> str:
    """Cancel the task that asks."""

    async def take() -> str:
        last = ""
        async for event in engine.stream(request):
            last = event.reason if isinstance(event, Done) else last
        return last or "wrong"

    task = asyncio.create_task(take())
    await asyncio.wait({task}, timeout=after)
    task.cancel()
    try:
        return await task
    except BusyError:
        return "busy"
    except asyncio.CancelledError:
        return "task"


async def soak(engine: ChatEngine, requests: int, at_once: int = 24) -> Soaked:
    """Ask `requests` times, `at_once` of them at a time.

    Raises:
        TimeoutError: One hangs for a minute.
    """
    ends: Counter[str] = Counter()
    began, numbers = time.monotonic(), iter(range(requests))
    marks: list[tuple[int, float]] = []

    async def work() -> None:
        for number in numbers:
            async with asyncio.timeout(60):
                ends[await one(engine, number)] += 1
            if (number + 1) % max(1, requests // 10) == 0:
                marks.append(measure())

    await asyncio.gather(*[work() for _ in range(at_once)])
    async with asyncio.timeout(60):
        while engine.stats().running or engine.stats().waiting:
            await asyncio.sleep(0.01)
    threads, rss = zip(*marks, strict=True)
    return Soaked(dict(ends), ends.pop("wrong", 0), round(time.monotonic() - began, 1), threads, rss)


def measure() -> tuple[int, float]:
    """Return how many threads there are, and the resident memory in megabytes (on Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return threading.active_count(), round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def main() -> None:
    """Soak a tiny random model, or a named one; print what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--model", default="", help="a reference; left out, a tiny random model")
    parser.add_argument("--engine", default="auto", choices=["auto", "torch", "openvino"])
    options = parser.parse_args()
    settings = ModelSettings(engine=options.engine, threads=1, max_batch=16)
    with tempfile.TemporaryDirectory() as folder:
        reference = options.model or f"path:{folder}"
        if not options.model:
            runpy.run_path(str(Path(__file__).with_name("tiny_model.py")))["make_tiny_model"](Path(folder))
        configured = load_settings()
        store = Store(configured.models_folder, configured.mirrors)
        with closing(open_engine(reference, settings, store)) as engine:
            soaked = asyncio.run(soak(engine, options.requests))
    print(json.dumps(asdict(soaked), indent=2))
    if soaked.wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
