"""Patterns: the shortest text that completes one which a regular expression is to match."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]  # the standard library's own parser
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

FORMATS = {
    "date": r"^(0[1-9]|[1-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$",
    "time": r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([zZ]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "ipv4": r"^({0}\.){{3}}{0}$".format("(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"),
    "email": r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+(-+[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}$",
    "hostname": r"^[A-Za-z0-9]+(-+[A-Za-z0-9]+)*(\.[A-Za-z0-9]+(-+[A-Za-z0-9]+)*)*$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:(//[A-Za-z0-9.-]+)?(/[A-Za-z0-9._~-]*)*$",
}
"""Formats of JSON Schema, narrower where that is simpler: no 29th of February, no quoted mail names."""
FORMATS["date-time"] = f"{FORMATS['date'][:-1]}[tT]{FORMATS['time'][1:]}"

_MOST_STATES = 2000
_LIKELY = string.ascii_lowercase + string.digits + string.ascii_uppercase + " -_.,:;/@!#$%&'()*+<=>?[]^`{|}~"
"""What a class of characters is written as, if it takes one of these."""
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    ops.CATEGORY_DIGIT: str.isdecimal,
    ops.CATEGORY_SPACE: str.isspace,
    ops.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    ops.CATEGORY_NOT_DIGIT: lambda char: not char.isdecimal(),
    ops.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    ops.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}


@lru_cache(maxsize=64)
def pattern_of(regex: str) -> Pattern:
    """Return a `Pattern`; see there."""
    return Pattern(regex)


class Pattern:
    """A regular expression of a JSON schema: it may match anywhere in a text.

    Raises:
        NotImplementedError: It is malformed, large, or has more than classes, groups, repeats, alternatives
            and anchors at its ends.
    """

    def __init__(self, regex: str) -> None:
        try:
            tree = parser.parse(regex)
        except (re.error, OverflowError) as error:
            raise NotImplementedError(f"the pattern {regex!r} is not read: {error}") from error
        self._regex = regex
        if tree.state.flags & ~re.UNICODE.value:
            raise self._unknown("flags")
        self._steps: list[tuple[Sequence[Any], str, int] | None] = []
        """Of each state: a class of characters, one of them, and the state after it."""
        self._free: list[list[int]] = []
        """Of each state: the states that are reached without a character."""
        any_ = [(ops.RANGE, (0, 0x10FFFF))]
        accept = self._state()
        self._end = self._state()
        self._steps[self._end], self._free[self._end] = (any_, "-", self._end), [accept]
        self._accept = accept
        skipped = self._state()
        self._free[skipped] = [self._sequence(tree, self._end, begins=False, first=True)]
        self._steps[skipped] = (any_, "-", skipped)
        self._start = self._state(free=[self._sequence(tree, self._end, begins=True, first=True), skipped])
        self._reached = [self._closure([state]) for state in range(len(self._free))]
        self._layers = [{state for state, reached in enumerate(self._reached) if accept in reached}]
        """At k: the states from which a text of exactly k characters leads to the end."""

    def rest(self, text: str, least: int = 0, most: int | None = None) -> str | None:
        """Return the shortest text that completes `text` to `least` up to `most` characters, if any does."""
        states = self._reached[self._start]
        for char in text:
            states = frozenset().union(*[self._reached[state] for state in self._after(states, char)])
        size = need = max(0, least - len(text))
        while not states & self._layer(size):
            size += 1
            if size > need + len(self._free):
                return None
        if most is not None and len(text) + size > most:
            return None
        rest = ""
        for left in range(size - 1, -1, -1):
            steps = [self._steps[state] for state in sorted(states)]
            _, char, after = next(step for step in steps if step and step[2] in self._layer(left))
            rest, states = rest + char, self._reached[after]
        return rest

    def _after(self, states: Iterable[int], char: str) -> set[int]:
        steps = (self._steps[state] for state in states)
        return {step[2] for step in steps if step is not None and _takes(step[0], char)}

    def _layer(self, size: int) -> set[int]:
        while len(self._layers) <= size:
            last = self._layers[-1]
            one = {state for state, step in enumerate(self._steps) if step and step[2] in last}
            self._layers.append({state for state, reached in enumerate(self._reached) if reached & one})
        return self._layers[size]

    def _closure(self, states: list[int]) -> frozenset[int]:
        reached: set[int] = set()
        while states:
            state = states.pop()
            if state not in reached:
                reached.add(state)
                states += self._free[state]
        return frozenset(reached)

    def _state(self, free: Iterable[int] = (), step: tuple[Sequence[Any], str, int] | None = None) -> int:
        if len(self._free) >= _MOST_STATES:
            raise self._unknown("so many states")
        self._free.append(list(free))
        self._steps.append(step)
        return len(self._free) - 1

    def _sequence(self, tree: Any, after: int, begins: bool, first: bool) -> int:
        """Build states for a part of the expression, from its end; return the one it is entered by."""
        items = list(tree)
        for place in range(len(items) - 1, -1, -1):
            op, argument = items[place]
            after = self._item(op, argument, after, begins, first and place == 0)
        return after

    def _item(self, op: Any, argument: Any, after: int, begins: bool, first: bool) -> int:
        if op is ops.AT and argument in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING) and first:
            return after if begins else self._state()
        if op is ops.AT and argument in (ops.AT_END, ops.AT_END_STRING) and after == self._end:
            return self._accept
        if op is ops.SUBPATTERN and not argument[1] and not argument[2]:
            return self._sequence(argument[3], after, begins, first)
        if op is ops.BRANCH:
            return self._state([self._sequence(part, after, begins, first) for part in argument[1]])
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            least, most, part = argument
            return self._repeat(least, most, part, after)
        if op is ops.ANY:
            op, argument = ops.NOT_LITERAL, ord("\n")
        if op is ops.LITERAL:
            argument = [(op, argument)]
        elif op is ops.NOT_LITERAL:
            argument = [(ops.NEGATE, None), (ops.LITERAL, argument)]
        elif op is not ops.IN:
            raise self._unknown(str(op).lower())
        return self._state(step=(argument, self._witness(argument), after))

    def _repeat(self, least: int, most: Any, part: Any, after: int) -> int:
        if most is ops.MAXREPEAT:
            entry = self._state()
            self._free[entry] = [self._sequence(part, entry, False, False), after]
        else:
            entry = after
            for _ in range(most - least):
                entry = self._state([self._sequence(part, entry, False, False), after])
        for _ in range(least):
            entry = self._sequence(part, entry, False, False)
        return entry

    def _witness(self, items: Sequence[Any]) -> str:
        lows = [
            chr(value if op is ops.LITERAL else value[0])
            for op, value in items
            if op in (ops.LITERAL, ops.RANGE)
        ]
        for char in itertools.chain(_LIKELY, lows):
            if _takes(items, char):
                return char
        raise self._unknown("a class of rare characters")

    def _unknown(self, what: str) -> NotImplementedError:
        return NotImplementedError(f"the schema's pattern {self._regex!r} has {what}")


def _takes(items: Sequence[Any], char: str) -> bool:
    """Tell whether a class, as the parser has it, takes a character."""
    negated, code = items[0][0] is ops.NEGATE, ord(char)
    for op, value in items:
        if (
            (op is ops.LITERAL and code == value)
            or (op is ops.RANGE and value[0] <= code <= value[1])
            or (op is ops.CATEGORY and _CATEGORIES[value](char))
        ):
            return not negated
    return negated
