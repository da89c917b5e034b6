"""The contract between a chat model and the engine that runs it: requests in, events out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from ...errors import InputError, LimnerError

EndReason = Literal["finished", "length", "stopped", "cancelled", "deadline", "error"]
"""Why a request ended: the model was done, `max_tokens` ran out, a stop string came, the caller left
or the engine closed, the deadline passed, or something failed."""
ToolChoice = str | bool | Mapping[str, Any] | None
"""None or "auto": the model decides; "any", "required" or True: some tool; a name: that tool; "none"."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What an answer may look like; tokens that would leave it are never chosen."""

    kind: Literal["json_schema", "choices", "lark", "regex"]
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One generation.

    Raises:
        InputError: A value is out of range, or there is not exactly one of `messages`, `text` and `prompt`.
    """

    messages: tuple[Mapping[str, Any], ...] = ()
    """Each with "role" and "content"; the engine applies the model's chat template."""
    prompt: tuple[int, ...] = ()
    """Token ids instead of messages, taken as they are."""
    text: str = ""
    """A text instead of messages, from which the model goes on without a template; in this process alone."""
    max_tokens: int = 512
    temperature: float = 0.0
    """0 takes the likeliest token each time."""
    top_p: float = 1.0
    """0 < top_p <= 1."""
    seed: int | None = None
    """Two requests with one seed draw alike; None draws afresh."""
    stop: tuple[str, ...] = ()
    """Texts that end the answer; they are not part of it."""
    grammar: Grammar | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    """In OpenAI's form; for a `ToolEngine` alone."""
    tool_choice: ToolChoice = None
    parallel_tool_calls: bool | None = None
    """False: at most one call in an answer; None leaves it to the server."""
    deadline: float | None = None
    """Absolute, in seconds of `time.monotonic()`; loading the model counts."""
    forced: str = ""
    """The text that the model is made to write, for its likelihood; for a `LikelihoodEngine` alone.

    No text comes back, and `max_tokens`, `temperature` and `top_p` play no part.
    """

    def __post_init__(self) -> None:
        if bool(self.messages) + bool(self.prompt) + bool(self.text) != 1:
            raise InputError("A request needs messages, a text or prompt token ids.", "Give exactly one.")
        if self.max_tokens < 1:
            raise InputError(f"max_tokens is {self.max_tokens!r}.", "Give at least 1.")
        if not 0 <= self.temperature <= 100:
            raise InputError(
                f"temperature is {self.temperature!r}.", "Give 0 (greedy) or more; 2 is already wild."
            )
        if not 0 < self.top_p <= 1:
            raise InputError(f"top_p is {self.top_p!r}.", "Give a number above 0 and up to 1.")
        if "" in self.stop:
            raise InputError("A stop string is empty.", "Leave it out.")
        if self.forced and (self.grammar is not None or self.tools or self.stop):
            raise InputError("A forced answer has no grammar, tools or stop strings.", "Leave them out.")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool, in the model's own form for one."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delta:
    """More text of an answer: whole characters, never part of a stop string."""

    text: str
    tokens: int
    """How many tokens it stands for."""


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of a request; there is exactly one."""

    reason: EndReason
    tokens_in: int = 0
    """Tokens of the prompt; 0 where the request ended before it was read."""
    tokens_out: int = 0
    error: LimnerError | None = None
    """What failed, with reason "error"."""
    calls: tuple[ToolCall, ...] = ()
    """Of a `ToolEngine` alone: the tools that the model calls."""
    likelihood: float | None = None
    """Natural logarithm of the probability of the forced text after the prompt, once all of it is written."""


ChatEvent = Delta | Done


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What an engine is doing now and has done since it was made."""

    loaded: bool
    waiting: int
    """Requests not yet begun."""
    running: int
    """Requests being prefilled or decoded: the batch of the next step."""
    requests: int
    tokens_in: int
    tokens_out: int
    steps: int
    busy_seconds: float = 0.0
    """Spent in steps: between them the engine waits for requests."""
    reused_tokens: int = 0
    """Of `tokens_in`: known from earlier prompts, and not read again."""
    kept_tokens: int = 0
    """Held now for prompts to come."""

    @property
    def tokens_per_second(self) -> float:
        """Tokens written a second of work, over all requests; 0 before the first."""
        return self.tokens_out / self.busy_seconds if self.busy_seconds else 0.0


@runtime_checkable
class ChatEngine(Protocol):
    """Something that answers chat requests, many at once.

    Making one is instant: the model loads at the first request. Any number of threads and event loops
    may use one engine at the same time.
    """

    @property
    def model_name(self) -> str:
        """What to call the model in receipts and traces."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Yield deltas, then one `Done`. Closing the generator cancels the request.

        Raises:
            BusyError: Too many requests wait already; raised at once.
            UnavailableError: The engine is closed.
        """

    def stats(self) -> EngineStats:
        """Return counters; safe from any thread."""

    def close(self) -> None:
        """End every open request as cancelled, stop the thread, and free the memory."""


@runtime_checkable
class ToolEngine(ChatEngine, Protocol):
    """An engine whose model has a form of its own for tools.

    Its requests carry `tools`, and messages in OpenAI's form: with calls, results and pictures.
    """

    takes_tools: Literal[True]


@runtime_checkable
class LikelihoodEngine(ChatEngine, Protocol):
    """An engine that tells how likely its model is to answer with a given text: `ChatRequest.forced`."""

    tells_likelihoods: Literal[True]
    max_queue: int
    """Requests that may wait."""
