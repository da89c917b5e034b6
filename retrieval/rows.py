"""Rows of Markdown tables: a row is read under its header, also where a passage holds the rest of a table."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence

from .passage import Passage

_DAYS = frozenset(calendar.day_name) | frozenset(calendar.month_name)
_SHORT = 3
"""Characters up to which a row's name tells nothing without that of its column: "Size M"."""
_RULE = re.compile(r"^[ \t]*\|(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t]*$", re.MULTILINE)


def is_header(passage: Passage, start: int) -> bool:
    """Tell whether the line at `start` heads a table: it says what stands below, and nothing by itself."""
    after = passage.text[start:].partition("\n")[2]
    return _is_row(passage.text, start) and bool(_RULE.match(after))


def header_of(passage: Passage, start: int, passages: Sequence[Passage] = ()) -> str:
    """Return the header of the row at `start`; "" where that is no row, or its header is not there.

    Args:
        passage: The one with the row.
        start: Where the row begins.
        passages: Others that were found: one of the same section may hold the header.
    """
    if not _is_row(passage.text, start):
        return ""
    above = _header_before(passage.text, start)
    if above:
        return above
    cells = len(_cells(_line_at(passage.text, start)))
    for other in passages:
        if (other.source, other.heading) == (passage.source, passage.heading):
            found = _header_before(other.text, len(other.text))
            if len(_cells(found)) == cells:
                return found
    return ""


def under_header(row: str, header: str) -> str:
    """Say a row with the names of its columns: "Harrow Bay, Maine: Saturday 9 a.m. to 7 p.m.; ..."."""
    names, values = _cells(header), _cells(row)
    if len(names) != len(values):
        return row
    first = values[0] if len(values[0]) > _SHORT and not values[0][0].isdigit() else f"{names[0]} {values[0]}"
    rest = [f"{_small(name)} {value}" for name, value in zip(names[1:], values[1:], strict=True) if value]
    return f"{first.strip()}: {'; '.join(rest)}"


def _small(name: str) -> str:
    """The name of a column inside a sentence; a day or an abbreviation keeps its capitals."""
    first = name.partition(" ")[0]
    return name if first in _DAYS or first[1:] != first[1:].lower() else name[:1].lower() + name[1:]


def _is_row(text: str, start: int) -> bool:
    return _line_at(text, start).lstrip().startswith("|")


def _line_at(text: str, start: int) -> str:
    first = text.rfind("\n", 0, start) + 1
    return text[first:].partition("\n")[0]


def _header_before(text: str, place: int) -> str:
    """The line above the last rule before a place, where nothing but rows stands between."""
    rules = list(_RULE.finditer(text[:place]))
    if not rules:
        return ""
    between = text[rules[-1].end() : place].split("\n")
    if any(line.strip() and not line.lstrip().startswith("|") for line in between):
        return ""
    return text[: rules[-1].start()].rstrip("\n").rpartition("\n")[2]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.strip() else []
