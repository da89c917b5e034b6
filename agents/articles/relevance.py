"""How much each topic bears on a brief, and which topics are not wanted or not for its readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...retrieval.passage import Passage
from ...retrieval.terms import content_stems
from .blocks import Block
from .layout import record
from .readers import are_insiders
from .topics import Topic

_HEADED = 0.2
"""Of relevance, what a topic loses whose headings say nothing of the subject."""


def ranked(
    topics: Sequence[Topic],
    found: Sequence[Passage],
    subject: str,
    notes: str = "",
    leave_out: Sequence[str] = (),
    readers: str = "",
    strike: Sequence[str] = (),
) -> list[Topic]:
    """Give each topic its relevance, and leave out what is not wanted, or not for the brief's readers.

    Half of it is the topic's own, half that of the best passage of its document; headings that speak of the
    subject count for up to a fifth.

    Args:
        topics: Of whole documents.
        found: What a search for the brief's topic gave, scored.
        subject: Of the article: the topic of the brief.
        notes: Of the brief: a record counts only where its name is spoken of in subject or notes.
        leave_out: Subjects; a document or a section that is named after one of them goes.
        strike: Subjects that no sentence may speak of.
        readers: Of the brief: what is for the people of the house alone is for none but them.
    """
    own, documents = shares(found), best_of(found)
    about = set(content_stems(subject))
    kept = []
    for whole in topics:
        topic = _without(whole, strike)
        if topic is None or (topic.inside and not are_insiders(readers)):
            continue
        if any(_about(topic, name) for name in leave_out) or not meant(topic, f"{subject} {notes}"):
            continue
        near = _near([own.get(passage.id, 0.0) for passage in topic.passages], topic.named)
        relevance = 0.5 * near + 0.5 * documents.get(topic.source, 0.0)
        if about:
            headed = about & set(content_stems(" ".join(topic.passages[0].heading)))
            relevance *= 1 - _HEADED * (1 - len(headed) / len(about))
        kept.append(replace(topic, relevance=round(relevance, 6)))
    return sorted(kept, key=lambda topic: -topic.relevance)


def _without(topic: Topic, subjects: Sequence[str]) -> Topic | None:
    """A topic without the sentences that speak of a subject; None where that is a third of it, or a step."""
    wanted = [stems for subject in subjects if (stems := set(content_stems(subject)))]
    struck = [line for line in topic.lines if any(w <= set(content_stems(line[0].text)) for w in wanted)]
    if not struck:
        return topic
    if 3 * len(struck) >= len(topic.lines) or any(form == "step" for _, form in struck):
        return None
    kept = [tuple(line for line in block.lines if line not in struck) for block in topic.blocks]
    return replace(topic, blocks=tuple(Block(lines, whole=False) for lines in kept if lines))


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


def _about(topic: Topic, subject: str) -> bool:
    """Whether a topic, or its whole document, is named after a subject."""
    wanted = set(content_stems(subject))
    names = [topic.title, *(name for name in topic.passages[0].heading[:1]), topic.source.rpartition("/")[2]]
    return any(wanted & set(content_stems(name.replace("-", " ").replace("_", " "))) for name in names)


def meant(topic: Topic, asked: str) -> bool:
    """Whether a record is one of those that the brief speaks of; any other topic may be."""
    if not record(topic.passages[0].text):
        return True
    name = set(content_stems(topic.title))
    return bool(name) and len(name & set(content_stems(asked))) >= min(2, len(name))
