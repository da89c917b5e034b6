"""`Cassette`: a chat model that records another one, and later answers in its place."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal, cast, get_args

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from ..errors import InputError, LimnerError
from ..steps.call import accepts, model_name
from ..steps.threads import offload
from .take import Request, canonical, chunk_of, take_of
from .tape import Tape

Mode = Literal["replay", "record", "strict"]


class Cassette(BaseChatModel):
    """Records the calls of a model in a file, and answers from the file without the model.

    - ``record``: asks the model and appends each call, with the error of ours that it ended in, if any;
      a call that its caller leaves, or that fails in another way, is not recorded;
    - ``replay``: answers from the file; on a miss asks `model`, where there is one, and records nothing;
    - ``strict``: answers from the file alone.

    Calls are told apart by messages, guide, tools, token limit, temperature, seed and stop texts.
    Equal calls get their answers in the order recorded, and the last one ever after.

    Args:
        path: The file, JSON lines. Recording makes it, or goes on with it.
        mode: What to do.
        model: What is recorded, or asked on a miss.

    Raises:
        InputError: The file is missing, is no cassette or is of another model; or `model` is missing.
    """

    _tape: Tape = PrivateAttr()
    _mode: Mode = PrivateAttr()
    _model: BaseChatModel | None = PrivateAttr()
    _name: str = PrivateAttr()
    _accepts: frozenset[str] = PrivateAttr()
    _misses: list[str] = PrivateAttr(default_factory=list)

    def __init__(
        self, path: str | Path, mode: Mode = "replay", model: BaseChatModel | None = None, **fields: Any
    ) -> None:
        super().__init__(**fields)
        if mode not in get_args(Mode):
            raise InputError(f"A cassette has no mode {mode!r}.", f"Use one of {', '.join(get_args(Mode))}.")
        if mode == "record" and model is None:
            raise InputError("A cassette that records needs a model.", "Name one.")
        self._tape, self._mode, self._model = Tape(Path(path), mode == "record"), mode, model
        recorded = self._tape.model
        given = recorded if model is None else (model_name(model), accepts(model))
        if recorded not in (None, given):
            raise InputError(
                f"The cassette {str(path)!r} is of another model or of other options: "
                f"{recorded} is recorded, {given} is given.",
                "Use another file.",
            )
        self._name, self._accepts = given or ("cassette", frozenset())

    @property
    def model_name(self) -> str:
        """The name of the model that is recorded."""
        return self._name

    @property
    def limner_accepts(self) -> frozenset[str]:
        """The call options that the model takes; steps ask for the same when replaying."""
        return self._accepts

    @property
    def misses(self) -> list[str]:
        """What was asked and is not recorded, as the errors say it, oldest first.

        A step takes its fallback on a miss, as on any fault of a model: a test asserts that this is empty.
        """
        return self._misses

    def close(self) -> None:
        """Close the model, where it can be closed."""
        close = getattr(self._model, "close", None)
        if close is not None:
            close()

    @property
    def _llm_type(self) -> str:
        return "cassette"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools, as the model's own `bind_tools` does when it is asked."""
        converted = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=converted, tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, **kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = [chunk async for chunk in self._astream(messages, stop, **kwargs)]
        return generate_from_stream(iter(chunks))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        request = canonical(messages, stop, kwargs)
        take = None if self._mode == "record" else self._tape.play(request)
        if take is not None:
            yield from take.play()
            return
        model, given = self._asked(request, kwargs)
        chunks: list[AIMessageChunk] = []
        fault: LimnerError | None = None
        try:
            for piece in model.stream(messages, {"callbacks": []}, stop=stop, **given):
                chunks.append(chunk_of(piece))
                yield ChatGenerationChunk(message=chunks[-1])
        except LimnerError as error:
            fault = error
        self._record(request, chunks, fault)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        request = canonical(messages, stop, kwargs)
        take = None if self._mode == "record" else self._tape.play(request)
        if take is not None:
            for chunk in take.play():
                yield chunk
            return
        model, given = await offload(lambda: self._asked(request, kwargs))
        chunks: list[AIMessageChunk] = []
        fault: LimnerError | None = None
        stream = model.astream(messages, {"callbacks": []}, stop=stop, **given)
        try:
            async with aclosing(cast("AsyncGenerator[AIMessageChunk]", stream)) as pieces:
                async for piece in pieces:
                    chunks.append(chunk_of(piece))
                    yield ChatGenerationChunk(message=chunks[-1])
        except LimnerError as error:
            fault = error
        await offload(lambda: self._record(request, chunks, fault))

    def _asked(self, request: Request, options: dict[str, Any]) -> tuple[BaseChatModel, dict[str, Any]]:
        """The model to ask, and its options; a miss where none may be asked."""
        if self._model is None or self._mode == "strict":
            missed = self._tape.miss(request)
            self._misses.append(str(missed))
            raise missed
        if not options.get("tools"):
            return self._model, options
        # each provider has words of its own for tools
        rest = {name: value for name, value in options.items() if name not in ("tools", "tool_choice")}
        bound = self._model.bind_tools(options["tools"], tool_choice=options.get("tool_choice"))
        return self._model, {**rest, **cast("RunnableBinding[Any, Any]", bound).kwargs}

    def _record(self, request: Request, chunks: list[AIMessageChunk], fault: LimnerError | None) -> None:
        """Write a call down, then raise what ended it."""
        if self._mode == "record":
            self._tape.append(take_of(request, chunks, fault, self._name, self._accepts))
        if fault is not None:
            raise fault
