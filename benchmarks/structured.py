"""Is every answer under a JSON schema valid, at the tightest `max_tokens`? Many requests at once, one judge.

python benchmarks/structured.py --model smollm2-135m-instruct --out structured.jsonl

`jsonschema` judges. Answers go to the file as they come; the same command goes on from what is there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from limner.errors import InputError
from limner.models import Store, open_engine
from limner.models.engines.base import ChatEngine, ChatRequest, Delta, Done, Grammar
from limner.settings import ModelSettings, load_settings

POINT = {
    "type": "object",
    "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
    "required": ["x", "y"],
}
TREE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
    "required": ["name", "parts"],
}


def record(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has all of these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


SCHEMAS: dict[str, dict[str, Any]] = {
    "flat": record(name={"type": "string"}, age={"type": "integer"}, member={"type": "boolean"}),
    "nested": record(order=record(id={"type": "integer"}, to=record(city={"type": "string"}))),
    "list": record(tags={"type": "array", "items": {"type": "string"}, "minItems": 2}),
    "records": {"type": "array", "items": record(item={"type": "string"}, price={"type": "number"})},
    "enum": record(queue={"enum": ["billing", "general", "returns"]}, urgent={"type": "boolean"}),
    "numbers": record(
        share={"type": "number", "minimum": 0, "maximum": 1},
        score={"type": "integer", "minimum": 1, "maximum": 10},
        dozen={"type": "integer", "multipleOf": 12, "minimum": 0},
    ),
    "union": record(value={"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}, POINT]}),
    "kinds": {
        "oneOf": [
            record(kind={"const": "circle"}, radius={"type": "number"}),
            record(kind={"const": "box"}, width={"type": "number"}, height={"type": "number"}),
        ]
    },
    "tree": {"$defs": {"Tree": TREE}, "$ref": "#/$defs/Tree"},
    "optional": {
        "type": "object",
        "properties": {"note": {"type": ["string", "null"]}, "count": {"type": "integer"}},
        "additionalProperties": False,
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "pair": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    "texts": record(
        code={"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,6}$"},
        day={"type": "string", "format": "date"},
        long={"type": "string", "minLength": 10, "maxLength": 40},
    ),
    "merged": {
        "$defs": {"Named": record(name={"type": "string"})},
        "allOf": [
            {"$ref": "#/$defs/Named"},
            {"properties": {"size": {"enum": [36, 37, 38]}}, "required": ["size"]},
        ],
    },
}
ROOM = (0, 1, 2, 5, 12, 30)
"""Tokens above the shortest answer."""


async def shortest(engine: ChatEngine, schema: dict[str, Any]) -> int:
    """Return the fewest tokens that an answer takes, as the refusal of one token says."""
    _, done = await ask(engine, make(schema, 1, 0.0, 0))
    return int(str(done.error).split(" takes ")[1].split()[0]) if isinstance(done.error, InputError) else 1


def make(schema: dict[str, Any], tokens: int, temperature: float, seed: int) -> ChatRequest:
    """Return one request."""
    text = f"Invent an example for this JSON schema, in much detail: {json.dumps(schema)}\nExample {seed}:"
    return ChatRequest(
        messages=({"role": "user", "content": text},),
        max_tokens=tokens,
        temperature=temperature,
        seed=seed,
        grammar=Grammar("json_schema", json.dumps(schema)),
    )


async def ask(engine: ChatEngine, request: ChatRequest) -> tuple[str, Done]:
    """Return the whole text and how it ended."""
    text = ""
    async for event in engine.stream(request):
        if isinstance(event, Delta):
            text += event.text
        else:
            return text, event
    raise AssertionError("a stream ends with Done")


def fault(schema: dict[str, Any], text: str) -> str:
    """Return what is wrong with an answer; empty where nothing is."""
    try:
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(text))
    except Exception as error:  # noqa: BLE001 - whatever the judge says is the finding
        return f"{type(error).__name__}: {str(error)[:200]}"
    return ""


async def run(engine: ChatEngine, count: int, out: Path) -> dict[str, Any]:
    """Ask `count` times, many at once; return how many answers were valid, by schema."""
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
    done, names = {line["number"] for line in lines}, list(SCHEMAS)
    least = {name: await shortest(engine, schema) for name, schema in SCHEMAS.items()}

    async def one(number: int) -> None:
        name = names[number % len(names)]
        turn = number // len(names)
        tokens = least[name] + ROOM[turn // 2 % len(ROOM)]
        text, end = await ask(engine, make(SCHEMAS[name], tokens, float(turn % 2), number))
        line = {"number": number, "schema": name, "tokens": tokens, "text": text, "end": end.reason}
        line["fault"] = fault(SCHEMAS[name], text)
        lines.append(line)
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    await asyncio.gather(*[one(number) for number in range(count) if number not in done])
    return {
        "asked": len(lines),
        "valid": sum(not line["fault"] for line in lines),
        "schemas": len({line["schema"] for line in lines}),
        "ends": dict(Counter(line["end"] for line in lines)),
        "faults": [line for line in lines if line["fault"]][:10],
    }


def main() -> None:
    """Print the figures as JSON; end with 1 where an answer was not valid."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--engine", default="auto", choices=["auto", "torch", "openvino"])
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("structured.jsonl"))
    options = parser.parse_args()
    configured = load_settings()
    store = Store(configured.models_folder, configured.mirrors)
    settings = ModelSettings(engine=options.engine, threads=options.threads, max_queue=options.requests)
    with closing(open_engine(options.model, settings, store)) as engine:
        result = asyncio.run(run(engine, options.requests, options.out))
    print(json.dumps({"model": options.model, "engine": options.engine} | result, indent=1))
    sys.exit(result["valid"] < options.requests)


if __name__ == "__main__":
    main()
