r"""Intents: what a customer may want, read from a YAML file.

intents:
  - name: cancel_order
    description: Cancel an order that was placed
    tool: cancel_order                 # or answer: documents | person | the words to say
    action: cancel order {order_number}
    reply: Order {order_number} is {status}.
    rules: ['\bcancel\b.*\border\b']
    examples: [Please cancel my order, I want to cancel order KO-2026-0007]
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...errors import InputError

MAX_BYTES = 4_000_000
DOCUMENTS, PERSON = "documents", "person"
"""Values of `Intent.answer` that are no text: answer from the documents, or pass to a person."""


class Intent(BaseModel):
    """One thing that a customer may want, and what is done about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z][\w.?-]{0,79}$")
    description: str = Field(min_length=1, max_length=300)
    examples: tuple[str, ...] = Field(min_length=1, max_length=5000)
    """What customers say, each 1 to 1000 characters."""
    tool: str = Field(default="", max_length=80)
    """The tool that does it; "" where `answer` says what is done."""
    action: str = Field(default="", max_length=300)
    """What the tool does, ``{argument}`` filled in: "cancel order {order_number}"; "" takes `description`."""
    reply: str = Field(default="", max_length=1000)
    """What is said when the tool is done, ``{field}`` of its output filled in; a sentence whose field is
    missing is left out. Of a list each row is said so."""
    answer: str = Field(default=DOCUMENTS, max_length=1000)
    """``documents``, ``person``, or the very words of the reply."""
    rules: tuple[str, ...] = Field(default=(), max_length=50)
    """Regular expressions, case ignored: a message that one of them finds has this intent."""

    @field_validator("examples")
    @classmethod
    def _readable(cls, examples: tuple[str, ...]) -> tuple[str, ...]:
        for example in examples:
            if not example.strip() or len(example) > 1000:
                raise ValueError(f"example {example!r:.40} is blank or longer than 1000 characters")
        return examples

    @field_validator("rules")
    @classmethod
    def _compiles(cls, rules: tuple[str, ...]) -> tuple[str, ...]:
        for rule in rules:
            try:
                re.compile(rule)
            except re.error as error:
                raise ValueError(f"rule {rule!r} is no regular expression: {error}") from error
        return rules


class Intents(BaseModel):
    """All intents of a bot; names are unique."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intents: tuple[Intent, ...] = Field(min_length=2, max_length=1000)

    @field_validator("intents")
    @classmethod
    def _unique(cls, intents: tuple[Intent, ...]) -> tuple[Intent, ...]:
        name, count = Counter(intent.name for intent in intents).most_common(1)[0]
        if count > 1:
            raise ValueError(f"intent {name!r} is there {count} times")
        return intents

    def __getitem__(self, name: str) -> Intent:
        """The intent of that name."""
        return next(intent for intent in self.intents if intent.name == name)

    @property
    def examples(self) -> list[tuple[str, str]]:
        """``(example, intent name)`` of all intents, in their order."""
        return [(example, intent.name) for intent in self.intents for example in intent.examples]

    @property
    def sha256(self) -> str:
        """Of the examples and their names: what a trained head depends on."""
        return hashlib.sha256(json.dumps(self.examples).encode()).hexdigest()


def read_intents(data: Any, name: str) -> Intents:
    """Make intents of parsed YAML.

    Args:
        data: A mapping with the one key ``intents``.
        name: What to call the file in messages.

    Raises:
        InputError: It is none; the message names the intent and the field.
    """
    try:
        return Intents.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(
            f"{name}: {where}: {first['msg']}.",
            "An intent has name, description, examples, and tool or answer.",
        ) from error


def load_intents(path: str | Path) -> Intents:
    """Read an intents file.

    Raises:
        InputError: It cannot be read, or is no intents file; the message names the line where it can.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES:,} bytes.", "Shorten it.")
        return read_intents(yaml.safe_load(path.read_text("utf-8")), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"Cannot read the intents {str(path)!r}: {why}.", "Check the path.") from error
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        where = f"{path}, line {line}" if line else str(path)
        problem = getattr(error, "problem", None) or error
        raise InputError(f"{where}: not valid YAML: {problem}.", "Fix it.") from error
