"""Likelihoods: how likely a model is to answer each of many prompts with one given text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InputError, ModelError
from .engines.base import ChatEngine, ChatEvent, ChatRequest, Delta, Done, LikelihoodEngine

_AT_ONCE = 32
"""Requests of one call that are open at a time: enough to fill a batch, and others still find room."""
_DIGITS = 6
"""After the point; what differs beyond them is rounding of the model's own."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a call's option `likelihoods` asks."""

    prompts: tuple[str, ...]
    answer: str
    plain: bool = False
    """Whether the model goes on from each prompt, with a blank and the answer, and does not reply to it."""


def read_option(option: Any) -> Weighed:
    """Read a call's option `likelihoods`.

    Raises:
        InputError: It is not of the form {"prompts": [str, ...], "answer": str, "plain": bool}, or the answer
            is empty.
    """
    match option:
        case {"prompts": [*prompts], "answer": str(answer)} if answer:
            if all(isinstance(prompt, str) for prompt in prompts):
                return Weighed(tuple(prompts), answer, bool(option.get("plain")))
    raise InputError(
        f"likelihoods is {option!s:.80}.",
        'Give {"prompts": [TEXT, ...], "answer": TEXT}, texts not empty.',
    )


async def weigh(engine: ChatEngine, request: ChatRequest, asked: Weighed) -> AsyncGenerator[ChatEvent, None]:
    """Yield a JSON list with the log-likelihood of a forced text after each prompt, then one `Done`.

    Args:
        engine: What runs the model; one that is no `LikelihoodEngine` is not asked.
        request: The forced text and the deadline; of its messages, the system's alone are kept.
        asked: Each prompt is the user's one message, or a text from which the model goes on.
    """
    if not isinstance(engine, LikelihoodEngine):
        fault = InputError(
            f"{engine.model_name!r} does not tell likelihoods.", "Name a model that runs in this process."
        )
        yield Done("error", error=fault)
        return
    system = [message for message in request.messages if message["role"] == "system"]
    if asked.plain:
        forced = f" {asked.answer}"
        requests = [replace(request, messages=(), text=prompt, forced=forced) for prompt in asked.prompts]
    else:
        users = ({"role": "user", "content": prompt} for prompt in asked.prompts)
        requests = [replace(request, messages=(*system, user)) for user in users]
    ends = await _ask_all(engine, requests)
    tokens_in, tokens_out = sum(end.tokens_in for end in ends), sum(end.tokens_out for end in ends)
    broken = next((end for end in ends if end.likelihood is None), None)
    if broken is None:
        numbers = [round(end.likelihood, _DIGITS) for end in ends if end.likelihood is not None]
        yield Delta(json.dumps(numbers), tokens_out)
        yield Done("finished", tokens_in, tokens_out)
    elif broken.reason == "finished":
        yield Done("error", tokens_in, tokens_out, ModelError("The engine told no likelihood."))
    else:
        yield replace(broken, tokens_in=tokens_in, tokens_out=tokens_out)


async def _ask_all(engine: LikelihoodEngine, requests: Sequence[ChatRequest]) -> list[Done]:
    """Ask a few at a time; return how all ended, or those that were open once one ended badly."""
    places = asyncio.Semaphore(max(1, min(_AT_ONCE, engine.max_queue // 2)))

    async def ask(request: ChatRequest) -> Done:
        async with places, aclosing(engine.stream(request)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event
        return Done("cancelled")

    tasks = [asyncio.create_task(ask(request)) for request in requests]
    try:
        for task in asyncio.as_completed(tasks):
            if (await task).likelihood is None:
                break
    finally:
        for left in tasks:
            left.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [task.result() for task in tasks if not task.cancelled()]
