"""A tiny random Llama with a real tokenizer: everything of an engine but the sense of its answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from limner.models.engines.base import ChatEngine, ChatEvent, ChatRequest, Delta, Done
from limner.settings import ModelSettings

LINES = [
    "Sandals can be returned within thirty days, worn or not.",
    "We ship world-wide; the parcel takes between two and nine days.",
    'Ünïcode, "quotes", back\\slashes and {braces} — and 😀 too.',
    '{"name": "Ada", "age": 36, "tags": ["math", "engines"]}',
    "The quick brown fox jumps over the lazy dog. 0123456789",
]
TEMPLATE = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random Llama of 60,000 weights."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.train_from_iterator(
        LINES,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=["<|start|>", "<|end|>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>", pad_token="<|end|>")
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.4,  # wide, so that the likeliest token is clear
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    folder = tmp_path_factory.mktemp("tiny")
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
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


OpenEngine = Callable[..., ChatEngine]


@pytest.fixture
def open_tiny(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenEngine]:
    """Open engines over the tiny model; all are closed after the test.

    They compute in float32: in bfloat16 a text depends on what else is in its batch.
    """
    import torch

    from limner.models.engines import torch_load
    from limner.models.engines.torch_engine import TorchEngine

    monkeypatch.setattr(torch_load, "pick_dtype", lambda device, exact: torch.float32)

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
