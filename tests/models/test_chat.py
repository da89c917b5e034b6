"""The LangChain chat model over an engine."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
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
from limner.models import ChatLimner, Store, open_chat
from limner.models.engines.base import ChatEngine, ChatEvent, ChatRequest, Delta, Done, EndReason, EngineStats
from limner.settings import ModelSettings

from .conftest import OpenEngine

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class SayEngine:
    """An engine that says one text, a word at a time, and ends as told."""

    model_name = "say"

    def __init__(self, text: str, reason: EndReason = "finished", error: LimnerError | None = None) -> None:
        self.text, self.reason, self.error = text, reason, error
        self.requests: list[ChatRequest] = []
        self.left = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        self.requests.append(request)
        try:
            for word in self.text.split(" "):
                await asyncio.sleep(0)
                yield Delta(word + " ", 1)
            yield Done(self.reason, 3, 2, self.error)
        except GeneratorExit:
            self.left += 1
            raise

    def stats(self) -> EngineStats:
        return EngineStats(True, 0, 0, len(self.requests), 0, 0, 0)

    def close(self) -> None:
        pass


class Person(BaseModel):
    name: str
    age: int


async def collect(model: Any, prompt: str, **options: Any) -> AIMessageChunk:
    whole: AIMessageChunk | None = None
    async for chunk in model.astream(prompt, **options):
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    return whole


@pytest.fixture
def chat(engine: ChatEngine) -> ChatLimner:
    return ChatLimner(engine, max_tokens=40)


async def test_an_answer_carries_usage_reason_and_model(chat: ChatLimner) -> None:
    message = await chat.ainvoke("Hello", temperature=1.0, seed=1)
    assert message.usage_metadata is not None
    assert message.usage_metadata["output_tokens"] == 40
    assert message.usage_metadata["input_tokens"] > 5
    assert message.response_metadata["finish_reason"] == "length"
    assert message.response_metadata["model_name"] == chat.model_name


async def test_a_stream_says_the_same_piece_by_piece(chat: ChatLimner) -> None:
    message = await chat.ainvoke("Hello", seed=1, temperature=1.0)
    chunks = [chunk async for chunk in chat.astream("Hello", seed=1, temperature=1.0)]
    assert "".join(str(chunk.content) for chunk in chunks) == message.content
    assert len(chunks) > 10
    assert sum(1 for chunk in chunks if chunk.usage_metadata) == 1
    assert chunks[-1].response_metadata["finish_reason"] == "length"


def test_it_works_without_an_event_loop(chat: ChatLimner) -> None:
    before = set(threading.enumerate())
    message = chat.invoke("Hello", seed=1, temperature=1.0)
    assert (
        "".join(str(chunk.content) for chunk in chat.stream("Hello", seed=1, temperature=1.0))
        == message.content
    )
    chat.close()
    assert not [t for t in set(threading.enumerate()) - before if t.name.startswith("limner-")]


async def test_a_synchronous_call_works_under_a_running_loop(chat: ChatLimner) -> None:
    assert chat.invoke("Hello").content == (await chat.ainvoke("Hello")).content
    chat.close()


def test_leaving_a_synchronous_stream_cancels_it() -> None:
    engine = SayEngine("one two three")
    chat = ChatLimner(engine)
    for _ in chat.stream("Hello"):
        break
    deadline = time.monotonic() + 5
    while not engine.left and time.monotonic() < deadline:
        time.sleep(0.01)
    assert engine.left == 1
    chat.close()


async def test_leaving_a_stream_cancels_its_row(chat: ChatLimner) -> None:
    stream = chat.astream("Hello", max_tokens=400, temperature=1.0, seed=1)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(5):
        while chat.engine.stats().running:
            await asyncio.sleep(0.005)
    assert chat.engine.stats().tokens_out < 100


async def test_structured_output_is_an_instance_of_the_class(chat: ChatLimner) -> None:
    model = chat.with_structured_output(Person)
    person = await model.ainvoke("Invent", max_tokens=300)
    assert isinstance(person, Person)


async def test_structured_output_with_raw_never_raises_for_the_parsing() -> None:
    model = ChatLimner(SayEngine("no json at all")).with_structured_output(Person, include_raw=True)
    out: Any = await model.ainvoke("Invent")
    assert isinstance(out["raw"], AIMessage)
    assert out["parsed"] is None
    assert out["parsing_error"] is not None


async def test_structured_output_from_a_schema_is_a_dict(chat: ChatLimner) -> None:
    model = chat.with_structured_output(Person.model_json_schema())
    assert set(await model.ainvoke("Invent", max_tokens=300)) == {"name", "age"}


async def test_choices_are_copied_exactly(chat: ChatLimner) -> None:
    options = ["First sentence.", 'Second "sentence".', "Third."]
    choices = {"options": options, "at_least": 2, "at_most": 3, "separator": "\n"}
    message = await chat.ainvoke("Choose", choices=choices, max_tokens=200, temperature=1.5, seed=3)
    chosen = str(message.content).split("\n")
    assert set(chosen) <= set(options)
    assert len(chosen) in (2, 3)


async def test_json_schema_and_choices_together_are_refused(chat: ChatLimner) -> None:
    with pytest.raises(InputError, match="both"):
        await chat.ainvoke("Hello", json_schema={"type": "string"}, choices={"options": ["a"]})


async def test_a_forced_tool_call_is_valid_by_grammar(chat: ChatLimner) -> None:
    model = chat.bind_tools([TOOL], tool_choice="any", max_tokens=300)
    message = await model.ainvoke("Weather in Paris?")
    assert [call["name"] for call in message.tool_calls] == ["weather"]
    assert set(message.tool_calls[0]["args"]) == {"city"}
    assert (await model.ainvoke("Weather in Paris?")).tool_calls == message.tool_calls
    assert (await collect(model, "Weather in Paris?")).tool_calls == message.tool_calls


async def test_a_tool_call_that_the_model_chose_is_read() -> None:
    text = json.dumps({"name": "weather", "arguments": {"city": "Paris"}})
    model = ChatLimner(SayEngine(text)).bind_tools([TOOL])
    message = await model.ainvoke("Weather in Paris?")
    assert message.tool_calls[0]["args"] == {"city": "Paris"}
    assert message.content == ""
    assert (await collect(model, "Weather in Paris?")).tool_calls == message.tool_calls


CALLS = [{"name": "weather", "arguments": {"city": city}} for city in ("Paris", "Oslo")]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(CALLS),
        "\n".join(map(json.dumps, CALLS)),
        "\n".join(f"<tool_call>\n{json.dumps(call)}\n</tool_call>" for call in CALLS),
    ],
    ids=["list", "lines", "tags"],
)
async def test_several_calls_of_one_answer_are_read(text: str) -> None:
    model = ChatLimner(SayEngine(text)).bind_tools([TOOL])
    message = await model.ainvoke("Weather in Paris and Oslo?")
    assert [call["args"]["city"] for call in message.tool_calls] == ["Paris", "Oslo"]
    assert len({call["id"] for call in message.tool_calls}) == 2
    assert (await collect(model, "Weather in Paris and Oslo?")).tool_calls == message.tool_calls


async def test_without_parallel_calls_an_answer_holds_one() -> None:
    engine = SayEngine(json.dumps(CALLS[:1]))
    model = ChatLimner(engine).bind_tools([TOOL], tool_choice="any", parallel_tool_calls=False)
    assert len((await model.ainvoke("Weather in Paris?")).tool_calls) == 1
    grammar = engine.requests[0].grammar
    assert grammar is not None and json.loads(grammar.text)["maxItems"] == 1


@pytest.mark.parametrize("text", ["It is sunny.", '{"name": "other", "arguments": {}}', "{broken", "[1]"])
async def test_an_answer_that_is_no_tool_call_stays_text(text: str) -> None:
    model = ChatLimner(SayEngine(text)).bind_tools([TOOL])
    assert str((await model.ainvoke("Weather?")).content).strip() == text
    whole = await collect(model, "Weather?")
    assert str(whole.content).strip() == text
    assert not whole.tool_calls


def test_a_tool_choice_that_is_not_offered_is_refused() -> None:
    with pytest.raises(InputError, match="'weather'"):
        ChatLimner(SayEngine("x")).bind_tools([TOOL], tool_choice="other")


async def test_a_conversation_reaches_the_engine_as_roles_and_texts() -> None:
    engine = SayEngine("fine")
    call = {"name": "weather", "args": {"city": "Paris"}, "id": "1", "type": "tool_call"}
    await (
        ChatLimner(engine)
        .bind_tools([TOOL])
        .ainvoke(
            [
                SystemMessage("Be kind."),
                HumanMessage([{"type": "text", "text": "Weather?"}]),
                AIMessage("", tool_calls=[call]),
                ToolMessage("sunny", tool_call_id="1", name="weather"),
            ]
        )
    )
    system, human, assistant, tool = engine.requests[0].messages
    assert system["content"].startswith("Be kind.")
    assert '"weather"' in system["content"]
    assert human == {"role": "user", "content": "Weather?"}
    assert json.loads(assistant["content"]) == {"name": "weather", "arguments": {"city": "Paris"}}
    assert tool["content"].endswith("sunny")


async def test_a_picture_in_a_message_is_refused() -> None:
    with pytest.raises(InputError, match="image_url"):
        await ChatLimner(SayEngine("x")).ainvoke([HumanMessage([{"type": "image_url", "image_url": "x"}])])


async def test_a_stream_cut_by_its_deadline_keeps_what_came_and_raises() -> None:
    text = ""
    with pytest.raises(DeadlineError):
        async for chunk in ChatLimner(SayEngine("so far", "deadline")).astream("Hello"):
            text += str(chunk.content)
    assert text == "so far "


@pytest.mark.parametrize(
    ("reason", "error", "raised"),
    [
        ("deadline", None, DeadlineError),
        ("cancelled", None, UnavailableError),
        ("error", BusyError("full"), BusyError),
        ("error", ModelError("broken"), ModelError),
    ],
    ids=["deadline", "closed", "busy", "broken"],
)
async def test_what_cuts_an_answer_short_is_raised(
    reason: EndReason, error: LimnerError | None, raised: type[LimnerError]
) -> None:
    with pytest.raises(raised):
        await ChatLimner(SayEngine("so far", reason, error)).ainvoke("Hello")


async def test_call_options_reach_the_engine() -> None:
    engine = SayEngine("fine")
    chat = ChatLimner(engine, temperature=0.5)
    await chat.ainvoke(
        "Hello", stop=["END"], seed=9, max_tokens=11, deadline=1e12, json_schema={"type": "string"}
    )
    request = engine.requests[0]
    assert (request.stop, request.seed, request.max_tokens) == (("END",), 9, 11)
    assert (request.deadline, request.temperature) == (1e12, 0.5)
    assert request.grammar is not None
    assert request.grammar.kind == "json_schema"


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(SettingsError, match="thread"):
        ChatLimner("smollm2-135m-instruct", thread=2)
    with pytest.raises(SettingsError, match="threads"):
        ChatLimner("smollm2-135m-instruct", threads=-1)


async def test_weights_that_are_absent_are_said_at_the_first_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMNER_MODELS", str(tmp_path))
    chat = ChatLimner(model="smollm2-135m-instruct")
    with pytest.raises(UnavailableError, match="limner models pull smollm2-135m-instruct"):
        await chat.ainvoke("Hello")
    chat.close()


def test_references_open_what_they_name(tmp_path: Path, tiny_model: Path) -> None:
    store = Store(tmp_path / "models")
    script = tmp_path / "answers.json"
    script.write_text('["scripted answer"]', "utf-8")
    assert (
        open_chat(f"scripted:{script}", ModelSettings(), store).invoke("Hello").content == "scripted answer"
    )
    local = open_chat(f"path:{tiny_model}", ModelSettings(temperature=0.3), store)
    assert isinstance(local, ChatLimner)
    assert (local.model_name, local.temperature) == (tiny_model.name, 0.3)
    server = open_chat("openai:http://127.0.0.1:1/v1#qwen3", ModelSettings(temperature=0.2), store)
    assert isinstance(server, ChatLimner)
    assert (server.model_name, server.temperature) == ("qwen3", 0.2)


@pytest.mark.parametrize(
    ("reference", "engine", "raised"),
    [
        ("no-such-model", "auto", InputError),
        ("all-minilm-l6-v2", "auto", InputError),
        ("path:.", "openvino", SettingsError),
    ],
)
def test_a_reference_that_cannot_chat_is_refused_when_it_is_opened(
    tmp_path: Path, reference: str, engine: Any, raised: type[LimnerError]
) -> None:
    with pytest.raises(raised):
        open_chat(reference, ModelSettings(engine=engine), Store(tmp_path))


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = "import sys, limner.models as m; m.Store, m.parse_reference; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "transformers", "diffusers", "sentence_transformers", "langchain_core"} & set(loaded)


async def test_batching_serves_many_calls_at_once(open_tiny: OpenEngine) -> None:
    chat = ChatLimner(open_tiny(), max_tokens=20)
    messages = await asyncio.gather(
        *[chat.ainvoke(f"Number {n}", temperature=1.0, seed=n) for n in range(12)]
    )
    assert len({str(message.content) for message in messages}) == 12
