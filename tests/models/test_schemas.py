"""Schemas nobody designed for: an answer of random tokens is valid, or the schema is refused by name."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from limner.errors import InputError
from limner.models.engines.base import ChatEvent, ChatRequest, Delta, Grammar
from limner.models.engines.grammar import GrammarCompiler
from limner.models.engines.patterns import FORMATS, Pattern
from limner.models.engines.rows import RowMaker
from limner.models.engines.tickets import Ticket

NODE = {
    "type": "object",
    "properties": {"v": {"type": "integer"}, "k": {"type": "array", "items": {"$ref": "#/$defs/N"}}},
    "required": ["v", "k"],
}
NAMED = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
ENDLESS = {"type": "object", "properties": {"n": {"$ref": "#/$defs/E"}}, "required": ["n"]}
WRITTEN: dict[str, dict[str, Any]] = {
    "more properties": {
        "type": "object",
        "properties": {"a": {}},
        "additionalProperties": {"type": "string"},
    },
    "any object": {"type": "object"},
    "anything": {},
    "no property": {"type": "object", "properties": {}, "additionalProperties": False},
    "recursion": {"$defs": {"N": NODE}, "$ref": "#/$defs/N"},
    "recursion to the root": {"type": "object", "properties": {"x": {"$ref": "#"}}},
    "const": {"const": {"a": [1, "x"]}},
    "fixed values of a type": {"type": "string", "minLength": 2, "enum": ["a", 1, "bcd"]},
    "many fixed values": {"enum": [f"value-{number}" for number in range(500)]},
    "told apart": {
        "oneOf": [
            {"type": "object", "properties": {"k": {"const": name}}, "required": ["k"]} for name in ("a", "b")
        ]
    },
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}-\\d{3,5}$"},
    "pattern anywhere": {"type": "string", "pattern": "ab+c|x"},
    "pattern and length": {"type": "string", "pattern": "^[a-z]+$", "minLength": 4, "maxLength": 9},
    "pattern with quotes": {"type": "string", "pattern": '^"\\w+\\\\"$'},
    **{f"format {name}": {"type": "string", "format": name} for name in FORMATS},
    "bounds": {"type": "number", "exclusiveMinimum": 0.001, "maximum": 0.002},
    "multiples": {"type": "integer", "multipleOf": 7, "minimum": 10},
    "nullable": {"type": ["string", "null"], "nullable": True, "x-order": 3},
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"enum": ["x"]}],
        "items": False,
        "minItems": 2,
    },
    "parts": {
        "$defs": {"P": NAMED},
        "allOf": [{"$ref": "#/$defs/P"}, {"properties": {"size": {"type": "integer"}}, "required": ["size"]}],
    },
    "one part": {
        "$defs": {"P": NAMED},
        "type": "object",
        "properties": {"p": {"allOf": [{"$ref": "#/$defs/P"}]}},
    },
    "beside a reference": {
        "$defs": {"I": {"type": "integer"}},
        "$ref": "#/$defs/I",
        "minimum": 90,
        "maximum": 99,
    },
    "beside alternatives": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
}
REFUSED: dict[str, dict[str, Any]] = {
    "patternProperties": {"type": "object", "patternProperties": {"^a": {}}},
    "uniqueItems": {"type": "array", "uniqueItems": True},
    "not": {"not": {"type": "string"}},
    "if": {"if": {"type": "string"}, "then": {"minLength": 3}},
    "minProperties": {"type": "object", "minProperties": 1},
    "colour": {"type": "string", "format": "colour"},
    "assert": {"type": "string", "pattern": "^(?=.*a).*$"},
    "oneOf": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "additionalProperties": {"allOf": [NAMED | {"additionalProperties": False}, {"properties": {"b": {}}}]},
    "minimum": {"type": "integer", "minimum": 5, "maximum": 3},
    "fixed values": {"type": "integer", "enum": ["a"]},
    "finite": {"$defs": {"E": ENDLESS}, "$ref": "#/$defs/E"},
    "'#/$defs/A'": {"$defs": {"A": {"$ref": "#/$defs/A"}}, "$ref": "#/$defs/A"},
    "http://elsewhere": {"$ref": "http://elsewhere/schema"},
    "leads back": {"type": "object", "allOf": [{"$ref": "#"}]},
    "nothing": {"type": "nothing"},
}


class Sheet(Ticket):
    """A ticket that writes its answer down."""

    def __init__(self, request: ChatRequest) -> None:
        self.request, self.tokens_in, self.tokens_out = request, 0, 0
        self.text = self.reason = ""

    def post(self, event: ChatEvent) -> None:
        if isinstance(event, Delta):
            self.text += event.text
        else:
            self.reason = event.reason


@pytest.fixture(scope="module")
def rows(tiny_model: Path) -> RowMaker:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    ends = {tokenizer.eos_token_id}
    return RowMaker(tokenizer, ends, 8000, GrammarCompiler(tokenizer, len(tokenizer), ends))


def shortest(rows: RowMaker, schema: dict[str, Any]) -> int:
    """Tokens that the shortest answer takes."""
    with pytest.raises(InputError, match="takes") as raised:
        rows.row(Sheet(request(schema, 1)))
    return int(str(raised.value).split(" takes ")[1].split()[0])


def request(schema: dict[str, Any], most: int) -> ChatRequest:
    return ChatRequest(prompt=(1, 2), max_tokens=most, grammar=Grammar("json_schema", json.dumps(schema)))


def answer(rows: RowMaker, schema: dict[str, Any], most: int, seed: int) -> Sheet:
    """Write an answer of random tokens that the grammar takes: no model is worse."""
    sheet, chance = Sheet(request(schema, most)), random.Random(seed)
    row = rows.row(sheet)
    assert row.matcher is not None
    while True:
        bits = np.frombuffer(row.matcher.compute_bitmask(), np.uint8)
        allowed = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
        if not row.take(int(chance.choice(allowed.tolist()))):
            return sheet


@pytest.mark.parametrize("name", WRITTEN)
def test_random_tokens_make_a_valid_answer_at_any_budget(rows: RowMaker, name: str) -> None:
    schema = WRITTEN[name]
    try:
        least = shortest(rows, schema)
    except pytest.fail.Exception:
        least = 1
    for seed, room in enumerate((0, 1, 2, 5, 20, 60)):
        sheet = answer(rows, schema, least + room, seed)
        assert sheet.reason == "finished"
        Draft202012Validator(schema).validate(json.loads(sheet.text))


@pytest.mark.parametrize("word", REFUSED)
def test_what_is_not_supported_is_refused_by_name_before_anything_is_written(
    rows: RowMaker, word: str
) -> None:
    with pytest.raises(InputError, match=re.escape(word)):
        rows.row(Sheet(request(REFUSED[word], 3000)))


PATTERNS = [
    "^a+$",
    "^[a-z]{3}-\\d{2,4}$",
    "foo|bar",
    "^foo$|^bar$",
    "^(?:ab?c){2,}$",
    "^.{5,8}$",
    "x$",
    "[^a-z]",
    "",
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*PATTERNS, *FORMATS.values()]), st.integers(0, 12), st.integers(0, 12))
def test_a_text_cut_anywhere_is_completed_to_one_that_matches(regex: str, cut: int, least: int) -> None:
    pattern = Pattern(regex)
    text = (pattern.rest("", least) or pattern.rest("") or "")[:cut]
    rest = pattern.rest(text)
    assert rest is not None
    assert re.search(regex, text + rest)
    longer = pattern.rest(text, least)
    if longer is not None:
        assert re.search(regex, text + longer)
        assert len(text + longer) >= least
