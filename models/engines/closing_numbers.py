"""Numbers of an answer under a JSON schema: whether one fits, and the shortest end of one that was begun."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
NUMBER_SO_FAR = re.compile(rb"-?[0-9]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?")
_MOST_DIGITS = 60
"""Of a number; a longer one is brought to its end."""


def _bounds(
    schema: Mapping[str, Any],
) -> tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]:
    """Return the bounds: at least, above, at most, below."""
    keys = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    least, above, most, below = (
        None if schema.get(key) is None else Decimal(str(schema[key])) for key in keys
    )
    return least, above, most, below


def fits(text: bytes, schema: Mapping[str, Any]) -> bool:
    """Tell whether a text is a number, and one that the schema takes."""
    if not _NUMBER.fullmatch(text) or len(text) > _MOST_DIGITS:
        return False
    if schema.get("type") == "integer" and not text.removeprefix(b"-").isdigit():
        return False
    value = Decimal(text.decode())
    if abs(value.adjusted()) > _MOST_DIGITS:
        return False
    least, above, most, below = _bounds(schema)
    return (
        (least is None or value >= least)
        and (above is None or value > above)
        and (most is None or value <= most)
        and (below is None or value < below)
        and ("multipleOf" not in schema or _is_multiple(value, schema["multipleOf"]))
    )


def _is_multiple(value: Decimal, step: float) -> bool:
    """Tell whether a number is a multiple, for those who compute exactly and for those who do not."""
    exact = Fraction(value) / Fraction(str(step))
    return exact.denominator == 1 and (isinstance(step, int) or (float(value) / step).is_integer())


def longer_number(text: bytes, schema: Mapping[str, Any]) -> bytes | None:
    """Return the shortest text that makes a number of `text`, as the schema wants it."""
    found = [text + more for more in _endings(text, schema) if fits(text + more, schema)]
    return min((number[len(text) :] for number in found), key=len, default=None)


def _endings(text: bytes, schema: Mapping[str, Any]) -> Iterator[bytes]:
    """Return what may follow: a few digits, or what leads to a bound."""
    for size in range(3):
        for digits in itertools.product(b"0123456789", repeat=size):
            yield bytes(digits)
    yield from (b".0", b".5", b"-1")
    bounds = [bound for bound in _bounds(schema) if bound is not None]
    step = Decimal(str(schema.get("multipleOf", 1)))
    near = [bound // step * step + sign * step for bound in bounds for sign in (-1, 0, 1)]
    middle = [(one + other) / 2 for one, other in itertools.combinations(bounds, 2)]
    for value in [*bounds, *near, *middle]:
        number = f"{value:f}".encode()
        yield from (number[len(text) :],) if number.startswith(text) else ()
    yield from _scaled(text, bounds)


def _scaled(text: bytes, bounds: Iterable[Decimal]) -> Iterator[bytes]:
    """Return zeros and nines up to a bound's length: they reach its size from any first digits."""
    longest = max((len(f"{bound:f}") for bound in bounds), default=0)
    for size in range(3, longest - len(text) + 2):
        for digit in b"0123456789":
            yield bytes([digit]) + b"0" * (size - 1)
            yield bytes([digit]) + b"9" * (size - 1)
            yield b"0" * (size - 1) + bytes([digit])
