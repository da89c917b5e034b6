"""The researcher: plans calls of tools for a question, and picks the facts that answer it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from langchain_core.tools import BaseTool
from pydantic import AfterValidator, WithJsonSchema

from ..errors import InputError
from ..steps import Finding, step
from ..steps.step import Step
from ..tools.arguments import Evidence, check_proposal, readings
from ..tools.policy import policy_of
from ..tools.recognise import numbers
from ..tools.references import references_in, without_references
from ..tools.schema import offered_schema, validated
from .lookups import CALCULATOR, Call, Result, draft, same

MOST_PLANNED = 6
"""Calls of one plan."""
LONGEST_VALUE = 200
"""Characters of a text argument that a model writes."""
_WRITTEN = {"query", "question", "message", "text", "sql"}
"""Words in the name of an argument that a model words freely: it only asks, and changes nothing."""

Planner = Step[[str, list[str], list[str]], list[Call]]


def planner(tools: Mapping[str, BaseTool], question: str, results: Sequence[Result] = ()) -> Planner:
    """A step that plans the next calls; made for one question, since its grammar knows the tools.

    Its body is `draft`. Tools with an effect may stand in the first plan alone: what a tool returned can
    never lead to one.
    """
    first = not results
    offered = {name: tool for name, tool in tools.items() if first or not policy_of(tool).effect}
    drafted = draft(question, offered, results)

    def plan(question: str, known: list[str], missing: list[str]) -> list[Call]:
        """Plan the calls that a question needs; without a model, by its words."""
        return drafted

    schema = WithJsonSchema(plan_schema(offered, least=1 if first else 0))
    taken = [str(result["name"]) for result in results]
    named = AfterValidator(lambda calls: apart(calls, taken))
    plan.__annotations__["return"] = Annotated[list[Call], named, schema]
    made = step(prompt="research_plan.jinja", max_tokens=400, timeout=120, share=0.5, agent="researcher")(
        plan
    )

    @made.check
    def is_sound(out: list[Call]) -> str | None:
        return "; ".join(faults(out, offered, question, results)) or None

    @made.check
    def leaves_nothing_out(out: list[Call]) -> Finding | None:
        lacking = missing_calls(out, drafted)
        said = f"added by rule: {'; '.join(map(shown, lacking))}"
        return Finding("added", said, "warning") if lacking else None

    return made


def apart(calls: Sequence[Call], taken: Iterable[str]) -> list[Call]:
    """The same calls, those whose name is taken under another: a small model calls two look-ups alike."""
    known, made = set(taken), []
    for call in calls:
        base = re.sub(r"^(?=\d)|\W+", "_", call.name)[:24]
        name, number = base, 2
        while name in known:
            name, number = f"{base}_{number}", number + 1
        known.add(name)
        made.append(call if name == call.name else call.model_copy(update={"name": name}))
    return made


def as_said(call: Call, tool: BaseTool, question: str) -> Call:
    """The same call, its values in the spelling of the question: a model writes an id in small letters."""
    said = readings(tool, question)
    arguments = dict(call.arguments)
    for name, value in arguments.items():
        spelt = [each.value for each in said.get(name, ()) if isinstance(each.value, str)]
        spelt += (
            re.findall(rf"(?i)(?<!\w){re.escape(value)}(?!\w)", question) if isinstance(value, str) else []
        )
        arguments[name] = next((each for each in spelt if each.lower() == str(value).lower()), value)
    return call.model_copy(update={"arguments": arguments})


def missing_calls(plan: Sequence[Call], drafted: Sequence[Call]) -> list[Call]:
    """The calls by rule that a plan of a model leaves out."""
    return [call for call in drafted if not any(_serves(other, call) for other in plan)]


def plan_schema(tools: Mapping[str, BaseTool], least: int) -> dict[str, Any]:
    """The JSON schema of a plan: known tools, their arguments typed or by reference."""
    calls: list[dict[str, Any]] = []
    definitions: dict[str, Any] = {}
    for tool in tools.values():
        arguments = offered_schema(tool)
        definitions |= arguments.pop("$defs", {})
        arguments["properties"] = {
            name: _or_reference(part) for name, part in arguments["properties"].items()
        }
        calls.append(
            {
                "type": "object",
                "description": tool.description,
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 30},
                    "tool": {"const": tool.name},
                    "arguments": {**arguments, "additionalProperties": False},
                },
                "required": ["name", "tool", "arguments"],
                "additionalProperties": False,
            }
        )
    schema = {"type": "array", "minItems": least, "maxItems": MOST_PLANNED, "items": {"anyOf": calls}}
    return schema | ({"$defs": definitions} if definitions else {})


def _or_reference(part: Mapping[str, Any]) -> dict[str, Any]:
    schema = {key: item for key, item in part.items() if key != "title"}
    if schema.get("type") == "string":
        bounded = {"enum", "const", "pattern", "format", "maxLength"} & schema.keys()
        return schema if bounded else {**schema, "maxLength": LONGEST_VALUE}
    return {"anyOf": [schema, {"type": "string", "description": "$name.field", "maxLength": 60}]}


def faults(
    plan: Sequence[Call], tools: Mapping[str, BaseTool], question: str, results: Sequence[Result]
) -> list[str]:
    """What is wrong with a plan: tools, references, and arguments without evidence."""
    found: list[str] = []
    known = {str(result["name"]) for result in results}
    for call in plan:
        if call.tool not in tools:
            found.append(f"there is no tool {call.tool!r}")
            continue
        unknown = [name for name in references_in(call.arguments) if name not in known]
        if unknown:
            found.append(f"{call.name} refers to {unknown[0]!r}, which no earlier call is named")
        elif policy_of(tools[call.tool]).effect and references_in(call.arguments):
            found.append(f"{call.tool} changes something: its arguments must stand in the question")
        else:
            found += unfounded(call, tools[call.tool], question, results)
        known.add(call.name)
    return found


def unfounded(call: Call, tool: BaseTool, question: str, results: Sequence[Result]) -> list[str]:
    """The arguments of a call that nothing in the question or the results bears out, or that do not fit."""
    evidence = evidence_of(call, tool, question, results)
    lacking = [name for name in call.arguments if name not in evidence]
    found = [
        f"{name}={call.arguments[name]!r} of {call.name} stands nowhere in the question" for name in lacking
    ]
    if not found and not references_in(call.arguments):
        owner = policy_of(tool).owner
        hidden = {owner: "0"} if owner in tool.args else {}
        try:
            validated(tool, {**hidden, **call.arguments})
        except InputError as error:
            found.append(error.message)
    return found


def evidence_of(
    call: Call, tool: BaseTool, question: str, results: Sequence[Result]
) -> dict[str, dict[str, str]]:
    """What each argument rests on: words of the question, or an earlier result."""
    found: dict[str, dict[str, str]] = {}
    outputs = [result["output"] for result in results if result["status"] == "done"]
    for name, value in call.arguments.items():
        if references_in(value):
            if _numbers_said(without_references(str(value)), question) or call.tool != CALCULATOR:
                found[name] = {"where": "result", "text": str(value)}
        elif call.tool == CALCULATOR:
            if _numbers_said(str(value), question):
                found[name] = {"where": "message", "text": str(value)}
        elif set(name.lower().split("_")) & _WRITTEN and not policy_of(tool).effect:
            found[name] = {"where": "message", "text": str(value)}
        else:
            held = check_proposal(tool, {name: value}, question, look_ups=outputs).evidence.get(name)
            if held is not None:
                found[name] = _told(held)
    return found


def _told(evidence: Evidence) -> dict[str, str]:
    return {"where": evidence.where, "text": evidence.text}


def _numbers_said(expression: str, question: str) -> bool:
    said = {value.value for value in numbers(question)}
    return all(value.value in said for value in numbers(re.sub(r"([-+*/()])", r" \1 ", expression)))


def _serves(call: Call, wanted: Call) -> bool:
    """Whether a call of a model does what one by rule would: with words of its own, or by other names."""
    if same(call, wanted):
        return True
    free = call.tool == wanted.tool and not set(call.arguments) ^ set(wanted.arguments)
    return free and all(
        set(name.lower().split("_")) & (_WRITTEN | {"expression"})
        or str(value).lower() == str(call.arguments[name]).lower()
        for name, value in wanted.arguments.items()
    )


def shown(call: Call) -> str:
    """A call on one line."""
    return f"{call.tool}({', '.join(f'{name}={value!r}' for name, value in call.arguments.items())})"


def result_lines(results: Sequence[Result], longest: int = 300) -> list[str]:
    """What earlier calls came to, for a planner: data, cut short."""
    lines = []
    for result in results:
        call = Call(name=result["name"], tool=result["tool"], arguments=result["arguments"])
        if result["status"] == "done":
            text = "withheld" if result["flagged"] else json.dumps(result["output"], ensure_ascii=False)
        else:
            text = f"{result['status']}: {result['reason']}"
        lines.append(f"${call.name} = {shown(call)} -> {text[:longest]}")
    return lines


@step(
    prompt="research_pick.jinja",
    mode="select",
    at_least=1,
    at_most="most",
    max_tokens=240,
    share=0.5,
    agent="researcher",
)
def pick(question: str, facts: list[str], most: int) -> list[str]:
    """Choose the facts that answer a question; without a model, the first."""
    return facts[:most]
