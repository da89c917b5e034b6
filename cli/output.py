"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from ..errors import LimnerError

err = Console(stderr=True, highlight=False)
"""Progress, warnings and tables for people."""


def print_json(data: Any) -> None:
    """Print one JSON value on standard output."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=None if not sys.stdout.isatty() else 2)
    sys.stdout.write("\n")


def report(error: LimnerError, as_json: bool) -> None:
    """Print an error: one line that names the thing and the remedy, or the error object."""
    if as_json:
        print_json({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
    else:
        err.print(f"[bold red]limner:[/] {_one_line(str(error))}", soft_wrap=True, markup=True)


def _one_line(text: str) -> str:
    from rich.markup import escape

    return escape(" ".join(text.split()))


def table(columns: Iterable[str], rows: Iterable[Iterable[object]], numbers: Iterable[int] = ()) -> Table:
    """A plain table; `numbers` are the columns to align right."""
    from rich.text import Text

    right = set(numbers)
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, column in enumerate(columns):
        made.add_column(column, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(str(cell)) for cell in row))
    return made


def receipt_table(receipt: Iterable[Mapping[str, Any]]) -> Table:
    """A receipt for people: who made what, and why."""
    return table(
        ["step", "made by", "calls", "tokens", "seconds", "why"],
        (
            (
                row["step"],
                row["source"],
                row["attempts"],
                row["tokens_in"] + row["tokens_out"],
                f"{row['seconds']:.2f}",
                "; ".join(row["reasons"]),
            )
            for row in receipt
        ),
        numbers=(2, 3, 4),
    )
