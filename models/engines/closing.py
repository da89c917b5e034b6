"""Closing: the shortest text that makes a whole of an answer under a JSON schema, wherever it stands.

An answer is read against its schema as far as it goes; from there on the shortest way is written. What
was written and what is written go through the same code, so both hold to the schema alike.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .closing_numbers import NUMBER_SO_FAR, fits, longer_number
from .patterns import pattern_of
from .schemas import Schema, follow, kinds, text_pattern

_SPACE = re.compile(rb"[ \n\r\t]*")
_CHARACTER = re.compile(
    rb'[^"\\\x00-\x1f\x80-\xff]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}'
    rb'|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
)
_CUT_CHARACTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}|\\(?:u[0-9a-fA-F]{0,3})?")
_PADDING = b"-"
"""What fills a text up to its `minLength`."""


@dataclass(frozen=True, slots=True)
class _At:
    """How far reading came, and what has to be written after the end of what there is."""

    place: int
    added: bytes = b""


class Closing:
    """What ends a text under one schema.

    Args:
        schema: As of `schemas.plain_schema`.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._data = b""

    def rest(self, written: bytes) -> bytes | None:
        """Return the shortest text that makes an instance of the schema of `written`.

        None where `written` does not begin an instance.
        """
        self._data = written
        whole = [at for at in self._value(self._root, _At(0)) if at.place == len(written)]
        return min((at.added for at in whole), key=len, default=None)

    def _value(self, schema: Schema, at: _At) -> list[_At]:
        """Read one value; return where it may end."""
        at = self._space(at)
        if at.place < len(self._data):
            return _best(self._read(schema, at))
        least = self._shortest(schema, ())
        return [] if least is None else [_At(at.place, at.added + least)]

    def _read(self, schema: Schema, at: _At) -> Iterator[_At]:
        if isinstance(schema, bool):
            schema = {} if schema else {"enum": []}
        if "$ref" in schema:
            yield from self._read(follow(self._root, schema["$ref"]), at)
            return
        for key in ("anyOf", "oneOf"):
            if key in schema:
                for part in schema[key]:
                    yield from self._read(part, at)
                return
        if "enum" in schema or "const" in schema:
            for value in schema.get("enum", [schema.get("const")]):
                yield from self._literal(_json(value), at)
            return
        for kind in kinds(schema):
            reader: Callable[[Mapping[str, Any], _At], Iterable[_At]] = getattr(self, f"_{kind}")
            yield from reader({**schema, "type": kind}, at)

    def _null(self, schema: Mapping[str, Any], at: _At) -> list[_At]:
        return self._literal(b"null", at)

    def _boolean(self, schema: Mapping[str, Any], at: _At) -> list[_At]:
        return self._literal(b"true", at) + self._literal(b"false", at)

    def _integer(self, schema: Mapping[str, Any], at: _At) -> list[_At]:
        return self._number(schema, at)

    def _number(self, schema: Mapping[str, Any], at: _At) -> list[_At]:
        found = NUMBER_SO_FAR.match(self._data, at.place)
        if at.added or found is None or not found[0]:
            return []
        ends = [_At(found.end())] if fits(found[0], schema) else []
        if found.end() < len(self._data):
            return ends
        longer = longer_number(found[0], schema)
        return ends or ([] if longer is None else [_At(found.end(), longer)])

    def _string(self, schema: Mapping[str, Any], at: _At) -> list[_At]:
        if self._data[at.place : at.place + 1] != b'"':
            return []
        place = at.place + 1
        while found := _CHARACTER.match(self._data, place):
            place = found.end()
        closed = self._data[place : place + 1] == b'"'
        cut = None if closed else _CUT_CHARACTER.match(self._data, place)
        end = place if cut is None else cut.end()
        if not closed and end < len(self._data):
            return []
        whole = b"" if cut is None else _whole_character(cut[0])
        added = _rest_of_text(self._data[at.place + 1 : end] + whole, schema)
        if added is None or (closed and added):
            return []
        return [_At(place + 1) if closed else _At(end, whole + added + b'"')]

    def _array(self, schema: Mapping[str, Any], at: _At) -> list[_At]:
        first = schema.get("prefixItems", [])
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        ends: list[_At] = []
        open_ = self._literal(b"[", at)
        for count in itertools.count():
            if not open_:
                break
            if count >= least:
                ends += [end for here in open_ for end in self._literal(b"]", here)]
                if all(self._over(here) for here in open_):
                    break
            if most is not None and count >= most:
                break
            if count:
                open_ = [after for here in open_ for after in self._literal(b",", here)]
            item = first[count] if count < len(first) else schema.get("items", True)
            open_ = _best(after for here in open_ for after in self._value(item, here))
        return ends

    def _object(self, schema: Mapping[str, Any], at: _At) -> list[_At]:
        named: Mapping[str, Schema] = schema.get("properties", {})
        required = list(schema.get("required", []))
        parts = {**named, **{name: True for name in required if name not in named}}
        open_ = [(here, False) for here in self._literal(b"{", at)]
        for name, part in parts.items():
            written = [
                (after, True)
                for here, some in open_
                for after in self._property(_json(name), part, here, some)
            ]
            open_ = _best_pairs(written + ([] if name in required else open_))
        ends = [end for here, _ in open_ for end in self._literal(b"}", here)]
        more = schema.get("additionalProperties", True)
        while more is not False and (open_ := [pair for pair in open_ if not self._over(pair[0])]):
            open_ = _best_pairs(
                (after, True) for here, some in open_ for after in self._property(None, more, here, some)
            )
            ends += [end for here, _ in open_ for end in self._literal(b"}", here)]
        return ends

    def _property(self, name: bytes | None, schema: Schema, at: _At, some: bool) -> list[_At]:
        """Read a name, a colon and a value; a comma before them where `some` property precedes."""
        open_ = self._literal(b",", at) if some else [at]
        names: list[_At] = []
        for here in map(self._space, open_):
            names += self._string({}, here) if name is None else self._literal(name, here)
        colons = [after for here in names for after in self._literal(b":", here)]
        return [after for here in colons for after in self._value(schema, here)]

    def _literal(self, text: bytes, at: _At) -> list[_At]:
        """Read a text, or the beginning of it and write the rest."""
        at = self._space(at)
        there = self._data[at.place : at.place + len(text)]
        if not text.startswith(there):
            return []
        return [_At(at.place + len(there), at.added + text[len(there) :])]

    def _space(self, at: _At) -> _At:
        found = _SPACE.match(self._data, at.place)
        return at if found is None or not found[0] else _At(found.end(), at.added)

    def _over(self, at: _At) -> bool:
        return at.place >= len(self._data)

    def _shortest(self, schema: Schema, above: tuple[str, ...]) -> bytes | None:
        """Return the shortest instance; None where there is none without meeting a reference of `above`."""
        if isinstance(schema, bool):
            return b"0" if schema else None
        if "$ref" in schema:
            reference = schema["$ref"]
            if reference in above:
                return None
            return self._shortest(follow(self._root, reference), (*above, reference))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                parts = (self._shortest(part, above) for part in schema[key])
                found = [part for part in parts if part is not None]
                return min(found, key=len, default=None)
        if "enum" in schema or "const" in schema:
            values: list[Any] = schema.get("enum", [schema.get("const")])
            return min(map(_json, values), key=len, default=None)
        made = (self._make(kind, schema, above) for kind in kinds(schema))
        return min((text for text in made if text is not None), key=len, default=None)

    def _make(self, kind: str, schema: Mapping[str, Any], above: tuple[str, ...]) -> bytes | None:
        """Return the shortest instance of one type."""
        match kind:
            case "null" | "boolean":
                return b"null" if kind == "null" else b"true"
            case "integer" | "number":
                return longer_number(b"", {**schema, "type": kind})
            case "string":
                text = _rest_of_text(b"", schema)
                return None if text is None else b'"' + text + b'"'
            case "array":
                first = schema.get("prefixItems", [])
                count = range(schema.get("minItems", 0))
                parts = [
                    self._shortest(first[place] if place < len(first) else schema.get("items", True), above)
                    for place in count
                ]
            case _:
                named = schema.get("properties", {})
                order = sorted(schema.get("required", []), key=[*named, *schema.get("required", [])].index)
                parts = []
                for name in order:
                    value = self._shortest(named.get(name, True), above)
                    parts.append(None if value is None else _json(name) + b":" + value)
        if any(part is None for part in parts):
            return None
        inner = b",".join(part for part in parts if part is not None)
        return b"[" + inner + b"]" if kind == "array" else b"{" + inner + b"}"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _best(ways: Iterable[_At]) -> list[_At]:
    """Keep the shortest way to each place."""
    best: dict[int, _At] = {}
    for at in ways:
        if at.place not in best or len(at.added) < len(best[at.place].added):
            best[at.place] = at
    return list(best.values())


def _best_pairs(ways: Iterable[tuple[_At, bool]]) -> list[tuple[_At, bool]]:
    pairs = list(ways)
    return [(at, some) for some in (False, True) for at in _best(at for at, given in pairs if given is some)]


def _rest_of_text(written: bytes, schema: Mapping[str, Any]) -> bytes | None:
    """Return the shortest that makes a text, as it stands between its quotes, one that the schema takes."""
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    text: str = json.loads(b'"' + written + b'"')
    pattern = text_pattern(schema)
    if pattern is None:
        missing = max(0, least - len(text))
        return None if most is not None and len(text) + missing > most else _PADDING * missing
    rest = pattern_of(pattern).rest(text, least, most)
    return None if rest is None else json.dumps(rest, ensure_ascii=False).encode()[1:-1]


def _whole_character(cut: bytes) -> bytes:
    """Return what makes one character of the beginning of one."""
    if cut.startswith(b"\\"):
        return b"n" if cut == b"\\" else b"0" * (6 - len(cut))
    for size in range(4):
        for ending in itertools.product((0x80, 0x90, 0xA0), repeat=size):
            try:
                (cut + bytes(ending)).decode()
            except UnicodeDecodeError:
                continue
            return bytes(ending)
    raise AssertionError("no bytes complete the character")  # pragma: no cover
