"""What every request of the OpenVINO engine is promised, on the small model."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError, SettingsError
from limner.models import ChatLimner, Store
from limner.models.engines.base import ChatEngine, ChatRequest, Grammar
from limner.models.engines.choices import choices_grammar
from limner.models.opening import open_engine
from limner.settings import ModelSettings

from .conftest import SCHEMAS, SENTENCES, OpenEngine, hear, says, schema_grammar, small_model

pytest.importorskip("openvino_genai")
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def weights() -> Path:
    return small_model()


@pytest.fixture(scope="module")
def build(weights: Path) -> Iterator[OpenEngine]:
    from limner.models.engines.openvino_engine import OpenVINOEngine

    opened = []

    def make(path: Any = weights, **settings: Any) -> ChatEngine:
        opened.append(OpenVINOEngine(path, ModelSettings(**({"threads": 2} | settings))))
        return opened[-1]

    yield make
    for engine in opened:
        engine.close()


@pytest.fixture(scope="module")
def engine(build: OpenEngine) -> ChatEngine:
    return build()


async def test_a_model_answers(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(says("What is the capital of France?", max_tokens=30)))
    assert heard.reason == "finished"
    assert "Paris" in heard.text
    assert engine.stats().loaded


async def test_token_ids_are_taken_as_they_are(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(ChatRequest(prompt=tuple(range(100, 300)), max_tokens=3)))
    assert heard.done[0].tokens_in == 200
    assert heard.reason in ("length", "finished")


async def test_a_schema_that_cannot_fit_is_refused_before_a_token_is_written(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(says("Go", max_tokens=3, grammar=schema_grammar(SCHEMAS["list"]))))
    assert isinstance(heard.done[0].error, InputError)
    assert "max_tokens" in str(heard.done[0].error)
    assert heard.done[0].tokens_out == 0


async def test_a_copied_text_takes_a_few_steps_not_one_a_token(engine: ChatEngine) -> None:
    before = engine.stats().steps
    options = [f"{number}: {SENTENCES[2]}" for number in range(6)]
    heard = await hear(engine.stream(says("Choose", max_tokens=400, grammar=choices_grammar(options, 6, 6))))
    assert sorted(heard.text.split("\n")) == options
    assert engine.stats().steps - before < heard.done[0].tokens_out / 3


async def test_regex_and_lark_grammars_are_followed(engine: ChatEngine) -> None:
    regex, lark = await asyncio.gather(
        hear(engine.stream(says("Go", max_tokens=20, grammar=Grammar("regex", "(yes|no), [a-z]{3,5}!")))),
        hear(engine.stream(says("Go", max_tokens=20, grammar=Grammar("lark", 'start: "left" | "right"')))),
    )
    assert regex.text.endswith("!")
    assert lark.text in ("left", "right")


async def test_a_prompt_that_begins_alike_is_not_read_again(engine: ChatEngine) -> None:
    prompt = tuple(range(1000, 1600))
    await hear(engine.stream(ChatRequest(prompt=prompt, max_tokens=1)))
    before = engine.stats()
    await hear(engine.stream(ChatRequest(prompt=(*prompt, 77, 78), max_tokens=1)))
    after = engine.stats()
    assert after.steps - before.steps == 1
    assert after.reused_tokens - before.reused_tokens == 576  # whole pages of 32


@pytest.mark.slow
async def test_a_broken_copy_is_made_again(
    build: OpenEngine, weights: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / weights.name
    path.symlink_to(weights)
    kept = next(weights.parent.glob("openvino-*"))
    shutil.copytree(kept, tmp_path / kept.name)
    (tmp_path / kept.name / "openvino_model.bin").write_bytes(b"broken")
    engine = build(path)
    heard = await hear(engine.stream(says("What is the capital of France?", max_tokens=30)))
    assert "Paris" in heard.text
    assert "broken" in caplog.text
    assert [folder.name for folder in tmp_path.glob("*openvino-*")] == [kept.name]
    engine.close()


def test_auto_takes_openvino_for_gguf_files_where_there_is_no_gpu(
    weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from limner.models import opening

    store = Store(tmp_path)
    monkeypatch.setattr(opening, "has_cuda", lambda: False)
    made = [open_engine(f"path:{path}", ModelSettings(), store) for path in (weights, weights.parent)]
    monkeypatch.setattr(opening, "has_cuda", lambda: True)
    made.append(open_engine(f"path:{weights}", ModelSettings(), store))
    assert [type(engine).__name__ for engine in made] == ["OpenVINOEngine", "TorchEngine", "TorchEngine"]
    with pytest.raises(SettingsError, match="GGUF"):
        open_engine(f"path:{weights.parent}", ModelSettings(engine="openvino"), store)


@pytest.mark.slow
def test_no_socket_is_opened(weights: Path) -> None:
    code = f"""
import socket
def forbidden(*arguments):
    raise AssertionError(arguments)
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = forbidden
from limner.models import ChatLimner
chat = ChatLimner({f"path:{weights}"!r}, engine="openvino", max_tokens=4)
assert chat.invoke("Hello").content
chat.close()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_a_chat_model_runs_on_it(weights: Path) -> None:
    chat = ChatLimner(f"path:{weights}", engine="openvino", max_tokens=30)
    assert "Paris" in str(chat.invoke("What is the capital of France?").content)
    chat.close()
