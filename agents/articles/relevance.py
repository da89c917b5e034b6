"""How much each topic bears on a brief, and which topics are not for its readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...retrieval.passage import Passage
from ...retrieval.terms import content_stems
from .readers import are_insiders
from .topics import Topic

_HEADED = 0.2
"""Of relevance, what a topic loses whose headings say nothing of the subject."""


def ranked(topics: Sequence[Topic], found: Sequence[Passage], subject: str, readers: str = "") -> list[Topic]:
    """Give each topic its relevance, and leave out what is not for the brief's readers.

    Half of it is the topic's own, half that of the best passage of its document; headings that speak of the
    subject count for up to a fifth.

    Args:
        topics: Of whole documents.
        found: What a search for the brief's topic gave, scored.
        subject: Of the article: the topic of the brief.
        readers: Of the brief: what is for the people of the house alone is for none but them.
    """
    own, documents = shares(found), best_of(found)
    about = set(content_stems(subject))
    kept = []
    for topic in topics:
        if topic.inside and not are_insiders(readers):
            continue
        near = _near([own.get(passage.id, 0.0) for passage in topic.passages], topic.named)
        relevance = 0.5 * near + 0.5 * documents.get(topic.source, 0.0)
        if about:
            headed = about & set(content_stems(" ".join(topic.passages[0].heading)))
            relevance *= 1 - _HEADED * (1 - len(headed) / len(about))
        kept.append(replace(topic, relevance=round(relevance, 6)))
    return sorted(kept, key=lambda topic: -topic.relevance)


def _near(scores: Sequence[float], named: bool) -> float:
    """How near a topic is: its best passage tells, and the others as well where no heading holds them."""
    return max(scores) if named else 0.5 * (max(scores) + sum(scores) / len(scores))


def shares(found: Sequence[Passage]) -> dict[str, float]:
    """Scores of passages as parts of the best, by id."""
    best = max((passage.score for passage in found), default=0.0)
    return {passage.id: passage.score / best for passage in found} if best > 0 else {}


def best_of(found: Sequence[Passage]) -> dict[str, float]:
    """The best score of each document, as part of the best of all."""
    score = shares(found)
    best: dict[str, float] = {}
    for passage in found:
        best[passage.source] = max(best.get(passage.source, 0.0), score.get(passage.id, 0.0))
    return best
