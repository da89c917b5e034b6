"""Answering from the documents: search, the answer or the closest passage, and the check of every fact."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ..agents import phrases
from ..agents.support import answer_from, table_header
from ..retrieval.answer import unknown_name
from ..retrieval.cite import verify
from ..retrieval.kept import NoEmbeddings
from ..retrieval.terms import words
from ..screening import injection
from ..steps import Finding, Outcome, current
from ..steps.threads import offload
from .desk import Desk
from .message_parts import Done, Part, line, told
from .resources import find, resources

if TYPE_CHECKING:
    from ..retrieval.passage import Passage

T = TypeVar("T")
FOUND = 8
"""Passages that a question is answered from."""
NAMED = 2
"""Passages more for a name that those do not hold."""


async def answered(desk: Desk, part: Part) -> Done:
    """Answer a question from the documents."""
    have, context = resources(), current()
    question, passages = await search(desk, part["text"])
    with_model = context.model is not None or bool(context.missing)
    embeddings = desk.embeddings(have.embeddings) or NoEmbeddings()
    found = await in_time("answer", lambda: answer_from(question, passages, embeddings, with_model), 0.6)
    if found is None:
        found = await offload(lambda: answer_from(question, passages, NoEmbeddings(), with_model=False))
    facts = [
        line(cited.text, cited.passage_id, table_header(cited, passages))
        for cited in found.sentences
        # a document that gives orders to the bot is not read out
        if not injection(cited.text, data=True).flagged
    ]
    if not facts or found.kind == "refuse":
        return refused(desk, part)
    if found.kind == "quote":
        lines = [line(phrases.QUOTE_LEAD), *facts, line(phrases.OFFER_PERSON)]
        pending = {"kind": "person", "question": question}
        tried = [f"documents: the closest passage, {found.reason}"]
        return {"status": "quoted", "lines": lines, "pending": pending, "tried": tried}
    offer = (
        f"If you want, I can also {phrases.lower_first(part['offer']).rstrip('.')} for you."
        if part.get("offer")
        else ""
    )
    lines = [*facts, *([line(offer)] if offer else [])]
    return {"status": "answered", "lines": lines, "topic": part["text"]}


async def search(desk: Desk, question: str) -> tuple[str, list[Passage]]:
    """The passages for a question, and the question as it is understood by them.

    A word that they do not hold may be misspelt; a name that they do not hold may stand elsewhere.
    """
    passages = await find(question, FOUND)
    held = {word for passage in passages for word in words(f"{' '.join(passage.heading)} {passage.text}")}
    meant = desk.speller.correct(question, held)
    if meant != question:
        passages = await find(meant, FOUND)
    name = unknown_name(meant, passages)
    known = {passage.id for passage in passages}
    more = await find(name, NAMED) if name else []
    return meant, [*passages, *(passage for passage in more if passage.id not in known)]


def refused(desk: Desk, part: Part) -> Done:
    """Say that the documents hold no answer, and what can be done instead."""
    intents = desk.intents.intents if desk.intents is not None else ()
    able = phrases.abilities([intent.description for intent in intents if intent.tool])
    return told(
        "refused",
        phrases.REFUSAL,
        able if desk.tools else "",
        phrases.OFFER_PERSON,
        pending={"kind": "person", "question": part["text"]},
        topic=part["text"],
        tried=["documents: no passage answers it"],
    )


def supported(row: Mapping[str, Any]) -> bool:
    """Whether a line of a reply is supported by the passage that it cites."""
    knowledge = resources().knowledge
    passages = knowledge.passages([row["passage"]]) if knowledge is not None else []
    return bool(passages) and verify(row["text"], passages, embeddings=None).supported


async def in_time(step: str, work: Callable[[], T], share: float) -> T | None:
    """Do `work` on a thread in a part of the time left; None, and a row of the receipt, where it is not done.

    What it waits for may still be loading: the next message finds it ready.
    """
    context = current()
    left = context.ledger.time_left()
    limit = None if context.deterministic or left == math.inf else share * left
    try:
        return await asyncio.wait_for(offload(work), limit)
    except TimeoutError:
        late = Finding("deadline", "its models were not ready in time; words decided")
        context.receipt.add(Outcome(step, None, "fallback", (late,)))
        return None
