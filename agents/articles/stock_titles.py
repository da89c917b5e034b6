"""Titles for articles that have no documents to take titles from."""

from __future__ import annotations

TEMPLATES = {
    "article": ["What it is", "How it works", "What to know before you decide", "Exceptions and limits"],
    "how-to": ["Before you start", "Step by step", "When it does not apply", "Where to get help"],
    "product": ["What it is made of", "Who it is for", "How to choose", "How to look after it"],
    "news": ["What is new", "Dates to remember", "What changes for you", "Where to find out more"],
    "faq": ["The basics", "Cost and time", "Exceptions", "Getting help"],
}
"""By kind of article."""


def stock_titles(kind: str, count: int) -> list[str]:
    """Titles where there are no documents to take them from."""
    titles = TEMPLATES[kind][:count]
    return titles + [f"Part {number}" for number in range(len(titles) + 1, count + 1)]
