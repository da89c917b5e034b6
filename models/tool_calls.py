"""Tool calls for models without a format of their own: JSON objects, held to by grammar where asked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Template
from jinja2.sandbox import SandboxedEnvironment
from langchain_core.messages import ToolCall

from ..errors import InputError
from .engines.base import ToolChoice

PROMPT = Path(__file__).with_name("prompts") / "tool_calls.jinja"
MOST_CALLS = 8
"""Calls of one answer."""
LONGEST_TEXT = 600
"""Characters of a text argument without a bound of its own."""
LONGEST_LIST = 16
"""Items of a list argument without a bound of its own."""
_BETWEEN = re.compile(r"\A(?:\s|</?tool_call>|,|;)*")


def offered_tools(tools: Sequence[Mapping[str, Any]], choice: ToolChoice) -> list[Mapping[str, Any]]:
    """Return the functions (name, description, parameters) that the model may call under `choice`.

    Raises:
        InputError: `choice` names a tool that is not there.
    """
    functions: list[Mapping[str, Any]] = [tool["function"] for tool in tools]
    if choice == "none":
        return []
    if not must_call(choice) or choice in ("any", "required", True):
        return functions
    name = choice["function"]["name"] if isinstance(choice, Mapping) else choice
    named = [function for function in functions if function["name"] == name]
    if not named:
        known = ", ".join(repr(function["name"]) for function in functions)
        raise InputError(f"tool_choice names {name!r}; the tools are {known}.", "Name one of them, or 'any'.")
    return named


def must_call(choice: ToolChoice) -> bool:
    """Tell whether the answer has to be a tool call."""
    return choice not in (None, False, "auto", "none")


def instructions(functions: Sequence[Mapping[str, Any]], choice: ToolChoice) -> str:
    """Return what the system message says about the tools."""
    tools = [json.dumps(dict(function), ensure_ascii=False) for function in functions]
    return _template().render(tools=tools, must=must_call(choice)).strip()


@cache
def _template() -> Template:
    return SandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(PROMPT.read_text("utf-8"))


def calls_schema(functions: Sequence[Mapping[str, Any]], most: int = MOST_CALLS) -> dict[str, Any]:
    """Return the JSON schema of one to `most` calls of the functions, as a list."""
    calls = []
    definitions: dict[str, Any] = {}
    for function in functions:
        parameters = dict(function.get("parameters") or {"type": "object", "properties": {}})
        # References inside are written from the root of the schema.
        definitions |= {name: _roomy(part) for name, part in parameters.pop("$defs", {}).items()}
        calls.append(
            {
                "type": "object",
                "properties": {"name": {"const": function["name"]}, "arguments": _roomy(parameters)},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    schema = {"type": "array", "minItems": 1, "maxItems": most, "items": {"anyOf": calls}}
    return schema | ({"$defs": definitions} if definitions else {})


def _roomy(schema: Any) -> Any:
    """A schema whose texts and lists have bounds of their own.

    An engine bounds the others by sharing its tokens out among all calls that might come, and few come.
    """
    if not isinstance(schema, Mapping):
        return schema
    roomy: dict[str, Any] = dict(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            roomy[key] = [_roomy(part) for part in schema[key]]
    if "items" in schema:
        roomy["items"] = _roomy(schema["items"])
    if isinstance(schema.get("properties"), Mapping):
        roomy["properties"] = {name: _roomy(part) for name, part in schema["properties"].items()}
    if schema.get("type") == "string" and not {"enum", "const", "pattern", "format"} & schema.keys():
        roomy.setdefault("maxLength", max(LONGEST_TEXT, schema.get("minLength", 0)))
    if schema.get("type") == "array":
        roomy.setdefault("maxItems", max(LONGEST_LIST, schema.get("minItems", 0)))
    return roomy


def parse_calls(text: str, functions: Sequence[Mapping[str, Any]], context: str) -> list[ToolCall]:
    """Read the tool calls that an answer begins with; none where it is plain text.

    Args:
        text: The answer: an object, a list of objects, or one object after another.
        functions: What may be called.
        context: The conversation before it: ids are made from both, so that a run repeats exactly.
    """
    names = {function["name"] for function in functions}
    digest = hashlib.sha256(f"{context}\n{text}".encode()).hexdigest()[:16]
    calls: list[ToolCall] = []
    for value in _values(text):
        if not isinstance(value, dict) or value.get("name") not in names:
            break
        arguments = value.get("arguments", {})
        if not isinstance(arguments, dict):
            break
        number = f"_{len(calls)}" if calls else ""
        calls.append(
            ToolCall(name=value["name"], args=arguments, id=f"call_{digest}{number}", type="tool_call")
        )
    return calls


def _values(text: str) -> Iterator[Any]:
    """The JSON values that a text begins with; those of a list one by one."""
    decoder, rest = json.JSONDecoder(), text
    while True:
        rest = _BETWEEN.sub("", rest, count=1)
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            return
        yield from value if isinstance(value, list) else [value]
        rest = rest[end:]


def may_be_call(text: str) -> bool:
    """Tell whether an answer that begins like this could still be a tool call."""
    start = text.lstrip()
    return not start or start.startswith(("{", "[{")) or start == "[" or "<tool_call>".startswith(start[:11])
