"""Grammars: build them, bound them to a token budget, and follow them token by token."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from ...errors import InputError
from .base import Grammar
from .choices import ChoicesMatcher, spell
from .closing import Closing
from .schemas import read_schema

log = logging.getLogger(__name__)

_CHARACTERS_PER_TOKEN = 3
"""A cautious figure for text: English has about four."""
_TOKENS_PER_ITEM = 12
"""What one element of a list is given room for where the schema does not bound the list."""
_SAFE_INTEGER = 2**53 - 1


def bound_schema(schema: Mapping[str, Any], max_tokens: int) -> dict[str, Any]:
    """Return the schema with a limit on every text, list and integer that has none.

    An answer then closes its brackets before `max_tokens` run out, as long as its texts take no more
    than a token for three characters. Objects that name their properties take no others.
    """
    definitions = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    count = 1 + sum(len(group) for group in definitions.values())
    bounded: dict[str, Any] = _bound(schema, max_tokens // count)
    for key, group in definitions.items():
        bounded[key] = {name: _bound(part, max_tokens // count) for name, part in group.items()}
    return bounded


def _bound(node: Any, tokens: int) -> Any:
    if not isinstance(node, Mapping):
        return node
    bounded = dict(node)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            bounded[key] = [_bound(part, tokens) for part in node[key]]
    if "enum" in node or "const" in node or "$ref" in node:
        return bounded
    kind = node.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "string" in kinds and not {"maxLength", "pattern", "format"} & node.keys():
        bounded["maxLength"] = max(node.get("minLength", 0), tokens * _CHARACTERS_PER_TOKEN, 8)
    if (
        "integer" in kinds
        and not {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} & node.keys()
    ):
        bounded |= {"minimum": -_SAFE_INTEGER, "maximum": _SAFE_INTEGER}
    if "array" in kinds:
        least = node.get("minItems", 0)
        most = node.get("maxItems", max(least, 1, min(16, tokens // _TOKENS_PER_ITEM)))
        bounded["maxItems"] = most
        if "items" in node:
            bounded["items"] = _bound(node["items"], tokens // max(most, 1))
    if isinstance(node.get("properties"), Mapping):
        properties = node["properties"]
        # Names, quotes and commas cost tokens before any value does.
        left = max(tokens - sum(4 + len(name) // 3 for name in properties), 0)
        share = left // max(sum(not _fixed(part) for part in properties.values()), 1)
        bounded["properties"] = {name: _bound(part, share) for name, part in properties.items()}
        bounded.setdefault("additionalProperties", False)
    return bounded


def _fixed(node: Any) -> bool:
    """Tell whether a value's length is small or bounded already, so that it needs no share."""
    return isinstance(node, Mapping) and bool(
        {"enum", "const", "maxLength"} & node.keys() or node.get("type") in ("boolean", "null")
    )


class Matcher(Protocol):
    """What an answer may go on with; a `llguidance.LLMatcher` is one."""

    def compute_bitmask(self) -> bytes:
        """Return one bit for each token of the vocabulary, lowest first: 1 where it may come next."""

    def consume_token(self, sampled_token: int, /) -> bool:
        """Go on by a token; False where it may not come next."""

    def compute_ff_tokens(self) -> list[int]:
        """Return the tokens that must come next, up to where there is a choice or an end."""

    def is_stopped(self) -> bool:
        """Tell whether nothing may follow."""

    def get_error(self) -> str:
        """Say why a token was refused."""


class GrammarCompiler:
    """Makes matchers for one tokenizer. Slow to build (about a second), so build it once.

    Args:
        tokenizer: A fast Hugging Face tokenizer.
        vocabulary: Width of the model's logits.
        ends: Token ids that end an answer.

    Raises:
        ValueError: The tokenizer is not a fast one.
    """

    def __init__(self, tokenizer: Any, vocabulary: int, ends: Collection[int]) -> None:
        from llguidance.hf import from_tokenizer

        self._tokenizer = from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=list(ends) or None)

    def matcher(self, grammar: Grammar, max_tokens: int) -> Matcher:
        """Return a fresh matcher.

        Raises:
            InputError: The grammar is not valid or uses what llguidance does not support.
        """
        from llguidance import LLMatcher

        try:
            match grammar.kind:
                case "json_schema":
                    schema = bound_schema(read_schema(grammar.text), max_tokens)
                    source = LLMatcher.grammar_from_json_schema(
                        schema, overrides={"whitespace_flexible": False}
                    )
                case "choices":
                    return ChoicesMatcher(grammar.text, self._tokenizer, max_tokens)
                case "lark":
                    source = LLMatcher.grammar_from_lark(grammar.text)
                case _:
                    source = LLMatcher.grammar_from_regex(grammar.text)
        except ValueError as error:
            raise InputError(f"The {grammar.kind} is not valid: {error}.", "Correct it.") from error
        matcher: Any = LLMatcher(self._tokenizer, source)
        if matcher.is_error():
            reason = matcher.get_error().splitlines()[0]
            raise InputError(f"The {grammar.kind} cannot be compiled: {reason}", "Simplify or correct it.")
        checked: Matcher = matcher
        return checked

    def ending(self, grammar: Grammar, max_tokens: int) -> Ending | None:
        """Return what brings an answer under a JSON schema to its end within `max_tokens`, or None.

        Raises:
            InputError: Not even the shortest answer fits.
        """
        if grammar.kind != "json_schema":
            return None
        closing = Closing(bound_schema(read_schema(grammar.text), max_tokens))
        if closing.rest(b"") is None:
            raise InputError("The json_schema has no answer of finite length.", "Correct it.")
        ending = Ending(closing, self._tokenizer)
        if len(ending.tokens) > max_tokens:
            raise InputError(
                f"The shortest answer to the json_schema takes {len(ending.tokens)} tokens, "
                f"and max_tokens is {max_tokens}.",
                "Raise max_tokens, or ask for less.",
            )
        return ending


class Ending:
    """Keeps room for the shortest ending of an answer under a JSON schema.

    Args:
        closing: What ends a text under the schema.
        tokenizer: A `llguidance.LLTokenizer`.
    """

    def __init__(self, closing: Closing, tokenizer: Any) -> None:
        self._closing, self._tokenizer = closing, tokenizer
        self._written = b""
        self.tokens = spell(tokenizer, closing.rest(b"") or b"")
        """What ends the answer now."""

    def allows(self, token: int, left: int) -> bool:
        """Go on by a token if an ending of at most `left` tokens remains; else say False and stay."""
        written = self._written + self._tokenizer.decode_bytes([token])
        rest = self._closing.rest(written)
        if rest is None:
            return False
        tokens = spell(self._tokenizer, rest)
        if len(tokens) > left:
            return False
        self._written, self.tokens = written, tokens
        return True


def open_grammars(tokenizer: Any, vocabulary: int, ends: Collection[int]) -> GrammarCompiler | None:
    """Return a compiler for the tokenizer, or None where it cannot follow grammars."""
    try:
        return GrammarCompiler(tokenizer, vocabulary, ends)
    except ValueError as error:
        log.warning("no grammars for this model: %s", error)
        return None
