"""`Take`: one recorded call, as plain data; made from a call, and played as an answer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_ai_message_chunks
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from pydantic import BaseModel, ConfigDict

from .. import errors
from ..errors import LimnerError, ModelError

Request = dict[str, Any]
"""What decides an answer: messages, guide, tools, token limit, temperature, seed, stop texts."""

_UNTOLD = frozenset({"deadline"})
"""Call options that are no part of a request: they differ each time."""
_ERRORS: dict[str, type[LimnerError]] = {
    error.code: error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, LimnerError)
}


class _Call(BaseModel):
    """A tool call, as streams carry it."""

    name: str | None = None
    args: str | None = None
    id: str | None = None
    index: int | str | None = None


class _Fault(BaseModel):
    """The error of ours that ended an answer."""

    code: str
    message: str
    hint: str = ""


class Take(BaseModel):
    """One recorded call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    """SHA-256 of the request's canonical JSON."""
    request: Request
    text: str
    tool_calls: list[_Call] = []
    usage: dict[str, Any] | None = None
    finish: str = ""
    error: _Fault | None = None
    model: str
    accepts: list[str]
    """The call options that the model takes (``limner_accepts``)."""

    def play(self) -> Iterator[ChatGenerationChunk]:
        """Yield the answer word by word, then what ends it; raise the error that was recorded."""
        for word in re.findall(r"\s*\S+\s*|\s+", self.text):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        end = AIMessageChunk(
            content="",
            tool_call_chunks=[tool_call_chunk(**call.model_dump()) for call in self.tool_calls],
            usage_metadata=cast("UsageMetadata | None", self.usage),
            response_metadata={"finish_reason": self.finish, "model_name": self.model} if self.finish else {},
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=end)
        if self.error is not None:
            raise _ERRORS.get(self.error.code, ModelError)(self.error.message, self.error.hint)


def take_of(
    request: Request,
    chunks: Sequence[AIMessageChunk],
    fault: LimnerError | None,
    model: str,
    accepts: frozenset[str],
) -> Take:
    """Return what one call came to."""
    whole = add_ai_message_chunks(AIMessageChunk(content=""), *chunks)
    return Take(
        key=key_of(request),
        request=request,
        text=str(whole.text),
        tool_calls=[_Call.model_validate(call) for call in whole.tool_call_chunks],
        usage=cast("dict[str, Any] | None", whole.usage_metadata),
        finish=whole.response_metadata.get("finish_reason") or "",
        error=None if fault is None else _Fault(code=fault.code, message=fault.message, hint=fault.hint),
        model=model,
        accepts=sorted(accepts),
    )


def chunk_of(message: AIMessage) -> AIMessageChunk:
    """Return a piece of a stream; a model that cannot stream gives its whole message as the one piece."""
    if isinstance(message, AIMessageChunk):
        return message
    return AIMessageChunk(**message.model_dump(exclude={"type"}))


def canonical(
    messages: Sequence[BaseMessage], stop: Sequence[str] | None, options: Mapping[str, Any]
) -> Request:
    """Return a call as plain JSON data, without ids and deadlines; equal calls give equal data."""
    given = {name: value for name, value in options.items() if value is not None and name not in _UNTOLD}
    if stop:
        given["stop"] = list(stop)
    request = {"messages": [_plain(message) for message in messages], **given}
    return dict(json.loads(json.dumps(request, default=str, sort_keys=True)))


def key_of(request: Request) -> str:
    """Return the SHA-256 of a request's canonical JSON, in hexadecimal."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(message: BaseMessage) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": message.type, "content": message.content}
    if message.name:
        plain["name"] = message.name
    calls = getattr(message, "tool_calls", None)
    if calls:
        plain["tool_calls"] = [{"name": call["name"], "args": call["args"]} for call in calls]
    return plain
