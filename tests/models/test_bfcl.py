"""The benchmark of tool calls judges as the leaderboard does."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "bfcl"
CASE: dict[str, Any] = {
    "function": [
        {
            "name": "geo.find",
            "parameters": {
                "type": "dict",
                "properties": {
                    "city": {"type": "string"},
                    "radius": {"type": "float"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "deep": {"type": "boolean"},
                    "where": {"type": "dict", "properties": {"x": {"type": "integer"}}},
                },
                "required": ["city", "radius"],
            },
        }
    ],
    "ground_truth": [
        {
            "geo.find": {
                "city": ["New York", "NYC"],
                "radius": [5.0],
                "tags": [["Art", "food"], ""],
                "deep": ["", True],
                "where": [{"x": [1, 2]}, ""],
            }
        }
    ],
}


@pytest.fixture(scope="module")
def bfcl() -> ModuleType:
    path = ROOT / "benchmarks" / "bfcl.py"
    spec = importlib.util.spec_from_file_location("benchmark_bfcl", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"city": "new-york", "radius": 5}, ""),
        ({"city": "NYC", "radius": 5.0, "tags": ["art", "Food"], "deep": True, "where": {"x": 2}}, ""),
        ({"city": "NYC"}, "radius is missing"),
        ({"city": "NYC", "radius": "5"}, "wrong type"),
        ({"city": "NYC", "radius": True}, "wrong type"),
        ({"city": "Boston", "radius": 5}, "not one of"),
        ({"city": "NYC", "radius": 5, "unit": "km"}, "unexpected"),
        ({"city": "NYC", "radius": 5, "deep": False}, "not one of"),
        ({"city": "NYC", "radius": 5, "where": {"x": 3}}, "not one of"),
    ],
)
def test_a_call_is_exact_where_every_argument_is_a_possible_one(
    bfcl: ModuleType, arguments: dict[str, Any], fault: str
) -> None:
    found = bfcl.exact([("geo.find", arguments)], CASE)
    assert fault in found and bool(found) == bool(fault)


def test_calls_are_matched_in_any_order_and_number_counts(bfcl: ModuleType) -> None:
    two = {**CASE, "ground_truth": [{"geo.find": {"city": [city], "radius": [1]}} for city in ("A", "B")]}
    calls = [("geo.find", {"city": city, "radius": 1}) for city in ("B", "A")]
    assert bfcl.exact(calls, two) == ""
    assert bfcl.exact(calls[:1], two) == "1 calls, not 2"
    assert bfcl.exact([calls[0], calls[0]], two)


def test_valid_means_that_every_call_fits_its_schema(bfcl: ModuleType) -> None:
    tools = bfcl.tools_of(CASE)
    assert bfcl.valid([("geo.find", {"city": "Boston", "radius": 1})], tools)
    assert not bfcl.valid([], tools)
    assert not bfcl.valid([("geo.lose", {})], tools)
    assert not bfcl.valid([("geo.find", {"city": 1, "radius": 1})], tools)


def test_plain_text_is_read_leniently(bfcl: ModuleType) -> None:
    call = json.dumps({"name": "f", "arguments": {"a": {"b": 1}}})
    for text in (f"Sure!\n```json\n[{call}, {call}]\n```", f"<tool_call>{call}</tool_call> then {call}"):
        assert bfcl.read_plain(text) == [("f", {"a": {"b": 1}})] * 2
    assert bfcl.read_plain("no {call} here") == []


@pytest.mark.skipif(not DATA.is_dir(), reason="the data is not here")
def test_a_sample_is_the_same_each_time_and_its_parts_are_apart(bfcl: ModuleType) -> None:
    def ids(part: str) -> list[str]:
        return [case["id"] for _, case in bfcl.cases(DATA, 20, 0, part)]

    assert ids("all") == ids("all") and len(ids("all")) == 60
    assert sorted([*ids("dev"), *ids("rest")]) == sorted(ids("all"))
    assert len(ids("dev")) == 21
