"""Selecting: the model answers by copying, word for word, some of the texts that it was given.

The step returns a list drawn from one of its own arguments: the parameter whose type is the return
type. Decoding is constrained to exactly those texts, one a line, so the answer is true by
construction; a model that takes no constraint is read line by line, and other lines are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .shape import Arguments, UnreadableAnswer, WrittenShape


class SelectShape(WrittenShape):
    """Some of the options, in the order in which the model copied them, none twice.

    Args:
        options: The parameter that holds the list.
        at_least: Fewest options that make an answer, or the parameter that says how few.
        at_most: Most options, or the parameter that says how many.
    """

    def __init__(self, options: str, at_least: int | str = 1, at_most: int | str = 4) -> None:
        self.options = options
        self.at_least = at_least
        self.at_most = at_most

    def guide(self, arguments: Arguments) -> dict[str, Any]:
        """The options as the only lines that can be written."""
        least, most = self._bounds(arguments)
        texts = list(_by_text(arguments[self.options]))
        return {"choices": {"options": texts, "at_least": least, "at_most": most, "separator": "\n"}}

    def hint(self, arguments: Arguments) -> str:
        """The options themselves, and how to answer."""
        least, most = self._bounds(arguments)
        count = str(least) if least == most else f"{least} to {most}"
        lines = "\n".join(_by_text(arguments[self.options]))
        return f"{lines}\n\nCopy {count} of these lines, word for word, one a line, in the best order."

    def read(self, text: str, arguments: Arguments) -> list[Any]:
        """Map the copied lines back to the options."""
        chosen = self._chosen(text, arguments)
        if not text.strip():
            raise UnreadableAnswer("empty", "the answer is empty")
        if len(chosen) < self._bounds(arguments)[0]:
            raise UnreadableAnswer("copied", f"only {len(chosen)} of the lines are among those to copy")
        return chosen

    def part(self, text: str, arguments: Arguments) -> list[Any] | None:
        """Keep the lines that were finished, where they are enough."""
        chosen = self._chosen(text.rpartition("\n")[0], arguments)
        return chosen if len(chosen) >= self._bounds(arguments)[0] else None

    def _chosen(self, text: str, arguments: Arguments) -> list[Any]:
        by_key = {_key(line): option for line, option in _by_text(arguments[self.options]).items()}
        keys = dict.fromkeys(_key(line) for line in text.splitlines())
        return [by_key[key] for key in keys if key in by_key][: self._bounds(arguments)[1]]

    def _bounds(self, arguments: Arguments) -> tuple[int, int]:
        given = len(_by_text(arguments[self.options]))
        least = arguments[self.at_least] if isinstance(self.at_least, str) else self.at_least
        most = arguments[self.at_most] if isinstance(self.at_most, str) else self.at_most
        most = max(1, min(int(most), given))
        return min(int(least), most), most


def _by_text(options: Sequence[Any]) -> dict[str, Any]:
    """Options by the one line that stands for each: its `text`, or itself."""
    return {" ".join(str(getattr(option, "text", option)).split()): option for option in options}


def _key(line: str) -> str:
    """A copied line without its bullet, spacing and letter case."""
    return " ".join(re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", line).split()).casefold()
