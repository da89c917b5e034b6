"""One answer of a server: the request as OpenAI's API has it, and the pieces put together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import InputError, LimnerError, ModelError, UnavailableError
from .answer_text import StopTexts
from .base import ChatRequest, EndReason, ToolCall, ToolChoice
from .server_schema import read_back, response_format

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk

_LONGEST_TOKEN = 8
"""Characters; a server that goes on past so many for each token of `max_tokens` is stopped."""


def request_body(request: ChatRequest, model: str) -> dict[str, Any]:
    """Return what is sent to /chat/completions.

    Raises:
        InputError: The request holds what that API cannot say.
    """
    if request.prompt:
        raise InputError("A server takes messages, not token ids.", "Pass messages.")
    if request.forced or request.text:
        raise InputError(
            "A server does not tell how likely a given answer is.", "Name a model that runs in this process."
        )
    body: dict[str, Any] = {
        "model": model,
        "messages": list(request.messages),
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.stop:
        body["stop"] = list(request.stop)
    if request.grammar is not None:
        body["response_format"] = response_format(request.grammar)
    if request.tools:
        body["tools"] = list(request.tools)
        body |= _choice(request.tool_choice)
        if request.parallel_tool_calls is not None:
            body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def _choice(choice: ToolChoice) -> dict[str, Any]:
    match choice:
        case None | False:
            return {}
        case True | "any":
            return {"tool_choice": "required"}
        case "auto" | "none" | "required" | Mapping():
            return {"tool_choice": choice}
        case name:
            return {"tool_choice": {"type": "function", "function": {"name": name}}}


@dataclass(slots=True)
class _CallPieces:
    """A tool call as it comes."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class ServerAnswer:
    """What a server has said so far in answer to a request."""

    request: ChatRequest
    finish: str = ""
    """The server's word for why it ended; empty while it goes on."""
    tokens_in: int = 0
    tokens_out: int = 0
    """As the server counts them, or the number of pieces where it does not say."""
    calls: tuple[ToolCall, ...] = ()
    """The tools that a whole answer calls."""
    _text: StopTexts = field(init=False)
    _held: str = ""
    """Text under a grammar: it is given out once it was checked."""
    _length: int = 0
    _calls: dict[int, _CallPieces] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._text = StopTexts(self.request.stop)

    @property
    def over(self) -> bool:
        """Whether the caller wants no more, whatever the server has to say."""
        return self._text.stopped or self._length > _LONGEST_TOKEN * self.request.max_tokens + 200

    def add(self, piece: ChatCompletionChunk) -> str:
        """Take a piece; return the text that is certain now, possibly none."""
        if piece.usage is not None:
            self.tokens_in = int(piece.usage.prompt_tokens or 0)
            self.tokens_out = int(piece.usage.completion_tokens or 0)
        if not piece.choices:
            return ""
        first = piece.choices[0]
        self.finish = first.finish_reason or self.finish
        said = first.delta.content or ""
        for part in first.delta.tool_calls or ():
            call = self._calls.setdefault(part.index or 0, _CallPieces())
            call.id = part.id or call.id
            if part.function is not None:
                call.name = part.function.name or call.name
                call.arguments += part.function.arguments or ""
                self._length += len(part.function.arguments or "")
            self._length += 1
        if said or first.delta.tool_calls:
            self.tokens_out += piece.usage is None
        self._length += len(said)
        text = self._text.push(said)
        if self.request.grammar is None:
            return text
        self._held += text
        return ""

    def end(self) -> tuple[str, EndReason, LimnerError | None]:
        """Return the rest of the text, why the answer ended, and what is wrong with it."""
        rest = self._held if self._text.stopped else self._held + self._text.rest()
        if self._text.stopped:
            return rest, "stopped", None
        cut = self.over or self.finish == "length"
        grammar = self.request.grammar
        if cut and (grammar is None or grammar.kind != "choices"):
            return rest, "length", None
        try:
            called = sorted(self._calls.items())
            # Not every server knows of the wish for a single call.
            most = 1 if self.request.parallel_tool_calls is False else len(called)
            self.calls = tuple(_call(index, pieces) for index, pieces in called[:most])
            self._check_finish()
            if grammar is not None and not self.calls:
                rest = read_back(grammar, rest)
        except LimnerError as error:
            return (rest, "length", None) if cut else (rest, "error", error)
        return rest, "finished", None

    def _check_finish(self) -> None:
        if not self.finish:
            raise UnavailableError("The server broke off its answer.", "Ask again; see the server's log.")
        if self.finish == "content_filter":
            raise ModelError("The server withheld its answer (content_filter).", "Ask in other words.")


def _call(index: int, pieces: _CallPieces) -> ToolCall:
    try:
        arguments = json.loads(pieces.arguments or "{}")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        raise ModelError(
            f"The server calls tool {pieces.name!r} with arguments that are no JSON object.",
            "Start the server with the tool parser of its model.",
        )
    return ToolCall(pieces.id or f"call_{index}", pieces.name, arguments)
