"""What a brief leaves out: documents and sections that are about it, and sentences that speak of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...retrieval.terms import Weights, content_stems, stems
from .blocks import Block
from .demands import Wishes
from .likeness import vectors_of
from .topics import Topic

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_MOST_WORDS = 0.6
"""Of the weight of a subject's words, what the headings over a topic must have of them to be about it."""
_SAME, _SAME_DOCUMENT = 0.7, 0.65
"""Likeness to a subject from which on a heading means it, and a document's title with its file's name."""


def without(topics: Sequence[Topic], wishes: Wishes, embeddings: Embeddings | None) -> list[Topic]:
    """Topics without what a brief leaves out.

    A topic is about a subject where the headings over it have most of its words, have no other words, or mean
    the same: "Fares" is about passenger fares, and "How we clean" is not about dry cleaning.

    Args:
        topics: Of whole documents.
        wishes: The notes of the brief.
        embeddings: Tell what means the same; words alone do where None.
    """
    if not wishes.leave_out:
        return list(topics)
    texts = [f"{topic.title} {_document(topic)} {topic.text}" for topic in topics]
    weights = Weights(texts)
    names = list(dict.fromkeys([*(t.title for t in topics), *(_document(t) for t in topics)]))
    vectors = vectors_of([*wishes.leave_out, *names], embeddings)
    count = len(wishes.leave_out)
    like = None if vectors is None else vectors[:count] @ vectors[count:].T
    place = {name: number for number, name in enumerate(names)}

    def about(topic: Topic, number: int) -> bool:
        wanted = content_stems(wishes.leave_out[number])
        if weights.coverage(wanted, content_stems(f"{topic.title} {_document(topic)}")) >= _MOST_WORDS:
            return True
        if any(_part_of(name, wishes.leave_out[number]) for name in (topic.title, *topic.headings[:1])):
            return True
        return like is not None and bool(
            like[number][place[topic.title]] >= _SAME
            or like[number][place[_document(topic)]] >= _SAME_DOCUMENT
        )

    kept = [topic for topic in topics if not any(about(topic, number) for number in range(count))]
    return [left for topic in kept if (left := _struck(topic, wishes.strike)) is not None]


def _part_of(heading: str, subject: str) -> bool:
    """Whether a heading has words of a subject and no others."""
    said = set(stems(heading))
    return bool(said) and said <= set(stems(subject))


def _document(topic: Topic) -> str:
    """What a topic's document is called, by its title and its file."""
    file = topic.source.rpartition("/")[2].rpartition(".")[0]
    title = " ".join(topic.passages[0].heading[:1])
    return f"{title} ({file.replace('-', ' ').replace('_', ' ')})"


def _struck(topic: Topic, subjects: Sequence[str]) -> Topic | None:
    """A topic without the sentences that speak of a subject; None where that is a third of it, or a step."""
    wanted = [stems for subject in subjects if (stems := set(content_stems(subject)))]
    struck = [line for line in topic.lines if any(w <= set(content_stems(line[0].text)) for w in wanted)]
    if not struck:
        return topic
    if 3 * len(struck) >= len(topic.lines) or any(form == "step" for _, form in struck):
        return None
    kept = [tuple(line for line in block.lines if line not in struck) for block in topic.blocks]
    return replace(topic, blocks=tuple(Block(lines, whole=False) for lines in kept if lines))
