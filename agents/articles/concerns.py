"""What readers of every trade ask about, by the words of briefs and by those of documents; English."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml


def asked(point: str) -> frozenset[str]:
    """What a point of a brief is about: "the bill for two nights" asks for a price."""
    return frozenset(name for name, (ask, _) in _concerns().items() if ask.search(point))


def told(text: str) -> frozenset[str]:
    """What a sentence of a document tells: "Visitors pay £18 a night" a price and a payment."""
    return frozenset(name for name, (_, tell) in _concerns().items() if tell.search(text))


@cache
def _concerns() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    rows = yaml.safe_load(Path(__file__).with_name("concerns.yaml").read_text("utf-8"))
    return {
        name: (
            re.compile(rf"\b(?:{row['asked']})\b", re.IGNORECASE),
            re.compile(row["told"], re.IGNORECASE),
        )
        for name, row in rows.items()
    }
