"""The plan that needs no model: which tools a question calls for, with arguments that stand in the question.

`draft` reads the question part by part. A tool is called where every required argument has its evidence;
where no tool fits, the documents are searched; numbers that were looked up are added, compared or averaged
by reference in a second round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from langchain_core.tools import BaseTool
from pydantic import BaseModel

from ..retrieval.terms import STOP_WORDS, content_stems, stem, words
from ..tools.arguments import readings
from ..tools.policy import policy_of
from ..tools.schema import offered_schema
from .messages.dialogue import split
from .messages.requests import command
from .sums import expression_for, expressions, wanted

CALCULATOR, SEARCH = "calculator", "search_knowledge"
MOST_OF_A_TOOL = 6
"""Calls of one tool for one part of a question."""
_FREE = {"query", "question", "message", "text", "expression", "sql"}
"""Words in the name of an argument that is written for the tool, not taken over."""
_NEVER_A_PHRASE = {"id", "number", "no", "code", "sku", "ref", "email", "mail", "phone", "telephone", "date"}
"""Words in the name of an argument that is read by its form or not at all."""
_PRONOUN = re.compile(r"\b(?:it|its|they|them|their|that|those|these|this|each|both)\b", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“‘']([^\"“”‘’']{2,60})[\"”’']")
_JOINED = re.compile(r"\s*,?\s*(?:(?:and|or|&)\s+)?(?:(?:the|a|an)\s+)?", re.IGNORECASE)
_MONEY_WORDS = ("cost", "pay", "paid", "price", "spend", "worth", "charge")
_MONEY_FIELDS = ("total", "amount", "price", "cost", "sum")
_PLAIN = frozenset("much many long often far find show tell give look check need know order please".split())


class Call(BaseModel, frozen=True):
    """One planned call of a tool."""

    name: str
    """What later calls refer to its result by."""
    tool: str
    arguments: dict[str, Any]


Result = Mapping[str, Any]
"""What came of a call: its name, tool, arguments, status and output, and more for the answer."""


def draft(question: str, tools: Mapping[str, BaseTool], results: Sequence[Result] = ()) -> list[Call]:
    """The calls that the question needs next, given what came of earlier ones; [] where nothing is left.

    Deterministic. A tool with an effect is called only where a part of the question asks for its verb.
    """
    namer = _Namer(result["name"] for result in results)
    made: list[Call] = []
    parts = split(question)
    for number, part in enumerate(parts):
        before = parts[:number]
        found = _further(part, before, tools, results) if results else _first(part, question, tools)
        made += [Call(name=namer(tool), tool=tool, arguments=arguments) for tool, arguments in found]
    return [call for n, call in enumerate(made) if not any(same(call, other) for other in made[:n])]


def same(one: Call, other: Call) -> bool:
    """Whether two calls do the same."""
    return one.tool == other.tool and one.arguments == other.arguments


def bears_on(part: str, result: Result) -> bool:
    """Whether a result is about a part of the question: by the values asked with, or by its words."""
    asked = [str(value).lower() for value in _scalars(result["arguments"])]
    if result["tool"] == CALCULATOR:
        return any(expression in asked for expression in map(str.lower, expressions(part)))
    if result["tool"] == SEARCH or any(len(content_stems(value)) > 3 for value in asked):
        query, own = set(content_stems(" ".join(asked))), set(content_stems(part))
        return bool(own) and len(query & own) >= 0.5 * min(len(own), len(query) or 1)
    low = part.lower()
    evident = [each["text"].lower() for each in result.get("evidence", {}).values()]
    named = [value for value in (*asked, *evident) if value]
    if named:
        return any(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", low) for value in named)
    return bool(set(content_stems(part)) & set(content_stems(result["tool"].replace("_", " "))))


def bearing(part: str, before: Sequence[str], results: Sequence[Result]) -> list[Result]:
    """The results about a part; where it says "it", those about what was asked before."""
    found = [result for result in results if bears_on(part, result)]
    if not found and _PRONOUN.search(part):
        for earlier in reversed(before):
            found = [
                result for result in results if bears_on(earlier, result) and result["tool"] != CALCULATOR
            ]
            if found:
                break
    return found


def number_field(part: str, outputs: Sequence[Any]) -> str:
    """The path of the numbers that a part is about, in every output; "" where it is unclear."""
    paths = [list(dict.fromkeys(path for path, _ in number_leaves(output))) for output in outputs]
    common = [path for path in paths[0] if all(path in other for other in paths)] if paths else []
    asked = set(content_stems(part))
    fitting = [path for path in common if set(content_stems(re.sub(r"[._]", " ", path))) & asked]
    if not fitting and asked & {stem(word) for word in _MONEY_WORDS}:
        fitting = [path for path in common if path.removeprefix(".") in _MONEY_FIELDS]
        fitting = fitting if len(fitting) == 1 else []
    if fitting:
        return min(fitting, key=lambda path: path.count("."))
    return common[0] if len(common) == 1 else ""


def number_leaves(output: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Path and value of every number in an output; the items of a list have one path."""
    if isinstance(output, Mapping):
        for key, item in output.items():
            if re.fullmatch(r"\w+", str(key)):
                yield from number_leaves(item, f"{path}.{key}")
    elif isinstance(output, list):
        for item in output:
            yield from number_leaves(item, path)
    elif isinstance(output, int | float) and not isinstance(output, bool):
        yield path, float(output)


# -- the first round


def _first(part: str, question: str, tools: Mapping[str, BaseTool]) -> list[tuple[str, dict[str, Any]]]:
    sums = expressions(part) if CALCULATOR in tools else []
    fitting = sorted(
        (
            ((policy_of(tool).effect, strong, likeness), name, calls)
            for name, tool in tools.items()
            if name not in (CALCULATOR, SEARCH) and (not policy_of(tool).effect or _orders(part, name))
            for strong, likeness, calls in [_calls_of(tool, part, question)]
            if calls
        ),
        key=lambda row: (*(-int(of) for of in row[0]), row[1]),
    )
    best = fitting[0][0] if fitting else None
    made = [(name, each) for rank, name, calls in fitting if rank == best for each in calls]
    made += [(CALCULATOR, {"expression": each}) for each in sums]
    if not made and SEARCH in tools and not _of_it(part):
        made = [(SEARCH, {"query": part})]
    return made


def _orders(part: str, tool: str) -> bool:
    """Whether a part asks to do what a tool does: "Could you cancel order W123?" and ``cancel_order``."""
    verb = re.match(r"\w+", command(part))
    return verb is not None and stem(verb[0].lower()) == stem(tool.lower().split("_")[0])


def _of_it(part: str) -> bool:
    """Whether a part only works with what another part looks up: "15 % of it"."""
    return wanted(part) is not None and bool(_PRONOUN.search(part))


def _calls_of(tool: BaseTool, part: str, question: str) -> tuple[bool, int, list[dict[str, Any]]]:
    """Whether the arguments speak for themselves, how like the tool is to the part, and its calls."""
    schema = offered_schema(tool)
    said = readings(tool, part)
    if _PRONOUN.search(part):
        said = {name: values or readings(tool, question)[name] for name, values in said.items()}
    likeness = len(set(content_stems(part)) & _stems_of(tool))
    options: dict[str, list[Any]] = {}
    strong = False
    for name, about in schema["properties"].items():
        parts = set(name.lower().split("_"))
        values = [value.value for value in said.get(name, ())]
        text = about.get("type") == "string" and "enum" not in about
        if parts & _FREE:
            values = []
        elif text and values:
            # a text is only read out of a message by its form: an id, an address, a date
            strong |= "reason" not in parts
        elif (
            text
            and name in schema["required"]
            and not parts & _NEVER_A_PHRASE
            and not {"pattern", "format"} & about.keys()
        ):
            values = _phrases(part, tool)
        if values:
            options[name] = values[:MOST_OF_A_TOOL]
    missing = [name for name in schema["required"] if name not in options]
    if missing or not (strong or likeness):
        return False, 0, []
    wanted_here = {name: options[name] for name in options if name in schema["required"]}
    # of what may be left out, only what is said once
    extra = {
        name: values[0] for name, values in options.items() if name not in wanted_here and len(values) == 1
    }
    sizes = {len(values) for values in wanted_here.values()}
    rows = zip(*wanted_here.values(), strict=True) if len(sizes) == 1 else product(*wanted_here.values())
    calls = [
        {**extra, **dict(zip(wanted_here, row, strict=True))}
        for row, _ in zip(rows, range(MOST_OF_A_TOOL), strict=False)
    ]
    return strong, likeness, calls if wanted_here else [extra]


def _stems_of(tool: BaseTool) -> set[str]:
    return set(content_stems(f"{tool.name.replace('_', ' ')} {tool.description}"))


def _phrases(part: str, tool: BaseTool) -> list[str]:
    """The words that name things: quoted ones, or the longest run that the tool itself does not say.

    What is joined to that run by "and" or a comma is named, too.
    """
    quoted = [match[1].strip() for match in _QUOTED.finditer(part)]
    if quoted:
        return quoted
    dull = _stems_of(tool) | {stem(word) for word in _PLAIN}
    runs: list[list[re.Match[str]]] = [[]]
    for match in re.finditer(r"[\w'’-]+", part):
        told = words(match[0])
        plain_word = told and told[0] not in STOP_WORDS and not told[0].isdigit()
        if not plain_word or all(stem(word) in dull for word in told):
            runs.append([])
        elif runs[-1] and "," in part[runs[-1][-1].end() : match.start()]:
            runs.append([match])
        else:
            runs[-1].append(match)
    spans = [(run[0].start(), run[-1].end()) for run in runs if run]
    if not spans:
        return []
    first = last = max(range(len(spans)), key=lambda n: spans[n][1] - spans[n][0])
    while first > 0 and _JOINED.fullmatch(part[spans[first - 1][1] : spans[first][0]]):
        first -= 1
    while last < len(spans) - 1 and _JOINED.fullmatch(part[spans[last][1] : spans[last + 1][0]]):
        last += 1
    return [part[start:end] for start, end in spans[first : last + 1]]


# -- a further round


def _further(
    part: str, before: Sequence[str], tools: Mapping[str, BaseTool], results: Sequence[Result]
) -> list[tuple[str, dict[str, Any]]]:
    about = bearing(part, before, results)
    records = [
        result
        for result in about
        if result["status"] == "done" and result["tool"] not in (SEARCH, CALCULATOR)
    ]
    done = records or [
        result for result in about if result["status"] == "done" and result["tool"] == CALCULATOR
    ]
    want = wanted(part)
    if want is not None and records and CALCULATOR in tools:
        outputs = [result["output"] for result in records]
        asked = [part, *reversed(before)] if _of_it(part) else [part]
        field = next((found for text in asked if (found := number_field(text, outputs))), "")
        if field:
            terms = [f"${result['name']}{field}" for result in records]
            values = [[value for path, value in number_leaves(each) if path == field] for each in outputs]
            expression = expression_for(want, terms, values)
            tried = any(
                result["tool"] == CALCULATOR and result["arguments"].get("expression") == expression
                for result in results
            )
            if expression and not tried:
                return [(CALCULATOR, {"expression": expression})]
    searched = any(result["tool"] == SEARCH for result in about)
    if not done and not searched and SEARCH in tools and not _of_it(part):
        return [(SEARCH, {"query": part})]
    return []


class _Namer:
    """Names calls after their tools: ``find_order_1``, ``find_order_2``."""

    def __init__(self, taken: Iterator[str]) -> None:
        self._taken = set(taken)

    def __call__(self, tool: str) -> str:
        base = re.sub(r"\W+", "_", tool).strip("_").lower() or "call"
        number = 1
        while f"{base}_{number}" in self._taken:
            number += 1
        self._taken.add(f"{base}_{number}")
        return f"{base}_{number}"


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _scalars(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _scalars(item)
    elif value is not None:
        yield value
