"""JSON schemas as the engines take them: what is not supported is refused by name, `allOf` is merged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...errors import InputError
from .patterns import FORMATS, pattern_of

Schema = Mapping[str, Any] | bool

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_REFUSED = frozenset(
    "not uniqueItems patternProperties minProperties maxProperties propertyNames contains minContains"
    " maxContains if then else dependentRequired dependentSchemas dependencies unevaluatedProperties"
    " unevaluatedItems additionalItems $dynamicRef $recursiveRef".split()
)
"""Words of JSON Schema under which no shortest ending of an answer is known."""
_ASSERTIONS = frozenset(
    "type enum const anyOf oneOf allOf $ref properties required additionalProperties items prefixItems"
    " minItems maxItems minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum"
    " multipleOf".split()
)
_LARGER = ("minItems", "minLength", "minimum", "exclusiveMinimum")
_SMALLER = ("maxItems", "maxLength", "maximum", "exclusiveMaximum")


@lru_cache(maxsize=64)
def read_schema(text: str) -> dict[str, Any]:
    """Return a JSON schema without `allOf`, and without anything beside a reference or alternatives.

    Raises:
        InputError: It is no schema, or uses what is not supported, which the message names.
    """
    schema = json.loads(text)
    check_valid(schema)
    try:
        return plain_schema(schema if isinstance(schema, dict) else {"anyOf": [schema]})
    except (NotImplementedError, RecursionError) as error:
        reason = "it leads back to itself" if isinstance(error, RecursionError) else error
        raise InputError(f"The json_schema is not supported: {reason}.", "Simplify it.") from error


def plain_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the same instances; see `read_schema`.

    Raises:
        NotImplementedError: It uses what is not supported.
    """
    plain = _plain(schema, schema)
    assert isinstance(plain, dict)
    for key in ("$defs", "definitions"):
        if key in schema:
            plain[key] = {name: _plain(part, schema) for name, part in schema[key].items()}
    return plain


def follow(root: Mapping[str, Any], reference: str) -> Schema:
    """Return what a reference leads to, over references that it leads to.

    Raises:
        NotImplementedError: It leads out of the schema, to nothing, or back to itself.
    """
    seen: list[str] = []
    while True:
        if reference in seen or not (reference + "/").startswith("#/"):
            raise NotImplementedError(f"the schema's reference {reference!r} leads nowhere in it")
        seen.append(reference)
        node: Any = root
        for name in reference.split("/")[1:]:
            name = name.replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(name)] if isinstance(node, list) else node[name]
            except (LookupError, TypeError, ValueError):
                raise NotImplementedError(f"the schema's reference {reference!r} leads to nothing") from None
        found: Schema = node
        if isinstance(found, bool) or "$ref" not in found or _ASSERTIONS & found.keys() != {"$ref"}:
            return found
        reference = found["$ref"]


def _plain(node: Any, root: Mapping[str, Any], depth: int = 0) -> Any:
    if isinstance(node, bool):
        return node
    if depth > 60:
        raise NotImplementedError("the schema is too deep")
    merged = _whole(node, root)
    if isinstance(merged, bool):
        return merged
    _check(merged)
    if {"enum", "const"} & merged.keys():
        return _fixed(merged)
    plain = dict(merged)
    for key in ("anyOf", "oneOf"):
        if key in plain:
            parts = plain.pop(key)
            beside = {name: value for name, value in plain.items() if name in _ASSERTIONS}
            if beside:
                parts = [_merged(beside, _whole(part, root)) for part in parts]
            rest = {name: value for name, value in plain.items() if name not in _ASSERTIONS}
            return rest | {key: [_plain(part, root, depth + 1) for part in parts]}
    if isinstance(plain.get("properties"), Mapping):
        plain["properties"] = {
            name: _plain(part, root, depth + 1) for name, part in plain["properties"].items()
        }
    for key in ("items", "additionalProperties"):
        if key in plain:
            plain[key] = _plain(plain[key], root, depth + 1)
    if "prefixItems" in plain:
        plain["prefixItems"] = [_plain(part, root, depth + 1) for part in plain["prefixItems"]]
    return plain


def _fixed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of those fixed values that fit what stands beside them."""
    from jsonschema import Draft202012Validator

    values = [schema["const"]] if "const" in schema else schema["enum"]
    beside = Draft202012Validator({key: value for key, value in schema.items() if key != "$ref"})
    fitting = [value for value in values if beside.is_valid(value)]
    if not fitting:
        raise NotImplementedError("the schema has fixed values that do not fit what stands beside them")
    return {"enum": fitting}


def _whole(node: Any, root: Mapping[str, Any]) -> Schema:
    """Return one schema of a node and what stands beside its `$ref` or in its `allOf`."""
    if not isinstance(node, Mapping):
        return bool(node)
    parts = list(node.get("allOf", []))
    beside = {key: value for key, value in node.items() if key not in ("allOf", "$defs", "definitions")}
    if not parts and ("$ref" not in node or _ASSERTIONS & beside.keys() == {"$ref"}):
        if "$ref" in node:
            follow(root, node["$ref"])
        return beside
    if len(parts) == 1 and not _ASSERTIONS & beside.keys() and "$ref" in parts[0]:
        return _whole({**parts[0], **beside}, root)
    if "$ref" in beside:
        parts.append(follow(root, beside.pop("$ref")))
    whole: Schema = beside
    for part in parts:
        if isinstance(part, Mapping) and "$ref" in part:
            part = _merged(follow(root, part["$ref"]), {k: v for k, v in part.items() if k != "$ref"})
        whole = _merged(whole, _whole(part, root))
    return whole


def _merged(one: Schema, other: Schema) -> Schema:
    """Return a schema of what is an instance of both."""
    if isinstance(one, bool) or isinstance(other, bool):
        return (other if one else one) if isinstance(one, bool) else (one if other else other)
    _check_closed(one, other)
    _check_closed(other, one)
    both = dict(one)
    for key, value in other.items():
        if key not in both or both[key] == value or key not in _ASSERTIONS:
            both[key] = value
        elif key == "required":
            both[key] = list(dict.fromkeys([*both[key], *value]))
        elif key == "properties":
            shared = {name: _merged(both[key][name], value[name]) for name in value if name in both[key]}
            both[key] = {**both[key], **value, **shared}
        elif key in _LARGER:
            both[key] = max(both[key], value)
        elif key in _SMALLER:
            both[key] = min(both[key], value)
        elif key == "type":
            both[key] = _shared_kinds(kinds(both), kinds(other))
        elif key == "enum":
            both[key] = [member for member in both[key] if member in value]
        else:
            raise NotImplementedError(f"the schema has two of {key!r} for one value")
    return both


def _shared_kinds(ones: list[str], others: list[str]) -> list[str]:
    shared = [kind for kind in ones if kind in others]
    if "integer" not in shared and {"integer", "number"} <= {*ones, *others}:
        shared.append("integer")
    return shared


def _check_closed(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Refuse to open an object that takes only properties of its own."""
    more = other.get("properties", {}).keys() - one.get("properties", {}).keys()
    if one.get("additionalProperties", True) is not True and more:
        raise NotImplementedError("the schema has 'additionalProperties' beside properties of another part")


def _check(schema: Mapping[str, Any]) -> None:
    """Refuse what is not supported, by name."""
    for key in schema:
        if key in _REFUSED:
            raise NotImplementedError(f"the schema uses {key!r}")
    if "pattern" in schema or "format" in schema:
        text_pattern(schema)


def text_pattern(schema: Mapping[str, Any]) -> str | None:
    """Return the regular expression that a text is to match, if there is one.

    Raises:
        NotImplementedError: No shortest text is known of it.
    """
    regex, form = schema.get("pattern"), schema.get("format")
    if form is not None and (regex is not None or form not in FORMATS):
        raise NotImplementedError(f"the schema uses the format {form!r}")
    text: str | None = regex if form is None else FORMATS[form]
    if text is not None:
        pattern_of(text)
    return text


def kinds(schema: Mapping[str, Any]) -> list[str]:
    """Return the types that a schema takes."""
    found = schema.get("type", TYPES)
    return [found] if isinstance(found, str) else list(found)


def check_valid(schema: Any) -> None:
    """Hold a schema against the rules for schemas.

    Raises:
        InputError: It breaks one.
    """
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        reason = getattr(error, "message", "it is too deep")[:200]
        raise InputError(f"The json_schema is not valid: {reason}.", "Correct it.") from error
