"""`Brief`: what to make, checked before any model loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from ..errors import InputError

Kind = Literal["article", "how-to", "product", "news", "faq"]
_USUAL = {"newsletter": "news", "howto": "how-to", "how to": "how-to"}
"""Other names that people give to a kind."""
MAX_BYTES = 100_000
"""Largest brief file."""


class Brief(BaseModel):
    """What the content graph is asked for.

    Raises:
        InputError: A field is missing, unknown or out of range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(min_length=1, max_length=300)
    audience: str = Field(default="", max_length=300)
    tone: str = Field(default="", max_length=300)
    kind: Kind = "article"
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    sections: int = Field(default=4, ge=1, le=12)
    words: int = Field(default=600, ge=150, le=4000)
    """A target, not a limit."""
    images: int = Field(default=1, ge=0, le=8)
    notes: str = Field(default="", max_length=4000)

    @field_validator("kind", mode="before")
    @classmethod
    def _usual_name(cls, given: Any) -> Any:
        return _USUAL.get(given, given) if isinstance(given, str) else given

    def __init__(self, topic: str | None = None, /, **fields: Any) -> None:
        if topic is not None:
            fields["topic"] = topic
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise _as_input_error(error) from error


def _as_input_error(error: ValidationError) -> InputError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    known = ", ".join(Brief.model_fields)
    if first["type"] == "extra_forbidden":
        return InputError(f"A brief has no field {field!r}.", f"Its fields are {known}.")
    if first["type"] == "missing":
        return InputError(f"The brief lacks {field!r}.", f"Add it; the fields are {known}.")
    return InputError(f"Brief field {field!r} is {first['input']!r:.60}: {first['msg']}.", "Change it.")


def read_brief(given: Any) -> Brief:
    """Make a brief of a topic, a mapping, or a Brief.

    Raises:
        InputError: It is none of these, or a field is wrong.
    """
    if isinstance(given, Brief):
        return given
    if isinstance(given, str):
        return Brief(given)
    if isinstance(given, dict):
        return Brief(**{str(key): value for key, value in given.items()})
    raise InputError(
        f"A brief cannot be made of {type(given).__name__}.", "Pass a topic, a mapping or a Brief."
    )


def parse_brief(text: str, name: str) -> Brief:
    """Read a brief from YAML or JSON.

    Args:
        text: The text of the file.
        name: What to call it in messages.

    Raises:
        InputError: It is not YAML, or not a brief; the message names the line where it can.
    """
    if len(text.encode()) > MAX_BYTES:
        raise InputError(f"The brief {name!r} is larger than {MAX_BYTES:,} bytes.", "Shorten it.")
    try:
        data = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{name}, line {error.lineno}: not valid JSON: {error.msg}.", "Fix it.") from error
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        where = f"{name}, line {line}" if line else name
        raise InputError(
            f"{where}: not valid YAML: {getattr(error, 'problem', error)}.", "Fix it."
        ) from error
    if not isinstance(data, dict):
        raise InputError(f"{name} holds no fields.", "A brief is a mapping with at least 'topic'.")
    try:
        return read_brief(data)
    except InputError as error:
        raise InputError(f"{name}: {error.message}", error.hint) from error


def load_brief(given: str, stdin: str | None = None) -> Brief:
    """Read the BRIEF argument of the command line: a file, ``-`` for `stdin`, or a topic.

    Raises:
        InputError: The file cannot be read, or holds no valid brief.
    """
    if given == "-":
        return parse_brief(stdin or "", "standard input")
    if "/" in given or "\\" in given or given.endswith((".yaml", ".yml", ".json")):
        try:
            text = Path(given).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not UTF-8 text"
            raise InputError(f"Cannot read the brief {given!r}: {why}.", "Check the path.") from error
        return parse_brief(text, given)
    return Brief(given)
