"""The OpenAI engine before a server that says what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing, contextmanager
from typing import Any, Literal

import pytest
import stamina
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from pydantic import BaseModel

from limner.errors import (
    BusyError,
    DeadlineError,
    InputError,
    LimnerError,
    ModelError,
    SettingsError,
    UnavailableError,
)
from limner.models import ChatLimner
from limner.models.engines import openai_engine
from limner.models.engines.base import ChatRequest
from limner.models.engines.openai_engine import OpenAIEngine
from limner.settings import ModelSettings
from limner.steps import step

from .conftest import hear, says
from .loopback import DONE, Answer, Loopback, Status, event, loopback, piece, says_always, usage

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
OPTIONS = ["First sentence.", 'Second "sentence".', "Third."]


class Person(BaseModel):
    name: str
    age: int


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Ask again without a pause, as often as told."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@contextmanager
def chat_with(answer: Answer, **settings: Any) -> Iterator[tuple[ChatLimner, Loopback]]:
    with loopback(answer) as server, closing(ChatLimner(f"openai:{server.url}#m", **settings)) as chat:
        yield chat, server


def in_turn(*answers: Answer | Status) -> Answer:
    """Give one answer to each request; the last one to all that follow."""
    left = list(answers)

    async def answer(body: dict[str, Any]) -> AsyncGenerator[bytes | Status, None]:
        now = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(now, Status):
            yield now
            return
        async for part in now(body):
            yield part

    return answer


def raw(*parts: bytes, abort: bool = False, hang: bool = False) -> Answer:
    """Say pieces as they are; then end, break off, or say nothing more."""

    async def answer(body: dict[str, Any]) -> AsyncGenerator[bytes | Status, None]:
        for part in parts:
            yield part
        if hang:
            await asyncio.Event().wait()
        if abort:
            raise ConnectionAbortedError

    return answer


async def test_an_answer_comes_piece_by_piece_with_usage_and_reason() -> None:
    with chat_with(says_always("The capital is Paris.")) as (chat, server):
        chunks = [chunk async for chunk in chat.astream("Hello", temperature=0.5, seed=3, stop=["END"])]
        assert [chunk.content for chunk in chunks if chunk.content] == ["The ", "capital ", "is ", "Paris. "]
        assert chunks[-1].usage_metadata == {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}
        assert chunks[-1].response_metadata == {"finish_reason": "stop", "model_name": "m"}
        sent = {
            "model": "m",
            "stream": True,
            "temperature": 0.5,
            "seed": 3,
            "stop": ["END"],
            "max_tokens": 512,
        }
        assert server.bodies[0].items() >= sent.items()
        assert server.bodies[0]["messages"] == [{"role": "user", "content": "Hello"}]
        assert chat.invoke("Hello").content == "The capital is Paris. "


async def test_connections_are_used_again() -> None:
    with chat_with(says_always("fine")) as (chat, server):
        for _ in range(4):
            await chat.ainvoke("Hello")
        assert (server.connections, len(server.bodies)) == (1, 4)


async def test_no_more_than_max_batch_requests_are_sent_at_once() -> None:
    now = most = 0
    full = asyncio.Event()

    async def answer(body: dict[str, Any]) -> AsyncGenerator[bytes | Status, None]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 3:
            full.set()
        await full.wait()
        yield piece("word")
        now -= 1
        yield piece(finish="stop")

    with chat_with(answer, max_batch=3) as (chat, _):
        await asyncio.gather(*[chat.ainvoke("Hello") for _ in range(12)])
    assert most == 3


@pytest.mark.parametrize("code", [429, 500, 503])
async def test_a_server_that_is_busy_or_fails_is_asked_again(code: int) -> None:
    with chat_with(in_turn(Status(code), Status(code), says_always("at last"))) as (chat, server):
        assert (await chat.ainvoke("Hello")).content == "at last "
        assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("code", "raised", "asked"),
    [
        (429, BusyError, 3),
        (500, UnavailableError, 3),
        (400, InputError, 1),
        (401, SettingsError, 1),
        (404, SettingsError, 1),
        (408, InputError, 1),
        (422, InputError, 1),
    ],
)
async def test_a_status_is_the_error_that_says_what_to_do(
    code: int, raised: type[LimnerError], asked: int
) -> None:
    with chat_with(in_turn(Status(code, "because of the moon")), api_key="s3cret") as (chat, server):
        with pytest.raises(raised) as caught:
            await chat.ainvoke("Hello")
        assert len(server.bodies) == asked
        assert type(caught.value) is raised
        assert caught.value.hint
        assert code in (401, 403) or "moon" in str(caught.value)
        assert "s3cret" not in str(caught.value)


async def test_retries_can_be_switched_off() -> None:
    with chat_with(in_turn(Status(503), says_always("fine")), max_retries=0) as (chat, server):
        with pytest.raises(UnavailableError):
            await chat.ainvoke("Hello")
        assert len(server.bodies) == 1


async def test_a_server_that_is_not_there_is_named() -> None:
    with loopback(says_always("x")) as server:
        url = server.url
    chat = ChatLimner(f"openai:{url}#m")
    with pytest.raises(UnavailableError, match=url):
        await chat.ainvoke("Hello")
    chat.close()


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (raw(piece("so far"), abort=True), UnavailableError),
        (raw(piece("so far")), UnavailableError),
        (raw(piece("so far"), event(b"{broken")), ModelError),
        (raw(piece("so far"), event(b"[1, 2]")), ModelError),
        (raw(piece("so far"), event({"error": {"message": "CUDA error"}})), ModelError),
        (raw(piece("so far"), piece(finish="content_filter")), ModelError),
    ],
    ids=["gone", "unfinished", "no json", "no object", "error", "filtered"],
)
async def test_what_came_before_a_failure_is_given_out_and_the_failure_is_raised(
    answer: Answer, raised: type[LimnerError]
) -> None:
    with chat_with(answer) as (chat, server):
        text = ""
        with pytest.raises(raised):
            async for chunk in chat.astream("Hello"):
                text += str(chunk.content)
        assert text == "so far"
        assert len(server.bodies) == 1


async def test_a_deadline_frees_the_request_on_the_server() -> None:
    with chat_with(raw(piece("so far"), hang=True)) as (chat, server):
        text, deadline = "", time.monotonic() + 2
        with pytest.raises(DeadlineError):
            async for chunk in chat.astream("Hello", deadline=deadline):
                text += str(chunk.content)
        assert 0 <= time.monotonic() - deadline < 1
        assert text == "so far"
        await left(server, 1)


async def test_a_timeout_is_a_deadline_for_every_call() -> None:
    with chat_with(raw(piece("so far"), hang=True), timeout=0.2) as (chat, server):
        with pytest.raises(DeadlineError):
            await chat.ainvoke("Hello")
        assert len(server.bodies) <= 1


async def test_leaving_a_stream_frees_the_request_on_the_server() -> None:
    with chat_with(raw(piece("so far"), hang=True)) as (chat, server):
        stream = chat.astream("Hello")
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        await left(server, 1)


async def left(server: Loopback, count: int) -> None:
    """Wait until the server has seen so many clients leave."""
    async with asyncio.timeout(5):
        while server.left < count:
            await asyncio.sleep(0.01)


async def test_a_server_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_engine, "_SILENT_SECONDS", 0.2)
    for hanging in (raw(hang=True), raw(piece("so far"), hang=True)):
        with chat_with(hanging) as (chat, server):
            with pytest.raises(UnavailableError, match="no answer"):
                await chat.ainvoke("Hello")
            assert len(server.bodies) == 1


async def test_a_server_that_never_stops_is_stopped() -> None:
    with chat_with(raw(*[piece("word " * 100)] * 50), max_tokens=10) as (chat, _):
        message = await chat.ainvoke("Hello")
        assert message.response_metadata["finish_reason"] == "length"
        assert len(str(message.content)) < 1000


async def test_a_stop_text_that_the_server_does_not_know_of_ends_the_answer() -> None:
    with loopback(says_always("one two three four")) as server:
        engine = OpenAIEngine(server.url, "m", ModelSettings())
        heard = await hear(engine.stream(says("Count", stop=("thr",))))
        assert (heard.text, heard.reason) == ("one two ", "stopped")
        await asyncio.to_thread(engine.close)


async def test_structured_output_is_asked_for_and_checked() -> None:
    with chat_with(says_always('{"name": "Ada", "age": 36}')) as (chat, server):
        assert await chat.with_structured_output(Person).ainvoke("Who?") == Person(name="Ada", age=36)
        asked = server.bodies[0]["response_format"]
        assert asked["type"] == "json_schema"
        assert set(asked["json_schema"]["schema"]["properties"]) == {"name", "age"}


@pytest.mark.parametrize("said", ['```json\n{"name": "Ada", "age": 36}\n```', ' {"name":"Ada","age":36}'])
async def test_a_server_that_ignores_the_schema_serves_where_its_answer_fits(said: str) -> None:
    with chat_with(raw(piece(said), piece(finish="stop"))) as (chat, _):
        model = chat.with_structured_output(Person.model_json_schema())
        assert await model.ainvoke("Who?") == {"name": "Ada", "age": 36}


@pytest.mark.parametrize("said", ["Ada is 36.", '{"name": "Ada"}', '{"name": "Ada", "age": "36"}', "[NaN]"])
async def test_an_answer_outside_the_schema_is_never_handed_on(said: str) -> None:
    with chat_with(raw(piece(said), piece(finish="stop"))) as (chat, _):
        model = chat.with_structured_output(Person.model_json_schema())
        with pytest.raises(ModelError, match="response_format"):
            await model.ainvoke("Who?")


async def test_a_schema_that_is_none_is_refused_before_it_is_sent() -> None:
    with chat_with(says_always("x")) as (chat, server):
        with pytest.raises(InputError, match="json_schema"):
            await chat.ainvoke("Hello", json_schema={"type": "nothing"})
        assert not server.bodies


@step(prompt="Choose a queue for: {{ message }}")
def queue(message: str) -> Literal["billing", "other"]:
    """Go by the words."""
    return "other"


@pytest.mark.parametrize(
    ("answers", "value", "source"),
    [
        ([says_always('"billing"')], "billing", "model"),
        ([says_always("Billing!"), says_always('"billing"')], "billing", "repaired"),
        ([raw(piece('"bil'), abort=True), says_always('"billing"')], "other", "fallback"),
        ([Status(401)], "other", "fallback"),
    ],
    ids=["kept by the grammar", "no grammar", "gone", "refused"],
)
def test_a_step_on_a_server_ends_with_a_valid_value(answers: list[Any], value: str, source: str) -> None:
    with chat_with(in_turn(*answers)) as (chat, server):
        outcome = queue.using(chat).run("I was charged twice")
        assert (outcome.value, outcome.source) == (value, source)
        assert "response_format" in server.bodies[0]


@pytest.mark.parametrize(
    ("said", "finish", "chosen"),
    [
        (json.dumps({"chosen": OPTIONS[1:]}), "stop", OPTIONS[1:]),
        (
            json.dumps({"chosen": [OPTIONS[2], "Made up.", OPTIONS[2], OPTIONS[0]]}),
            "stop",
            [OPTIONS[2], OPTIONS[0]],
        ),
        (json.dumps({"chosen": OPTIONS})[:-8], "length", OPTIONS[:2]),
        ("Third.\n First sentence.\nThat is all.", "stop", [OPTIONS[2], OPTIONS[0]]),
    ],
    ids=["as asked", "not all are options", "cut short", "in lines"],
)
async def test_choices_become_a_schema_and_only_options_come_out(
    said: str, finish: str, chosen: list[str]
) -> None:
    choices = {"options": OPTIONS, "at_least": 2, "at_most": 2}
    with chat_with(raw(piece(said), piece(finish=finish))) as (chat, server):
        message = await chat.ainvoke("Copy", choices=choices)
        assert str(message.content).split("\n") == chosen
        schema = server.bodies[0]["response_format"]["json_schema"]["schema"]
        assert schema["properties"]["chosen"]["items"] == {"enum": OPTIONS}


async def test_too_few_choices_are_an_error() -> None:
    with chat_with(raw(piece("I would say the third."), piece(finish="stop"))) as (chat, _):
        model = chat.bind(choices={"options": OPTIONS})
        with pytest.raises(ModelError, match="at least 1"):
            await model.ainvoke("Copy")


def calls(*parts: dict[str, Any]) -> list[bytes]:
    """The pieces of a tool call."""
    return [piece(tool_calls=[{"index": 0, **part}]) for part in parts] + [piece(finish="tool_calls")]


async def test_tools_are_the_servers_own() -> None:
    called = calls(
        {"id": "call_7", "function": {"name": "weather", "arguments": ""}},
        {"function": {"arguments": '{"city": '}},
        {"function": {"arguments": '"Paris"}'}},
    )
    with chat_with(in_turn(raw(*called), raw(*called), says_always("Sunny."))) as (chat, server):
        model = chat.bind_tools([TOOL], tool_choice="any")
        message = await model.ainvoke("Weather?")
        assert message.tool_calls == [
            {"name": "weather", "args": {"city": "Paris"}, "id": "call_7", "type": "tool_call"}
        ]
        streamed = [chunk async for chunk in model.astream("Weather?")]
        assert sum(streamed[1:], streamed[0]).tool_calls == message.tool_calls
        assert server.bodies[0]["tools"] == [TOOL]
        assert server.bodies[0]["tool_choice"] == "required"
        result = ToolMessage("sunny", tool_call_id="call_7")
        answer = await chat.bind_tools([TOOL]).ainvoke([HumanMessage("Weather?"), message, result])
        assert answer.content == "Sunny. "
        assert "tool_choice" not in server.bodies[2]
        assert [said["role"] for said in server.bodies[2]["messages"]] == ["user", "assistant", "tool"]
        assert server.bodies[2]["messages"][2]["tool_call_id"] == "call_7"


async def test_a_named_tool_is_asked_for_by_name() -> None:
    with chat_with(says_always("x")) as (chat, server):
        await chat.bind_tools([TOOL], tool_choice="weather").ainvoke("Weather?")
        assert server.bodies[0]["tool_choice"] == {"type": "function", "function": {"name": "weather"}}


async def test_a_single_call_is_asked_for_and_held_to() -> None:
    two = [
        piece(
            tool_calls=[
                {"index": place, "id": str(place), "function": {"name": "weather", "arguments": "{}"}}
            ]
        )
        for place in range(2)
    ]
    answer = raw(*two, piece(finish="tool_calls"))
    with chat_with(in_turn(answer, answer)) as (chat, server):
        single = await chat.bind_tools([TOOL], parallel_tool_calls=False).ainvoke("Weather?")
        free = await chat.bind_tools([TOOL]).ainvoke("Weather?")
    assert [len(message.tool_calls) for message in (single, free)] == [1, 2]
    assert server.bodies[0]["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in server.bodies[1]


async def test_a_tool_call_with_broken_arguments_is_an_error() -> None:
    called = calls({"id": "1", "function": {"name": "weather", "arguments": '{"city": '}})
    with chat_with(raw(*called)) as (chat, _), pytest.raises(ModelError, match="'weather'"):
        await chat.bind_tools([TOOL]).ainvoke("Weather?")


async def test_a_picture_is_passed_on() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with chat_with(says_always("A cat.")) as (chat, server):
        await chat.ainvoke([HumanMessage([{"type": "text", "text": "What is it?"}, picture])])
        assert server.bodies[0]["messages"][0]["content"][1] == picture


async def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_OPENAI_KEY", "s3cret")
    monkeypatch.setenv("OPENAI_API_KEY", "of another service")
    with chat_with(says_always("fine")) as (chat, server):
        await chat.ainvoke("Hello")
        assert "authorization: bearer s3cret\r\n" in server.headers[0].lower()
        assert "s3cret" not in repr(chat)


async def test_token_ids_are_refused() -> None:
    with loopback(says_always("x")) as server:
        engine = OpenAIEngine(server.url, "m", ModelSettings())
        heard = await hear(engine.stream(ChatRequest(prompt=(1, 2))))
        assert isinstance(heard.done[0].error, InputError)
        await asyncio.to_thread(engine.close)


async def test_a_server_that_counts_no_tokens_is_counted_by_pieces() -> None:
    with chat_with(raw(piece("one "), piece("two"), piece(finish="stop"), DONE)) as (chat, _):
        message: AIMessage = await chat.ainvoke("Hello")
        assert message.usage_metadata is not None
        assert message.usage_metadata["output_tokens"] == 2


def test_usage_before_the_end_is_no_end() -> None:
    with chat_with(raw(usage(3, 1), piece("one "), piece("two", finish="stop"), usage(3, 2))) as (chat, _):
        message = chat.invoke("Hello")
        assert message.content == "one two"
        assert message.usage_metadata == {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
