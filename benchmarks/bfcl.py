"""How often tool calls are exactly right: the Berkeley function-calling data, one message a case.

    python benchmarks/bfcl.py FOLDER-OF-BFCL --sample 20 --seed 0 --part dev --out bfcl.jsonl

Two sides with one model and one prompt: `grammar` is ``ChatLimner.bind_tools(..., tool_choice="any")``;
`plain` writes text as it likes, read leniently. `exact` follows the leaderboard's rules for Python: the same
functions, every required argument, and of each argument a value among the possible ones. `valid` holds every
call against the schema of its function. The first third of a sample is `dev`, on which methods may be chosen.
A row is appended for each case, and what is there already is not asked again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from limner.models import ChatLimner
from limner.models.tool_calls import instructions

CATEGORIES = {"simple": "simple_python", "multiple": "multiple", "parallel": "parallel"}
SIDES = ("grammar", "plain")
MAX_TOKENS = 400
Call = tuple[str, dict[str, Any]]
_TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": None}


# -- the data


def cases(folder: Path, sample: int, seed: int, part: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Category and case of a seeded sample; `part` is ``dev`` (its first third), ``rest`` or ``all``."""
    for category, name in CATEGORIES.items():
        rows = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
        chosen = random.Random(f"{seed} {category}").sample(rows, min(sample, len(rows)))
        cut = round(len(chosen) / 3)
        parts = {"dev": chosen[:cut], "rest": chosen[cut:], "all": chosen}
        yield from ((category, row) for row in parts[part])


def json_schema(schema: Any) -> Any:
    """A parameter's schema in the words of JSON Schema."""
    if isinstance(schema, list):
        return [json_schema(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    # "optional" and prose beside the type are no keywords of it
    made = {key: json_schema(part) for key, part in schema.items() if key not in ("optional", "format")}
    if "properties" in schema:
        made["properties"] = {name: json_schema(part) for name, part in schema["properties"].items()}
    if isinstance(schema.get("type"), str):
        kind = _TYPES.get(schema["type"], schema["type"])
        made = {**made, "type": kind} if kind else {key: made[key] for key in made if key != "type"}
    return made


def tools_of(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The functions of a case as tools."""
    return [
        {"type": "function", "function": {**each, "parameters": json_schema(each["parameters"])}}
        for each in case["function"]
    ]


# -- judging


def exact(calls: list[Call], case: Mapping[str, Any]) -> str:
    """Why the calls are not the ones expected, in any order; "" where they are."""
    expected = list(case["ground_truth"])
    if len(calls) != len(expected):
        return f"{len(calls)} calls, not {len(expected)}"
    functions = {each["name"]: each["parameters"] for each in case["function"]}
    faults: list[str] = []
    for name, arguments in calls:
        found = [_fault(name, arguments, want, functions) for want in expected]
        if "" not in found:
            faults.append(found[0] if len(found) == 1 else f"{name}({arguments}) is none of those expected")
        else:
            expected.pop(found.index(""))
    return "; ".join(faults)


def _fault(
    name: str, arguments: Mapping[str, Any], want: Mapping[str, Any], functions: Mapping[str, Any]
) -> str:
    ((wanted, possible),) = want.items()
    if name != wanted:
        return f"{name}, not {wanted}"
    properties = functions[name]["properties"]
    for argument in functions[name].get("required", ()):
        if argument not in arguments:
            return f"{argument} is missing"
    for argument, value in arguments.items():
        if argument not in possible or argument not in properties:
            return f"{argument} is unexpected"
        if not _typed(value, properties[argument]):
            return f"{argument}={value!r} is of the wrong type"
        if not any(_same(value, each) for each in possible[argument]):
            return f"{argument}={value!r}, not one of {possible[argument]!r}"
    left_out = [each for each in possible if each not in arguments and "" not in possible[each]]
    return f"{left_out[0]} is left out" if left_out else ""


def _typed(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value is of the declared type; a whole number is a float, too."""
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "float": (int, float),
        "boolean": (bool,),
        "array": (list,),
        "tuple": (list,),
        "dict": (dict,),
    }
    wanted = kinds.get(schema["type"], (object,))
    return isinstance(value, wanted) and (not isinstance(value, bool) or bool in wanted or object in wanted)


def _same(value: Any, possible: Any) -> bool:
    if isinstance(value, str) and isinstance(possible, str):
        return _standard(value) == _standard(possible)
    if isinstance(value, list) and isinstance(possible, list):
        return len(value) == len(possible) and all(map(_same, value, possible))
    if isinstance(value, dict) and isinstance(possible, dict):
        # of a dictionary each value has a list of possible ones
        return set(value) <= set(possible) and all(
            any(_same(value[key], each) for each in options) if key in value else "" in options
            for key, options in possible.items()
        )
    return bool(value == possible)


def _standard(text: str) -> str:
    return re.sub(r"[ ,./\-_*^]", "", text).lower().replace("'", '"')


def valid(calls: list[Call], tools: list[dict[str, Any]]) -> bool:
    """Whether there is a call, and every call fits the schema of a function that is there."""
    import jsonschema

    schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}
    for name, arguments in calls:
        if name not in schemas:
            return False
        closed = {**schemas[name], "additionalProperties": False}
        if not jsonschema.Draft202012Validator(closed).is_valid(arguments):
            return False
    return bool(calls)


def read_plain(text: str) -> list[Call]:
    """Every object with a name and arguments in a text, in fences, in tags, in a list, or bare."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while (start := text.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, start)
        except ValueError:
            at = start + 1
            continue
        arguments = value.get("arguments", value.get("parameters", {}))
        if isinstance(value.get("name"), str) and isinstance(arguments, dict):
            found.append((value["name"], arguments))
    return found


# -- asking


async def ask(model: ChatLimner, case: Mapping[str, Any], side: str) -> tuple[list[Call], str, int]:
    """The calls that a side makes, the text of a plain answer, and tokens written."""
    tools, question = tools_of(case), HumanMessage(case["question"][0][-1]["content"])
    if side == "grammar":
        bound = model.bind_tools(tools, tool_choice="any", max_tokens=MAX_TOKENS)
        answer = await bound.ainvoke([question])
        calls = [(call["name"], call["args"]) for call in answer.tool_calls]
    else:
        told = SystemMessage(instructions([tool["function"] for tool in tools], "any"))
        answer = await model.ainvoke([told, question], max_tokens=MAX_TOKENS)
        calls = read_plain(str(answer.content))
    usage = answer.usage_metadata
    return calls, str(answer.content), usage["output_tokens"] if usage else 0


async def main(given: argparse.Namespace) -> dict[str, Any]:
    """Ask what the log lacks, and sum up what it holds."""
    log = Path(given.out)
    done = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    have = {(row["id"], row["side"]) for row in done}
    chosen = list(cases(Path(given.data), given.sample, given.seed, given.part))
    todo = [(*each, side) for each in chosen for side in given.sides if (each[1]["id"], side) not in have]
    gate = asyncio.Semaphore(given.concurrency)
    model = ChatLimner(given.model)

    async def one(category: str, case: dict[str, Any], side: str) -> None:
        async with gate:
            begun = time.monotonic()
            calls, text, tokens = await ask(model, case, side)
        fault = exact(calls, case)
        row = {"id": case["id"], "category": category, "side": side, "exact": not fault, "fault": fault}
        row |= {"valid": valid(calls, tools_of(case)), "calls": calls, "text": text}
        row |= {"tokens": tokens, "seconds": round(time.monotonic() - begun, 1)}
        done.append(row)
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    try:
        await asyncio.gather(*(one(*each) for each in todo))
    finally:
        model.close()
    wanted = {case["id"] for _, case in chosen}
    return summary([row for row in done if row["id"] in wanted])


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares by side, in all and by category."""

    def share(some: list[dict[str, Any]]) -> dict[str, Any]:
        count = len(some)
        return {"cases": count} | {
            key: round(sum(row[key] for row in some) / count, 4) for key in ("exact", "valid")
        }

    return {
        side: {
            name: share(part)
            for name in ("all", *CATEGORIES)
            if (part := [row for row in rows if row["side"] == side and name in ("all", row["category"])])
        }
        for side in SIDES
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data")
    parser.add_argument("--sample", type=int, default=20, help="Cases of each category.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", choices=("dev", "rest", "all"), default="all")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct")
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--out", default="bfcl.jsonl")
    print(json.dumps(asyncio.run(main(parser.parse_args())), indent=1))
