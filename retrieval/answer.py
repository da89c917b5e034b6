"""The answer that passages give to a question: their own sentences, the closest quote, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from .antonyms import opposites
from .claim import Claim
from .extract import Cited, leans
from .howto import asks_how, steps_around
from .likeness import Measure, cosines
from .passage import Passage
from .rows import header_of, is_header, under_header
from .sentences import Sentence, sentences
from .sources import normal
from .terms import STOP_WORDS, Weights, content_stems, stem, words

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    Reader = Callable[[str, Sequence[str]], str]
    """Takes a question and sentences; returns the one that answers it, word for word, or ""."""

AnswerKind = Literal["answer", "quote", "refuse"]

_PARAGRAPH, _COVERAGE, _TYPE, _FOUND = 0.3, 0.2, 0.1, 1.0
"""Weights beside the likeness of question and sentence: of their paragraph, of words, of the asked type, and
of how well the search found the passage."""
_DAY = 0.3
"""Weight of naming the day of the week that is asked for."""
_ANSWER: dict[Measure, float] = {"embeddings": 0.55, "words": 0.30}
"""Likeness from which a sentence answers."""
_QUOTE: dict[Measure, float] = {"embeddings": 0.40, "words": 0.15}
"""Likeness from which it is worth showing."""
_SURE = 0.70
"""Likeness from which an unknown name in the question is another spelling, not another thing."""
_CONFLICT = 0.5
"""Taken from the score where question and sentence speak of different things."""
_LEADS_BY = 0.25
"""Score by which the best sentence must lead to stand alone."""
_READ = 6
"""Sentences that a reader is shown."""
_COUNTED = re.compile(
    r"\bhow\s+(?:much|many|long|old|far|often|big|large|high|tall|deep)\b|\bwhat\s+(?:price|year)\b"
)
_DATED = re.compile(r"\b(?:when|what\s+(?:time|day|date|year|month|century))\b")
_WEEKDAY = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:who|whom|whose|where)\b")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the passages say to a question."""

    kind: AnswerKind
    """"quote" is the closest sentence, for a person to judge; "refuse" has no sentences."""
    sentences: tuple[Cited, ...]
    """One or two, or the steps of a list, each with its place."""
    score: float
    """Likeness of question and best sentence, 0 to 1, less where they speak of different things."""
    reason: str
    """Why it is no answer, in words; "" where it is."""

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(cited.text for cited in self.sentences)


_YES_OR_NO = re.compile(
    r"\W*(?:can|could|do|does|did|is|are|was|were|may|must|should|will|would|has|have|am)\b", re.IGNORECASE
)
"""Such a question is answered by a denial as well as by its contrary."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer."""

    cited: Cited
    passage: int
    dense: float
    """Likeness to the question, alone or under its headings."""
    score: float


def answer(
    question: str,
    passages: Sequence[Passage],
    embeddings: Embeddings | None = None,
    reader: Reader | None = None,
) -> Answer:
    """Answer `question` with sentences of `passages`, or say why not.

    Deterministic: without a reader, likeness decides. It stops questions about something else, not those
    that ask about what the passages nearly say; a reader decides there, and its quote is checked.

    Args:
        question: In English.
        passages: Best first.
        embeddings: How likeness is measured; None takes the stored MiniLM, and where it is not there, words.
        reader: Picks among the closest sentences; what it returns must be one of them, word for word.
    """
    found, measure = ranked(question, passages, embeddings)
    if not found:
        return Answer("refuse", (), 0.0, "no passage has a sentence")
    best = max(candidate.dense for candidate in found)
    unknown = unknown_name(question, passages)
    if unknown and best < _SURE:
        return Answer("refuse", (), best, f"{unknown!r} is in no passage")
    if best < _QUOTE[measure]:
        return Answer("refuse", (), best, "no passage is about this")
    if reader is not None:
        return _read(question, found, best, reader)
    steps = steps_around(found[0].cited, passages) if asks_how(question) else ()
    told = steps or _told(found)
    conflict = _conflict(question, found[0].cited.text, passages)
    if conflict:
        return Answer("quote", told, max(0.0, best - _CONFLICT), conflict)
    if best < _ANSWER[measure]:
        return Answer("quote", told, best, "the closest passage may not answer this")
    return Answer("answer", told, best, "")


def _read(question: str, found: Sequence[Candidate], best: float, reader: Reader) -> Answer:
    """Let a reader pick; a quote that is none of the sentences counts as no answer."""
    near = found[:_READ]
    said = normal(reader(question, [candidate.cited.text for candidate in near]))
    chosen = [candidate for candidate in near if said and normal(candidate.cited.text) == said]
    if chosen:
        return Answer("answer", (chosen[0].cited,), best, "")
    reason = "the reader's quote is in no passage" if said else "the reader found no answer"
    return Answer("quote", (found[0].cited,), best, reason)


def ranked(
    question: str, passages: Sequence[Passage], embeddings: Embeddings | None
) -> tuple[list[Candidate], Measure]:
    """Return every sentence that claims something, best first, and how likeness was measured."""
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
    (like,), measure = cosines([question], texts, embeddings)
    weights = Weights([sentence.line for _, sentence in rows])
    asked = content_stems(question)
    made = []
    for row, (index, sentence) in enumerate(rows):
        dense = max(like[row], like[len(rows) + row])
        score = (
            dense
            + _PARAGRAPH * like[2 * len(rows) + index]
            + _COVERAGE * weights.coverage(asked, content_stems(under[row]))
            + _TYPE * _of_type(question, sentence)
            + _DAY * bool(_days(question) & _days(under[row]))
            + _FOUND * passages[index].score
        )
        cited = Cited(sentence.line, passages[index].id, sentence.start, sentence.end)
        made.append(Candidate(cited, index, dense, score))
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


def unknown_name(question: str, passages: Sequence[Passage]) -> str:
    """Return a name in the question that no passage knows; "" where there is none."""
    known = {
        stem(word)
        for passage in passages
        for word in words(" ".join([*passage.heading, passage.source, passage.text]))
    }
    for name in Claim(question).names:
        parts = {stem(part) for part in words(name)} - STOP_WORDS
        if not parts <= known:
            return name
    return ""


def _conflict(question: str, sentence: str, passages: Sequence[Passage]) -> str:
    """Return why the closest sentence speaks of something else than is asked; "" where it does not."""
    asked, given = Claim(question), Claim(sentence)
    known = [number for passage in passages for number in Claim(passage.text).numbers]
    for number in asked.numbers:
        if not any(number.says(other) for other in known):
            return f"{asked.text[number.start : number.end]!r} is in no passage"
    for word in asked.all_stems:
        if word not in given.all_stems and opposites(word) & (set(given.stems) - set(asked.all_stems)):
            return "the closest sentence says the opposite of what is asked"
    if not _YES_OR_NO.match(question) and len(asked.negated) % 2 != len(given.negated) % 2:
        return "one of question and sentence denies"
    return _other_kind(question, sentence, passages)


def _other_kind(question: str, sentence: str, passages: Sequence[Passage]) -> str:
    """Return that the sentence speaks of another kind of the thing asked for; "" where it does not.

    "Express shipping" is asked for, no passage knows "express", and the sentence says "standard shipping".
    """
    known = {
        stem(word) for passage in passages for word in words(f"{' '.join(passage.heading)} {passage.text}")
    }
    asked, given = words(question), words(sentence)
    for kind, thing in pairwise(asked):
        if kind in STOP_WORDS or thing in STOP_WORDS or stem(kind) in known or kind.isdigit():
            continue
        if kind in ("many", "much"):
            # "45 days" is no other kind of "many days"
            continue
        for other, same in pairwise(given):
            if stem(same) == stem(thing) and other not in STOP_WORDS and stem(other) != stem(kind):
                return f"'{kind} {thing}' is asked for, and the closest sentence says '{other} {same}'"
    return ""


def _told(found: Sequence[Candidate]) -> tuple[Cited, ...]:
    """Return the best sentence and, unless it leads clearly, a second; in the order of their text.

    The second is of the passage that was found first, where the best is not.
    """
    first = found[0]
    before = [
        other for other in found if other.passage == first.passage and other.cited.end <= first.cited.start
    ]
    if leans(first.cited.text) and before:
        # "It costs $5" is read with the sentence before it.
        return (max(before, key=lambda other: other.cited.start).cited, first.cited)
    if len(found) == 1 or first.score - found[1].score >= _LEADS_BY:
        return (first.cited,)
    second = found[1]
    if first.passage != 0:
        second = next((other for other in found[1:] if other.passage == 0), second)
    if leans(second.cited.text) and not (
        second.passage == first.passage and second.cited.start >= first.cited.end
    ):
        return (first.cited,)
    pair = (first.cited, second.cited)
    return pair if first.passage != second.passage else tuple(sorted(pair, key=lambda cited: cited.start))
