"""The planner: which sections an article has, drawn from what the documents hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from ..errors import InputError
from ..steps import Finding, step
from .brief import Brief
from .keyphrases import titles_for
from .layout import record
from .topics import Topic, clean

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_SPARE = 1
"""Titles offered beyond those that are wanted: a small model with many to choose from strays."""
_AGAIN = 0.9
"""What each further section from one document counts against one from another."""
_MOST_SECTIONS = 12
_NAMED, _PHRASED = 3, 24
"""Topics that are named for each section, and passages whose phrases serve where titles are wanting."""
GENERIC = frozenset(
    "introduction overview conclusion summary background facts faq details information notes general other"
    " miscellaneous contents credits license licence"
    " changelog contributing sponsors acknowledgements links about help questions more section part".split()
)
_FIRST = re.compile(
    r"\b(?:install\w*|prepar\w*|requirements?|what you need|before|get(?:ting)? started|sign(?:ing)? up"
    r"|register\w*|booking|choosing|how to choose|who may|what it is)\b",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:after|exceptions?|problems?|troubleshooting|when .* (?:full|fails?|goes wrong)|help|contact"
    r"|support|upgrad\w*|uninstall\w*|history)\b",
    re.IGNORECASE,
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
    brief: Brief, topics: Sequence[Topic], must: Sequence[Topic], embeddings: Embeddings | None = None
) -> list[str]:
    """Titles that the documents can fill, best first: what the notes ask for, then what is most relevant.

    Deterministic. At least as many titles come back as the brief has sections: keyphrases of the
    passages and templates of the kind fill up what the headings lack.

    Args:
        brief: Topic, kind and number of sections; a title that only repeats the topic is left out.
        topics: What the documents hold, the most relevant first.
        must: Topics that answer a point of the brief, in the order of the points.
        embeddings: For the keyphrases; without them there are none.
    """
    fit = [topic for topic in topics if not topic.opens and topic.weight >= 2]
    if must:
        fit = [*(topic for topic in must if topic.weight >= 2), *fit]
    else:
        fit = _mixed(fit)
        fit[: brief.sections] = _in_order(fit[: brief.sections], brief.kind)
    titles = _distinct((topic.title for topic in fit), brief.topic)
    if len(titles) < brief.sections and embeddings is not None:
        texts = [passage.text for topic in topics for passage in topic.passages]
        phrases = titles_for(texts[:_PHRASED], embeddings, titles)
        titles = _distinct([*titles, *(found[0] for found in phrases if found)], brief.topic)
    if len(titles) < brief.sections:
        titles = _distinct([*titles, *TEMPLATES[brief.kind]], brief.topic)
    if len(titles) < brief.sections:
        titles += [f"Part {number}" for number in range(len(titles) + 1, brief.sections + 1)]
    return titles[: brief.sections + _SPARE]


def entitled(topics: Sequence[Topic], count: int, embeddings: Embeddings | None) -> list[Topic]:
    """Give titles to the best topics that their documents give none.

    Args:
        topics: The most relevant first.
        count: Sections of the article.
        embeddings: How likeness is measured; words where None.
    """
    bare = [t for t in topics if not t.title and t.weight >= 2 and not record(t.passages[0].text)]
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


def _mixed(topics: Sequence[Topic]) -> list[Topic]:
    """By relevance, and so that one document does not crowd out another that is nearly as relevant."""
    left, mixed = list(topics), list[Topic]()
    taken: Counter[str] = Counter()
    while left:
        best = max(left, key=lambda topic: topic.relevance * _AGAIN ** taken[topic.source])
        left.remove(best)
        mixed.append(best)
        taken[best.source] += 1
    return mixed


def _in_order(topics: Sequence[Topic], kind: str) -> list[Topic]:
    """The order in which documents tell things, the most relevant document first; beginnings before ends.

    What answers the brief best comes first, unless the order is one of doing.
    """
    rank = {source: number for number, source in enumerate(dict.fromkeys(topic.source for topic in topics))}

    def place(topic: Topic) -> tuple[int, int, int]:
        cue = (
            0
            if not topic.named
            else -1
            if _FIRST.search(topic.title)
            else 1
            if _LAST.search(topic.title)
            else 0
        )
        return cue, rank[topic.source], topic.passages[0].start

    ordered = sorted(topics, key=place)
    told = len(rank) == 1 and not any(topic.named for topic in topics)  # running text has an order of its own
    if topics and kind != "how-to" and not told and not _LAST.search(topics[0].title):
        ordered.remove(topics[0])
        ordered.insert(0, topics[0])
    return ordered


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
