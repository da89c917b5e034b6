"""How likely a model is to answer with a given text: what engines and the chat model tell of it."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from limner.errors import DeadlineError, InputError, ModelError, UnavailableError
from limner.models import ChatLimner
from limner.models.engines.base import (
    ChatEngine,
    ChatEvent,
    ChatRequest,
    Done,
    EngineStats,
    Grammar,
    LikelihoodEngine,
)
from limner.models.engines.openai_engine import OpenAIEngine
from limner.models.engines.torch_engine import TorchEngine
from limner.settings import ModelSettings
from limner.steps.call import accepts

from .conftest import OpenEngine, hear, in_full_precision, says, settled, small_model

FRANCE = "What is the capital of France?"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def close_to(value: float) -> Any:
    """Equal but for rounding: company in a batch moves the last digits, most where a cache has 8 bits."""
    return pytest.approx(value, rel=0.02, abs=0.05)


async def likelihood(engine: ChatEngine, prompt: str, answer: str, **options: Any) -> float:
    heard = await hear(engine.stream(says(prompt, forced=answer, **options)))
    done = heard.done[0]
    assert (heard.reason, heard.deltas) == ("finished", []), done
    assert done.likelihood is not None
    return done.likelihood


def open_openvino(path: Path) -> ChatEngine:
    pytest.importorskip("openvino_genai")
    from limner.models.engines.openvino_engine import OpenVINOEngine

    return OpenVINOEngine(path, ModelSettings(threads=1))


@pytest.fixture(
    scope="module",
    params=["tiny", *[pytest.param(name, marks=pytest.mark.weights) for name in ("torch", "openvino")]],
)
def teller(request: pytest.FixtureRequest, tiny_model: Path) -> Iterator[ChatEngine]:
    """Each kind of engine in this process; all but the first run a model that makes sense."""
    with ExitStack() as stack:
        in_full_precision(stack.enter_context(pytest.MonkeyPatch.context()))
        path = tiny_model if request.param == "tiny" else small_model()
        engine = (
            open_openvino(path)
            if request.param == "openvino"
            else TorchEngine(path, ModelSettings(threads=1))
        )
        stack.callback(engine.close)
        yield engine


@pytest.fixture
def sensible(teller: ChatEngine, request: pytest.FixtureRequest) -> ChatEngine:
    if "tiny" in request.node.name:
        pytest.skip("random weights make no sense")
    return teller


async def test_the_likelier_answer_has_the_higher_likelihood(sensible: ChatEngine) -> None:
    right, wrong = [
        await likelihood(sensible, FRANCE, f"The capital of France is {city}.") for city in ("Paris", "Oslo")
    ]
    assert wrong < right < 0


async def test_an_answer_is_likelier_after_the_prompt_that_asks_for_it(sensible: ChatEngine) -> None:
    there, elsewhere = [
        await likelihood(sensible, f"What is the capital of {land}?", "Paris") for land in ("France", "Japan")
    ]
    assert elsewhere < there


async def test_answers_that_exclude_each_other_have_no_more_than_all_the_probability(
    teller: ChatEngine,
) -> None:
    told = await asyncio.gather(*[likelihood(teller, "Say a letter.", letter) for letter in LETTERS])
    assert 0 < sum(map(math.exp, told)) <= 1.001


async def test_it_is_the_sum_that_transformers_comes_to(teller: ChatEngine) -> None:
    if not isinstance(teller, TorchEngine):
        pytest.skip("another library computes here")
    import torch

    answer = "Sandals can be returned — worn or not."
    told = await likelihood(teller, FRANCE, answer)
    core: Any = teller._core
    tokenizer = core._rows._tokenizer
    messages = [{"role": "user", "content": FRANCE}]
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    forced = tokenizer.encode(answer, add_special_tokens=False)
    with torch.inference_mode():
        logits = core._model(input_ids=torch.tensor([prompt + forced])).logits[0].float()
    chances = logits[len(prompt) - 1 : -1].log_softmax(dim=-1)
    assert told == pytest.approx(float(chances[range(len(forced)), forced].sum()), rel=1e-2)


async def test_company_does_not_change_it(teller: ChatEngine) -> None:
    answers = ["Paris", "The capital of France is Paris.", "No."]
    alone = [await likelihood(teller, FRANCE, answer) for answer in answers]
    noise = [says(f"Count to {n}.", max_tokens=20, temperature=1.0, seed=n) for n in range(4)]
    together, heard = await asyncio.gather(
        asyncio.gather(*[likelihood(teller, FRANCE, answer) for answer in answers]),
        asyncio.gather(*[hear(teller.stream(request)) for request in noise]),
    )
    assert together == [close_to(value) for value in alone]
    assert all(one.text for one in heard)


async def test_asked_twice_it_is_the_same(teller: ChatEngine) -> None:
    first, *others = [await likelihood(teller, FRANCE, "Paris it is.") for _ in range(3)]
    assert others == [close_to(first)] * 2
    assert others[0] == others[1]


async def test_sampling_and_the_token_limit_play_no_part(teller: ChatEngine) -> None:
    plain = await likelihood(teller, FRANCE, "Paris it is.")
    wild = await likelihood(teller, FRANCE, "Paris it is.", temperature=5.0, top_p=0.1, seed=3, max_tokens=1)
    assert wild == close_to(plain)


async def test_tokens_are_counted(teller: ChatEngine) -> None:
    await settled(teller)
    before = teller.stats()
    heard = await hear(teller.stream(says(FRANCE, forced=LETTERS)))
    await settled(teller)
    after, done = teller.stats(), heard.done[0]
    assert 1 < done.tokens_out == after.tokens_out - before.tokens_out
    assert 1 < done.tokens_in == after.tokens_in - before.tokens_in


async def test_a_prompt_that_begins_like_an_earlier_one_is_read_from_there(sensible: ChatEngine) -> None:
    if isinstance(sensible, TorchEngine):
        pytest.skip("this engine keeps no prompts")
    shared = "A shop sells tents, ropes and lamps. " * 20
    await settled(sensible)
    first = await likelihood(sensible, shared + "First?", "Ropes")
    before = sensible.stats().reused_tokens
    again = await likelihood(sensible, shared + "First?", "Ropes")
    assert sensible.stats().reused_tokens - before > 100
    assert again == close_to(first)


async def test_a_deadline_ends_it_without_a_likelihood(teller: ChatEngine) -> None:
    await likelihood(teller, "load", "it")
    deadline = time.monotonic() + 0.02
    heard = await hear(teller.stream(says("word " * 40, forced="word " * 40, deadline=deadline)))
    assert heard.reason == "deadline"
    assert heard.done[0].likelihood is None
    assert time.monotonic() - deadline < 0.3
    await settled(teller)


async def test_a_caller_who_leaves_frees_the_row(teller: ChatEngine) -> None:
    task = asyncio.create_task(hear(teller.stream(says("word " * 40, forced="word " * 40))))
    async with asyncio.timeout(30):
        while not teller.stats().running:
            await asyncio.sleep(0.002)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled(teller)
    assert await likelihood(teller, FRANCE, "Paris") < 0


async def test_what_cannot_be_forced_is_said_and_fails_alone(teller: ChatEngine) -> None:
    long, fine = await asyncio.gather(
        hear(teller.stream(says(FRANCE, forced="word " * 6000))),
        hear(teller.stream(says(FRANCE, forced="Paris"))),
    )
    assert isinstance(long.done[0].error, InputError)
    assert "The prompt has" in str(long.done[0].error)
    assert fine.reason == "finished"


async def test_an_answer_may_fill_the_context_to_its_last_token(engine: ChatEngine) -> None:
    prompt = (await hear(engine.stream(says("Hi", forced="0")))).done[0].tokens_in
    heard = await hear(engine.stream(says("Hi", forced="0" * (512 - prompt))))
    assert (heard.reason, heard.done[0].tokens_out) == ("finished", 512 - prompt)
    heard = await hear(engine.stream(says("Hi", forced="0" * (513 - prompt))))
    assert isinstance(heard.done[0].error, InputError)


async def test_a_text_without_a_token_is_refused(engine: ChatEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await likelihood(engine, "Hi", "0") < 0
    core: Any = engine._core  # type: ignore[attr-defined]
    monkeypatch.setattr(core._rows._tokenizer, "encode", lambda text, **options: [])
    heard = await hear(engine.stream(ChatRequest(prompt=(5, 6), forced="0")))
    assert isinstance(heard.done[0].error, InputError)
    assert "has no token" in str(heard.done[0].error)


def test_a_forced_answer_has_no_shape_of_its_own() -> None:
    for options in ({"grammar": Grammar("regex", "a")}, {"stop": ("a",)}, {"tools": ({"type": "function"},)}):
        with pytest.raises(InputError, match="Leave them out"):
            says("Hi", forced="x", **options)


async def test_a_server_is_not_asked_and_the_remedy_is_named() -> None:
    engine = OpenAIEngine("http://127.0.0.1:9/v1", "far", ModelSettings())
    heard = await hear(engine.stream(says("Hi", forced="x")))
    chat = ChatLimner(engine)
    assert isinstance(heard.done[0].error, InputError)
    assert "in this process" in str(heard.done[0].error)
    assert "likelihoods" not in accepts(chat)
    with pytest.raises(InputError, match="in this process"):
        await chat.ainvoke("Hi", likelihoods={"prompts": ["a"], "answer": "b"})
    chat.close()


class TellingEngine:
    """An engine whose likelihoods are made of the prompt's length, and that says how it was asked."""

    model_name = "telling"
    tells_likelihoods = True
    max_queue = 8

    def __init__(self, last: Done | None = None) -> None:
        self.last = last
        """What ends a request whose prompt is "bad"."""
        self.requests: list[ChatRequest] = []
        self.open = self.most = self.left = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        self.requests.append(request)
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            text = request.text or str(request.messages[-1]["content"])
            await asyncio.sleep(5 if text == "slow" else 0.002)
            if text == "bad" and self.last is not None:
                yield self.last
            else:
                yield Done("finished", 3, 2, likelihood=-float(len(text)) / 3)
        except (GeneratorExit, asyncio.CancelledError):
            self.left += 1
            raise
        finally:
            self.open -= 1

    def stats(self) -> EngineStats:
        return EngineStats(True, 0, 0, len(self.requests), 0, 0, 0)

    def close(self) -> None:
        pass


def asked(*prompts: str, answer: str = "yes") -> Any:
    return {"likelihoods": {"prompts": list(prompts), "answer": answer}}


async def test_each_prompt_is_the_users_message_under_the_given_system_message() -> None:
    engine = TellingEngine()
    chat = ChatLimner(engine, stop=["."], max_tokens=1)
    message = await chat.ainvoke([SystemMessage("Be brief."), HumanMessage("x")], **asked("one", "three"))
    assert json.loads(str(message.content)) == [-1.0, -1.666667]
    assert message.usage_metadata == {"input_tokens": 6, "output_tokens": 4, "total_tokens": 10}
    assert message.response_metadata == {"finish_reason": "stop", "model_name": "telling"}
    assert [request.messages for request in engine.requests] == [
        ({"role": "system", "content": "Be brief."}, {"role": "user", "content": prompt})
        for prompt in ("one", "three")
    ]
    assert {request.forced for request in engine.requests} == {"yes"}


async def test_plainly_the_model_goes_on_from_each_prompt_without_a_template() -> None:
    engine = TellingEngine()
    plain: Any = {"likelihoods": {"prompts": ["one", "three"], "answer": "yes", "plain": True}}
    await ChatLimner(engine).ainvoke("x", **plain)
    assert [(request.text, request.messages) for request in engine.requests] == [("one", ()), ("three", ())]
    assert {request.forced for request in engine.requests} == {" yes"}


async def test_a_stream_and_a_synchronous_call_say_the_same() -> None:
    chat = ChatLimner(TellingEngine())
    options = asked("one", "three")
    chunks = [chunk async for chunk in chat.astream("x", **options)]
    assert "".join(str(chunk.content) for chunk in chunks) == "[-1.0, -1.666667]"
    assert [chunk.usage_metadata["input_tokens"] for chunk in chunks if chunk.usage_metadata] == [6]
    assert await asyncio.to_thread(lambda: chat.invoke("x", **options).content) == "[-1.0, -1.666667]"
    assert (await chat.ainvoke("x", **asked())).content == "[]"
    chat.close()


async def test_many_prompts_are_asked_a_few_at_a_time() -> None:
    engine = TellingEngine()
    chat = ChatLimner(engine)
    message = await chat.ainvoke("x", **asked(*["a" * n for n in range(60)]))
    assert 1 < engine.most <= engine.max_queue
    assert json.loads(str(message.content)) == [round(-n / 3, 6) for n in range(60)]


@pytest.mark.parametrize("queue", [1, 3])
async def test_a_short_queue_is_never_overrun(open_tiny: OpenEngine, queue: int) -> None:
    chat = ChatLimner(open_tiny(max_queue=queue, max_batch=1))
    message = await chat.ainvoke("x", **asked(*[f"Prompt {n}" for n in range(12)]))
    assert len(json.loads(str(message.content))) == 12


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (Done("deadline", 3), DeadlineError),
        (Done("cancelled", 3), UnavailableError),
        (Done("error", 3, error=InputError("The prompt has 9 tokens.")), InputError),
        (Done("finished", 3), ModelError),
    ],
)
async def test_a_prompt_that_fails_ends_the_call_and_the_others(last: Done, error: type[Exception]) -> None:
    engine = TellingEngine(last)
    chat = ChatLimner(engine)
    began = time.monotonic()
    with pytest.raises(error):
        await chat.ainvoke("x", **asked("one", "bad", "slow", "slow", *["later"] * 20))
    assert time.monotonic() - began < 1
    assert (engine.open, engine.left > 0) == (0, True)
    assert len(engine.requests) < 20


async def test_a_call_that_is_cancelled_leaves_every_prompt() -> None:
    engine = TellingEngine()
    task = asyncio.create_task(ChatLimner(engine).ainvoke("x", **asked("slow", "slow")))
    while engine.open < 2:
        await asyncio.sleep(0.002)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (engine.open, engine.left) == (0, 2)


async def test_a_deadline_holds_for_the_whole_call(open_tiny: OpenEngine) -> None:
    chat = ChatLimner(open_tiny())
    await chat.ainvoke("x", **asked("load"))
    began = time.monotonic()
    with pytest.raises(DeadlineError):
        await chat.ainvoke("x", deadline=began + 0.1, **asked(*["word " * 30] * 400, answer="word " * 50))
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    "option",
    [
        {},
        {"prompts": "text", "answer": "a"},
        {"prompts": ["a"], "answer": ""},
        {"prompts": [1], "answer": "a"},
    ],
)
async def test_an_option_of_another_form_is_told(option: Any) -> None:
    chat = ChatLimner(TellingEngine())
    with pytest.raises(InputError, match="likelihoods is"):
        await chat.ainvoke("x", likelihoods=option)


async def test_a_call_asks_for_likelihoods_or_for_an_answer() -> None:
    chat = ChatLimner(TellingEngine())
    with pytest.raises(InputError, match="one of the two"):
        await chat.ainvoke("x", json_schema={"type": "object"}, **asked("a"))


def test_engines_in_this_process_tell_likelihoods(engine: ChatEngine) -> None:
    assert isinstance(engine, LikelihoodEngine)
    assert "likelihoods" in accepts(ChatLimner(engine))
