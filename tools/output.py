"""What a tool returned, as JSON data of a bounded size; nothing of it is taken for more than data."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from pydantic import BaseModel

DEPTH = 20
"""Levels of nesting that are kept."""


@dataclass(frozen=True, slots=True)
class Output:
    """A result made safe."""

    data: Any
    """Plain JSON data."""
    text: str
    """The same as text: a string as it is, anything else as JSON."""
    cut: bool
    """Whether something was left out."""


def plain(value: Any, limit: int) -> Output:
    """Make JSON data of any value, at most about `limit` characters of it; a cycle ends at the depth kept."""
    maker = _Maker(limit)
    data = maker.make(value, DEPTH)
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return Output(data, text[:limit], maker.cut or len(text) > limit)


class _Maker:
    """Copies a value while its room lasts, so that a huge one is never built a second time."""

    def __init__(self, room: int) -> None:
        self.room, self.cut = room, False

    def make(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            self.room -= 4
            return value
        if isinstance(value, int):
            # Python itself refuses to write an integer of more than 4,300 digits
            return value if value.bit_length() <= 8192 and self._fits(value.bit_length() // 3 + 1) else None
        if isinstance(value, float):
            self.room -= 8
            return value if math.isfinite(value) else None
        if isinstance(value, str):
            return self._text(value)
        if depth == 0:
            self.cut = True
            return None
        if isinstance(value, bytes | bytearray):
            return self._text(bytes(value[: self.room]).decode("utf-8", "replace"), len(value))
        if isinstance(value, BaseModel):
            value = {name: getattr(value, name) for name in type(value).model_fields}
        elif is_dataclass(value) and not isinstance(value, type):
            value = {item.name: getattr(value, item.name) for item in fields(value)}
        if isinstance(value, Mapping):
            return {
                self._text(str(key)): self.make(item, depth - 1) for key, item in self._some(value.items())
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self.make(item, depth - 1) for item in self._some(value)]
        return self._text(str(value))

    def _text(self, text: str, whole: int | None = None) -> str:
        kept = text[: max(0, self.room)]
        self.cut |= len(kept) < (len(text) if whole is None else whole)
        self.room -= len(kept) + 2
        # a lone surrogate has no place in JSON
        return kept.encode("utf-8", "replace").decode("utf-8")

    def _some(self, items: Any) -> Any:
        for item in items:
            if not self._fits(2):
                return
            yield item

    def _fits(self, size: int) -> bool:
        if self.room < size:
            self.cut = True
            return False
        self.room -= size
        return True
