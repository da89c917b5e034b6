"""Arithmetic that a question asks for: over its own numbers, or over numbers that are looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..errors import InputError
from ..tools.arithmetic import calculate

Kind = Literal["total", "difference", "average", "share"]

_NUMBER = r"[$€£]?\s?\d[\d,]*(?:\.\d+)?"
_SHARE = re.compile(rf"({_NUMBER})\s*(?:%|percent)\s+of\s+({_NUMBER})(?![\w-])", re.IGNORECASE)
_WORDS = {"plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/"}
_SIGN = rf"(?:\s*[+*/×÷]\s*|\s+[-x]\s+|\s+(?:{'|'.join(_WORDS)})\s+)"
_CHAIN = re.compile(rf"(?<![\w.,-]){_NUMBER}\s*%?(?:{_SIGN}{_NUMBER}\s*%?)+(?![\w-])", re.IGNORECASE)
_WANTED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("share", re.compile(rf"({_NUMBER})\s*(?:%|percent)\s+of\b", re.IGNORECASE)),
    ("average", re.compile(r"\b(?:average|mean)\b", re.IGNORECASE)),
    (
        "difference",
        re.compile(r"\b(?:difference|how much (?:more|less)|cheaper|more expensive)\b", re.IGNORECASE),
    ),
    (
        "total",
        re.compile(r"\b(?:totals?|sum|together|altogether|combined|in all|add(?:ed)? up)\b", re.IGNORECASE),
    ),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of numbers that are looked up."""

    kind: Kind
    percent: str = ""
    """Of a share: how many percent."""


def expressions(text: str) -> list[str]:
    """The arithmetic over numbers of the text itself, as the calculator takes it, in order."""
    found = [*_SHARE.finditer(text), *_CHAIN.finditer(text)]
    made = []
    for match in sorted(found, key=lambda match: match.start()):
        expression = " ".join(match[0].split())
        for word, sign in _WORDS.items():
            expression = re.sub(rf"\b{word}\b", sign, expression, flags=re.IGNORECASE)
        try:
            calculate(expression)
        except InputError:
            continue
        made.append(expression)
    return list(dict.fromkeys(made))


def wanted(text: str) -> Wanted | None:
    """What a text wants made of numbers that it does not give; None where there is nothing of that kind."""
    if expressions(text):
        return None
    for kind, pattern in _WANTED:
        match = pattern.search(text)
        if match is not None:
            return Wanted(kind, match[1].strip() if kind == "share" else "")
    return None


def expression_for(want: Wanted, terms: list[str], values: list[list[float]]) -> str:
    """The expression over references; "" where there are too few numbers.

    Args:
        want: What to make of them.
        terms: References, one for each result.
        values: The numbers that each stands for.
    """
    count = sum(len(group) for group in values)
    total = " + ".join(terms)
    base = total if len(terms) == 1 else f"({total})"
    match want.kind:
        case "share" if count:
            return f"{want.percent}% of {base}"
        case "total" if count > 1:
            return total
        case "average" if count > 1:
            return f"{base} / {count}"
        case "difference" if len(terms) == count == 2:
            first, second = terms if values[0][0] >= values[1][0] else reversed(terms)
            return f"{first} - {second}"
    return ""


def makes(want: Wanted, expression: str) -> bool:
    """Whether an expression over references has the form of what is wanted."""
    form: dict[Kind, bool] = {
        "share": "%" in expression,
        "average": bool(re.search(r"/\s*\d+$", expression)),
        "difference": " - " in expression,
    }
    return form[want.kind] if want.kind in form else not any(form.values())
