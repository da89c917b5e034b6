"""The writer: the sentences of one section, each from a passage and with its citation."""

from __future__ import annotations

from ..retrieval.extract import Cited, lead_of
from ..steps import step


@step(
    prompt="write.jinja",
    mode="select",
    at_least="fewest",
    at_most="count",
    max_tokens=480,
    timeout=90,
    share=0.7,
    agent="writer",
)
def write(
    topic: str, title: str, audience: str, sentences: list[Cited], fewest: int, count: int
) -> list[Cited]:
    """Choose and order the sentences of a section among those of its passages."""
    return lead_of(sentences, count)


@write.check
def starts_on_its_own(out: list[Cited]) -> str | None:
    """The first sentence needs nothing before it."""
    first = out[0].text.split()[0].strip(",").lower()
    if first in {"it", "they", "this", "these", "those", "however", "also", "then", "otherwise"}:
        return f"the first sentence opens with {first!r}; begin with one that stands alone"
    return None


@step(prompt="write_freely.jinja", max_tokens=300, share=0.6, agent="writer")
def write_freely(topic: str, title: str, audience: str) -> str:
    """Write a section without sources; such text is labelled as not grounded wherever it appears."""
    return f"This section on “{title}” is not written: there was no source for it, and no model to write it."
