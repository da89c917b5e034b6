"""How near what the documents hold is to each point of a brief."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ...retrieval.terms import Weights, content_stems
from ...retrieval.verification.antonyms import related
from ...retrieval.verification.lexicon import canonical
from .concerns import asked, told
from .likeness import vectors_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from .topics import Topic

_SENTENCE, _TEXT, _TITLE, _WORDS, _TO_BRIEF = 0.5, 0.5, 0.25, 0.25, 0.2
"""Weights of what tells how near a topic is to a point: its best sentence, all of it, its heading, the words
that a sentence has of the point, and its relevance to the brief."""
_TOLD, _HEADED = 0.2, 0.2
"""What it counts that a sentence tells what the point is about, and that the heading does."""
_KIN = 0.7
"""What a word counts for that is not there, where one of its kin is."""
_READ = 600
"""Characters of a topic that are looked at as a whole."""


def nearness(
    points: Sequence[str],
    topics: Sequence[Topic],
    embeddings: Embeddings | None,
    records: Sequence[Topic] = (),
) -> list[dict[str, float]]:
    """How near each topic is to each point of a brief, by the topic's key; about 0.4 to 1.5 where it answers.

    A point in words that no heading has is found by single sentences, "who may come along" by "Every patient
    may bring one person along", and by what it is about: a bill by prices. Words count with their kin: a
    charge is a cost.

    Args:
        points: What is asked for.
        topics: What may answer.
        embeddings: None where words alone must tell.
        records: Rows of tables that may answer, too; what they say makes no word common.
    """
    best = max((topic.relevance for topic in topics), default=0.0) or 1.0
    count = len(topics)
    topics = [*topics, *records]
    if not points or not topics:
        return [{} for _ in points]
    sentences = [
        [*(cited.text for cited, _ in topic.lines), *topic.rows] or [topic.title] for topic in topics
    ]
    texts = [f"{topic.title}. {' '.join(said)}" for topic, said in zip(topics, sentences, strict=True)]
    weights = Weights(texts[:count] or texts)
    wholes = [
        *(topic.title or text[:_READ] for topic, text in zip(topics, texts, strict=True)),
        *(text[:_READ] for text in texts),
    ]
    singles = [each for said in sentences for each in said]
    # a sentence is understood under its heading
    headed = [
        f"{topic.title}: {each}" for topic, said in zip(topics, sentences, strict=True) for each in said
    ]
    stems = [{canonical(stem) for stem in content_stems(text)} for text in (*wholes, *singles)]
    about = [told(each) for each in singles]
    known = set().union(*stems)
    vectors = vectors_of([*points, *wholes, *headed], embeddings)
    found: list[dict[str, float]] = []
    for number, point in enumerate(points):
        wanted, near, concerns = _wanted(point, known, weights), dict[str, float](), asked(point)
        words = [_covered(wanted, each) for each in stems]
        like = words if vectors is None else (vectors[len(points) :] @ vectors[number]).tolist()
        start = len(wholes)
        for at, topic in enumerate(topics):
            own = slice(start, start := start + len(sentences[at]))
            near[topic.key] = (
                _SENTENCE * max(like[own])
                + _TEXT * like[len(topics) + at]
                + _TITLE * like[at]
                + _WORDS * max(words[own])
                + _TO_BRIEF * topic.relevance / best
            )
            if concerns:
                spoken = about[own.start - len(wholes) : own.stop - len(wholes)]
                # a record has a name, and no heading
                headline = frozenset() if topic.tabular else told(topic.title) | asked(topic.title)
                most = max(len(concerns & each) for each in spoken)
                near[topic.key] += (_TOLD * most + _HEADED * len(concerns & headline)) / len(concerns)
        found.append(near)
    return found


def _wanted(point: str, known: Collection[str], weights: Weights) -> list[tuple[float, str, set[str]]]:
    """The words of a point, each with its weight and with those that are known of its kin."""
    stems = [(weights.of(stem), canonical(stem)) for stem in set(content_stems(point))]
    return [
        (weight, stem, {word for word in known if related(stem, (word,))}) for weight, stem in sorted(stems)
    ]


def _covered(wanted: Sequence[tuple[float, str, set[str]]], said: set[str]) -> float:
    """The share, 0 to 1, of some words' weight that a text has, in these words or in kin of theirs."""
    total = sum(weight for weight, _, _ in wanted)
    held = sum(weight * (1.0 if word in said else _KIN * bool(kin & said)) for weight, word, kin in wanted)
    return held / total if total else 0.0
