"""Grammars as servers take them: a JSON schema in `response_format`, and the answer read back and checked."""

from __future__ import annotations

import json
from typing import Any

from ...errors import InputError, ModelError
from .base import Grammar
from .schemas import check_valid


def response_format(grammar: Grammar) -> dict[str, Any]:
    """Return what OpenAI's API calls `response_format`.

    Choices become an object with a list of the options.

    Raises:
        InputError: The grammar is neither a JSON schema nor choices, or no valid schema.
    """
    match grammar.kind:
        case "json_schema":
            schema = json.loads(grammar.text)
            check_valid(schema)
        case "choices":
            choices = json.loads(grammar.text)
            chosen = {
                "type": "array",
                "items": {"enum": choices["options"]},
                "minItems": choices["at_least"],
                "maxItems": choices["at_most"],
            }
            schema = {
                "type": "object",
                "properties": {"chosen": chosen},
                "required": ["chosen"],
                "additionalProperties": False,
            }
        case _:
            raise InputError(
                f"A server cannot follow a grammar of kind {grammar.kind!r}.",
                "Use a JSON schema or choices, or a model in this process.",
            )
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def read_back(grammar: Grammar, text: str) -> str:
    """Return a server's whole answer as the grammar has it.

    A server may ignore `response_format`; its answer serves all the same where it fits.

    Raises:
        ModelError: It does not fit.
    """
    return _chosen(json.loads(grammar.text), text) if grammar.kind == "choices" else _json(grammar, text)


def _json(grammar: Grammar, text: str) -> str:
    """Return the JSON of an answer, without a code fence, held against the schema."""
    from jsonschema import Draft202012Validator

    try:
        value = _load(text)
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise _unfit(f"no JSON: {error}") from error
    fault = next(Draft202012Validator(json.loads(grammar.text)).iter_errors(value), None)
    if fault is not None:
        raise _unfit(f"{fault.json_path}: {fault.message[:200]}")
    return written


def _chosen(choices: dict[str, Any], text: str) -> str:
    """Return the chosen options between separators; what is no option, or comes again, is left out."""
    from langchain_core.utils.json import parse_partial_json

    separator = choices["separator"]
    try:
        # An answer that was cut short still has the options that came whole.
        said = _load(text, parse_partial_json)["chosen"]
    except (ValueError, RecursionError, TypeError, KeyError):
        said = [line.strip() for line in text.split(separator)]
    options = set(choices["options"])
    known = [one for one in said if isinstance(one, str) and one in options] if isinstance(said, list) else []
    chosen = list(dict.fromkeys(known))[: choices["at_most"]]
    if len(chosen) < choices["at_least"]:
        raise _unfit(
            f"it holds {len(chosen)} of the options, and at least {choices['at_least']} are asked for"
        )
    return str(separator.join(chosen))


def _load(text: str, parse: Any = json.loads) -> Any:
    from langchain_core.utils.json import parse_json_markdown

    return parse_json_markdown(text, parser=parse)


def _unfit(reason: str) -> ModelError:
    return ModelError(
        f"The server's answer does not fit what was asked for: {reason}.",
        "Use a server that follows response_format, such as vLLM, SGLang or llama-server.",
    )
