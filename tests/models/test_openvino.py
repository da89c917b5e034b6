"""What every request of the OpenVINO engine is promised, on the small model."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from limner.errors import BusyError, InputError, ModelError, SettingsError, UnavailableError
from limner.models import ChatLimner, Store
from limner.models.engines.base import ChatEngine, ChatRequest, Grammar
from limner.models.engines.choices import choices_grammar
from limner.models.opening import open_engine
from limner.settings import ModelSettings, load_settings

from .conftest import OpenEngine, hear, says
from .test_engine import SCHEMAS, SENTENCES, schema_grammar, settled

pytest.importorskip("openvino_genai")
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def weights() -> Path:
    try:
        return Store(load_settings().models_folder).path("smollm2-135m-instruct")
    except UnavailableError as error:
        pytest.skip(str(error))


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


@pytest.mark.parametrize("name", SCHEMAS)
async def test_an_answer_under_a_schema_is_valid_however_tight_the_budget(
    engine: ChatEngine, name: str
) -> None:
    requests = [
        says("Answer.", max_tokens=most, grammar=schema_grammar(SCHEMAS[name]), temperature=heat, seed=most)
        for most in (14, 20, 60)
        for heat in (0.0, 1.0)
    ]
    for one in await asyncio.gather(*[hear(engine.stream(request)) for request in requests]):
        assert one.reason == "finished", one.done
        jsonschema.validate(json.loads(one.text), SCHEMAS[name])


async def test_a_schema_that_cannot_fit_is_refused_before_a_token_is_written(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(says("Go", max_tokens=3, grammar=schema_grammar(SCHEMAS["list"]))))
    assert isinstance(heard.done[0].error, InputError)
    assert "max_tokens" in str(heard.done[0].error)
    assert heard.done[0].tokens_out == 0


@pytest.mark.parametrize(("least", "most"), [(1, 1), (2, 3), (0, 2)])
async def test_chosen_texts_are_copied_exactly_and_as_many_as_asked(
    engine: ChatEngine, least: int, most: int
) -> None:
    grammar = choices_grammar(SENTENCES, least, most)
    requests = [
        says("Choose", max_tokens=200, grammar=grammar, temperature=2.0, seed=seed) for seed in range(8)
    ]
    for one in await asyncio.gather(*[hear(engine.stream(request)) for request in requests]):
        chosen = one.text.split("\n") if one.text else []
        assert least <= len(chosen) <= most
        assert set(chosen) <= set(SENTENCES)
        assert len(chosen) == len(set(chosen))


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


async def test_a_stop_text_ends_the_answer_and_is_never_seen(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(says("Count from 1 to 9.", max_tokens=40, stop=("3", "three"))))
    assert heard.reason == "stopped"
    assert "3" not in heard.text


async def test_a_prompt_that_begins_alike_is_not_read_again(engine: ChatEngine) -> None:
    prompt = tuple(range(1000, 1600))
    await hear(engine.stream(ChatRequest(prompt=prompt, max_tokens=1)))
    before = engine.stats()
    await hear(engine.stream(ChatRequest(prompt=(*prompt, 77, 78), max_tokens=1)))
    after = engine.stats()
    assert after.steps - before.steps == 1
    assert after.reused_tokens - before.reused_tokens == 576  # whole pages of 32


async def test_leaving_frees_the_row(engine: ChatEngine) -> None:
    stream = engine.stream(says("Tell a long story.", max_tokens=1000))
    await anext(stream)
    written = engine.stats().tokens_out
    await stream.aclose()
    await settled(engine)
    assert engine.stats().tokens_out - written < 20


async def test_a_deadline_ends_the_answer_and_keeps_what_came(engine: ChatEngine) -> None:
    deadline = time.monotonic() + 1.5
    heard = await hear(engine.stream(says("Tell a long story.", max_tokens=2000, deadline=deadline)))
    assert heard.reason == "deadline"
    assert heard.text
    await settled(engine)


async def test_a_full_queue_is_said_at_once(build: OpenEngine, weights: Path) -> None:
    release = threading.Event()

    def locate() -> Path:
        release.wait(30)
        return weights

    engine = build(locate, max_queue=2)
    tasks = [asyncio.create_task(hear(engine.stream(says("Hello", max_tokens=2)))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="max_queue"):
        await anext(engine.stream(says("Hello")))
    release.set()
    assert [heard.reason for heard in await asyncio.gather(*tasks)] == ["length", "length"]
    engine.close()


async def test_deterministic_answers_do_not_depend_on_company(build: OpenEngine) -> None:
    engine = build(deterministic=True)
    requests = [says(f"Tell of {n}.", max_tokens=16, temperature=0.8 * (n % 2), seed=n) for n in range(6)]
    serial = [(await hear(engine.stream(request))).text for request in requests]
    together = await asyncio.gather(*[hear(engine.stream(request)) for request in requests])
    assert [one.text for one in together] == serial
    engine.close()


async def test_a_faulty_request_fails_alone(engine: ChatEngine) -> None:
    heard = await asyncio.gather(
        hear(engine.stream(says("Hello", grammar=Grammar("lark", "start: nowhere")))),
        hear(engine.stream(says("Hello", grammar=Grammar("json_schema", '{"type": "nothing"}')))),
        hear(engine.stream(ChatRequest(prompt=tuple([5] * 6000)))),
        hear(engine.stream(says("Hello", max_tokens=3))),
    )
    assert [one.reason for one in heard] == ["error", "error", "error", "length"]
    assert all(isinstance(one.done[0].error, InputError) for one in heard[:3])


async def test_a_failed_step_fails_its_rows_and_the_thread_goes_on(
    engine: ChatEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limner.models.engines.openvino_pages import Pages

    def read(pages: Any, batch: Any) -> Any:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(Pages, "read", read)
        heard = await hear(engine.stream(says("Hello")))
    assert isinstance(heard.done[0].error, ModelError)
    assert (await hear(engine.stream(says("Hello", max_tokens=3)))).reason == "length"


async def test_closing_ends_every_request_and_the_thread(build: OpenEngine) -> None:
    before = set(threading.enumerate())
    engine = build(max_batch=2)
    streams = [engine.stream(says(f"Tell of {n}.", max_tokens=900)) for n in range(3)]
    first = [asyncio.create_task(hear(stream)) for stream in streams]
    async with asyncio.timeout(60):
        while engine.stats().running < 2:
            await asyncio.sleep(0.01)
    await asyncio.to_thread(engine.close)
    assert [heard.reason for heard in await asyncio.gather(*first)] == ["cancelled"] * 3
    assert not [t for t in set(threading.enumerate()) - before if t.name.startswith("limner-")]


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


def test_a_chat_model_runs_on_it(weights: Path) -> None:
    chat = ChatLimner(f"path:{weights}", engine="openvino", max_tokens=30)
    assert "Paris" in str(chat.invoke("What is the capital of France?").content)
    chat.close()
