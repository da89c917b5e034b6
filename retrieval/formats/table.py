"""Tables and records: each row of CSV, TSV or JSONL becomes a line that reads on its own."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import DocumentError
from ..passage import Block
from .builder import TextBuilder

_SHORT = 120
"""Characters up to which a value belongs in the row's line; a longer one is prose."""
_NAMING = ("title", "name", "heading", "subject", "question")


def read_csv(text: str, name: str) -> tuple[str, tuple[Block, ...]]:
    """Return stored text and blocks of CSV or TSV: a row reads ``name: Mug; price_usd: 12``.

    The first row names the columns. An empty cell says nothing.

    Raises:
        DocumentError: There is no row under the header, or it is no table.
    """
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text), delimiter=_separator(text, name))
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise DocumentError(
            f"Document {name!r} is not a table: {error}.", "Check its quotes and separators."
        ) from error
    if len(rows) < 2:
        raise DocumentError(
            f"Document {name!r} has no row under its header.", "Give a header row and at least one row."
        )
    header = [cell.strip() or f"column {index}" for index, cell in enumerate(rows[0], 1)]
    builder = TextBuilder()
    for row in rows[1:]:
        extra = [f"column {index}" for index in range(len(header) + 1, len(row) + 1)]
        builder.block(_line(zip(header + extra, row, strict=False)), "row", context=", ".join(header))
    return builder.text, tuple(builder.blocks)


def _separator(text: str, name: str) -> str:
    """Return what separates the columns: the sign that the header row has most of, and a comma in doubt."""
    if name.lower().endswith(".tsv"):
        return "\t"
    header = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(",;\t|", key=header.count)


def _line(cells: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{column}: {' '.join(cell.split())}" for column, cell in cells if cell.strip())


def read_jsonl(text: str, name: str) -> tuple[str, tuple[Block, ...]]:
    """Return stored text and blocks of JSON lines, or of one JSON value.

    Of a record, the short values make one line and each long one is prose of its own; its title or
    name is the heading.

    Raises:
        DocumentError: A line is not JSON.
    """
    builder = TextBuilder()
    for record in _records(text, name):
        values = {key: " ".join(str(value).split()) for key, value in _flat(record)}
        title = next((values[key] for key in _NAMING if 0 < len(values.get(key, "")) <= _SHORT), "")
        builder.heading(title)
        long = {key for key, value in _flat(record) if len(str(value)) > _SHORT}
        builder.block(_line((key, value) for key, value in values.items() if key not in long), "row")
        for key, value in _flat(record):
            if key in long:
                for paragraph in str(value).split("\n\n"):
                    builder.block(paragraph, context=key if key not in ("text", "content", "body") else "")
    return builder.text, tuple(builder.blocks)


def _records(text: str, name: str) -> list[Any]:
    if not name.lower().endswith((".jsonl", ".ndjson")):
        try:
            whole = json.loads(text)
        except ValueError as error:
            raise DocumentError(
                f"Document {name!r} is not JSON: {error}.", "Correct it, or name it .jsonl."
            ) from error
        return whole if isinstance(whole, list) else [whole]
    records = []
    # Not splitlines(): U+2028 may stand unescaped in a JSON string.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise DocumentError(
                    f"Document {name!r} is not JSON in line {number}: {error}.", "Give one JSON value a line."
                ) from error
    return records


def _flat(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Return the values inside a record with their dotted keys; null says nothing."""
    if isinstance(value, Mapping):
        return [
            pair
            for key, inner in value.items()
            for pair in _flat(inner, f"{prefix}.{key}" if prefix else str(key))
        ]
    if isinstance(value, list) and any(isinstance(inner, Mapping | list) for inner in value):
        return [
            pair
            for index, inner in enumerate(value, 1)
            for pair in _flat(inner, f"{prefix}.{index}".strip("."))
        ]
    if isinstance(value, list):
        value = ", ".join(str(inner) for inner in value if inner is not None)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return [] if value is None else [(prefix or "value", value)]
