"""The sides of `limner bench chat`: one process each, asked by lines of JSON on standard input.

``python chat_sides.py SIDE MODEL THREADS ROWS`` says ``{"ready": ...}`` once it is loaded and warm. Each line
then is ``{"requests": [[prompt, tokens, schema], ...]}``: all are asked at once, and the answer says how long
each took from there, how many tokens it had, and how long all took together; or ``{"refused": why}``.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

CONTEXT = 512
"""Tokens of a row: the longest prompt and answer, with room."""
STARTED: list[subprocess.Popen[bytes]] = []
"""Processes that end with this one."""


@dataclass(frozen=True)
class Request:
    """What is asked."""

    prompt: str
    tokens: int
    """At most."""
    schema: dict[str, Any] | None = None
    """What the answer must look like, on the sides that can do that."""


@dataclass(frozen=True)
class Given:
    """What a side is made of."""

    model: str
    """A reference."""
    threads: int
    rows: int
    """Requests computed together at most."""

    def file(self) -> Path:
        """The GGUF file that all sides take their weights from."""
        from limner.models import Store
        from limner.settings import load_settings

        return Store(load_settings().models_folder).path(self.model)

    def transformers(self) -> tuple[Any, Any, Path]:
        """The same weights as a transformers model, its tokenizer, and their folder."""
        import torch

        from limner.models.engines.torch_load import load, pick_device, pick_dtype

        torch.set_num_threads(self.threads)
        device = pick_device("auto")
        dtype = pick_dtype(device)
        path = self.file()
        model, tokenizer = load(path, device, dtype)
        name = str(dtype).removeprefix("torch.")
        return model, tokenizer, next(path.parent.glob(f"unpacked-*-{name}"))


class RefusedError(Exception):
    """A side does not do what a request asks for."""


class Side(Protocol):
    """Something that answers requests, all of them at once."""

    about: str
    """What it runs: library, version, weights."""

    async def answer(self, requests: Sequence[Request]) -> list[tuple[float, int]]:
        """Return the seconds until each answer was there, and its tokens."""


async def together(requests: Sequence[Request], ask: Callable[[Request], Any]) -> list[tuple[float, int]]:
    """Ask everything at once, one coroutine each."""
    began = time.perf_counter()

    async def timed(request: Request) -> tuple[float, int]:
        tokens = await ask(request)
        return time.perf_counter() - began, tokens

    return list(await asyncio.gather(*map(timed, requests)))


class LimnerSide:
    """Limner's LangChain chat model from asyncio, over one of its engines."""

    def __init__(self, given: Given, engine: str) -> None:
        from limner.models import ChatLimner

        self._chat = ChatLimner(given.model, engine=engine, threads=given.threads, max_batch=given.rows)
        self.about = f"limner {version('limner')}, {_versions(engine)}"

    async def answer(self, requests: Sequence[Request]) -> list[tuple[float, int]]:
        """Ask all at once."""
        return await together(requests, self._ask)

    async def _ask(self, request: Request) -> int:
        schema = {"json_schema": request.schema} if request.schema else {}
        message = await self._chat.ainvoke(request.prompt, max_tokens=request.tokens, **schema)
        return int(message.usage_metadata["output_tokens"]) if message.usage_metadata else 0


class StaticGenerate:
    """transformers' own `generate`, on batches padded to one length, one batch after another."""

    def __init__(self, given: Given) -> None:
        self._model, self._tokenizer, _ = given.transformers()
        self._tokenizer.padding_side = "left"
        self._rows = given.rows
        self.about = _versions("transformers", "torch") + f", {_weights(self._model)}"

    async def answer(self, requests: Sequence[Request]) -> list[tuple[float, int]]:
        """Ask in order."""
        began, answers = time.perf_counter(), []
        for first in range(0, len(requests), self._rows):
            batch = requests[first : first + self._rows]
            counts = self._generate(batch)
            answers += [(time.perf_counter() - began, count) for count in counts]
        return answers

    def _generate(self, batch: Sequence[Request]) -> list[int]:
        inputs = self._tokenizer.apply_chat_template(
            [[{"role": "user", "content": request.prompt}] for request in batch],
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        ).to(self._model.device)
        longest = max(request.tokens for request in batch)
        out = self._model.generate(
            **inputs, max_new_tokens=longest, do_sample=False, pad_token_id=self._tokenizer.pad_token_id
        )
        rows = out[:, inputs["input_ids"].shape[1] :].tolist()
        end = self._tokenizer.eos_token_id
        # What a request did not ask for does not count.
        return [
            min(request.tokens, row.index(end) if end in row else len(row))
            for request, row in zip(batch, rows, strict=True)
        ]


class ContinuousBatching:
    """transformers' `ContinuousBatchingManager`; pages and batch as far below its defaults as CPUs need."""

    def __init__(self, given: Given) -> None:
        from transformers import ContinuousBatchingConfig, GenerationConfig

        model, self._tokenizer, _ = given.transformers()
        pages = {"page_size": 16, "num_blocks": max(640, given.rows * 24), "max_batch_tokens": 256}
        config = ContinuousBatchingConfig(**pages, allow_block_sharing=False)
        self._manager = model.init_continuous_batching(
            generation_config=GenerationConfig(
                do_sample=False,
                eos_token_id=self._tokenizer.eos_token_id,
                pad_token_id=self._tokenizer.pad_token_id,
            ),
            continuous_batching_config=config,
        )
        self._manager.start()
        self._next = 0
        self.about = _versions("transformers", "torch") + f", {_weights(model)}, {pages}"

    async def answer(self, requests: Sequence[Request]) -> list[tuple[float, int]]:
        """Ask all at once."""
        return await together(requests, self._ask)

    async def _ask(self, request: Request) -> int:
        loop = asyncio.get_running_loop()
        ids = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": request.prompt}], add_generation_prompt=True, return_dict=False
        )
        self._next += 1
        name, done = f"r{self._next}", loop.create_future()

        def finish(output: Any) -> None:
            if output.is_finished() and not done.done():
                done.set_result(len(output.generated_tokens))

        self._manager.register_result_handler(name, finish)
        self._manager.add_request(ids, request_id=name, max_new_tokens=request.tokens)
        return int(await done)


class ChatHuggingFaceSide:
    """langchain-huggingface, which has no async of its own for local models: from threads, as users do."""

    def __init__(self, given: Given) -> None:
        from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline
        from transformers import pipeline

        model, tokenizer, folder = given.transformers()
        made = pipeline("text-generation", model=model, tokenizer=tokenizer)
        self._count = tokenizer
        self._chat = ChatHuggingFace(
            llm=HuggingFacePipeline(pipeline=made, model_id=str(folder)), tokenizer=tokenizer
        )
        self.about = _versions("langchain-huggingface", "transformers", "torch") + f", {_weights(model)}"

    async def answer(self, requests: Sequence[Request]) -> list[tuple[float, int]]:
        """Ask all at once."""
        return await together(requests, lambda request: asyncio.to_thread(self._ask, request))

    def _ask(self, request: Request) -> int:
        options = {"max_new_tokens": request.tokens, "do_sample": False, "return_full_text": False}
        message = self._chat.invoke(request.prompt, pipeline_kwargs=options)
        return len(self._count.encode(str(message.content), add_special_tokens=False))


class SmolagentsSide:
    """smolagents' `TransformersModel`, which runs one prompt at a time."""

    def __init__(self, given: Given) -> None:
        import torch
        from smolagents import TransformersModel

        loaded, _, folder = given.transformers()
        del loaded
        torch.set_num_threads(given.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = TransformersModel(
            model_id=str(folder), device_map=device, torch_dtype="auto", do_sample=False
        )
        self.about = _versions("smolagents", "transformers", "torch") + f", {_weights(self._model.model)}"

    async def answer(self, requests: Sequence[Request]) -> list[tuple[float, int]]:
        """Ask in order."""
        began, answers = time.perf_counter(), []
        for request in requests:
            message = self._model.generate(
                [{"role": "user", "content": [{"type": "text", "text": request.prompt}]}],
                max_new_tokens=request.tokens,
            )
            tokens = message.token_usage.output_tokens if message.token_usage else 0
            answers.append((time.perf_counter() - began, tokens))
        return answers


class LlamaServer:
    """llama.cpp's own HTTP server with a slot for each row: `llama-server` on the path, else xllamacpp's."""

    def __init__(self, given: Given) -> None:
        import httpx

        binary = shutil.which("llama-server")
        address = self._start(binary, given) if binary else self._embed(given)
        self._client = httpx.AsyncClient(
            base_url=address, timeout=None, limits=httpx.Limits(max_connections=None), trust_env=False
        )

    def _embed(self, given: Given) -> str:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(given.file())
        params.n_parallel, params.n_ctx = given.rows, given.rows * CONTEXT
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = given.threads
        params.hostnames, params.port = ["127.0.0.1"], 0
        self._server = xllamacpp.Server(params)
        self.about = f"{_versions('xllamacpp')}, {xllamacpp.get_system_info()}".rstrip(" |")
        return str(self._server.listening_address)

    def _start(self, binary: str, given: Given) -> str:
        import httpx

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = {"-m": given.file(), "-np": given.rows, "-c": given.rows * CONTEXT, "-t": given.threads}
        options |= {"--host": "127.0.0.1", "--port": port, "-ngl": 0}
        command = [binary, *[str(part) for option in options.items() for part in option]]
        server = subprocess.Popen(command, stdout=2)
        STARTED.append(server)
        address = f"http://127.0.0.1:{port}"
        while True:
            if server.poll() is not None:
                raise RuntimeError(f"{binary} ended with {server.returncode}")
            with suppress(httpx.TransportError):
                if httpx.get(f"{address}/health", trust_env=False).status_code == 200:
                    break
            time.sleep(0.1)
        props = httpx.get(f"{address}/props", trust_env=False).json()
        self.about = f"llama-server {props.get('build_info', '')}, {Path(given.file()).name}"
        return address

    async def answer(self, requests: Sequence[Request]) -> list[tuple[float, int]]:
        """Ask all at once."""
        return await together(requests, self._ask)

    async def _ask(self, request: Request) -> int:
        body: dict[str, Any] = {
            "messages": [{"role": "user", "content": request.prompt}],
            "max_tokens": request.tokens,
            "temperature": 0,
        }
        if request.schema:
            body["response_format"] = {"type": "json_schema", "json_schema": {"schema": request.schema}}
        answer = await self._client.post("/v1/chat/completions", json=body)
        if answer.status_code == 400:
            raise RefusedError(answer.text[:200])
        answer.raise_for_status()
        return int(answer.json()["usage"]["completion_tokens"])


SIDES: dict[str, Callable[[Given], Side]] = {
    "limner openvino": lambda given: LimnerSide(given, "openvino"),
    "limner torch": lambda given: LimnerSide(given, "torch"),
    "llama.cpp server": LlamaServer,
    "transformers continuous batching": ContinuousBatching,
    "transformers generate": StaticGenerate,
    "ChatHuggingFace": ChatHuggingFaceSide,
    "smolagents": SmolagentsSide,
}


def _versions(*names: str) -> str:
    return ", ".join(f"{name} {version(name)}" for name in names)


def _weights(model: Any) -> str:
    return str(model.dtype).removeprefix("torch.")


async def serve(name: str, given: Given, say: Callable[[dict[str, Any]], None]) -> None:
    """Load a side, warm it, and answer lines until standard input ends."""
    try:
        side = SIDES[name](given)
    except ImportError as error:
        say({"absent": str(error)})
        return
    warm = [Request("Name a colour.", 4), Request("Name a bird and a tree.", 4)]
    await side.answer(warm)
    say({"ready": side.about})
    for line in sys.stdin:
        requests = [Request(*request) for request in json.loads(line)["requests"]]
        began = time.perf_counter()
        try:
            answers = await side.answer(requests)
        except RefusedError as error:
            say({"refused": str(error)})
            continue
        say({"wall": time.perf_counter() - began, "answers": answers})


def main() -> None:
    """Answer on what standard output was; whatever libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        print(json.dumps(message), file=out, flush=True)

    name, model, threads, rows = sys.argv[1:]
    asyncio.run(serve(name, Given(model, int(threads), int(rows)), say))
    for process in STARTED:
        process.kill()
    # A side's threads, of which some never end, are not waited for.
    os._exit(0)


if __name__ == "__main__":
    main()
