"""The filter language: a mapping from fields to what they must be, for words and vectors alike.

``{"kind": "pdf", "year": {"gte": 2024}, "tags": {"any": ["faq", "returns"]}}``: every condition must hold.
A field with several values meets a condition when one of them does; a field that is not there meets none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import InputError
from .metadata import RESERVED, ordered

Where = Mapping[str, Any]
"""A field's value, or ``{"any": [...]}``, ``{"gt" | "gte" | "lt" | "lte": number or "2024-05-01"}``."""
Operator = Literal["any", "gt", "gte", "lt", "lte"]

_SIGNS: dict[str, str] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_COLUMNS = {"source": "id", "title": "title", "kind": "kind"}
_MOST_CONDITIONS = 32
_MOST_VALUES = 1000
_HINT = (
    'Write {"field": value}, {"field": {"any": [values]}}, or {"field": {"gte": number or "2024-05-01"}} '
    "with gt, gte, lt and lte."
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What one field must be."""

    field: str
    operator: Operator
    values: tuple[str | float, ...]
    """Of `any`: all that are welcome. Of the others: one number, a date as 20240501."""


def conditions(where: Where | None) -> tuple[Condition, ...]:
    """Return the conditions of a filter, in order; none of None.

    Raises:
        InputError: It is not in the language; the message names the field.
    """
    if where is None:
        return ()
    if not isinstance(where, Mapping):
        raise InputError(f"Filter {str(where)[:60]!r} is no mapping.", _HINT)
    made = [condition for field, wanted in where.items() for condition in _of_field(field, wanted)]
    if len(made) > _MOST_CONDITIONS:
        raise InputError(f"A filter of {len(made)} conditions is given.", f"Give {_MOST_CONDITIONS} at most.")
    return tuple(made)


def _of_field(field: object, wanted: Any) -> list[Condition]:
    if not isinstance(field, str) or not field or "#" in field or field.startswith("$"):
        raise InputError(f"Filter field {str(field)[:60]!r} is not allowed.", _HINT)
    if not isinstance(wanted, Mapping):
        return [Condition(field, "any", (_value(field, wanted),))]
    if not wanted:
        raise InputError(f"Filter on {field!r} says nothing.", _HINT)
    made = []
    for operator, operand in wanted.items():
        if operator == "any":
            if isinstance(operand, str) or not isinstance(operand, Sequence) or len(operand) > _MOST_VALUES:
                raise InputError(
                    f"Filter on {field!r}: 'any' takes a list of {_MOST_VALUES} values at most.", _HINT
                )
            made.append(Condition(field, "any", tuple(_value(field, each) for each in operand)))
        elif operator in _SIGNS and field not in RESERVED and (number := ordered(operand)) is not None:
            made.append(Condition(field, operator, (number,)))
        else:
            raise InputError(f"Filter on {field!r}: {operator!r} {str(operand)[:60]!r} is not known.", _HINT)
    return made


def _value(field: str, value: object) -> str | float:
    if isinstance(value, str) and len(value) <= 4 * _MOST_VALUES:
        return value
    if isinstance(value, int | float) and field not in RESERVED:
        return float(value)
    raise InputError(f"Filter on {field!r}: {str(value)[:60]!r} is neither text nor a number.", _HINT)


def to_sql(given: Sequence[Condition], document: str) -> tuple[str, list[Any]]:
    """Return conditions on a column with documents' numbers, each after an AND, and their values."""
    text, values = "", list[Any]()
    for each in given:
        listed = json.dumps(each.values)
        if each.field in _COLUMNS:
            column = _COLUMNS[each.field]
            inner = f"SELECT number FROM documents WHERE {column} IN (SELECT value FROM json_each(?))"
            values.append(listed)
        elif each.operator == "any":
            inner = "SELECT document FROM facts WHERE field = ? AND value IN (SELECT value FROM json_each(?))"
            values += [each.field, listed]
        else:
            inner = f"SELECT document FROM facts WHERE field = ? AND value {_SIGNS[each.operator]} ?"
            values += [f"{each.field}#", each.values[0]]
        text += f" AND {document} IN ({inner})"
    return text, values


def to_chroma(given: Sequence[Condition]) -> dict[str, Any] | None:
    """Return the same for Chroma, whose metadata `chroma_metadata` made; None of no condition."""
    made = [_chroma(each) for each in given]
    if not made:
        return None
    return made[0] if len(made) == 1 else {"$and": made}


def to_postgres(given: Sequence[Condition]) -> tuple[str, list[Any]]:
    """Return the same for a jsonb column `facts` with such metadata: conditions after an AND, and values."""
    text, values = "", list[Any]()
    for each in given:
        if each.field in _COLUMNS:
            text += " AND facts->>%s = ANY(%s)"
            values += [each.field, list(each.values)]
        elif each.operator == "any":
            text += " AND facts->%s @> ANY(%s::jsonb[])"
            values += [each.field, [json.dumps(value) for value in each.values]]
        else:
            text += f" AND (facts->>%s)::float8 {_SIGNS[each.operator]} %s"
            values += [f"{each.field}#", each.values[0]]
    return text, values


def is_empty(given: Sequence[Condition]) -> bool:
    """Tell whether nothing can meet the conditions: Chroma refuses an empty list."""
    return any(not each.values for each in given)


def _chroma(each: Condition) -> dict[str, Any]:
    if each.field in _COLUMNS:
        return {each.field: {"$in": list(each.values)}}
    if each.operator != "any":
        return {f"{each.field}#": {f"${each.operator}": each.values[0]}}
    made = [{each.field: {"$contains": value}} for value in each.values]
    return made[0] if len(made) == 1 else {"$or": made}


def chroma_metadata(
    document: str, title: str, kind: str, facts: Sequence[tuple[str, str | float]]
) -> dict[str, Any]:
    """Return a document's fields as Chroma keeps them beside each vector."""
    kept: dict[str, Any] = {"source": document, "title": title, "kind": kind}
    for field, value in facts:
        if field.endswith("#"):
            kept[field] = value
        else:
            kept.setdefault(field, []).append(value)
    return kept
