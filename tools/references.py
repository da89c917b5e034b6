"""Results by reference: ``$orders.total`` in an argument stands for a part of what an earlier call returned.

A path goes through fields and, by number, through lists; a field of a list is the list of that field.
What a reference stands for is looked up when the call is made: no model copies a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from .recognise import numbers

_REFERENCE = re.compile(r"\$(?P<name>[A-Za-z_]\w*)(?P<path>(?:\.\w+|\[\d+\])*)")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
MOST_NUMBERS = 40
"""Numbers that one reference may put into an expression."""


def references_in(value: Any) -> list[str]:
    """The names of the calls that an argument refers to, in order, each once."""
    if isinstance(value, Mapping):
        found = [name for item in value.values() for name in references_in(item)]
    elif isinstance(value, list | tuple):
        found = [name for item in value for name in references_in(item)]
    else:
        found = [match["name"] for match in _REFERENCE.finditer(value)] if isinstance(value, str) else []
    return list(dict.fromkeys(found))


def resolve(value: Any, outputs: Mapping[str, Any], *, as_text: bool = False) -> Any:
    """An argument with every reference replaced by what it stands for.

    An argument that is one reference becomes the value itself, of whatever type. Inside a longer text, such
    as the expression of a calculator, a number stands as it is, and a list of numbers as their sum.

    Args:
        value: The argument.
        outputs: Name of a call to what it returned.
        as_text: The argument has to be a text: a number alone is written as inside one, too.

    Raises:
        InputError: There is no such result, no such field in it, or no number where one is needed.
    """
    if isinstance(value, Mapping):
        return {name: resolve(item, outputs) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, outputs) for item in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value.strip())
    if whole is not None:
        found = _looked_up(whole, outputs)
        return _as_number(whole, found) if as_text and not isinstance(found, str) else found
    return _REFERENCE.sub(lambda match: _as_number(match, _looked_up(match, outputs)), value)


def without_references(text: str) -> str:
    """A text with a blank for every reference."""
    return _REFERENCE.sub(" ", text)


def _looked_up(reference: re.Match[str], outputs: Mapping[str, Any]) -> Any:
    name, value = reference["name"], outputs.get(reference["name"])
    if name not in outputs:
        raise InputError(f"There is no result {name!r}.", f"Results: {', '.join(sorted(outputs)) or 'none'}.")
    for field, index in _STEP.findall(reference["path"]):
        value = _part(value, field or int(index), reference[0])
    return value


def _part(value: Any, key: str | int, reference: str) -> Any:
    if isinstance(key, str) and key.isdigit() and isinstance(value, list):
        key = int(key)
    if isinstance(key, int) and isinstance(value, list) and key < len(value):
        return value[key]
    if isinstance(key, str) and isinstance(value, list) and value:
        return [_part(item, key, reference) for item in value]
    if isinstance(key, str) and isinstance(value, Mapping) and key in value:
        return value[key]
    known = ", ".join(map(str, value)) if isinstance(value, Mapping) else f"{type(value).__name__}"
    raise InputError(f"{reference!r} leads nowhere at {key!r}.", f"There is: {known[:200]}.")


def _as_number(reference: re.Match[str], value: Any) -> str:
    """A number as it stands in an expression.

    Raises:
        InputError: It is none.
    """
    if isinstance(value, list) and 0 < len(value) <= MOST_NUMBERS:
        return f"({' + '.join(_as_number(reference, item) for item in value)})"
    if isinstance(value, int | float) and not isinstance(value, bool):
        plain = int(value) if float(value).is_integer() else value
        return f"{plain}" if plain >= 0 else f"({plain})"
    found = list(numbers(value)) if isinstance(value, str) and len(value) <= 40 else []
    if len(found) == 1 and re.fullmatch(r"[^\w]*[\d.,]+\s?(?:[A-Za-z]{3}|[€£$])?", str(value).strip()):
        return str(found[0].value)
    raise InputError(
        f"{reference[0]!r} is no number: {str(value)[:60]!r}.", "Refer to a field with a number."
    )
