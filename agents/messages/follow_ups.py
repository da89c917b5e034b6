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
    r"|suppos(?:e|ing)|assuming|imagine|and\s+what\s+about|and\s+how\s+about)\b[\s,]*",
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
    r"\s+(?:cost|costs|take|takes|work|works|last|lasts|be|have|mean|allowed|possible|expires?|run\s+out|ends?|starts?"
    r"|opens?|closes?)$",
    re.IGNORECASE,
)
_WHOLE = re.compile(rf"^(?:{ASKS})\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|a|an|my|your)\s+", re.IGNORECASE)
_SINGULAR = re.compile(r"\b(?:it|this\s+one|that\s+one)\b", re.IGNORECASE)
_NAMES = re.compile(r"(?<=[a-z,] )[A-Z][\w'-]*(?: (?:[A-Z][\w'-]*|\d+))+")
"""Names of several words inside a sentence: "Drumlin Winter Tent"."""
_IF = re.compile(r"^if\b(?!.*\b(?:i|we|you|it|its|it['’]s|they|them|that|this)\b)", re.IGNORECASE)
"""A condition with a subject of its own: it is read beside the question before, not as a part of it."""
_PERSON = re.compile(r"^(?!.*\b(?:i|we|you)\b).*\b(?:he|she)\b", re.IGNORECASE)
"""A sentence about somebody, which is no part of the question before either."""
_OWN_SUBJECT = re.compile(
    r"^(?:is|are|was|were|does|do|did|can|will|would|should|must)\s+(?!(?:it|they|this|that|these|those|i|we|you|he|she"
    r"|there|one)\b)(?:(?:the|a|an|my|your)\s+)?\w+\b.*\b(?:if|when|once|after|before|because|while)\b",
    re.IGNORECASE,
)
"""A question that names what its later "it" means: "is wool ok if it gets wet"."""
_NAME = re.compile(r"\b[A-Z][a-z]{3,}(?: [A-Z][a-z]+)*")
"""Names of any length."""
_TO = re.compile(r"\b(?:in|to|from|for|and|or)\s+(?:the\s+)?$")
_COUNTING = STOP_WORDS | {"many", "much", "long", "often", "time", "times", "days", "cost", "costs"}
"""Words that ask, in whose place no thing stands."""
_ANAPHOR = re.compile(r"\b(?:here|there|then|he|she|him|her|his|same|such)\b", re.IGNORECASE)
_JOINS = frozenset("a an the my your our of to for in on at with from by per".split())
"""Words that hold the name of a thing together."""
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


def points_back(question: str) -> bool:
    """Tell whether a question has a word for something that was said before: "it", "there", "she"."""
    return bool(_PRONOUN.search(question) or _ANAPHOR.search(question))


def leans_back(question: str) -> bool:
    """Tell whether a question says so little, or points back so, that the one before tells more of it."""
    told = len(set(content_stems(question)))
    return follows(question) or told <= 2 or (points_back(question) and told <= 5)


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
    if _OWN_SUBJECT.match(rest) or _IF.match(rest) or _PERSON.search(rest):
        return question
    if _ASKING.search(rest):
        names = _named(previous, reply) if _SINGULAR.search(rest) else []
        topic = f"the {names[0]}" if names else topic_of(previous)
        if not names and not _is_thing(topic):
            return question
        return _PRONOUN.sub(lambda _: topic, rest, count=1)
    thing = _ARTICLE.sub("", _PREPOSITION.sub("", rest)).rstrip("?!. ")
    place = _counterpart(thing, previous, embeddings)
    if place:
        return re.sub(rf"\b{re.escape(place)}\b", thing, previous, count=1)
    return f"{previous.rstrip('?. ')} {rest.rstrip('?. ')}?"


def _is_thing(topic: str) -> bool:
    """Whether a topic can stand for "it": some words that name, such as "shipping to Canada"; no clause."""
    said = words(topic)
    return len(said) <= _SHORT and all(
        word in _JOINS or (word not in STOP_WORDS and len(word) > 1) for word in said
    )


def _named(previous: str, reply: str) -> list[str]:
    """The name that "it" means: the last one of the question before, else the first of the reply to it."""
    names = _NAMES.findall(previous)[-1:]
    if not names:
        # people type names in small letters; a word that the reply writes so, too, is no name
        asked, small = words(previous), set(re.findall(r"\b[a-z]+\b", reply)) | STOP_WORDS
        named = [
            name for name in _NAME.findall(reply) if words(name)[-1] in asked and name.lower() not in small
        ]
        names = sorted(set(named), key=lambda name: -asked[::-1].index(words(name)[-1]))[-1:]
    # "to the United Kingdom" is where something goes
    return (
        names or [match[0] for match in _NAMES.finditer(reply) if not _TO.search(reply[: match.start()])][:1]
    )


def topic_after(question: str, topic: str) -> str:
    """Return what the talk is about after a question that stays as short as it was said.

    One that says little, or points back, is about the same; another is about itself and the most of that.
    """
    told = len(set(content_stems(question)))
    if told < 2 or (told == 2 and points_back(question)):
        return topic
    telling = max(re.split(r"(?<=[.!?]) ", topic), key=lambda each: len(set(content_stems(each))))
    return f"{telling.rstrip('?!. ')}. {question}"


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
