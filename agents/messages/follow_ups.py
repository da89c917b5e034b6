"""Follow-up questions: "And for sandals?" is completed with what the question before was about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...retrieval.terms import STOP_WORDS, content_stems, words
from .dialogue import ASKS

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_OPENS = re.compile(
    r"^(?:ok(?:ay)?,?\s+)?(?:and|but|or|also|so|what\s+about|how\s+about|what\s+if|even\s+if|same\s+(?:for|with)"
    r"|and\s+what\s+about|and\s+how\s+about)\b[\s,]*",
    re.IGNORECASE,
)
_ASKING = re.compile(rf"\b(?:{ASKS}|i|we|you|there)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"(?<!\bdo\s)\b(?:it|they|them|that|those|these|this|one|ones)\b(?!\s+\w+ing\b)", re.IGNORECASE
)
_PREPOSITION = re.compile(
    r"^(?:for|to|in|at|with|on|from|of|by|without)\s+(?:the\s+|a\s+|an\s+)?", re.IGNORECASE
)
_FRONT = re.compile(
    rf"^(?:{ASKS}|much|many|long|far|often|soon|days|hours|weeks|time|i|we|you|it|have|has|be|get|the\s+(?:cost|price)\s+of|there)\s+",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\s+(?:cost|costs|take|takes|work|works|last|lasts|be|have|mean|allowed|possible)$", re.IGNORECASE
)
_WHOLE = re.compile(rf"^(?:{ASKS})\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|a|an|my|your)\s+", re.IGNORECASE)
_SINGULAR = re.compile(r"\b(?:it|this\s+one|that\s+one)\b", re.IGNORECASE)
_NAMES = re.compile(r"(?<=[a-z,] )[A-Z][\w'-]*(?: (?:[A-Z][\w'-]*|\d+))+")
"""Names of several words inside a sentence: "Drumlin Winter Tent"."""
_COUNTING = STOP_WORDS | {"many", "much", "long", "often", "time", "times", "days", "cost", "costs"}
"""Words that ask, in whose place no thing stands."""
_ANAPHOR = re.compile(r"\b(?:here|there|then|he|she|him|her|his|same|such)\b", re.IGNORECASE)
_SHORT = 5
"""Words of a topic that may take the place of a pronoun; a longer one is better read beside the question."""
_LIKE = 0.3
"""Likeness of two words from which one takes the place of the other."""


def follows(question: str) -> bool:
    """Tell whether a question can only be understood after the one before."""
    if _OPENS.match(question) and len(words(question)) <= 12:
        rest = _OPENS.sub("", question)
        # "And how long does a refund to my card take?" says all of it
        return not (_WHOLE.match(rest) and len(set(content_stems(rest))) >= 3 and not _PRONOUN.search(rest))
    told = len(set(content_stems(question)))
    return told <= 1 or (told <= 3 and bool(_PRONOUN.search(question)))


def leans_back(question: str) -> bool:
    """Tell whether a question says so little, or points back so, that the one before tells more of it."""
    told = len(set(content_stems(question)))
    points = bool(_PRONOUN.search(question) or _ANAPHOR.search(question))
    return follows(question) or told <= 2 or (points and told <= 5)


def resolve(question: str, previous: str, embeddings: Embeddings | None = None, reply: str = "") -> str:
    """Complete a follow-up with what the question before was about; any other question stays as it is.

    "And for sandals?" after "Can I return boots?" becomes "Can I return sandals?". "It" may also be what the
    reply to the question before named.
    """
    if not previous or not follows(question):
        return question
    # what led up to the question before is no part of what this one means
    previous = previous.rsplit(". ", 1)[-1].rsplit("! ", 1)[-1]
    rest = _OPENS.sub("", question).strip() or question
    if _ASKING.search(rest):
        names = (_NAMES.findall(previous)[-1:] or _NAMES.findall(reply)[:1]) if _SINGULAR.search(rest) else []
        topic = f"the {names[0]}" if names else topic_of(previous)
        if not names and len(topic.split()) > _SHORT:
            return question
        return _PRONOUN.sub(lambda _: topic, rest, count=1)
    thing = _ARTICLE.sub("", _PREPOSITION.sub("", rest)).rstrip("?!. ")
    place = _counterpart(thing, previous, embeddings)
    if place:
        return re.sub(rf"\b{re.escape(place)}\b", thing, previous, count=1)
    return f"{previous.rstrip('?. ')} {rest.rstrip('?. ')}?"


def topic_of(question: str) -> str:
    """Return what a question is about, without the words that only ask."""
    last = question.rsplit(". ", 1)[-1].rstrip("?!. ")
    while (shorter := _FRONT.sub("", last)) != last and content_stems(shorter):
        last = shorter
    shorter = _BACK.sub("", last)
    return shorter if content_stems(shorter) else last


def _counterpart(thing: str, previous: str, embeddings: Embeddings | None) -> str:
    """Return the word of the question before that `thing` stands in for; "" where there is none."""
    named = _NAMES.findall(previous)
    candidates = [*named] + [
        word
        for word in re.findall(r"[^\W\d_][\w'-]*", _NAMES.sub(" ", previous))
        if content_stems(word) and word.lower() not in _COUNTING
    ]
    if not candidates or embeddings is None:
        return ""
    from ...retrieval.embedder import Embedder

    vectors = Embedder(embeddings).texts([thing, *candidates])
    likeness = [float(value) for value in vectors[1:] @ vectors[0]]
    best = max(range(len(candidates)), key=likeness.__getitem__)
    return candidates[best] if likeness[best] >= _LIKE else ""
