"""Arguments with evidence: each value is said in the message, known in the thread, or was looked up.

Nothing is invented: what has no evidence is missing, and what has two readings is missing too, so that
the caller asks. A model's proposal is held to the same rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from langchain_core.tools import BaseTool

from .policy import policy_of
from .recognise import (
    EMAIL,
    PHONE,
    Value,
    allowed,
    dates,
    ids,
    numbers,
    partly_named,
    postal,
    reasons,
    shapes_in,
)
from .schema import KEY

Where = Literal["message", "thread", "look-up"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a value rests on."""

    text: str
    """The words of the message, or the known value."""
    where: Where


@dataclass(frozen=True, slots=True)
class Filled:
    """Arguments, as far as there is evidence for them."""

    arguments: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """Required arguments without a single clear value: to be asked for."""


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    schema: Mapping[str, Any]
    required: bool
    shapes: Sequence[str]
    """Examples of ids in its own description, or in the tool's."""

    identifies: bool
    """Whether an example of an id stands for this very argument, whatever its name."""

    @property
    def words(self) -> set[str]:
        return set(self.name.lower().split("_"))

    @property
    def kind(self) -> str:
        return str(self.schema.get("type", "string"))


_ID = {"id", "number", "no", "code", "sku", "reference", "ref"}
_TEXT = {"query", "question", "message", "text", "expression", "sql"}
_POSTAL_PARTS = {
    "street": "street",
    "city": "city",
    "region": "region",
    "state": "region",
    "country": "country",
}
_POSTAL_PARTS |= {"postal": "postal_code", "zip": "postal_code", "postcode": "postal_code"}
NAMED = {"name", "sku", "item", "product", "title"}
"""Arguments that name a thing."""
_TITLES = {"name", "title"}


def fill(
    tool: BaseTool,
    message: str,
    thread_facts: Mapping[str, Any] | None = None,
    look_ups: Any = None,
    examples: Mapping[str, Sequence[str]] | None = None,
) -> Filled:
    """Find a tool's arguments.

    Args:
        tool: Its schema says what to look for; an example in a description, such as ``KO-2026-0150``, gives
            the shape of an id. The owner of its policy is left to `call_tool`.
        message: What the customer wrote, masked or not.
        thread_facts: Argument name to value, as earlier turns established them.
        look_ups: Results of reading tools: JSON data. A field named like an argument counts where it has
            one value; names of things are matched to the message.
        examples: Argument name to examples of ids of that name, for a tool whose description gives none.
    """
    filled = Filled()
    known = list(_leaves(look_ups))
    for parameter in _parameters(tool, examples or {}):
        found = _distinct(_in_message(parameter, message, known))
        if len(found) == 1:
            _accept(filled, parameter.name, found[0].value, Evidence(found[0].text, "message"))
            continue
        value = (thread_facts or {}).get(parameter.name)
        named = {parameter.name} | (_TITLES if parameter.words & NAMED else set())
        looked_up = {repr(leaf): leaf for name, leaf in known if name in named}
        if not found and value is not None:
            _accept(filled, parameter.name, value, Evidence(str(value), "thread"))
        elif not found and len(looked_up) == 1:
            (leaf,) = looked_up.values()
            _accept(filled, parameter.name, leaf, Evidence(str(leaf), "look-up"))
        elif parameter.required:
            filled.missing.append(parameter.name)
    return filled


def shapes_of(tool: BaseTool) -> dict[str, list[str]]:
    """The examples of ids that a tool's description gives, by the argument that they stand for."""
    return {
        parameter.name: list(_own_shapes(parameter))
        for parameter in _parameters(tool)
        if parameter.shapes and (parameter.words & _ID or parameter.identifies)
    }


def readings(
    tool: BaseTool, message: str, examples: Mapping[str, Sequence[str]] | None = None
) -> dict[str, list[Value]]:
    """Every reading of a message as each argument of a tool, in the order in which they stand in it.

    Where a description gives no example of an id, the first one found is the example for the others.
    """
    found = {}
    for parameter in _parameters(tool, examples or {}):
        values = _distinct(_in_message(parameter, message, ()))
        if values and parameter.words & _ID and not parameter.shapes and shapes_in(str(values[0].value)):
            values = _distinct(list(ids(message, [str(values[0].value)], parameter.name)))
        found[parameter.name] = sorted(values, key=lambda value: message.find(value.text))
    return found


def check_proposal(
    tool: BaseTool,
    proposal: Mapping[str, Any],
    message: str,
    thread_facts: Mapping[str, Any] | None = None,
    look_ups: Any = None,
) -> Filled:
    """Keep of a model's arguments those that have evidence; the rest, and unknown ones, are left out."""
    filled = Filled()
    known = list(_leaves(look_ups))
    for parameter in _parameters(tool):
        value = proposal.get(parameter.name)
        evidence = None
        if value is not None:
            evidence = _evidence(parameter, value, message, thread_facts or {}, known)
        if evidence is not None:
            _accept(filled, parameter.name, value, evidence)
        elif parameter.required:
            filled.missing.append(parameter.name)
    return filled


def _accept(filled: Filled, name: str, value: Any, evidence: Evidence) -> None:
    filled.arguments[name] = value
    filled.evidence[name] = evidence


def _parameters(
    tool: BaseTool, examples: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Iterator[_Parameter]:
    schema = tool.args_schema if isinstance(tool.args_schema, dict) else tool.get_input_jsonschema()
    named, required = schema.get("$defs", {}), set(schema.get("required", ()))
    for name, raw in schema.get("properties", {}).items():
        if name in (policy_of(tool).owner, KEY):
            continue
        flat = _flat(raw, named)
        own = shapes_in(str(raw.get("description", "")))
        label = re.escape(name.replace("_", " ")).replace(r"\ ", r"[ _]")
        example = re.search(
            rf"(?i)\b{label}(?: (?:number|id|code))?,? (?:such as|like|e\.g\.) (\S+)", tool.description
        )
        identifies = bool(own) or (example is not None and bool(shapes_in(example[1])))
        shapes = own or shapes_in(tool.description) or examples.get(name, ())
        yield _Parameter(name, flat, name in required, shapes, identifies)


def _flat(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema without its reference, and without its "or null"."""
    if "$ref" in schema:
        return {**named.get(str(schema["$ref"]).rpartition("/")[2], {}), **schema}
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    return _flat({**choices[0], **schema}, named) if choices else schema


def _in_message(parameter: _Parameter, message: str, known: Sequence[tuple[str, Any]]) -> list[Value]:
    """Every reading of the message as this parameter."""
    schema, words = parameter.schema, parameter.words
    if "enum" in schema:
        return allowed(message, [str(value) for value in schema["enum"]])
    if schema.get("pattern"):
        return [Value(match[0], match[0]) for match in re.finditer(_unanchored(schema["pattern"]), message)]
    if schema.get("format") == "date" or "date" in words:
        return list(dates(message))
    if parameter.kind in ("integer", "number"):
        return _numbers(parameter, message)
    if parameter.kind != "string":
        return []
    if words & {"email", "mail"}:
        return [Value(match[0], match[0]) for match in EMAIL.finditer(message)]
    if words & {"phone", "telephone", "mobile"}:
        return [Value(match[0].strip(), match[0].strip()) for match in PHONE.finditer(message)]
    part = next(
        (_POSTAL_PARTS[word] for word in parameter.name.lower().split("_") if word in _POSTAL_PARTS), ""
    )
    if part:
        found = postal(message).get(part)
        return [found] if found else []
    if words & _ID or parameter.identifies:
        return list(ids(message, _own_shapes(parameter), " ".join(sorted(words - _ID)) or parameter.name))
    if words & _TEXT:
        return [Value(message.strip(), message.strip())] if message.strip() else []
    if "reason" in words:
        return reasons(message)
    names = [str(leaf) for name, leaf in known if name == parameter.name or name in NAMED]
    return allowed(message, names) or partly_named(message, names)


def _own_shapes(parameter: _Parameter) -> Sequence[str]:
    """Shapes whose letters may stand for this id: an order number is no return number."""
    letter = parameter.name[:1].upper()
    own = [shape for shape in parameter.shapes if letter in re.sub(r"[^A-Z]", "", shape)]
    return own or parameter.shapes


def _numbers(parameter: _Parameter, message: str) -> list[Value]:
    found = list(numbers(message))
    if parameter.kind == "integer":
        found = [value for value in found if isinstance(value.value, int)]
    if parameter.words & {"amount", "price", "refund", "total", "budget", "cost"}:
        return [value for value in found if value.money] or found
    return [value for value in found if not value.money]


def _evidence(
    parameter: _Parameter,
    value: Any,
    message: str,
    facts: Mapping[str, Any],
    known: Sequence[tuple[str, Any]],
) -> Evidence | None:
    if isinstance(value, list | tuple):
        parts = [_evidence(parameter, item, message, facts, known) for item in value]
        return _joined(parts)
    if isinstance(value, Mapping):
        return _joined([_evidence(parameter, item, message, facts, known) for item in value.values()])
    said = _said(parameter, value, message, known)
    if said:
        return Evidence(said, "message")
    if parameter.name in facts and _same(facts[parameter.name], value):
        return Evidence(str(facts[parameter.name]), "thread")
    if any(_same(leaf, value) for name, leaf in known if name == parameter.name or name in NAMED):
        return Evidence(str(value), "look-up")
    return None


def _said(parameter: _Parameter, value: Any, message: str, known: Sequence[tuple[str, Any]]) -> str:
    """The words of the message that say a value; empty where none do."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return next((found.text for found in numbers(message) if found.value == value), "")
    text = str(value)
    if not re.search(r"\w", text):
        return ""
    # the same letters and digits in a row, whatever stands between them
    signs = r"[\W_]*".join(re.escape(sign) for sign in re.findall(r"[^\W_]", text))
    found = re.search(rf"(?i)(?<![^\W_]){signs}(?![^\W_])", message)
    if found:
        return found[0]
    return next(
        (item.text for item in _in_message(parameter, message, known) if _same(item.value, value)), ""
    )


def _joined(parts: Sequence[Evidence | None]) -> Evidence | None:
    if not parts or any(part is None for part in parts):
        return None
    whole = [part for part in parts if part is not None]
    return Evidence("; ".join(part.text for part in whole), whole[0].where)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return str(one).strip().lower() == str(other).strip().lower()


def _distinct(found: Sequence[Value]) -> list[Value]:
    return list({str(value.value).lower(): value for value in reversed(found)}.values())


def _unanchored(pattern: str) -> str:
    return rf"(?<!\w)(?:{pattern.removeprefix('^').removesuffix('$')})(?!\w)"


def _leaves(data: Any, name: str = "", depth: int = 8) -> Iterator[tuple[str, Any]]:
    """Field name and value of every leaf of JSON data."""
    if isinstance(data, Mapping) and depth:
        for key, item in data.items():
            yield from _leaves(item, str(key), depth - 1)
    elif isinstance(data, list | tuple) and depth:
        for item in data:
            yield from _leaves(item, name, depth - 1)
    elif data is not None and name:
        yield name, data
