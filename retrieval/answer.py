"""The answer that passages give to a question: their own sentences, the closest quote, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from .extract import Cited, leans
from .howto import asks_how, steps_among
from .likeness import Measure
from .passage import Passage
from .phrasal import in_one_word
from .ranges import in_range
from .ranking import Before, Candidate, ranked
from .terms import STOP_WORDS, stem, words
from .verification.antonyms import opposites
from .verification.claim import Claim
from .verification.sources import normal

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    Reader = Callable[[str, Sequence[str]], str]
    """Takes a question and sentences; returns the one that answers it, word for word, or ""."""

AnswerKind = Literal["answer", "quote", "refuse"]

_ANSWER: dict[Measure, float] = {"embeddings": 0.55, "words": 0.30}
"""Likeness from which a sentence answers."""
_QUOTE: dict[Measure, float] = {"embeddings": 0.36, "words": 0.15}
"""Likeness from which it is worth showing."""
_AFTER = 0.7
"""Of that, what is enough where the question before tells what is meant."""
_SURE = 0.70
"""Likeness from which an unknown name in the question is another spelling, not another thing."""
_CONFLICT = 0.5
"""Taken from the score where question and sentence speak of different things."""
_LEADS_BY = 0.25
"""Score by which the best sentence must lead to stand alone."""
_NEAR = 0.2
"""Score within which a step of a list goes before a better sentence, where the question is how."""
_ALIKE = 0.1
"""Likeness within which it does so in the same section, however well the passage was found."""
_CLOSEST = 4
"""Sentences that are shown where none answers for sure."""
_READ = 6
"""Sentences that a reader is shown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the passages say to a question."""

    kind: AnswerKind
    """"quote" is the closest sentence, for a person to judge; "refuse" has no sentences."""
    sentences: tuple[Cited, ...]
    """One or two, up to three of a quote, or the steps of a list, each with its place."""
    score: float
    """Likeness of question and best sentence, 0 to 1, less where they speak of different things."""
    reason: str
    """Why it is no answer, in words; "" where it is."""
    closest: tuple[Cited, ...] = ()
    """What is shown where a reader of the answer doubts it: the nearest sentences, or the steps of a list."""

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(cited.text for cited in self.sentences)


_YES_OR_NO = re.compile(
    r"\W*(?:can|could|do|does|did|is|are|was|were|may|must|should|will|would|has|have|am)\b", re.IGNORECASE
)
"""Such a question is answered by a denial as well as by its contrary."""


def answer(
    question: str,
    passages: Sequence[Passage],
    embeddings: Embeddings | None = None,
    reader: Reader | None = None,
    beside: Sequence[Passage] = (),
    before: Before | None = None,
    house: str = "",
) -> Answer:
    """Answer `question` with sentences of `passages`, or say why not.

    Deterministic: without a reader, likeness decides. It stops questions about something else, not those
    that ask about what the passages nearly say; a reader decides there, and its quote is checked.

    Args:
        question: In English.
        passages: Best first.
        embeddings: How likeness is measured; None takes the stored MiniLM, and where it is not there, words.
        reader: Picks among the closest sentences; what it returns must be one of them, word for word.
        beside: More passages of the same documents, in which a list of steps may go on.
        before: What was said before, where the question can only be understood after it.
        house: Whom the documents speak for; `retrieval.house` finds it.
    """
    found, measure = ranked(question, passages, embeddings, before, house)
    if not found:
        return Answer("refuse", (), 0.0, "no passage has a sentence")
    best = max(candidate.dense for candidate in found)
    unknown = unknown_name(in_one_word(question), passages)
    if unknown and best < _SURE:
        return Answer("refuse", (), best, f"{unknown!r} is in no passage")
    if best < _QUOTE[measure] * (_AFTER if before is not None and before.leans else 1.0):
        return Answer("refuse", (), best, "no passage is about this")
    if reader is not None:
        return _read(question, found, best, reader)
    first = passages[found[0].passage]
    near = [
        each.cited
        for each in found
        if each.score >= found[0].score - _NEAR
        or (
            passages[each.passage].source == first.source
            and passages[each.passage].heading == first.heading
            and each.dense >= found[0].dense - _ALIKE
        )
    ]
    steps = steps_among(near, passages, beside) if asks_how(question) else ()
    nearest = tuple(candidate.cited for candidate in found[:_CLOSEST])
    # the steps of something else do not hide what is nearest
    elsewhere = steps and not any(first.id == step.passage_id for step in steps)
    closest = (*nearest[:1], *steps) if elsewhere else steps or nearest
    conflict = _conflict(question, found[0].cited.text, passages)
    if conflict:
        return Answer("quote", closest, max(0.0, best - _CONFLICT), conflict, closest)
    if found[0].alone < _QUOTE[measure]:
        return Answer(
            "quote", closest, best, "it is about what was said before, not what is asked now", closest
        )
    if best < _ANSWER[measure]:
        return Answer("quote", closest, best, "the closest passage may not answer this", closest)
    return Answer("answer", steps or _told(found), best, "", closest)


def _read(question: str, found: Sequence[Candidate], best: float, reader: Reader) -> Answer:
    """Let a reader pick; a quote that is none of the sentences counts as no answer."""
    near = found[:_READ]
    said = normal(reader(question, [candidate.cited.text for candidate in near]))
    chosen = [candidate for candidate in near if said and normal(candidate.cited.text) == said]
    if chosen:
        return Answer("answer", (chosen[0].cited,), best, "")
    reason = "the reader's quote is in no passage" if said else "the reader found no answer"
    return Answer("quote", (found[0].cited,), best, reason)


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
        if not any(number.says(other) for other in known) and not in_range(question, sentence):
            return f"{asked.text[number.start : number.end]!r} is in no passage"
    for word in asked.all_stems:
        if word not in given.all_stems and opposites(word) & (set(given.stems) - set(asked.all_stems)):
            return "the closest sentence says the opposite of what is asked"
    # "it may not exceed $40" denies nothing of "what is the most it may cost"
    denied = (asked.heads | given.heads) & set(asked.all_stems) & set(given.all_stems)
    if denied and not _YES_OR_NO.match(question) and len(asked.negated) % 2 != len(given.negated) % 2:
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
        if kind in ("many", "much") or kind.endswith("est") or thing.endswith("ed"):
            # "45 days" is no other kind of "many days", a small card none of "the largest card"
            continue
        for other, same in pairwise(given):
            if stem(same) == stem(thing) and other not in STOP_WORDS and stem(other) != stem(kind):
                return f"'{kind} {thing}' is asked for, and the closest sentence says '{other} {same}'"
    return ""


def _told(found: Sequence[Candidate]) -> tuple[Cited, ...]:
    """Return the best sentence and, unless it leads clearly, a second; in the order of their text."""
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
    if leans(second.cited.text) and not (
        second.passage == first.passage and second.cited.start >= first.cited.end
    ):
        return (first.cited,)
    pair = (first.cited, second.cited)
    return pair if first.passage != second.passage else tuple(sorted(pair, key=lambda cited: cited.start))
