"""The planner: which sections an article has, drawn from what the documents hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from ..retrieval.extract import standing
from ..retrieval.passage import Passage
from ..steps import Finding, step
from .keyphrases import contrastive_titles

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

GENERIC = frozenset(
    "introduction overview conclusion summary background facts faq details information notes general other"
    " miscellaneous contents about help questions more section part".split()
)
TEMPLATES = {
    "article": ["What it is", "How it works", "What to know before you decide", "Exceptions and limits"],
    "how-to": ["Before you start", "Step by step", "When it does not apply", "Where to get help"],
    "product": ["What it is made of", "Who it is for", "How to choose", "How to look after it"],
    "news": ["What is new", "Dates to remember", "What changes for you", "Where to find out more"],
    "faq": ["The basics", "Cost and time", "Exceptions", "Getting help"],
}


@step(
    prompt="plan.jinja",
    mode="select",
    at_least=2,
    at_most="count",
    max_tokens=160,
    share=0.4,
    agent="planner",
)
def plan(topic: str, audience: str, notes: str, titles: list[str], count: int) -> list[str]:
    """Choose and order the sections of an article among titles that the documents can fill."""
    return titles[:count]


@plan.check
def enough_sections(out: list[str], titles: list[str], count: int) -> str | None:
    """The plan has as many sections as were asked for, where there are so many titles."""
    wanted = min(count, len(titles))
    return None if len(out) >= wanted else f"only {len(out)} sections; choose {wanted} different ones"


@plan.check
def no_overlap(out: list[str]) -> Finding | None:
    """No two titles say the same."""
    for number, title in enumerate(out):
        for other in out[number + 1 :]:
            if fuzz.token_set_ratio(title.lower(), other.lower()) >= 88:
                return Finding("overlap", f"{title!r} and {other!r} say the same")
    return None


def candidate_titles(
    topic: str, kind: str, passages: Sequence[Passage], count: int, embeddings: Embeddings | None = None
) -> list[str]:
    """Titles that the passages can fill, best first: their headings, else keyphrases of their clusters.

    Deterministic. At least `count` titles come back: templates of the kind fill up what is missing.

    Args:
        topic: What the article is about; a title that only repeats it is left out.
        kind: The brief's kind, for the templates.
        passages: What was retrieved for the topic, best first.
        count: How many sections are wanted; up to three times as many titles are offered.
        embeddings: For the keyphrases; without them clusters are not made.
    """
    material = Counter(
        passage.heading[-1] for passage in passages if passage.heading for _ in standing([passage])
    )
    # in the order of the passages; a heading with a single sentence below it makes no section
    headings = [heading for heading, sentences in material.items() if sentences >= 2]
    titles = _distinct((_clean(heading) for heading in headings), topic)
    if len(titles) < count and embeddings is not None:
        titles = _distinct([*titles, *contrastive_titles(passages, count, embeddings)], topic)
    if len(titles) < count:
        titles = _distinct([*titles, *TEMPLATES[kind]], topic)
    if len(titles) < count:
        titles += [f"Part {number}" for number in range(len(titles) + 1, count + 1)]
    return titles[: 3 * count]


def _clean(heading: str) -> str:
    heading = re.sub(r"[*_`#\[\]]|\(https?:[^)]*\)", "", heading)
    return re.sub(r"^\s*\d+[.)]\s*", "", heading).strip(" :–-")


def _distinct(titles: Iterable[str], topic: str) -> list[str]:
    kept: list[str] = []
    for title in titles:
        words = title.split()
        generic = len(words) == 1 and words[0].lower() in GENERIC
        if not 1 <= len(words) <= 9 or len(title) > 70 or generic:
            continue
        if fuzz.ratio(title.lower(), topic.lower()) >= 88:
            continue
        if all(fuzz.token_set_ratio(title.lower(), other.lower()) < 88 for other in kept):
            kept.append(title)
    return kept
