"""The shortest ending of an answer under a schema: valid wherever the answer was cut."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.models.engines.closing import Closing

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)


@st.composite
def numbers(draw: st.DrawFn, kind: str) -> tuple[dict[str, Any], Any]:
    least, width = draw(st.integers(-2000, 2000)), draw(st.integers(0, 3000))
    schema: dict[str, Any] = {"type": kind}
    if draw(st.booleans()):
        schema |= {"minimum": least, "maximum": least + width}
    if kind == "integer":
        return schema, draw(st.integers(least, least + width))
    value = draw(st.decimals(least, least + width, places=2, allow_nan=False, allow_infinity=False))
    return schema, float(value)


@st.composite
def texts(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    value = draw(TEXTS)
    schema: dict[str, Any] = {"type": "string"}
    if draw(st.booleans()):
        schema["minLength"] = draw(st.integers(0, len(value)))
    if draw(st.booleans()):
        schema["maxLength"] = draw(st.integers(len(value), 12))
    return schema, value


@st.composite
def fixed(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    values = draw(st.lists(st.one_of(TEXTS, st.integers(-99, 99), st.booleans(), st.none()), min_size=1))
    value = draw(st.sampled_from(values))
    return draw(st.sampled_from([{"enum": values}, {"const": value}])), value


@st.composite
def arrays(draw: st.DrawFn, parts: Any) -> tuple[dict[str, Any], Any]:
    """Items repeat one value: an array of the item's schema holds any number of it."""
    schema, value = draw(parts)
    count = draw(st.integers(0, 3))
    return {
        "type": "array",
        "items": schema,
        "minItems": draw(st.integers(0, count)),
        "maxItems": draw(st.integers(count, 4)),
    }, [value] * count


@st.composite
def objects(draw: st.DrawFn, parts: Any) -> tuple[dict[str, Any], Any]:
    named = draw(st.dictionaries(NAMES, parts, max_size=3))
    required = [name for name in named if draw(st.booleans())]
    schema = {
        "type": "object",
        "properties": {name: part for name, (part, _) in named.items()},
        "required": required,
        "additionalProperties": False,
    }
    kept = {name: value for name, (_, value) in named.items() if name in required or draw(st.booleans())}
    return schema, kept


@st.composite
def either(draw: st.DrawFn, parts: Any) -> tuple[dict[str, Any], Any]:
    pairs = draw(st.lists(parts, min_size=1, max_size=3))
    return {"anyOf": [schema for schema, _ in pairs]}, draw(st.sampled_from(pairs))[1]


LEAVES = st.one_of(
    numbers("integer"), numbers("number"), texts(), fixed(), st.just(({"type": ["boolean", "null"]}, None))
)
PAIRS = st.recursive(
    LEAVES, lambda parts: st.one_of(arrays(parts), objects(parts), either(parts)), max_leaves=8
)


def spelled(value: Any, compact: bool) -> bytes:
    separators = (",", ":") if compact else (", ", ": ")
    return json.dumps(value, ensure_ascii=False, separators=separators).encode()


@settings(max_examples=400, deadline=None)
@given(PAIRS, st.floats(0, 1), st.booleans())
def test_an_answer_cut_anywhere_is_completed_to_a_valid_one(
    pair: tuple[dict[str, Any], Any], where: float, compact: bool
) -> None:
    schema, value = pair
    text = spelled(value, compact)
    written = text[: int(where * len(text))]
    rest = Closing(schema).rest(written)
    assert rest is not None
    jsonschema.validate(json.loads(written + rest), schema)


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_a_whole_answer_needs_nothing_more_and_no_shorter_one_than_the_shortest_exists(
    pair: tuple[dict[str, Any], Any],
) -> None:
    schema, value = pair
    closing, text = Closing(schema), spelled(value, True)
    assert closing.rest(text) == b""
    shortest = closing.rest(b"")
    assert shortest is not None
    assert len(shortest) <= len(text)


def test_references_that_lead_back_end_where_they_may() -> None:
    tree = {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                },
                "required": ["name", "next"],
                "additionalProperties": False,
            }
        },
        "$ref": "#/$defs/Node",
    }
    closing = Closing(tree)
    assert closing.rest(b"") == b'{"name":"","next":null}'
    assert closing.rest(b'{"name":"a","next":{"na') == b'me":"","next":null}}'


@pytest.mark.parametrize(
    ("schema", "written", "rest"),
    [
        ({"type": "integer", "minimum": 120, "maximum": 190}, b"1", b"20"),
        ({"type": "number"}, b"-1.", b"0"),
        ({"type": "number"}, b"1e", b"0"),
        ({"type": "string", "minLength": 3}, b'"a', b'--"'),
        ({"type": "string"}, '"é'.encode()[:2], b'\x80"'),
        ({"type": "string"}, b'"\\u00', b'00"'),
        ({"enum": ["billing", "bill"]}, b'"b', b'ill"'),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, b'{"a', b'":0}'),
        (True, b'{"a":[1,', b"0]}"),
    ],
)
def test_the_rest_is_the_shortest(schema: Any, written: bytes, rest: bytes) -> None:
    assert Closing(schema).rest(written) == rest
