"""The writer: which parts of the documents make a section; their sentences stay as they are."""

from __future__ import annotations

from ..retrieval.extract import Cited
from ..steps import step


@step(
    prompt="write.jinja",
    mode="select",
    at_least="fewest",
    at_most="count",
    max_tokens=320,
    timeout=90,
    share=0.7,
    agent="writer",
)
def write(
    topic: str, title: str, audience: str, sentences: list[Cited], fewest: int, count: int
) -> list[Cited]:
    """Choose what else belongs in a section, by the first sentences of paragraphs, the nearest first."""
    return sentences[:count]


@step(prompt="write_freely.jinja", max_tokens=300, share=0.6, agent="writer")
def write_freely(topic: str, title: str, audience: str) -> str:
    """Write a section without sources; such text is labelled as not grounded wherever it appears."""
    return f"This section on “{title}” is not written: there was no source for it, and no model to write it."
