"""The support agent: the few acts of a conversation that a model may do, each with its fallback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..retrieval.answer import Answer, answer
from ..retrieval.extract import Cited
from ..retrieval.passage import Passage
from ..retrieval.ranking import Before
from ..retrieval.rows import header_of
from ..steps import step
from .messages.doubt import doubt
from .messages.language import language_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


@step(
    prompt="read.jinja",
    mode="select",
    at_least=1,
    at_most=1,
    max_tokens=160,
    timeout=30,
    share=0.5,
    agent="support",
)
def read(question: str, sentences: list[str]) -> list[str]:
    """Choose the sentence that answers a question best; without a model, the likeliest."""
    return sentences[:1]


@step(
    prompt="cross_check.jinja", mode="select", at_least=1, at_most=1, max_tokens=60, share=0.3, agent="router"
)
def cross_check(message: str, meanings: list[str]) -> list[str]:
    """Choose between the likeliest meanings of a message; without a model, the likeliest stands."""
    return meanings[:1]


@step(prompt="translate.jinja", max_tokens=400, share=0.5, agent="support")
def translate(text: str, language: str) -> str:
    """Say a reply in the customer's language; without a model that can, it stays as it is."""
    return text


@translate.check
def is_that_language(out: str, language: str) -> str | None:
    """The answer is in the language that was asked for."""
    found = language_of(out)
    return None if found == language else f"it is in {found!r}; write it in {language!r}"


@translate.check
def keeps_the_numbers(out: str, text: str) -> str | None:
    """Every number is there, and no other."""
    said, meant = sorted(re.findall(r"\d+", out)), sorted(re.findall(r"\d+", text))
    return None if said == meant else f"its numbers are {said}, and must be {meant}"


def answer_from(
    question: str,
    passages: Sequence[Passage],
    embeddings: Embeddings | None,
    with_model: bool,
    beside: Sequence[Passage] = (),
    before: Before | None = None,
    house: str = "",
) -> Answer:
    """Answer a question from passages; blocks, so call it on a thread.

    Likeness, and the rules of `doubt`, decide whether there is an answer. Where they are not sure, the
    closest sentences are quoted, first the one that a model chooses. Small models choose worse than
    likeness, so theirs takes the place of none. `beside`, `before` and `house` are as
    `answer` takes them.
    """
    found = answer(question, passages, embeddings, beside=beside, before=before, house=house)
    if found.kind == "answer":
        reason = doubt(question, found.sentences, [*passages, *beside], found.score)
        if not reason:
            return found
        found = Answer("quote", found.closest, found.score, reason)
    if found.kind == "quote" and with_model:
        chosen = answer(question, passages, embeddings, _reader, before=before, house=house).sentences[:1]
        rest = tuple(cited for cited in found.sentences if cited not in chosen)
        return Answer("quote", chosen + rest, found.score, found.reason)
    return found


def table_header(cited: Cited, passages: Sequence[Passage]) -> str:
    """The header of the table that a sentence is a row of; "" where it is none, or would add a number."""
    home = next(passage for passage in passages if passage.id == cited.passage_id)
    header = header_of(home, cited.start, passages)
    return header if set(re.findall(r"\d+", header)) <= set(re.findall(r"\d+", home.text)) else ""


def _reader(question: str, sentences: Sequence[str]) -> str:
    outcome = read.run(question, list(sentences))
    return outcome.value[0] if outcome.value else ""
