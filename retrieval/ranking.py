"""The sentences of passages in the order in which they may answer a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .extract import Cited
from .likeness import Measure, cosines
from .passage import Passage
from .phrasal import in_one_word
from .ranges import in_range
from .rows import header_of, is_header, under_header
from .sentences import Sentence, sentences
from .terms import Weights, content_stems
from .verification.claim import Claim

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_PARAGRAPH, _ALONE, _COVERAGE, _TYPE, _FOUND = 0.6, 0.15, 0.2, 0.1, 0.3
"""Weights beside the likeness of question and sentence: of their paragraph, of the sentence without its
heading, of words, of the asked type, and of how well the search found the passage. Chosen on 223 questions to
the example store."""
_RANGE = 0.2
"""Weight of a range around a number that is asked about."""
_DAY = 0.3
"""Weight of naming the day of the week that is asked for."""
_HERE = 0.15
"""Weight of standing in a document that answered the question before."""
_COUNTED = re.compile(
    r"\bhow\s+(?:much|many|long|old|far|often|big|large|high|tall|deep)\b|\bwhat\s+(?:price|year)\b"
)
_DATED = re.compile(r"\b(?:when|what\s+(?:time|day|date|year|month|century))\b")
_WEEKDAY = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:who|whom|whose|where)\b")


@dataclass(frozen=True, slots=True)
class Before:
    """What was said before a question that can only be understood after it."""

    question: str
    """The question before, as it was understood."""
    reply: str = ""
    """What was told then: it is not told again."""
    sources: tuple[str, ...] = ()
    """The documents that answered."""
    said: str = ""
    """The question now as it was said, where it was completed since."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer."""

    cited: Cited
    passage: int
    dense: float
    """Likeness to the question, alone or under its headings."""
    alone: float
    """The same without what was said before."""
    score: float


def ranked(
    question: str,
    passages: Sequence[Passage],
    embeddings: Embeddings | None,
    before: Before | None = None,
) -> tuple[list[Candidate], Measure]:
    """Return every sentence that claims something, best first, and how likeness was measured.

    A question that leans on the one before is read alone, and together with it: what answers it alone
    goes first all the same.
    """
    rows = [
        (index, sentence)
        for index, passage in enumerate(passages)
        for sentence in sentences(passage.text)
        if not sentence.line.endswith("?") and not is_header(passage, sentence.start)
    ]
    if not rows or not question.strip():
        return [], "words"
    under = [
        ". ".join([*passages[index].heading[-1:], _read_as(index, each, passages)]) for index, each in rows
    ]
    texts = [*(sentence.line for _, sentence in rows), *under, *(passage.text for passage in passages)]
    own = [before.said] if before is not None and before.said else []
    readings = list(dict.fromkeys([question, in_one_word(question), *own]))
    after = [f"{before.question} {question}"] if before is not None else []
    likes, measure = cosines([*readings, *after], texts, embeddings)
    like = [max(found) for found in zip(*likes[: len(readings)], strict=True)]
    # what a question says together with the one before counts half
    both = [max(one, (one + two) / 2) for one, two in zip(like, likes[-1] if after else like, strict=True)]
    weights = Weights([sentence.line for _, sentence in rows])
    asked = content_stems(question)
    made = []
    for row, (index, sentence) in enumerate(rows):
        told = before is not None and sentence.line in before.reply
        by = like if told else both
        dense = max(by[row], by[len(rows) + row])
        here = before is not None and not told and passages[index].source in before.sources
        score = (
            dense
            + _HERE * here
            + _PARAGRAPH * both[2 * len(rows) + index]
            + _ALONE * like[row]
            + _COVERAGE * weights.coverage(asked, content_stems(under[row]))
            + _TYPE * _of_type(question, sentence)
            + _DAY * bool(_days(question) & _days(under[row]))
            + _RANGE * in_range(question, sentence.line)
            + _FOUND * passages[index].score
        )
        cited = Cited(sentence.line, passages[index].id, sentence.start, sentence.end)
        made.append(Candidate(cited, index, dense, max(like[row], like[len(rows) + row]), score))
    return sorted(made, key=lambda candidate: -candidate.score), measure


def _read_as(index: int, sentence: Sentence, passages: Sequence[Passage]) -> str:
    """A sentence as it is; a row of a table with the names of its columns."""
    header = header_of(passages[index], sentence.start, passages)
    return under_header(sentence.line, header) if header else sentence.line


def _days(text: str) -> set[str]:
    """The days of the week that a text names."""
    return {day.lower() for day in _WEEKDAY.findall(text)}


def _of_type(question: str, sentence: Sentence) -> bool:
    """Tell whether a sentence has what the question asks for: an amount, a date, a name."""
    asked, claim = question.lower(), Claim(sentence.line)
    if _COUNTED.search(asked) and any(number.kind == "number" for number in claim.numbers):
        return True
    if _DATED.search(asked) and claim.numbers:
        return True
    return bool(_NAMED.search(asked)) and any(name.lower() not in asked for name in claim.names)
