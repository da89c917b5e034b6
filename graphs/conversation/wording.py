"""How a tool's call and its output are said: in the words of its intent, else of its docstring and fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from langchain_core.tools import BaseTool

from ...agents.messages import phrases
from ...agents.messages.intents import Intent
from ...tools.call import NO_RECORD
from ...tools.policy import policy_of
from .desk import Desk

MOST_ROWS = 8
"""Rows of a list that are read out."""


def intent_of(desk: Desk, tool: BaseTool) -> Intent | None:
    """The intent that the tool is for, where there is one."""
    intents = desk.intents.intents if desk.intents is not None else ()
    return next((intent for intent in intents if intent.tool == tool.name), None)


def title_of(desk: Desk, tool: BaseTool, arguments: Mapping[str, Any]) -> str:
    """What a call does, its arguments repeated: in the words of its intent, or of the tool's docstring."""
    intent = intent_of(desk, tool)
    if intent is not None and intent.action:
        filled = filled_in(intent.action, arguments)
        if filled:
            return filled
    title = (
        intent.description if intent is not None else tool.description.strip().split("\n")[0].split(". ")[0]
    )
    given = [f"{phrases.named(name)} {value}" for name, value in shown(tool, arguments).items()]
    return phrases.lower_first(title).rstrip(".") + (
        f", with {phrases.listed(given, 'and')}" if given else ""
    )


def purpose_of(desk: Desk, tool: BaseTool) -> str:
    """What a tool is for."""
    return title_of(desk, tool, {})


def shown(tool: BaseTool, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The arguments that the customer chose, as they are read back."""
    owner = policy_of(tool).owner
    return {name: str(value) for name, value in arguments.items() if name != owner and value is not None}


def ask_for(tool: BaseTool, missing: list[str], title: str) -> str:
    """Ask for arguments by what the tool's schema says of them."""
    wanted = [_described(tool, name) for name in missing]
    return f"To {phrases.lower_first(title)} I need {phrases.listed(wanted, 'and')}. Could you tell me?"


def _described(tool: BaseTool, name: str) -> str:
    about = tool.args.get(name, {}).get("description", "")
    return f"the {phrases.named(name)}{f' ({about.rstrip(chr(46))})' if about else ''}"


def unknown_record(text: str) -> str:
    """A tool's refusal; of another's record no more is said than of one that is not there."""
    return phrases.NO_RECORD if text == NO_RECORD else text


def spoken(output: Any, template: str = "") -> str:
    """A tool's output as sentences; "" where it is none that can be read out."""
    if isinstance(output, str):
        return output
    if isinstance(output, Mapping):
        said = " ".join(
            filter(None, (filled_in(part, output) for part in re.split(r"(?<=[.!?])\s+", template)))
        )
        rows = [
            f"{phrases.named(str(name))}: {plainly(value)}"
            for name, value in output.items()
            if plainly(value)
        ]
        return said or (f"{phrases.upper_first('; '.join(rows))}." if rows else "")
    if isinstance(output, list):
        rows = [f"- {spoken(item, template)}" for item in output[:MOST_ROWS]]
        more = f"\n- and {len(output) - MOST_ROWS} more" if len(output) > MOST_ROWS else ""
        return "\n".join(rows) + more if rows else "There is nothing of that kind."
    return ""


def filled_in(template: str, values: Mapping[str, Any]) -> str:
    """A template with its ``{field}`` or ``{field.inner}`` filled in; "" where a value is missing."""
    said = template
    for field in re.findall(r"\{([\w.]+)\}", template):
        outer, _, inner = field.partition(".")
        value = values.get(outer)
        if inner and isinstance(value, list):
            value = [row.get(inner) for row in value if isinstance(row, Mapping)]
        elif inner:
            value = value.get(inner) if isinstance(value, Mapping) else None
        if not plainly(value):
            return ""
        said = said.replace(f"{{{field}}}", plainly(value))
    return said


def plainly(value: Any) -> str:
    """A value as people write it: a day for a moment, two digits for cents; "" for nothing."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return phrases.listed([plainly(item) for item in value], "and")
    if isinstance(value, Mapping):
        return ", ".join(
            f"{phrases.named(str(name))} {plainly(item)}" for name, item in value.items() if plainly(item)
        )
    day = re.match(r"(\d{4}-\d\d-\d\d)(?:T[\d:.]+Z?)?$", str(value))
    return f"{date.fromisoformat(day[1]):%B %d, %Y}".replace(" 0", " ") if day else str(value)
