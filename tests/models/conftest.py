"""What the tests of models share: a tiny random model, engines over it, and what is asked of them."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from limner.errors import UnavailableError
from limner.models import Store
from limner.models.engines.base import ChatEngine, ChatEvent, ChatRequest, Delta, Done, Grammar
from limner.settings import ModelSettings, load_settings


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random Llama of 60,000 weights."""
    folder = tmp_path_factory.mktemp("tiny")
    script = Path(__file__).parents[2] / "benchmarks" / "tiny_model.py"
    runpy.run_path(str(script))["make_tiny_model"](folder)
    return folder


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything that came of one request."""

    text: str
    deltas: list[Delta]
    done: list[Done]

    @property
    def reason(self) -> str:
        assert len(self.done) == 1
        return self.done[0].reason


async def hear(events: AsyncGenerator[ChatEvent, None]) -> Heard:
    """Take every event of a request."""
    deltas: list[Delta] = []
    done: list[Done] = []
    async for event in events:
        if isinstance(event, Delta):
            assert not done
            deltas.append(event)
        else:
            done.append(event)
    return Heard("".join(delta.text for delta in deltas), deltas, done)


def says(text: str, **options: Any) -> ChatRequest:
    """A request with one user message."""
    return ChatRequest(messages=({"role": "user", "content": text},), **options)


SCHEMAS: dict[str, dict[str, Any]] = {
    "object": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
    },
    "enum": {
        "type": "object",
        "properties": {"queue": {"enum": ["billing", "general"]}},
        "required": ["queue"],
    },
    "list": {
        "type": "object",
        "properties": {"tags": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
        "required": ["tags"],
    },
    "nested": {
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/Point"}, "b": {"type": "boolean"}},
        "required": ["a", "b"],
    },
    "either": {"anyOf": [{"type": "boolean"}, {"type": "string"}, {"type": "null"}]},
    "bounded": {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 12},
            "n": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["text", "n"],
    },
}
SENTENCES = [
    "Yes",
    "Yes, within thirty days.",
    'A "quoted" back\\slash, {braces} and /slashes/ — ünïcode 😀.',
    "No.",
]


def schema_grammar(schema: dict[str, Any]) -> Grammar:
    return Grammar("json_schema", json.dumps(schema))


async def settled(engine: ChatEngine) -> None:
    """Wait until the owner thread has no row left."""
    async with asyncio.timeout(10):
        while engine.stats().running or engine.stats().waiting:
            await asyncio.sleep(0.005)


def in_full_precision(patch: pytest.MonkeyPatch) -> None:
    """Let torch compute in float32: in bfloat16 a text depends on what else is in its batch."""
    import torch

    from limner.models.engines import torch_load

    patch.setattr(torch_load, "pick_dtype", lambda device: torch.float32)


def small_model() -> Path:
    """The GGUF file of the smallest chat model, where the store has it."""
    try:
        return Store(load_settings().models_folder).path("smollm2-135m-instruct")
    except UnavailableError as error:
        pytest.skip(str(error))


OpenEngine = Callable[..., ChatEngine]


@pytest.fixture
def open_tiny(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenEngine]:
    """Open engines over the tiny model; all are closed after the test."""
    from limner.models.engines.torch_engine import TorchEngine

    in_full_precision(monkeypatch)
    opened = []

    def build(path: Any = tiny_model, **settings: Any) -> ChatEngine:
        engine = TorchEngine(path, ModelSettings(**({"threads": 1} | settings)))
        opened.append(engine)
        return engine

    yield build
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(open_tiny: OpenEngine) -> ChatEngine:
    return open_tiny()
