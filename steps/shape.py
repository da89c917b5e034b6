"""The form of an answer: what a step's return type asks of the model, and how its text is read back."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from .prompt import Prompt

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Arguments = Mapping[str, Any]


class UnreadableAnswer(ValueError):  # noqa: N818  (never leaves steps/: it becomes a finding)
    """A model's text is not of the form that was asked; the message says why, for the model too."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked."""

    messages: list[BaseMessage]
    options: dict[str, Any]
    """Call options that constrain a model which takes them."""
    max_tokens: int
    """Longest answer."""
    size: int | None = None
    """Characters that the model reads; None where they are those of the messages."""
    needs: str = ""
    """A call option that a model must take to be asked at all."""
    again: bool = True
    """Whether another try can bring another answer."""

    @property
    def tokens(self) -> int:
        """What asking may cost, as far as can be told before."""
        written = sum(len(str(message.content)) for message in self.messages)
        return (written if self.size is None else self.size) // 3 + self.max_tokens


class Shape(Protocol[T_co]):
    """A form of answer."""

    def ask(self, prompt: Prompt, arguments: Arguments, max_tokens: int) -> Question:
        """Say what the model is asked; `max_tokens` is the step's limit of an answer."""
        ...

    def read(self, text: str, arguments: Arguments) -> T_co:
        """Read an answer, or raise `UnreadableAnswer`."""
        ...

    def part(self, text: str, arguments: Arguments) -> T_co | None:
        """Read what is whole in an answer that was cut short; None where nothing is."""
        ...


class WrittenShape(ABC):
    """The model writes its answer after one prompt."""

    def ask(self, prompt: Prompt, arguments: Arguments, max_tokens: int) -> Question:
        """Render the prompt, with what to say about the form at its end."""
        messages = prompt.render(arguments, self.hint(arguments))
        return Question(messages, self.guide(arguments), max_tokens)

    @abstractmethod
    def guide(self, arguments: Arguments) -> dict[str, Any]:
        """Call options that constrain a model which takes them."""

    @abstractmethod
    def hint(self, arguments: Arguments) -> str:
        """What to tell a model about the form, at the end of its prompt."""


class TextShape(WrittenShape):
    """The answer is text as it stands, for steps that return ``str``."""

    def guide(self, arguments: Arguments) -> dict[str, Any]:
        """No constraint."""
        return {}

    def hint(self, arguments: Arguments) -> str:
        """Nothing to add."""
        return ""

    def read(self, text: str, arguments: Arguments) -> str:
        """Strip the text; refuse an empty one, and one that is stuck in a loop."""
        if not text.strip():
            raise UnreadableAnswer("empty", "the answer is empty")
        if _loops(text):
            raise UnreadableAnswer("loop", "the answer repeats itself")
        return text.strip()

    def part(self, text: str, arguments: Arguments) -> str | None:
        """Keep whole sentences: all up to the last end mark that something follows."""
        whole = re.match(r"(?s).*[.!?][\"'”’)\]]*(?=\s)", text)
        return whole.group().strip() if whole else None


class JsonShape(WrittenShape, Generic[T]):
    """The answer is JSON for a type: a model class, a dataclass, a Literal, a list of them ..."""

    def __init__(self, adapter: TypeAdapter[T]) -> None:
        self._adapter = adapter
        self.schema = adapter.json_schema()
        self._compact = json.dumps(self.schema, separators=(",", ":"))

    def guide(self, arguments: Arguments) -> dict[str, Any]:
        """The JSON schema as a grammar."""
        return {"json_schema": self.schema}

    def hint(self, arguments: Arguments) -> str:
        """The schema in the prompt: grammars fix the form, models still need the names."""
        return f"Answer with JSON that fits this JSON Schema, and with nothing else:\n{self._compact}"

    def read(self, text: str, arguments: Arguments) -> T:
        """Validate the first JSON value in `text`, with or without a code fence around it."""
        if not text.strip():
            raise UnreadableAnswer("empty", "the answer is empty")
        try:
            return self._adapter.validate_python(_first_json(text), strict=False)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:3]
            )
            raise UnreadableAnswer("schema", faults) from error

    def part(self, text: str, arguments: Arguments) -> T | None:
        """JSON that was cut short is nothing."""
        return None


def _loops(text: str) -> bool:
    """Whether the text ends in one piece written four times or more, as stuck models do."""
    tail = text.rstrip()[-600:]
    longest = min(150, len(tail) // 4)
    return any(
        tail.endswith(tail[-size:] * 4) and len(set(tail[-size:])) > 1 for size in range(12, longest + 1)
    )


def _first_json(text: str) -> Any:
    decoder = json.JSONDecoder()
    fault = "no JSON value in the answer"
    stripped = text.strip()
    # the whole text first: a bare string or number is JSON too
    for start in [0, *(match.start() for match in re.finditer(r"[\[{]", stripped))][:50]:
        try:
            return decoder.raw_decode(stripped[start:])[0]
        except (json.JSONDecodeError, RecursionError) as error:
            fault = f"not valid JSON: {error}"
    raise UnreadableAnswer("invalid", fault)
