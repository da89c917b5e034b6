"""Tables of documents as data: small Markdown tables, and rows of records side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...retrieval.passage import Passage
from ...retrieval.rows import under_header
from ...retrieval.terms import content_stems
from .concerns import asked as concerns_of

_MOST_ROWS, _MOST_COLUMNS, _MOST_CELL = 10, 6, 80
EMPHASIS = re.compile(r"(\*{1,3})(?=[^\s*])(.+?)(?<=[^\s*])\1")
"""Stars around words."""
_RULE = re.compile(r"^\|?[\s:|-]+\|?$")
_NAMING = re.compile(r"\b(?:name|title|product|item|service|model)\b", re.IGNORECASE)
"""Columns that name what a row is about."""
_SPOKEN = re.compile(r"[A-Za-z]{4,}")
_LONGEST_NAME, _BESIDE = 70, 4
"""Characters of a name, and columns beside it where records are compared."""
_SPANS = frozenset("minut hour day week month year".split())
"""Stems that columns have and that say little."""
_UNITS = {"usd": "USD", "eur": "EUR", "gbp": "GBP", "g": "g", "kg": "kg", "cm": "cm", "mm": "mm", "l": "l"}


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table, word for word."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def told(self) -> list[str]:
        """Each row with the names of its columns: "Double: size 22 square metres; price 150 euros"."""
        return [under_header(" | ".join(row), " | ".join(self.header)) for row in self.rows]


def grid(text: str) -> Grid | None:
    """Read a Markdown table of 2 to 10 rows and 2 to 6 columns; None where the text is anything else."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 4 or not all(line.startswith("|") for line in lines) or not _RULE.match(lines[1]):
        return None
    rows = [
        tuple(EMPHASIS.sub(r"\2", cell.strip()) for cell in line.strip("|").split("|"))
        for line in (lines[0], *lines[2:])
    ]
    fits = 2 <= len(rows[0]) <= _MOST_COLUMNS and 2 <= len(rows) - 1 <= _MOST_ROWS
    same = all(len(row) == len(rows[0]) for row in rows)
    short = all(len(cell) <= _MOST_CELL for row in rows for cell in row)
    return Grid(rows[0], tuple(rows[1:])) if fits and same and short else None


def continues(above: str, text: str) -> bool:
    """Whether a passage goes on with the Markdown table of the one before, and begins none of its own."""
    lines = [line.strip() for line in text.strip().splitlines()]
    tabular = all(line.startswith("|") for line in (*lines, *above.strip().splitlines()))
    return tabular and not (len(lines) > 1 and _RULE.match(lines[1]))


def record(text: str) -> dict[str, str]:
    """Read a row such as ``name: Mug; price_usd: 12``; empty where the text is anything else."""
    cells: list[tuple[str, str]] = []
    for part in text.strip().split("; "):
        name, found, value = part.partition(": ")
        if not found and cells:
            # a cell may hold the mark that ends it
            cells[-1] = (cells[-1][0], f"{cells[-1][1]}; {part}")
        elif not value or len(name) > 40:
            return {}
        else:
            cells.append((name.strip(), value.strip()))
    return dict(cells) if len(cells) >= 3 else {}


def name_of(cells: Mapping[str, str]) -> str:
    """The column that names a record; "" where none does."""
    named = (column for column in cells if _NAMING.search(column.replace("_", " ")))
    spoken = (column for column, cell in cells.items() if _SPOKEN.search(cell) and len(cell) <= _LONGEST_NAME)
    return next(named, next(spoken, ""))


def compared(rows: Sequence[Passage], asked: str = "") -> tuple[Grid, tuple[str, ...]] | None:
    """Set records side by side: what names them, then the short columns that tell them apart.

    Args:
        rows: Of one table, or of tables with the same columns.
        asked: What a reader wants to know: columns that it names come first, then those whose cells share
            a word with it.

    Returns:
        The table and the ids of its rows' passages; None where the rows do not share three columns.
    """
    read = [(cells, passage.id) for passage in rows if (cells := record(passage.text))][:_MOST_ROWS]
    if not read:
        return None
    shared = [name for name in read[0][0] if all(name in cells for cells, _ in read)]
    naming = name_of({name: read[0][0][name] for name in shared})
    telling = [
        name
        for name in shared
        if name != naming
        and not re.fullmatch(r"sku|id|code|stock|category|colou?rs?|image|url|description", name.lower())
        and all(len(cells[name]) <= _LONGEST_NAME and "|" not in cells[name] for cells, _ in read)
        and (asks_for(asked, [column(name)]) or len(read) == 1 or len({cells[name] for cells, _ in read}) > 1)
    ]
    about = set(content_stems(asked)) - _SPANS

    def remoteness(name: str) -> int:
        held = any(about & set(content_stems(cells[name])) for cells, _ in read)
        return 0 if asks_for(asked, [column(name)]) else 1 if held else 2

    telling = sorted(telling, key=remoteness)[:_BESIDE]
    if not naming or len(telling) < 2:
        return None
    columns = [naming, *telling]
    made = tuple(tuple(cells[name] for name in columns) for cells, _ in read)
    return Grid(tuple(column(name) for name in columns), made), tuple(name for _, name in read)


def asks_for(asked: str, columns: Sequence[str]) -> bool:
    """Whether a text asks for what one of some columns tells: "what it costs" for a price."""
    wanted, about = set(content_stems(asked)) - _SPANS, concerns_of(asked)
    return any(wanted & set(content_stems(name)) or about & concerns_of(name) for name in columns)


def column(name: str) -> str:
    """A column's name for readers: ``price_usd`` becomes "Price (USD)"."""
    words = name.replace("-", "_").split("_")
    unit = _UNITS.get(words[-1].lower()) if len(words) > 1 else None
    words = words[:-1] if unit else words
    said = " ".join(words).strip()
    return said[:1].upper() + said[1:] + (f" ({unit})" if unit else "")
