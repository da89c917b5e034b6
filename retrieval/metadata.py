"""What is known of a document besides its text: flat, small, and comparable in every store."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError

Value = str | int | float | bool | list[str] | list[int] | list[float]
"""A value of one field: text, a number, a truth value, or a list of texts or of numbers."""
Metadata = Mapping[str, Value]

MOST_FIELDS = 64
MOST_ITEMS = 64
MOST_CHARACTERS = 1000
RESERVED = frozenset({"source", "title", "kind"})
"""Fields that every document has by itself."""
_FIELD = re.compile(r"[A-Za-z_][\w.-]{0,63}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_MOST_FRONT_MATTER = 20_000
"""Characters."""


def checked(given: Mapping[str, Any]) -> dict[str, Value]:
    """Return metadata that a caller gave, dates as text.

    Raises:
        InputError: A field's name or value is not allowed.
    """
    made = {}
    for field, value in given.items():
        plain = _plain(value)
        if plain is None or not _is_field(field):
            raise InputError(
                f"Metadata {field!r} = {str(value)[:60]!r} is not allowed.",
                "Name fields by letters, digits, '.', '_' and '-' (not 'source', 'title' or 'kind'); give "
                f"text of {MOST_CHARACTERS} characters at most, a number, true or false, a date, or a list "
                "of texts or of numbers.",
            )
        made[field] = plain
    if len(made) > MOST_FIELDS:
        raise InputError(f"{len(made)} fields of metadata are given.", f"Give {MOST_FIELDS} at most.")
    return made


def kept(given: Any) -> dict[str, Value]:
    """Return what is allowed of metadata that a document declares: it is not to be trusted."""
    if not isinstance(given, Mapping):
        return {}
    pairs = ((field, _plain(value)) for field, value in given.items() if _is_field(field))
    return dict([(field, value) for field, value in pairs if value is not None][:MOST_FIELDS])


def front_matter(text: str) -> dict[str, Value]:
    """Return the fields that stand above a Markdown text; none where they are not YAML, or too long."""
    import yaml

    found = _FRONT_MATTER.match(text[:_MOST_FRONT_MATTER])
    try:
        return kept(yaml.safe_load(found.group(1))) if found else {}
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}


def facts(metadata: Metadata) -> list[tuple[str, str | float]]:
    """Return one row a value, as stores compare them; what has an order has a second row under ``field#``."""
    rows: list[tuple[str, str | float]] = []
    for field, value in metadata.items():
        rows += [(field, item if isinstance(item, str) else float(item)) for item in listed(value)]
        if (number := ordered(value)) is not None:
            rows.append((f"{field}#", number))
    return rows


def listed(value: Value) -> list[Any]:
    """Return the values of a field, one or many, as a list."""
    return list(value) if isinstance(value, list) else [value]


def ordered(value: object) -> float | None:
    """Return the number that a value is compared by: itself, or 20240501 of "2024-05-01"; else None."""
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and _DATE.fullmatch(value):
        return float(value.replace("-", ""))
    return None


def _is_field(field: object) -> bool:
    return isinstance(field, str) and bool(_FIELD.fullmatch(field)) and field not in RESERVED


def _plain(value: Any) -> Value | None:
    """Return a value in the form that is stored, or None where it has none."""
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value if len(value) <= MOST_CHARACTERS and value.isprintable() else None
    if isinstance(value, Sequence) and 0 < len(value) <= MOST_ITEMS:
        items = [_plain(item) for item in value]
        texts = [item for item in items if isinstance(item, str)]
        numbers = [item for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
        if len(texts) == len(items):
            return texts
        if len(numbers) == len(items):
            return [float(number) for number in numbers]
    return None
