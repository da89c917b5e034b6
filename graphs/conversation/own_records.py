"""The customer's own records: the list of them, and which is meant by "order 149" or "my last one"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.tools import BaseTool

from ...screening import Vault
from ...tools.call import ToolResult, call_tool
from ...tools.policy import policy_of
from ...tools.schema import KEY
from .desk import Desk

_SHORT = re.compile(
    r"(?i)(?:\b(?:order|parcel|number|no\.?|nr\.?)|#)(?:\s+(?:is|was|number|no\.?))?\s*#?(?P<it>\d{2,})\b"
    r"|\b(?P<letters>[a-z]{2,4})[- ]?(?:\d{4}[- ]|-)(?P<end>\d{2,})\b"
    r"|^\W*(?P<bare>\d{2,})\W*$"
)
"""The end of a number, where it is said to be one."""
_NUMBER = re.compile(
    r"(?i)\b(?:order|parcel)\s*(?:number|no\.?|nr\.?|#)\s*(?:is\s+)?#?\d{2,}\b|(?<!\w)#\d{3,}\b"
)
_LAST = re.compile(
    r"\b(?:last|latest|newest|most\s+recent)\s+(?:one|order|purchase|parcel|package|delivery)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def list_tool(desk: Desk) -> BaseTool | None:
    """The reading tool that needs nothing but to know who asks."""
    for tool in desk.tools.values():
        policy = policy_of(tool)
        if not policy.effect and policy.owner and not set(tool.args) - {policy.owner, KEY}:
            return tool
    return None


async def own_records(desk: Desk, customer: str, vault: Vault, key: str) -> ToolResult | None:
    """The list of what the customer has; None where there is no tool for it, or it did not work."""
    tool = list_tool(desk)
    if tool is None:
        return None
    found = await call_tool(
        tool, vault.restore({}), journal=desk.journal, key=f"{key} {tool.name}", subject=customer
    )
    return found if found.status == "done" else None


def says_number(text: str) -> bool:
    """Whether a text gives the end of a number and says that it is one: "order number 0144", "#144"."""
    return bool(_NUMBER.search(text))


def points_to_one(text: str) -> bool:
    """Whether a text speaks of one record without its whole number."""
    return bool(_SHORT.search(text) or _LAST.search(text))


def the_one_meant(text: str, name: str, records: Any) -> Any:
    """The value of a field in the one record that a text points to; None where that is not clear."""
    rows = (
        [row for row in records if isinstance(row, Mapping) and row.get(name)]
        if isinstance(records, list)
        else []
    )
    ends = [
        (match["letters"] or "", int(match["it"] or match["end"] or match["bare"]))
        for match in _SHORT.finditer(text)
    ]
    found = [
        row[name]
        for row in rows
        for letters, end in ends
        if _number(row[name]) == end and str(row[name]).lower().startswith(letters.lower())
    ]
    if not found and _LAST.search(text):
        found = [row[name] for row in _newest(rows)]
    return found[0] if len(found) == 1 else None


def _number(value: Any) -> int | None:
    """The last digits of an identifier."""
    digits = re.search(r"(\d+)\D*$", str(value))
    return int(digits[1]) if digits else None


def _newest(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The row of the latest day; none where the rows bear no day, or two bear that one."""
    days = [max((str(value) for value in row.values() if _DAY.match(str(value))), default="") for row in rows]
    latest = max(days, default="")
    return [row for row, day in zip(rows, days, strict=True) if latest and day == latest]
