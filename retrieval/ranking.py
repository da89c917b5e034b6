"""The sentences of passages in the order in which they may answer a question."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .extract import Cited
from .house import as_we
from .likeness import Measure, cosines
from .passage import Passage
from .phrasal import in_one_word
from .ranges import in_range
from .rows import header_of, is_header, under_header
from .sentences import Sentence, sentences
from .terms import Weights, content_stems, words
from .verification.claim import Claim
from .verification.lexicon import akin, canonical

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_WEIGHTS: dict[str, float] = {
    "sentence": 0.53,
    "headed": 0.47,
    "after": 0.37,
    "words": 0.27,
    "type": 0.09,
    "day": 0.15,
    "range": 0.10,
    "here": 0.15,
    "found": 0.26,
}
"""What the signs of an answer weigh: likeness of question and sentence, alone, under its headings, and there
together with what was said before; the share of the question's words that it holds; whether it has what is
asked for, a day of the week or a year, a range around a number; whether its document answered before; how
well its passage was found. Fitted to 283 questions to the example store; further signs changed nothing."""
_KIN = 0.7
"""Of a word said in another that may mean the same."""
_PART = 4
"""Letters of a word from which it is looked for at the end of others."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_COUNTED = re.compile(
    r"\bhow\s+(?:much|many|long|old|far|often|big|large|high|tall|deep)\b|\bwhat\s+(?:price|year)\b"
)
_DATED = re.compile(r"\b(?:when|what\s+(?:time|day|date|year|month|century))\b")
_WEEKDAY = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:who|whom|whose|where)\b")


@dataclass(frozen=True, slots=True)
class Before:
    """What was said before a question; all of it may be empty."""

    question: str = ""
    """The question before, as it was understood, or what was asked to be done."""
    reply: str = ""
    """What was told then."""
    sources: tuple[str, ...] = ()
    """The documents that answered."""
    said: str = ""
    """The question now as it was said, where it was completed since."""
    leans: bool = False
    """Whether the question can only be understood after that."""


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
    house: str = "",
) -> tuple[list[Candidate], Measure]:
    """Return every sentence that claims something, best first, and how likeness was measured.

    What a sentence says of the `house` that the documents speak for is read as "we", unless it is asked for.
    """
    before = before or Before()
    house = "" if house and house.partition(" ")[0].lower() in words(question) else house
    rows = [
        (index, sentence)
        for index, passage in enumerate(passages)
        for sentence in sentences(passage.text)
        if not sentence.line.endswith("?") and not is_header(passage, sentence.start)
    ]
    if not rows or not question.strip():
        return [], "words"
    read = [_read_as(index, sentence, passages) for index, sentence in rows]
    under = [
        as_we(". ".join([*passages[index].heading, text]), house)
        for (index, _), text in zip(rows, read, strict=True)
    ]
    texts = [*(as_we(sentence.line, house) for _, sentence in rows), *under]
    own = [before.said] if before.said else []
    focus = focus_of(question)
    readings = list(dict.fromkeys([focus, in_one_word(focus), *own]))
    after = [f"{before.question} {question}".strip()] if before.question or focus != question else []
    likes, measure = cosines([*readings, *after], texts, embeddings)
    like = [max(found) for found in zip(*likes[: len(readings)], strict=True)]
    if focus != question:
        # "I live in Ireland. What will it cost?"
        like = [(one + two) / 2 for one, two in zip(like, likes[-1], strict=True)]
    both = likes[-1] if after else [0.0] * len(texts)
    weights = Weights([sentence.line for _, sentence in rows])
    asked = content_stems(question)
    made = []
    for row, (index, sentence) in enumerate(rows):
        passage = passages[index]
        # "the cut-off" is "the cutoff"
        said = f"{under[row]} {_HYPHEN.sub('', under[row])}"
        held = {root for found in content_stems(said) for root in (found, canonical(found))}
        signs = {
            "sentence": like[row],
            "headed": like[len(rows) + row],
            "after": both[len(rows) + row],
            "words": _share(asked, held, weights),
            "type": _of_type(question, sentence),
            "day": bool(_days(question) & _days(under[row]) or _years(question) & _years(sentence.line)),
            "range": in_range(question, sentence.line),
            "here": passage.source in before.sources,
            "found": passage.score,
        }
        score = sum(weight * signs[name] for name, weight in _WEIGHTS.items())
        alone = max(like[row], like[len(rows) + row])
        # what a question says together with the one before counts half
        with_it = max((like[at] + both[at]) / 2 for at in (row, len(rows) + row))
        dense = max(alone, with_it) if before.leans or focus != question else alone
        cited = Cited(sentence.line, passage.id, sentence.start, sentence.end)
        made.append(Candidate(cited, index, dense, alone, score))
    return sorted(made, key=lambda candidate: -candidate.score), measure


def focus_of(question: str) -> str:
    """The last sentence of what is asked, where it tells something; what leads up to it is said before.

    A last one that tells nothing, as "What now?", is left out.
    """
    lead, _, last = question.replace("! ", ". ").rpartition(". ")
    told = len(set(content_stems(last)))
    return last if told > 1 else question if told or not content_stems(lead) else lead


def _share(asked: Sequence[str], held: Set[str], weights: Weights) -> float:
    """The share, 0 to 1, of what is asked that a text holds, in these words or in others."""
    wanted = {each: weights.of(each) for each in asked}
    said = 0.0
    for each, weight in wanted.items():
        if each in held or canonical(each) in held:
            said += weight
        elif akin(canonical(each)) & held or any(_is_kind_of(each, other) for other in held):
            said += _KIN * weight
    return said / sum(wanted.values()) if wanted else 0.0


def _is_kind_of(word: str, other: str) -> bool:
    """Whether a word is put together with another at its end: a backpack is a pack."""
    return len(other) >= _PART and len(word) > len(other) + 1 and word.endswith(other)


def _read_as(index: int, sentence: Sentence, passages: Sequence[Passage]) -> str:
    """A sentence as it is; a row of a table with the names of its columns."""
    header = header_of(passages[index], sentence.start, passages)
    return under_header(sentence.line, header) if header else sentence.line


def _days(text: str) -> set[str]:
    """The days of the week that a text names."""
    return {day.lower() for day in _WEEKDAY.findall(text)}


def _years(text: str) -> set[str]:
    """The years that a text names."""
    return set(_YEAR.findall(text))


def _of_type(question: str, sentence: Sentence) -> bool:
    """Tell whether a sentence has what the question asks for: an amount, a date, a name."""
    asked, claim = question.lower(), Claim(sentence.line)
    if _COUNTED.search(asked) and any(number.kind == "number" for number in claim.numbers):
        return True
    if _DATED.search(asked) and claim.numbers:
        return True
    return bool(_NAMED.search(asked)) and any(name.lower() not in asked for name in claim.names)
