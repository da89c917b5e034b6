"""One call of a chat model that always comes back: with text, with a fault, or with both."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from langchain_core.runnables.config import var_child_runnable_config

from ..errors import LimnerError
from .outcome import Finding
from .threads import guard

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

GRACE = 0.02
"""Seconds that a model of ours, which knows its deadline, may take to say that it is over."""


@dataclass(slots=True)
class Answer:
    """What a model wrote, as far as it came."""

    text: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    finish: str = ""
    """The model's word for why it ended: ``stop``, ``length`` ..."""
    first_chunk: float | None = None
    """Seconds until the first text came."""
    fault: Finding | None = None

    def add(self, chunk: AIMessageChunk) -> None:
        """Append one chunk of a stream."""
        self.text += str(chunk.text)
        if chunk.usage_metadata is not None:
            self.tokens_in += chunk.usage_metadata["input_tokens"]
            self.tokens_out += chunk.usage_metadata["output_tokens"]
        self.finish = chunk.response_metadata.get("finish_reason") or self.finish


def model_name(model: BaseChatModel) -> str:
    """What to call a model in receipts and traces."""
    for attribute in ("model_name", "model"):
        name = getattr(model, attribute, None)
        if isinstance(name, str) and name:
            return name
    return type(model).__name__


def accepts(model: BaseChatModel) -> frozenset[str]:
    """The call options that a model declares it takes (``limner_accepts``); none for most."""
    return frozenset(getattr(model, "limner_accepts", ()))


async def ask(
    model: BaseChatModel,
    messages: list[BaseMessage],
    options: dict[str, Any],
    *,
    deadline: float = math.inf,
    max_tokens: int,
) -> Answer:
    """Ask a model and return by `deadline`, whatever it does.

    A model that takes a deadline stops its own compute and runs on this loop. Any other model runs
    on the guard's loop: it may block or hang there, and its caller is answered all the same.

    Args:
        model: Any LangChain chat model.
        messages: The prompt.
        options: Call options; those that the model does not declare are left out.
        deadline: In `time.monotonic` seconds.
        max_tokens: Longest answer; a model that runs past it is stopped.
    """
    known = accepts(model)
    given = {**options, "max_tokens": max_tokens}
    if deadline < math.inf:
        given["deadline"] = deadline
    own = "deadline" in known
    answer, began = Answer(), time.monotonic()

    async def read() -> None:
        kept = {name: value for name, value in given.items() if name in known}
        async with aclosing(_stream(model, messages, kept, direct=own)) as chunks:
            async for chunk in chunks:
                answer.add(chunk)
                if answer.first_chunk is None and answer.text:
                    answer.first_chunk = time.monotonic() - began
                # a token is rarely longer than eight characters: past that the model does not stop
                if len(answer.text) > 8 * max_tokens + 200:
                    answer.fault = Finding("endless", f"the answer ran past {max_tokens} tokens")
                    return

    grace = GRACE if own else 0.0
    try:
        await _in_time(read, deadline + grace, on_guard=not own)
    except TimeoutError as error:
        # a model may raise the same class for a reason of its own
        late = time.monotonic() >= deadline
        answer.fault = Finding("deadline", "no whole answer in the time it had") if late else _fault(error)
    except Exception as error:  # noqa: BLE001  (whatever a model raises is its fault, and is named)
        answer.fault = _fault(error)
    if answer.fault is None and answer.finish == "length":
        answer.fault = Finding("truncated", f"the answer was cut off at {max_tokens} tokens")
    if not answer.tokens_out:
        answer.tokens_out = math.ceil(len(answer.text) / 4)
    if not answer.tokens_in:
        answer.tokens_in = math.ceil(sum(len(str(m.content)) for m in messages) / 4)
    return answer


async def _stream(
    model: BaseChatModel, messages: list[BaseMessage], options: dict[str, Any], direct: bool
) -> AsyncGenerator[AIMessageChunk]:
    """The model's chunks; `direct` leaves out LangChain's callback layer where nobody listens.

    That layer costs half a millisecond a call, and a model of ours needs nothing else of it.
    """
    if direct and not _heard():
        async with aclosing(model._astream(messages, **options)) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                yield cast("AIMessageChunk", piece.message)
    else:
        async with aclosing(model.astream(messages, **options)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                yield chunk


def _heard() -> bool:
    """Whether a LangChain callback handler is in force."""
    callbacks = (var_child_runnable_config.get() or {}).get("callbacks")
    return bool(getattr(callbacks, "handlers", callbacks))


async def _in_time(work: Callable[[], Coroutine[Any, Any, None]], deadline: float, on_guard: bool) -> None:
    left = None if deadline == math.inf else max(0.0, deadline - time.monotonic())
    if not on_guard:
        # on Python 3.11 `wait_for` would make a task of it
        async with asyncio.timeout(left):
            await work()
        return
    try:
        await asyncio.wait_for(asyncio.wrap_future(guard.submit(work)), left)
    except TimeoutError:
        if time.monotonic() >= deadline:
            guard.suspect()
        raise


def _fault(error: Exception) -> Finding:
    if isinstance(error, LimnerError):
        return Finding(error.code, str(error))
    words = " ".join(str(error).split())[:200]
    if isinstance(error, MemoryError) or "out of memory" in words.lower():
        return Finding("out_of_memory", words or "the model ran out of memory")
    return Finding("raised", f"{type(error).__name__}: {words}")
