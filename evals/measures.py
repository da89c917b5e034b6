"""Measures of a text that need neither model nor sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

_WORD = re.compile(r"[A-Za-z0-9]+(?:['’-][A-Za-z0-9]+)*")
_GENERIC = re.compile(
    r"(?:the )?(?:introduction|overview|conclusions?|summary|background|general information|facts|key facts"
    r"|faqs?|frequently asked questions|details|more information|other|miscellaneous|section \d+|part \d+"
    r"|key (?:points|takeaways)|final thoughts|getting started|tips)\W*",
    re.IGNORECASE,
)
MOST_WORDS = 9
"""Longest good heading; a title may have a third more."""
ALIKE = 85
"""Likeness of two sentences, 0 to 100, from which one repeats the other."""


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(text)


def repeated(texts: Sequence[str]) -> float:
    """The share of sentences that say what an earlier one says, in nearly the same words."""
    again = sum(
        any(
            fuzz.token_sort_ratio(text, earlier, processor=default_process) >= ALIKE for earlier in texts[:at]
        )
        for at, text in enumerate(texts)
    )
    return again / len(texts)


def distinct_2(text: str) -> float | None:
    """The share of pairs of neighbouring words that are different pairs; None for a single word."""
    said = [word.lower() for word in words(text)]
    pairs = list(pairwise(said))
    return len(set(pairs)) / len(pairs) if pairs else None


def syllables(word: str) -> int:
    """How many syllables an English word has, by its groups of vowels; at least 1."""
    word = word.lower()
    count = len(re.findall(r"[aeiouy]+", word))
    if re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouysxzcgh]es$", word):
        count -= 1  # the silent e
    return max(1, count)


def readability(texts: Sequence[str]) -> tuple[float, float] | None:
    """Flesch reading ease (higher is easier) and Flesch-Kincaid grade of some sentences."""
    said = [word for text in texts for word in words(text)]
    if not said:
        return None
    length, load = len(said) / len(texts), fmean(syllables(word) for word in said)
    return 206.835 - 1.015 * length - 84.6 * load, 0.39 * length + 11.8 * load - 15.59


def headings(title: str, sections: Sequence[str], topic: str) -> float:
    """The share of rules that title and headings keep.

    Each is there, has at most `MOST_WORDS` words (a title a third more), is not a stock word such as
    "Introduction", does not end in a colon or full stop, is not the topic over again, and stands once.
    """
    kept: list[bool] = []
    for number, heading in enumerate([title, *sections]):
        same = fuzz.ratio(heading, topic, processor=default_process) >= 95
        others = [title, *sections[: max(0, number - 1)]] if number else []
        kept += [
            bool(heading.strip()),
            len(words(heading)) <= (MOST_WORDS if number else 4 * MOST_WORDS // 3),
            not _GENERIC.fullmatch(heading.strip()),
            not heading.rstrip().endswith((":", ".")),
            not same,
            not any(
                fuzz.token_sort_ratio(heading, other, processor=default_process) >= 90 for other in others
            ),
        ]
    return sum(kept) / len(kept)


def structure(sizes: Sequence[int], asked: int, needs_steps: bool, ordered: bool) -> float:
    """How the sections stand to what was asked, 0 to 1: their number, their length, numbered steps.

    Args:
        sizes: Sentences of each section, and rows of its tables.
        asked: Sections asked for.
        needs_steps: Whether a numbered list belongs into it.
        ordered: Whether it holds one.
    """
    full = sum(size >= 2 for size in sizes) / len(sizes) if sizes else 0.0
    parts = [max(0.0, 1 - abs(len(sizes) - asked) / asked), full]
    return fmean([*parts, float(ordered)] if needs_steps else parts)
