"""Text out of passages without a model: their leading sentences, each with its place, in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .embedder import Embedder
from .passage import Passage
from .sentences import flat, sentences
from .terms import Weights, content_stems, words

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_LEAD_SHARE = 0.6
"""Of the sentences wanted, how many the best passage may give before the others are asked."""
_LAMBDA = 0.7
"""Weight of relevance against novelty (maximal marginal relevance)."""
_SAME = 0.85
"""Likeness above which two sentences say the same."""
_FEWEST_WORDS, _MOST_WORDS = 4, 45
_LINKS = """
it its this these those that they their them he she his her however also then otherwise therefore thus but
and or so such moreover furthermore additionally instead consequently hence here both another similarly
likewise
"""
_LEANING = frozenset(_LINKS.split())
"""First words that need the sentence before."""
_OPENER = re.compile(
    r"(?:In addition|For example|For instance|As a result|In contrast|Despite (?:that|this)"
    r"|On the other hand|In this|At that)\b"
)
_ENDS = re.compile(r"[.!][\"”’')\]]*$")
_CELL = re.compile(r"^\s*\||^[^:;.]{1,40}: [^;]*; [^:;.]{1,40}: |^\s*(?:```|#)")


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence of a passage, word for word, and where it stands."""

    text: str
    """On one line: ``passage.text[start:end]`` with its line wraps folded."""
    passage_id: str
    start: int
    """First character in the passage's text."""
    end: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    cited: Cited
    rank: int
    """Of its passage, from 0."""
    place: int
    """Among the sentences of its passage, from 0."""
    leans: bool
    """Whether it only makes sense after the sentence before."""


def lead(
    passages: Sequence[Passage],
    query: str | None = None,
    sentences: int = 4,
    embeddings: Embeddings | None = None,
) -> list[Cited]:
    """Choose the sentences that say most about a topic: the lead of the first passage, then what adds to it.

    Pure and deterministic. A sentence that leans on the one before comes only together with it;
    questions, fragments and table rows never come.

    Args:
        passages: Best first.
        query: The topic; the first sentence stands for it where None.
        sentences: How many at most.
        embeddings: How likeness is measured; words where None.

    Returns:
        In the order of the passages and of their text; empty where no sentence stands alone.
    """
    return _chosen(_candidates(passages), query, sentences, embeddings)


def _candidates(passages: Sequence[Passage]) -> list[_Candidate]:
    found = []
    for rank, passage in enumerate(passages):
        for place, sentence in enumerate(sentences(passage.text)):
            text = flat(sentence.text)
            if whole(text):
                cited = Cited(text, passage.id, sentence.start, sentence.end)
                found.append(_Candidate(cited, rank, place, leans(text)))
    return found


def whole(text: str) -> bool:
    """Tell whether a sentence is one: no question, fragment or row of a table."""
    if not _FEWEST_WORDS <= len(words(text)) <= _MOST_WORDS or not _ENDS.search(text) or _CELL.search(text):
        return False
    first = next((character for character in text if character.isalnum()), "")
    return first.isdigit() or first == first.upper()


def leans(text: str) -> bool:
    """Tell whether a sentence makes sense only after the one before."""
    first = next(iter(words(text)), "")
    return first in _LEANING or bool(_OPENER.match(text))


def _chosen(
    candidates: Sequence[_Candidate], query: str | None, count: int, embeddings: Embeddings | None
) -> list[Cited]:
    if not candidates or count < 1:
        return []
    texts = [candidate.cited.text for candidate in candidates]
    topic = query or texts[0]
    to_topic, between = _likeness(topic, texts, embeddings)
    taken: list[int] = []
    for index in _lead(candidates, max(1, round(_LEAD_SHARE * count))):
        if all(between[index][other] < _SAME for other in taken):
            taken.append(index)
    while len(taken) < count:
        free = [
            index
            for index in range(len(candidates))
            if index not in taken
            and _stands(candidates, index, taken)
            and all(between[index][other] < _SAME for other in taken)
        ]
        if not free:
            break
        novelty = {index: max((between[index][other] for other in taken), default=0.0) for index in free}
        taken.append(
            max(free, key=lambda index: (_LAMBDA * to_topic[index] - (1 - _LAMBDA) * novelty[index], -index))
        )
    return [candidates[index].cited for index in sorted(taken)]


def _lead(candidates: Sequence[_Candidate], most: int) -> list[int]:
    """Return the first sentences of the first passage that has one to begin with."""
    begun: list[int] = []
    for index, candidate in enumerate(candidates):
        if len(begun) == most or (begun and candidate.rank != candidates[begun[0]].rank):
            break
        if _stands(candidates, index, begun):
            begun.append(index)
    return begun


def _stands(candidates: Sequence[_Candidate], index: int, taken: Sequence[int]) -> bool:
    """Tell whether a sentence can be read where it would stand."""
    candidate = candidates[index]
    return not candidate.leans or any(
        candidates[other].rank == candidate.rank and candidates[other].place == candidate.place - 1
        for other in taken
    )


def _likeness(
    topic: str, texts: Sequence[str], embeddings: Embeddings | None
) -> tuple[Sequence[float], Sequence[Sequence[float]]]:
    """Return the likeness of each text to the topic, and of each to each."""
    if embeddings is not None:
        vectors = Embedder(embeddings).texts([topic, *texts])
        every = vectors @ vectors.T
        return [float(value) for value in every[0, 1:]], [
            [float(value) for value in row[1:]] for row in every[1:]
        ]
    weights = Weights(texts)
    stems = [set(content_stems(text)) for text in texts]
    to_topic = [weights.similarity(content_stems(topic), each) for each in stems]
    return to_topic, [[weights.similarity(one, two) for two in stems] for one in stems]
