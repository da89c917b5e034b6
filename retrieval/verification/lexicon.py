"""What WordNet knows of common words: which mean the same, and which the opposite."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from .synonyms import canonical

_FILE = Path(__file__).with_name("wordnet.json")


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, frozenset[str]]]:
    given = json.loads(_FILE.read_text("utf-8"))
    tables = {}
    for name in ("same", "opposite"):
        table: dict[str, set[str]] = {}
        for one, others in given[name].items():
            for two in others.split():
                first, second = canonical(one), canonical(two)
                if first != second:
                    table.setdefault(first, set()).add(second)
                    table.setdefault(second, set()).add(first)
        tables[name] = {word: frozenset(others) for word, others in table.items()}
    return tables


def akin(found: str) -> frozenset[str]:
    """Return the stems of words that may mean the same, or are built on one another."""
    return _tables()["same"].get(found, frozenset())


def contrary(found: str) -> frozenset[str]:
    """Return the stems of words that mean the opposite."""
    return _tables()["opposite"].get(found, frozenset())
