"""A chart from a table of the documents: every number stands in a passage, and the source is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ...pictures import Chart
from ...retrieval.passage import Passage

_CELL = re.compile(
    r"(?P<before>[$€£¥])?\s?(?P<number>-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)"
    r"\s?(?P<after>%|°C|°F|[^\W\d]{1,7})?"
)
"""A number, maybe with a currency before it or a unit behind it, and nothing else."""
_SUMS = re.compile(r"\b(?:total|sum|average|mean|median|all|overall)\b", re.IGNORECASE)
_LEAST, _MOST = 3, 8


class Numbers(NamedTuple):
    """A chart and what it is called."""

    title: str
    chart: Chart


def chart_of(
    tables: Sequence[Mapping[str, Any]], passages: Mapping[str, Passage], language: str
) -> Numbers | None:
    """The chart of the first table that has one.

    A table has one where a column of names stands beside a column of numbers in one unit, three to eight
    of them, not all alike, and every cell of both stands in a passage that the table cites.

    Args:
        tables: Rows of the state: `caption`, `header`, `rows`, `citations`.
        passages: By id.
        language: Of the documents; outside of English a number with a point or a comma is left alone,
            for it may be read in two ways.
    """
    for table in tables:
        cited = [passages[name] for name in table["citations"] if name in passages]
        rows = [tuple(row) for row in table["rows"]]
        if cited and _LEAST <= len(rows) <= _MOST:
            made = _charted(tuple(table["header"]), rows, cited, language.split("-")[0] == "en")
            if made is not None:
                return made
    return None


def _charted(
    header: Sequence[str], rows: Sequence[tuple[str, ...]], cited: Sequence[Passage], english: bool
) -> Numbers | None:
    names = [row[0].strip() for row in rows]
    told = "\n".join(passage.text for passage in cited)
    if len(set(names)) < len(names) or any(not name or _SUMS.search(name) for name in names):
        return None
    found = [(column, read) for column in range(1, len(header)) if (read := _read(rows, column)) is not None]
    # what has a unit is a measure; what has none may be a mere count
    for column, cells in sorted(found, key=lambda each: not _measured(header[each[0]], each[1][0])):
        if not all(text in told for text in (*names, *(cell.string for cell in cells))):
            continue
        if not english and any(re.search("[.,]", cell["number"]) for cell in cells):
            continue
        numbers = [float(cell["number"].replace(",", "")) for cell in cells]
        if len(set(numbers)) == 1:
            continue
        unit, before = cells[0]["after"] or "", cells[0]["before"] or ""
        title = header[column].strip() + (f" ({before})" if before and before not in header[column] else "")
        if english and header[0].strip():
            title += f" by {header[0].strip()[:1].lower()}{header[0].strip()[1:]}"
        source = ", ".join(dict.fromkeys(passage.source for passage in cited))
        values = tuple(zip(names, numbers, strict=True))
        kind = _kind(names, numbers, unit)
        return Numbers(title, Chart(kind, values, source, f"\u00a0{unit}" if unit else ""))
    return None


def _read(rows: Sequence[tuple[str, ...]], column: int) -> list[re.Match[str]] | None:
    """The numbers of a column, in one unit; None where it has others, or anything else."""
    cells = [_CELL.fullmatch(row[column].strip()) for row in rows]
    found = [cell for cell in cells if cell is not None]
    same = len({(cell["before"], cell["after"]) for cell in found}) == 1
    return found if same and len(found) == len(cells) else None


def _measured(name: str, cell: re.Match[str]) -> bool:
    return bool(cell["before"] or cell["after"] or name.rstrip().endswith(")"))


def _kind(names: Sequence[str], numbers: Sequence[float], unit: str) -> Literal["bar", "line", "share"]:
    """A line over years, a ring of parts that make a whole, else bars."""
    if all(re.fullmatch(r"(?:19|20)\d\d", name) for name in names) and list(names) == sorted(names):
        return "line"
    if unit == "%" and min(numbers) >= 0 and abs(sum(numbers) - 100) <= 1:
        return "share"
    return "bar"
