"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table

from ..errors import InputError, LimnerError

err = Console(stderr=True, highlight=False)
"""Progress and warnings for people."""
_UNBROKEN = 10_000
"""Columns of a pipe: programs want one row a line."""


def print_json(data: Any) -> None:
    """Print one JSON value on standard output."""
    indent = 2 if sys.stdout.isatty() else None
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        # a file's name need not be text, and a terminal need not speak UTF-8
        text = json.dumps(data, indent=indent)
    sys.stdout.write(text + "\n")


def print_result(made: RenderableType) -> None:
    """Print a table or a tree for people on standard output; into a pipe, one row a line."""
    Console(highlight=False, width=None if sys.stdout.isatty() else _UNBROKEN).print(made)


def counted(number: int, thing: str) -> str:
    """Write a number and what it counts: "1 section", "2 sections"."""
    return f"{number} {thing}" + ("" if number == 1 else "s")


def write_out(name: str, text: str) -> None:
    """Write a command's result to the file that was named; a device or pipe is written to, not replaced.

    Raises:
        InputError: It cannot be written.
    """
    from ..graphs.folder import write_atomically

    path = Path(name)
    if not path.exists() or path.is_file():
        write_atomically(path, text.encode("utf-8", "replace"))
        return
    try:
        path.write_text(text, "utf-8", "replace")
    except OSError as error:
        raise InputError(f"Cannot write {name!r}: {error.strerror}.", "Choose another file.") from error


def report(error: LimnerError, as_json: bool) -> None:
    """Print an error: one line that names the thing and the remedy, or the error object.

    Where standard output takes no more, the line goes to standard error.
    """
    if as_json:
        with suppress(OSError):
            print_json({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
            sys.stdout.flush()
            return
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
