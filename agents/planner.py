"""The planner: which sections an article has, drawn from what the documents hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from ..errors import InputError
from ..steps import Finding, Source, step
from .articles.keyphrases import titles_for
from .articles.layout import record
from .articles.outline import Outline, SectionPlan
from .articles.topics import Topic, clean

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_MOST_SECTIONS = 12
_NAMED = 3
"""Topics that are named for each section."""


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


@step(
    prompt="headline.jinja",
    mode="select",
    at_least=1,
    at_most=1,
    max_tokens=40,
    share=0.3,
    agent="planner",
)
def headline(topic: str, text: str, titles: list[str]) -> list[str]:
    """Choose the title of a section among phrases of its text, or the question that it answers."""
    return titles[:1]


@step(
    prompt="weigh.jinja",
    mode="weigh",
    answer="point",
    max_tokens=64,
    share=0.6,
    agent="planner",
)
def weigh(point: str, sections: list[str]) -> list[float]:
    """How likely readers of each section come to find out what a point asks; alike where no model tells."""
    return [0.0] * len(sections)


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


def picked(found: Outline, titles: Sequence[str], count: int, made_by: Source) -> list[SectionPlan]:
    """The sections that a plan chose, in the order of the article; what is firm stands anyway."""
    chosen = [s.model_copy(update={"made_by": made_by}) if s.title in titles else s for s in found.sections]
    kept = [section for section in chosen if section.title in titles or section.firm]
    if len(kept) > count:
        kept = [section for section in kept if section.title != found.extra]
    return kept


def entitled(topics: Sequence[Topic], count: int, embeddings: Embeddings | None) -> list[Topic]:
    """Give titles to the best topics that their documents give none.

    Args:
        topics: The most relevant first.
        count: Sections of the article.
        embeddings: How likeness is measured; words where None.
    """
    bare = [
        t for t in topics if not t.title and t.weight >= 2 and not t.loose and not record(t.passages[0].text)
    ]
    bare = bare[: _NAMED * count]
    taken = [topic.title for topic in topics if topic.title]
    phrases = titles_for([topic.text for topic in bare], embeddings, taken)
    names = {topic.key: found for topic, found in zip(bare, phrases, strict=True) if found}
    return [
        replace(topic, title=names[topic.key][0], others=tuple(names[topic.key][1:]))
        if topic.key in names
        else topic
        for topic in topics
    ]


def approved_titles(answer: Any, planned: Sequence[str]) -> list[str]:
    """Titles that a person wants written, from the answer to a plan.

    Raises:
        InputError: The answer says neither yes nor which titles.
    """
    if isinstance(answer, Mapping) and isinstance(answer.get("titles"), list):
        titles = [clean(str(title))[:120] for title in answer["titles"]]
        titles = list(dict.fromkeys(title for title in titles if title))
        if titles:
            return titles[:_MOST_SECTIONS]
    if answer is True or (isinstance(answer, Mapping) and answer.get("approve") is True):
        return list(planned)
    raise InputError(
        f"{answer!r:.80} is no answer to a plan.", 'Answer {"approve": true}, or {"titles": ["...", "..."]}.'
    )
