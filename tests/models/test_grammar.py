"""Grammars before any model sees them."""

from typing import Any

from limner.models.engines.grammar import bound_schema


def test_texts_lists_and_integers_without_a_limit_get_one() -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "age": {"type": "integer"},
        },
    }
    bounded = bound_schema(schema, 200)["properties"]
    assert 100 < bounded["name"]["maxLength"] < 600
    assert bounded["tags"]["maxItems"] * bounded["tags"]["items"]["maxLength"] < 600
    assert bounded["age"]["maximum"] == 2**53 - 1


def test_limits_that_are_there_stay() -> None:
    part = {"type": "string", "maxLength": 9000}
    whole = {"type": "object", "properties": {"a": part, "n": {"type": "integer", "minimum": 3}}}
    bounded = bound_schema(whole, 10)["properties"]
    assert bounded["a"] == part
    assert bounded["n"] == {"type": "integer", "minimum": 3}


def test_a_schema_is_not_changed_in_place() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    bound_schema(schema, 10)
    assert schema == {"type": "object", "properties": {"a": {"type": "string"}}}


def test_definitions_and_alternatives_are_bounded_too() -> None:
    schema = {
        "$defs": {"Line": {"type": "string"}},
        "anyOf": [{"$ref": "#/$defs/Line"}, {"type": ["string", "null"]}],
    }
    bounded = bound_schema(schema, 100)
    assert bounded["$defs"]["Line"]["maxLength"] > 0
    assert bounded["anyOf"][0] == {"$ref": "#/$defs/Line"}
    assert bounded["anyOf"][1]["maxLength"] > 0
