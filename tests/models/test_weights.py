"""Real weights, where the store has them: `limner models pull smollm2-135m-instruct all-minilm-l6-v2`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.errors import UnavailableError
from limner.models import ChatLimner, Store, open_embeddings
from limner.settings import load_settings

pytestmark = pytest.mark.weights

SENTENCES = [
    "Sandals worn outside cannot be returned.",
    "You have thirty days to return shoes.",
    'Write "return" on the parcel\\box.',
    "We ship world-wide.",
]


@pytest.fixture(scope="module")
def store() -> Store:
    return Store(load_settings().models_folder)


def present(store: Store, name: str) -> Path:
    try:
        return store.path(name)
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def chat(store: Store) -> Iterator[ChatLimner]:
    present(store, "smollm2-135m-instruct")
    chat = ChatLimner("smollm2-135m-instruct", max_tokens=64)
    yield chat
    chat.close()


def test_a_gguf_model_answers(chat: ChatLimner) -> None:
    assert "Paris" in str(chat.invoke("What is the capital of France?").content)


@pytest.mark.slow
def test_the_unpacked_copy_answers_like_the_gguf_file(store: Store) -> None:
    path = present(store, "smollm2-135m-instruct")
    texts = []
    for _ in range(2):
        chat = ChatLimner(f"path:{path}", max_tokens=24, engine="torch")
        texts.append(chat.invoke("Tell me about ships.").content)
        chat.close()
        assert [folder for folder in path.parent.iterdir() if folder.name.startswith("unpacked-")]
    assert texts[0] == texts[1]


async def test_a_real_model_copies_sentences_exactly(chat: ChatLimner) -> None:
    choices = {"options": SENTENCES, "at_least": 1, "at_most": 2, "separator": "\n"}
    prompt = "Copy what answers: may I return shoes?\n" + "\n".join(SENTENCES)
    messages = await asyncio.gather(
        *[chat.ainvoke(prompt, choices=choices, temperature=1.0, seed=seed) for seed in range(6)]
    )
    assert all(set(str(message.content).split("\n")) <= set(SENTENCES) for message in messages)


def test_close_meanings_have_close_vectors(store: Store) -> None:
    present(store, "all-minilm-l6-v2")
    embeddings = open_embeddings("all-minilm-l6-v2", store)
    shoe, boot, tax = embeddings.embed_documents(
        ["I bought shoes", "She wears boots", "The tax return is due"]
    )
    assert embeddings.width == len(shoe) == 384
    assert sum(a * b for a, b in zip(shoe, boot, strict=True)) > sum(
        a * b for a, b in zip(shoe, tax, strict=True)
    )
