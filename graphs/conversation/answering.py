"""Answering from the documents: search, the answer or the closest passage, and the check of every fact."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ...agents.messages import phrases
from ...agents.support import answer_from, table_header
from ...retrieval.answer import unknown_name
from ...retrieval.cite import verify
from ...retrieval.howto import asks_how
from ...retrieval.kept import NoEmbeddings
from ...retrieval.phrasal import in_one_word
from ...retrieval.ranking import Before, focus_of
from ...retrieval.terms import words
from ...screening import injection
from ...steps import Finding, Outcome, current
from ...steps.threads import offload
from ...tools.recognise import EMAIL, ids
from ..resources import find, resources
from .acting import examples
from .desk import Desk
from .message_parts import Done, Part, line, told

if TYPE_CHECKING:
    from ...retrieval.passage import Passage

T = TypeVar("T")
FOUND = 10
"""Passages that a question is answered from."""
ANSWERED_FROM = "answered from"
"""Where the facts of a thread hold the documents of the last answer; no argument has such a name."""
ABOUT = 2
"""Passages that tell which documents a change is about."""
NAMED = 2
"""Passages more for a name that those do not hold."""


async def answered(desk: Desk, part: Part) -> Done:
    """Answer a question from the documents."""
    have, context = resources(), current()
    topic = part.get("topic", part["text"])
    before = await _said_before(part.get("before", {}))
    question, passages = await search(desk, _unnumbered(desk, part["text"]), before)
    with_model = context.model is not None or bool(context.missing)
    embeddings = desk.embeddings(have.embeddings) or NoEmbeddings()
    beside = await offload(lambda: around(passages)) if asks_how(question) else []
    house = await offload(lambda: desk.house(have.knowledge))
    found = await in_time(
        "answer", lambda: answer_from(question, passages, embeddings, with_model, beside, before, house), 0.6
    )
    if found is None:
        found = await offload(
            lambda: answer_from(question, passages, NoEmbeddings(), with_model=False, beside=beside)
        )
    facts = [
        line(cited.text, cited.passage_id, table_header(cited, [*passages, *beside]))
        for cited in found.sentences
        # a document that gives orders to the bot is not read out
        if not injection(await _without_own_addresses(cited.text), data=True).flagged
    ]
    if not facts or found.kind == "refuse":
        return refused(desk, part)
    if found.kind == "quote":
        lines = [line(phrases.QUOTE_LEAD), *facts, line(phrases.OFFER_PERSON)]
        pending = {"kind": "person", "question": question}
        tried = [f"documents: the closest passage, {found.reason}"]
        return {"status": "quoted", "lines": lines, "pending": pending, "tried": tried, "topic": topic}
    offer = (
        f"If you want, I can also {phrases.lower_first(part['offer']).rstrip('.')} for you."
        if part.get("offer")
        else ""
    )
    lines = [*facts, *([line(offer)] if offer else [])]
    known = {passage.id: passage.source for passage in (*passages, *beside)}
    sources = list(dict.fromkeys(known[row["passage"]] for row in facts))
    return {"status": "answered", "lines": lines, "topic": topic, "facts": {ANSWERED_FROM: sources}}


def _unnumbered(desk: Desk, text: str) -> str:
    """A question without the numbers of records, as the tools show them: no document speaks of one."""
    for name, shapes in examples(desk).items():
        label = re.escape(name.partition("_")[0])
        for value in {found.text for found in ids(text, shapes, "")}:
            # "my order KO-2026-0150" is "my order", and "order KO-2026-0150" is "it"
            text = re.sub(
                rf"\b((?:my|the|this|that|our)\s+{label})\s+{re.escape(value)}",
                r"\1",
                text,
                flags=re.IGNORECASE,
            )
            text = re.sub(rf"(?:\b{label}\s+)?{re.escape(value)}", "it", text, flags=re.IGNORECASE)
    return text


async def _said_before(given: Mapping[str, Any]) -> Before:
    """What was said before; after a change, with the documents that are about such changes."""
    known = dict(given)
    if doing := known.pop("doing", ""):
        known["sources"] = [passage.source for passage in await find(doing, ABOUT)]
    return Before(**known)


async def _without_own_addresses(text: str) -> str:
    """A text without the e-mail addresses that at least two documents name: those are the house's own."""
    for address in set(EMAIL.findall(text)):
        naming = {passage.source for passage in await find(address, FOUND) if address in passage.text}
        text = text.replace(address, "us") if len(naming) > 1 else text
    return text


async def search(desk: Desk, question: str, before: Before) -> tuple[str, list[Passage]]:
    """The passages for a question, and the question as it is understood by them.

    A word that they do not hold may be misspelt; a name that they do not hold may stand elsewhere. What
    follows on a question before is searched for together with it, and in the documents that answered it.
    """
    passages = await find(question, FOUND)
    held = {word for passage in passages for word in words(f"{' '.join(passage.heading)} {passage.text}")}
    meant = desk.speller.correct(question, held)
    if meant != question:
        passages = await find(meant, FOUND)
    name = unknown_name(meant, passages)
    more = await find(name, NAMED) if name else []
    if (said := in_one_word(meant)) != meant:
        more += await find(said, FOUND)
    if (focus := focus_of(meant)) != meant:
        more += await find(focus, FOUND)
    if before.question:
        more += await find(f"{before.question} {meant}", FOUND)
        more += await find(before.said, FOUND) if before.said and before.said != meant else []
        more += await find(meant, FOUND, before.sources) if before.sources else []
    known = {passage.id: passage for passage in reversed([*passages, *more])}
    return meant, list({passage.id: known[passage.id] for passage in [*passages, *more]}.values())


def around(passages: Sequence[Passage]) -> list[Passage]:
    """The other passages of the sections that were found, as a list of steps may go on in them."""
    knowledge = resources().knowledge
    sections = {(passage.source, passage.heading) for passage in passages}
    known = {passage.id for passage in passages}
    return [
        passage
        for source in dict.fromkeys(passage.source for passage in passages)
        for passage in (knowledge.passages_of(source) if knowledge is not None else [])
        if (passage.source, passage.heading) in sections and passage.id not in known
    ]


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
        topic=part.get("topic", part["text"]),
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
