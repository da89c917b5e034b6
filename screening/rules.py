"""The rules that `injection` judges by; they stand in ``rules.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to speak to a model."""

    family: str
    weight: float
    """How far a match alone speaks for an instruction, in (0, 1)."""
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole book."""

    always: tuple[Rule, ...]
    data: tuple[Rule, ...]
    """Only of text that no customer wrote."""


@lru_cache
def rules() -> Rules:
    """Read the book, once."""
    book: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("rules.yaml").read_text("utf-8"))

    def read(rows: list[tuple[str, float, str]]) -> tuple[Rule, ...]:
        return tuple(
            Rule(family, weight, _compiled(pattern, book["words"])) for family, weight, pattern in rows
        )

    return Rules(read(book["always"]), read(book["data"]))


def _compiled(pattern: str, words: dict[str, str]) -> re.Pattern[str]:
    for name, choices in words.items():
        pattern = pattern.replace(f"@{name}@", choices)
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)
