"""What every engine promises for every request: in this process, and behind a server."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from limner.errors import BusyError, InputError, LimnerError, UnavailableError
from limner.models.engines.base import ChatEngine, ChatRequest, Grammar, LikelihoodEngine
from limner.models.engines.choices import choices_grammar
from limner.models.engines.openai_engine import OpenAIEngine
from limner.models.engines.torch_engine import TorchEngine
from limner.settings import ModelSettings

from .conftest import SCHEMAS, SENTENCES, hear, in_full_precision, says, schema_grammar, settled, small_model
from .loopback import Status, answers_of, loopback, piece


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of engine, and what the tests do to it."""

    open: Callable[..., ChatEngine]
    """Make one from settings; all are closed after the tests."""
    open_held: Callable[..., ChatEngine]
    """Make one that begins to answer once an event is set."""
    breaks: Callable[[pytest.MonkeyPatch], None]
    """Let the next step fail."""
    long: ChatRequest
    """Its answer is long."""
    soon: float
    """Seconds in which a part of that answer comes."""
    tight: int
    """Tokens that the shortest answer under each schema fits into."""
    engine: ChatEngine
    """One for all tests that leave it as it is."""


def broken(*arguments: Any) -> Any:
    """Fail as a step."""
    raise RuntimeError("broken")


def torch_kind(stack: ExitStack, tiny_model: Path) -> Kind:
    from limner.models.engines import torch_batch

    in_full_precision(stack.enter_context(pytest.MonkeyPatch.context()))

    def make(path: Any = tiny_model, **settings: Any) -> ChatEngine:
        engine = TorchEngine(path, ModelSettings(threads=1, **settings))
        stack.callback(engine.close)
        return engine

    return Kind(
        make,
        lambda ready, **settings: make(lambda: ready.wait(30) and tiny_model, **settings),
        lambda patch: patch.setattr(torch_batch.Batch, "decode", broken),
        says("Hello", max_tokens=400, temperature=1.0, seed=1),
        0.2,
        40,
        make(),
    )


def openvino_kind(stack: ExitStack, tiny_model: Path) -> Kind:
    pytest.importorskip("openvino_genai")
    from limner.models.engines.openvino_engine import OpenVINOEngine
    from limner.models.engines.openvino_pages import Pages

    weights = small_model()

    def make(path: Any = weights, **settings: Any) -> ChatEngine:
        engine = OpenVINOEngine(path, ModelSettings(threads=2, **settings))
        stack.callback(engine.close)
        return engine

    return Kind(
        make,
        lambda ready, **settings: make(lambda: ready.wait(30) and weights, **settings),
        lambda patch: patch.setattr(Pages, "read", broken),
        says("Tell a long story.", max_tokens=600),
        1.5,
        14,
        make(),
    )


def openai_kind(stack: ExitStack, tiny_model: Path) -> Kind:
    """Behind a server, the tiny model answers."""
    answers = answers_of(torch_kind(stack, tiny_model).engine)

    def make(answer: Any = answers, **settings: Any) -> ChatEngine:
        server = stack.enter_context(loopback(answer))
        engine = OpenAIEngine(server.url, "tiny", ModelSettings(**settings))
        stack.callback(engine.close)
        return engine

    def held(ready: threading.Event, **settings: Any) -> ChatEngine:
        async def answer(body: dict[str, Any]) -> AsyncGenerator[bytes | Status, None]:
            await asyncio.to_thread(ready.wait, 30)
            async for part in answers(body):
                yield part

        return make(answer, **settings)

    async def breaking(body: dict[str, Any]) -> AsyncGenerator[bytes | Status, None]:
        yield piece("so far")
        raise ConnectionAbortedError

    shared = stack.enter_context(loopback(answers))
    engine = OpenAIEngine(shared.url, "tiny", ModelSettings())
    stack.callback(engine.close)
    return Kind(
        make,
        held,
        lambda patch: patch.setattr(shared, "answer", breaking),
        says("Hello", max_tokens=400, temperature=1.0, seed=1),
        0.3,
        40,
        engine,
    )


KINDS = {"torch": torch_kind, "openvino": openvino_kind, "openai": openai_kind}


@pytest.fixture(
    scope="module", params=["torch", pytest.param("openvino", marks=pytest.mark.weights), "openai"]
)
def kind(request: pytest.FixtureRequest, tiny_model: Path) -> Iterator[Kind]:
    with ExitStack() as stack:
        yield KINDS[request.param](stack, tiny_model)


@pytest.fixture
def engine(kind: Kind) -> ChatEngine:
    return kind.engine


def test_making_an_engine_loads_nothing(kind: Kind) -> None:
    assert not kind.open().stats().loaded


@pytest.mark.parametrize("name", SCHEMAS)
async def test_an_answer_under_a_schema_is_valid_however_tight_the_budget(kind: Kind, name: str) -> None:
    requests = [
        says("Answer.", max_tokens=most, grammar=schema_grammar(SCHEMAS[name]), temperature=heat, seed=most)
        for most in (kind.tight, 3 * kind.tight)
        for heat in (0.0, 1.0)
    ]
    for one in await asyncio.gather(*[hear(kind.engine.stream(request)) for request in requests]):
        assert one.reason == "finished", one.done
        jsonschema.validate(json.loads(one.text), SCHEMAS[name])


@pytest.mark.parametrize(("least", "most"), [(1, 1), (2, 3), (0, 2)])
async def test_chosen_texts_are_copied_exactly_and_as_many_as_asked(
    engine: ChatEngine, least: int, most: int
) -> None:
    grammar = choices_grammar(SENTENCES, least, most)
    requests = [
        says("Choose", max_tokens=300, grammar=grammar, temperature=2.0, seed=seed) for seed in range(6)
    ]
    for one in await asyncio.gather(*[hear(engine.stream(request)) for request in requests]):
        chosen = one.text.split("\n") if one.text else []
        assert one.reason == "finished", one.done
        assert least <= len(chosen) <= most
        assert set(chosen) <= set(SENTENCES)
        assert len(chosen) == len(set(chosen))


async def test_a_stop_text_ends_the_answer_and_is_never_seen(engine: ChatEngine, kind: Kind) -> None:
    request = replace(kind.long, max_tokens=30)
    whole = (await hear(engine.stream(request))).text
    stop = whole[12:15]
    heard = await hear(engine.stream(replace(request, stop=(stop, "never there"))))
    assert heard.reason == "stopped"
    assert heard.text == whole[: whole.index(stop)]


async def test_a_seed_repeats_the_answer(engine: ChatEngine) -> None:
    requests = [says("Tell me", max_tokens=20, temperature=1.0, seed=seed) for seed in (11, 12, 11)]
    texts = [(await hear(engine.stream(request))).text for request in requests]
    assert texts[0] == texts[2] != texts[1]


async def test_tokens_are_counted(engine: ChatEngine, kind: Kind) -> None:
    await settled(engine)
    before = engine.stats()
    heard = await hear(engine.stream(replace(kind.long, max_tokens=7)))
    await settled(engine)
    stats, done = engine.stats(), heard.done[0]
    assert heard.reason == "length"
    assert stats.tokens_out - before.tokens_out == done.tokens_out == 7
    assert stats.tokens_in - before.tokens_in == done.tokens_in > 0
    assert stats.requests - before.requests == 1


async def test_leaving_a_stream_frees_its_row(engine: ChatEngine, kind: Kind) -> None:
    stream = engine.stream(kind.long)
    await anext(stream)
    before = engine.stats().tokens_out
    await stream.aclose()
    await settled(engine)
    assert engine.stats().tokens_out - before < 20


async def test_a_cancelled_task_frees_its_row(engine: ChatEngine, kind: Kind) -> None:
    before = engine.stats().tokens_out
    task = asyncio.create_task(hear(engine.stream(kind.long)))
    async with asyncio.timeout(30):
        while not engine.stats().running:
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled(engine)
    assert engine.stats().tokens_out - before < kind.long.max_tokens


async def test_a_deadline_ends_an_answer_and_keeps_what_came(engine: ChatEngine, kind: Kind) -> None:
    await hear(engine.stream(says("load", max_tokens=1)))
    deadline = time.monotonic() + kind.soon
    heard = await hear(engine.stream(replace(kind.long, deadline=deadline)))
    assert heard.reason == "deadline"
    assert time.monotonic() - deadline < 0.2
    assert heard.text
    await settled(engine)


async def test_a_deadline_that_has_passed_starts_nothing(kind: Kind) -> None:
    engine = kind.open()
    heard = await hear(engine.stream(says("Hello", deadline=time.monotonic() - 1)))
    assert heard.reason == "deadline"
    assert engine.stats().requests == 0


async def test_while_nothing_answers_yet_deadlines_hold_and_a_full_queue_is_said_at_once(kind: Kind) -> None:
    ready = threading.Event()
    engine = kind.open_held(ready, max_queue=4, max_batch=1)
    began = time.monotonic()
    heard = await hear(engine.stream(says("Hello", deadline=began + 0.1)))
    assert heard.reason == "deadline"
    assert 0.1 <= time.monotonic() - began < 1
    tasks = [asyncio.create_task(hear(engine.stream(says("Hello", max_tokens=2)))) for _ in range(9)]
    async with asyncio.timeout(10):
        while sum(task.done() for task in tasks) < 4:
            await asyncio.sleep(0)
    ready.set()
    heard_of = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [one for one in heard_of if isinstance(one, BaseException)]
    assert 4 <= len(refused) <= 5
    assert all(isinstance(one, BusyError) and "max_queue" in str(one) for one in refused)
    assert all(one.reason == "length" for one in heard_of if not isinstance(one, BaseException))


async def test_deterministic_answers_do_not_depend_on_company(kind: Kind) -> None:
    engine = kind.open(deterministic=True)
    requests = [says(f"Tell of {n}.", max_tokens=8, temperature=0.8 * (n % 2), seed=n) for n in range(4)]
    serial = [(await hear(engine.stream(request))).text for request in requests]
    together = await asyncio.gather(*[hear(engine.stream(request)) for request in requests])
    assert [one.text for one in together] == serial


async def test_a_forced_text_is_not_said_and_its_likelihood_is_told_or_the_request_is_refused(
    engine: ChatEngine,
) -> None:
    heard = await hear(engine.stream(says("Hello", forced="Hello to you.")))
    done = heard.done[0]
    assert heard.deltas == []
    if isinstance(engine, LikelihoodEngine):
        assert heard.reason == "finished", done
        assert done.likelihood is not None
        assert done.likelihood < 0
    else:
        assert isinstance(done.error, InputError)
        assert "in this process" in str(done.error)


async def test_deterministic_likelihoods_do_not_depend_on_company(kind: Kind) -> None:
    engine = kind.open(deterministic=True)
    if not isinstance(engine, LikelihoodEngine):
        pytest.skip("this engine tells none")
    requests = [says(f"Tell of {n}.", forced="There is little to tell.") for n in range(4)]
    alone = [(await hear(engine.stream(request))).done[0].likelihood for request in requests]
    writing = asyncio.create_task(hear(engine.stream(says("Hello", max_tokens=5, seed=1, temperature=1.0))))
    together = await asyncio.gather(*[hear(engine.stream(request)) for request in requests])
    assert None not in alone
    assert [one.done[0].likelihood for one in together] == alone
    assert (await writing).reason in ("finished", "length")


async def test_a_faulty_request_fails_alone(engine: ChatEngine) -> None:
    heard = await asyncio.gather(
        hear(engine.stream(says("Hello", grammar=Grammar("lark", "start: nowhere")))),
        hear(engine.stream(says("Hello", grammar=Grammar("json_schema", '{"type": "nothing"}')))),
        hear(engine.stream(says("word " * 6000))),
        hear(engine.stream(says("Hello", max_tokens=2))),
    )
    assert [one.reason for one in heard] == ["error", "error", "error", "length"]
    assert all(isinstance(one.done[0].error, InputError) for one in heard[:2])
    assert "The prompt has" in str(heard[2].done[0].error)


async def test_a_failed_step_fails_its_requests_and_the_next_is_served(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        kind.breaks(patch)
        heard = await asyncio.gather(*[hear(kind.engine.stream(kind.long)) for _ in range(2)])
    assert all(isinstance(one.done[0].error, LimnerError) for one in heard)
    assert (await hear(kind.engine.stream(says("Hello", max_tokens=2)))).reason == "length"


async def test_closing_ends_every_request_and_the_thread(kind: Kind) -> None:
    before = set(threading.enumerate())
    engine = kind.open(max_batch=2)
    tasks = [asyncio.create_task(hear(engine.stream(replace(kind.long, seed=seed)))) for seed in range(5)]
    async with asyncio.timeout(60):
        while engine.stats().running < 2:
            await asyncio.sleep(0.005)
    await asyncio.to_thread(engine.close)
    reasons = [heard.reason for heard in await asyncio.gather(*tasks)]
    assert reasons.count("cancelled") >= 3
    for thread in set(threading.enumerate()) - before:
        if thread.name == f"limner-{engine.model_name}":
            thread.join(30)
            assert not thread.is_alive()
    with pytest.raises(UnavailableError, match="closed"):
        await anext(engine.stream(says("Hello")))
    engine.close()


def test_several_threads_and_loops_share_one_engine(engine: ChatEngine) -> None:
    reasons: list[str] = []

    def work() -> None:
        async def ask() -> None:
            heard = await asyncio.gather(*[hear(engine.stream(says("Hi", max_tokens=3))) for _ in range(3)])
            reasons.extend(one.reason for one in heard)

        asyncio.run(ask())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert reasons == ["length"] * 12


def test_a_loop_that_is_closed_under_a_request_harms_nobody(engine: ChatEngine, kind: Kind) -> None:
    loop = asyncio.new_event_loop()
    stream = engine.stream(kind.long)
    loop.run_until_complete(anext(stream))
    loop.close()
    assert asyncio.run(hear(engine.stream(says("Hello", max_tokens=3)))).reason == "length"
    asyncio.run(settled(engine))
