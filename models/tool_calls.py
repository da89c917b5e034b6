"""Tool calls for models without a format of their own: one JSON object, held to by grammar where asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import ToolCall

from ..errors import InputError
from .engines.base import ToolChoice


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
    lines = [json.dumps(dict(function), ensure_ascii=False) for function in functions]
    form = 'answer with this JSON object alone: {"name": "...", "arguments": {...}}.'
    if must_call(choice):
        told = f"Call a tool: {form}"
    else:
        told = f"Where a tool gives what is asked for, call it: {form} Answer in words where no tool helps."
    return "\n".join(["You can call these tools:", *lines, told])


def call_schema(functions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the JSON schema of exactly one call of one of the functions."""
    calls = []
    definitions: dict[str, Any] = {}
    for function in functions:
        parameters = dict(function.get("parameters") or {"type": "object", "properties": {}})
        # References inside are written from the root of the schema.
        definitions |= parameters.pop("$defs", {})
        calls.append(
            {
                "type": "object",
                "properties": {"name": {"const": function["name"]}, "arguments": parameters},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    return {"anyOf": calls} | ({"$defs": definitions} if definitions else {})


def parse_call(text: str, functions: Sequence[Mapping[str, Any]], context: str) -> ToolCall | None:
    """Read a tool call that an answer begins with; None where it is plain text.

    Args:
        text: The answer.
        functions: What may be called.
        context: The conversation before it: the call's id is made from both, so that a run repeats exactly.
    """
    body = text.strip().removeprefix("<tool_call>").lstrip()
    try:
        value, _ = json.JSONDecoder().raw_decode(body)
    except ValueError:
        return None
    if not isinstance(value, dict) or value.get("name") not in {function["name"] for function in functions}:
        return None
    arguments = value.get("arguments", {})
    if not isinstance(arguments, dict):
        return None
    digest = hashlib.sha256(f"{context}\n{text}".encode()).hexdigest()
    return ToolCall(name=value["name"], args=arguments, id=f"call_{digest[:16]}", type="tool_call")


def may_be_call(text: str) -> bool:
    """Tell whether an answer that begins like this could still be a tool call."""
    start = text.lstrip()
    return not start or start.startswith("{") or "<tool_call>".startswith(start[:11])
