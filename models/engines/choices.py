"""Choices: an answer made of given texts, none of them twice, followed token by token."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import InputError
from .base import Grammar


def choices_grammar(options: Sequence[str], at_least: int, at_most: int, separator: str = "\n") -> Grammar:
    """Return the grammar of `at_least` to `at_most` different options, each as given, between separators.

    Where there are fewer options than `at_least`, all of them are asked for.

    Raises:
        InputError: There is no option, one is empty or contains the separator, or the counts do not fit.
    """
    if not options or not all(options):
        raise InputError("choices has no option, or an empty one.", "Give at least one non-empty text.")
    # The separator must be found where it is put: "a;" before ";;" would read as "a", then ";".
    if not separator or any(
        (option + separator).find(separator) < len(option) or "\n" in option for option in options
    ):
        raise InputError("An option contains a line break or the separator.", "Take it out of the option.")
    if not 0 <= at_least <= at_most or at_most < 1:
        raise InputError(
            f"choices asks for at least {at_least!r} and at most {at_most!r} options.",
            "Give 0 <= at_least <= at_most, and at_most >= 1.",
        )
    different = list(dict.fromkeys(options))
    call = {
        "options": different,
        "at_least": min(at_least, len(different)),
        "at_most": min(at_most, len(different)),
        "separator": separator,
    }
    return Grammar("choices", json.dumps(call))


class ChoicesMatcher:
    """Follows an answer of choices; what it is asked is what `llguidance.LLMatcher` is asked.

    An option is spelled in the tokenizer's own way, and none is begun that no longer fits, as long as
    enough were written.

    Args:
        call: The text of a grammar of `choices_grammar`.
        tokenizer: A `llguidance.LLTokenizer`.
        max_tokens: Most tokens of the whole answer.
    """

    def __init__(self, call: str, tokenizer: Any, max_tokens: int) -> None:
        choices = json.loads(call)
        self._tokenizer = tokenizer
        self._spell = functools.cache(functools.partial(spell, tokenizer))
        self._separator = choices["separator"].encode()
        options = frozenset(option.encode() for option in choices["options"])
        self._enough = len(options) - choices["at_least"]
        """With no more options unused than this, the answer may end."""
        self._all = len(options) - choices["at_most"]
        """With no more options unused than this, it must end."""
        self._left = max_tokens
        self._ways = [_Way(self._spell(option), options - {option}) for option in options]
        self._may_end = self._enough == len(options)
        self._prune()

    def compute_bitmask(self) -> bytes:
        """Return one bit for each token of the vocabulary, lowest first: 1 where it may come next."""
        bits = bytearray(self._tokenizer.vocab_size // 8 + 1)
        for token in [*self._next(), *(self._tokenizer.eos_tokens if self._may_end else [])]:
            bits[token // 8] |= 1 << token % 8
        return bytes(bits)

    def consume_token(self, token: int) -> bool:
        """Go on by a token; False where it may not come next."""
        if token not in self._next():
            return False
        self._left -= 1
        self._ways = [
            _Way(way.tokens[1:], way.unused) for way in self._ways if way.tokens and way.tokens[0] == token
        ]
        self._may_end = any(not way.tokens and len(way.unused) <= self._enough for way in self._ways)
        self._ways += [more for way in self._ways for more in self._beyond(way)]
        self._prune()
        return True

    def compute_ff_tokens(self) -> list[int]:
        """Return the tokens that must come next, up to where there is a choice or an end."""
        ahead = copy.copy(self)
        forced: list[int] = []
        while not ahead._may_end and len(ahead._next()) == 1:
            forced += ahead._next()
            ahead.consume_token(forced[-1])
        return forced

    def is_stopped(self) -> bool:
        """Tell whether nothing may follow."""
        return not self._next()

    def get_error(self) -> str:
        """Say why a token was refused."""
        return "it leads to no option that is left."

    def _next(self) -> set[int]:
        return {way.tokens[0] for way in self._ways if way.tokens}

    def _beyond(self, way: _Way) -> list[_Way]:
        """Return the ways that lead on over the end of this way's option, which is all but written."""
        if len(way.tokens) > 1 or len(way.unused) <= self._all:
            return []
        rest = self._tokenizer.decode_bytes(list(way.tokens)) + self._separator
        if way.tokens and self._spell(rest)[0] == way.tokens[0]:
            return []  # No token holds both an end and a separator here: the way comes to its end first.
        return [_Way(self._spell(rest + option), way.unused - {option}) for option in way.unused]

    def _prune(self) -> None:
        """Leave out what no longer fits, unless nothing does and there is not enough yet."""
        fitting = [way for way in self._ways if len(way.tokens) <= self._left]
        if self._may_end or any(way.tokens for way in fitting):
            self._ways = fitting


@dataclass(frozen=True, slots=True)
class _Way:
    """One way on, to the end of an option."""

    tokens: tuple[int, ...]
    unused: frozenset[bytes]
    """The options left after it."""


def spell(tokenizer: Any, text: bytes) -> tuple[int, ...]:
    """Return the tokens that write a text: the tokenizer's own where those say just that."""
    tokens = tokenizer.tokenize_bytes(text)
    if any(map(tokenizer.is_special_token, tokens)) or tokenizer.decode_bytes(tokens) != text:
        # The text looks like a special token, or the tokenizer changes it: take it byte by byte.
        tokens = [token for byte in text for token in tokenizer.tokenize_bytes(bytes([byte]))]
    return tuple(tokens)
