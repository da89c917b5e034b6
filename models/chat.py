"""`ChatLimner`: a LangChain chat model over an engine."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from operator import itemgetter
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import BaseModel, PrivateAttr, SecretStr, ValidationError

from ..errors import DeadlineError, InputError, SettingsError, UnavailableError
from ..settings import ModelSettings, load_settings
from . import tool_calls
from .calls import Call, prepare
from .engines.base import ChatEngine, ChatEvent, Delta, Done, LikelihoodEngine, ToolChoice, ToolEngine
from .likelihoods import weigh
from .loop_thread import LoopThread
from .opening import open_engine, open_server
from .reference import parse_reference
from .store import Store

_FINISH = {"finished": "stop", "stopped": "stop"}
"""OpenAI's words, which LangChain users know; the engine's other reasons keep their names."""


class ChatLimner(BaseChatModel):
    """A chat model: streaming, grammars, tool calls, usage, sync and async, many calls at once.

    Each call may carry `json_schema` (a dict), `choices` ({"options", "at_least", "at_most",
    "separator"}: the answer is made of exactly those texts, none of them twice), `seed`, `deadline`
    (absolute, in seconds of `time.monotonic()`), `max_tokens`, `temperature` and `top_p`. A call with
    `likelihoods` ({"prompts": [...], "answer": "..."}) has no answer written: its text is a JSON list
    with the logarithm of the probability of that answer after each prompt as the user's message.

    Args:
        model: A reference (catalog name, hf:, path:, openai:), or an engine.
        settings: Keys of the `[model]` table, for a reference; and fields of this class.

    Raises:
        InputError: The reference is malformed, unknown, or does not run in this process.
        SettingsError: A setting is unknown or out of range.
    """

    model_name: str = ""
    temperature: float = 0.0
    max_tokens: int = 512
    top_p: float = 1.0
    stop: list[str] | None = None
    """Texts that end an answer where a call names none."""
    timeout: float | None = None
    """Seconds that a call without a `deadline` may take; None sets no limit."""
    streaming: bool = False
    """LangChain's: let `invoke` stream, for those who listen by callback."""
    max_retries: int = 2
    """Of a server: how often it is asked again when it is busy or out of reach."""
    api_key: SecretStr | None = None
    """Of a server; None takes the environment's LIMNER_OPENAI_KEY."""
    _engine: ChatEngine = PrivateAttr()
    _sync: LoopThread = PrivateAttr(default_factory=LoopThread)

    def __init__(self, model: str | ChatEngine, **settings: Any) -> None:
        own = {name: value for name, value in settings.items() if name in type(self).model_fields}
        rest = {name: value for name, value in settings.items() if name not in own}
        if not isinstance(model, str) and rest:
            raise SettingsError(
                f"{', '.join(rest)!r} cannot be set on an engine that is open.", "Leave it out."
            )
        super().__init__(**own)
        self._engine = self._open(model, rest) if isinstance(model, str) else model
        self.model_name = self.model_name or self._engine.model_name

    @property
    def engine(self) -> ChatEngine:
        """What runs the model."""
        return self._engine

    @property
    def limner_accepts(self) -> frozenset[str]:
        """The call options that this model takes; likelihoods depend on what runs it."""
        told = {"likelihoods"} if isinstance(self._engine, LikelihoodEngine) else set()
        return frozenset({"json_schema", "choices", "seed", "deadline", "max_tokens", "temperature", *told})

    @property
    def _llm_type(self) -> str:
        return "limner"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "temperature": self.temperature, "top_p": self.top_p}

    def _open(self, reference: str, settings: dict[str, Any]) -> ChatEngine:
        """Open an engine with the machine's store, under the given `[model]` settings."""
        unknown = settings.keys() - ModelSettings.model_fields.keys()
        if unknown:
            raise SettingsError(
                f"ChatLimner does not know {sorted(unknown)}.",
                f"Known: {', '.join(sorted(ModelSettings.model_fields.keys() - {'name'}))}.",
            )
        configured = load_settings()
        try:
            chosen = ModelSettings(**(configured.model.model_dump() | settings))
        except ValidationError as error:
            first = error.errors()[0]
            raise SettingsError(
                f"{first['loc'][0]} = {first['input']!r}: {first['msg']}.", "Correct it."
            ) from error
        if parse_reference(reference).kind == "openai":
            return open_server(reference, chosen, self.api_key, self.max_retries)
        return open_engine(reference, chosen, Store(configured.models_folder, configured.mirrors))

    def close(self) -> None:
        """Cancel open calls, stop the threads, and free the memory."""
        self._engine.close()
        self._sync.close()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """Yield text as it comes, then one chunk with usage; then raise what cut the answer short."""
        call = self._prepare(messages, stop, kwargs)
        held = ""
        holding = call.may_be_call("")
        async with aclosing(self._events(call)) as events:
            async for event in events:
                if isinstance(event, Done):
                    yield self._last_chunk(call, event, held)
                    _raise_for(event)
                    return
                if holding:
                    held += event.text
                    if call.may_be_call(held):
                        continue
                    holding, text, held = False, held, ""
                else:
                    text = event.text
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call = self._prepare(messages, stop, kwargs)
        text, done = "", Done("cancelled")  # what an engine that says nothing at all comes to
        async with aclosing(self._events(call)) as events:
            async for event in events:
                if isinstance(event, Delta):
                    text += event.text
                else:
                    done = event
        _raise_for(done)
        called = call.tool_calls(text, done)
        message = AIMessage(
            content="" if called and call.explained else text,
            tool_calls=called,
            usage_metadata=_usage(done),
            response_metadata=self._metadata(done),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._sync.run(self._agenerate(messages, stop, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield from self._sync.iterate(self._astream(messages, stop, **kwargs))  # type: ignore[arg-type]

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: ToolChoice = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools. With `tool_choice` "any" or a name, the answer is valid calls by grammar.

        One answer may hold several calls; `parallel_tool_calls=False` holds it to one.

        Raises:
            InputError: `tool_choice` names a tool that is not there.
        """
        converted = [convert_to_openai_tool(tool) for tool in tools]
        tool_calls.offered_tools(converted, tool_choice)
        return self.bind(tools=converted, tool_choice=tool_choice, **kwargs)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Answer in the form of a pydantic class or a JSON schema, held to by grammar.

        Args:
            schema: The class, whose instances come out, or the schema, for dicts.
            include_raw: Return {"raw", "parsed", "parsing_error"} and never raise for the parsing.
            kwargs: `method` and `strict`, for LangChain's sake: there is one method, and it is strict.

        Raises:
            InputError: Another keyword is given.
        """
        unknown = kwargs.keys() - {"method", "strict"}
        if unknown:
            raise InputError(f"with_structured_output does not know {sorted(unknown)}.", "Leave it out.")
        parser: Runnable[Any, Any] = JsonOutputParser()
        if isinstance(schema, type) and is_basemodel_subclass(schema):
            parser = PydanticOutputParser(pydantic_object=schema)
        plain = schema if isinstance(schema, dict) and "type" in schema else convert_to_json_schema(schema)
        traced = {"kwargs": {"method": "json_schema"}, "schema": plain}
        model = self.bind(json_schema=plain, ls_structured_output_format=traced)
        if not include_raw:
            return model | parser
        parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
        failed = RunnablePassthrough.assign(parsed=lambda _: None)
        return RunnableMap(raw=model) | parsed.with_fallbacks([failed], exception_key="parsing_error")

    def _events(self, call: Call) -> AsyncGenerator[ChatEvent, None]:
        """Ask the engine, once or for each of the call's prompts."""
        if call.weighed is None:
            return self._engine.stream(call.request)
        return weigh(self._engine, call.request, call.weighed)

    def _prepare(self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]) -> Call:
        deadline = options.get("deadline")
        if deadline is None and self.timeout is not None:
            deadline = time.monotonic() + self.timeout
        sampling = {
            "max_tokens": _given(options, "max_tokens", self.max_tokens),
            "temperature": _given(options, "temperature", self.temperature),
            "top_p": _given(options, "top_p", self.top_p),
            "seed": options.get("seed"),
            "stop": tuple(stop or self.stop or ()),
            "deadline": deadline,
        }
        return prepare(messages, options, sampling, isinstance(self._engine, ToolEngine))

    def _last_chunk(self, call: Call, done: Done, held: str) -> ChatGenerationChunk:
        called = call.tool_calls(held, done)
        message = AIMessageChunk(
            content="" if called else held,
            tool_call_chunks=[
                tool_call_chunk(name=one["name"], args=json.dumps(one["args"]), id=one["id"], index=index)
                for index, one in enumerate(called)
            ],
            usage_metadata=_usage(done),
            response_metadata=self._metadata(done),
            chunk_position="last",
        )
        return ChatGenerationChunk(message=message)

    def _metadata(self, done: Done) -> dict[str, Any]:
        return {"finish_reason": _FINISH.get(done.reason, done.reason), "model_name": self.model_name}


def _given(options: Mapping[str, Any], name: str, default: Any) -> Any:
    """Return an option, or the model's own value where it is absent or None."""
    value = options.get(name)
    return default if value is None else value


def _usage(done: Done) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=done.tokens_in,
        output_tokens=done.tokens_out,
        total_tokens=done.tokens_in + done.tokens_out,
    )


def _raise_for(done: Done) -> None:
    """Raise where a request did not end by itself."""
    if done.reason == "deadline":
        raise DeadlineError("The model gave no whole answer by the deadline.", "Give it more time.")
    if done.reason == "cancelled":
        raise UnavailableError("The engine was closed during the call.", "Open a new one.")
    if done.error is not None:
        raise done.error
