"""The support graph: one message of a customer, one checked reply.

    screen -> route -+-> answer, act, confirm ------+-> approve -> verify -> respond
                     +-> talk, wish, unsure, person +

Every part of a message goes its own way, side by side. `approve` waits for a person where a change is above
its limit. Facts of the documents are quoted and checked; everything else that is said is fixed wording,
the customer's own words, or a tool's output.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, TypeVar

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from ..agents import phrases
from ..agents.language import language_of, note_for
from ..agents.support import answer_from, cross_check, translate
from ..errors import InputError
from ..retrieval.cite import verify
from ..retrieval.kept import NoEmbeddings
from ..screening import Vault, injection, screen
from ..steps import Finding, Outcome, current
from ..steps.threads import offload
from ..tools.journal import effect_key
from .acting import Done, Part, act, approved, confirm, line, told
from .article import Citation
from .composing import compose
from .desk import Desk
from .folder import write_atomically
from .memory import Memory, Turn
from .registry import Graph
from .reply import Said
from .resources import find, resources
from .turns import Reader, asks_which
from .vaults import arriving, keep_vault, vault_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ..app import Limner

T = TypeVar("T")
MAX_MESSAGE = 8000
FOUND = 8
"""Passages that a question is answered from."""
WORK = ("answer", "act", "confirm", "talk", "wish", "unsure", "person")


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**old, **new}


class SupportState(TypedDict, total=False):
    """Plain JSON, personal data masked."""

    message: str
    thread: str
    customer: str
    """Who is asking, as the caller of `ask` knows it; "" for nobody. Never taken from the message."""
    language: str
    memory: dict[str, Any]
    parts: list[Part]
    pending: dict[str, Any]
    """What still waits, unless a part replaces it."""
    queue: list[Part]
    notes: list[str]
    done: Annotated[dict[str, Done], _merge]
    """Part number to what came of it."""
    reply: dict[str, Any]


class PartTask(TypedDict):
    """What the node of one part is sent."""

    part: Part
    customer: str
    thread: str
    message: str
    memory: dict[str, Any]


# -- taking a message in


def first_state(given: Any) -> dict[str, Any]:
    """A message, or a mapping of message, thread and customer, as the first state; personal data is masked.

    Raises:
        InputError: The message is blank or too long, or there is another key.
    """
    data: dict[str, Any] = {"message": given} if isinstance(given, str) else dict(given)
    if "question" in data:
        data["message"] = data.pop("question")
    unknown = set(data) - {"message", "thread", "customer"}
    if unknown:
        raise InputError(
            f"A question has no field {sorted(unknown)[0]!r}.", "It has message, thread, customer."
        )
    message = data.get("message")
    if not isinstance(message, str) or not message.strip():
        raise InputError("The question is blank.", "Ask something.")
    if len(message) > MAX_MESSAGE:
        raise InputError(f"The question has {len(message):,} characters.", f"Send at most {MAX_MESSAGE:,}.")
    named = {}
    for key in ("thread", "customer"):
        value = data.get(key)
        named[key] = "" if value is None else str(value).strip()
        if len(named[key]) > 200:
            raise InputError(f"The {key} has {len(named[key])} characters.", "Use at most 200.")
    screened = screen(message.strip())
    arriving.set(screened.vault)
    return {"message": screened.text, **named}


# -- the nodes


class Nodes:
    """The nodes of the graph for one app."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def screen(self, state: SupportState) -> dict[str, Any]:
        """Recall the thread, and mask the message with the thread's own placeholders."""
        folder = resources().folder
        memory = await offload(lambda: self._desk.threads.recall(state["customer"], state["thread"]))
        came = arriving.get() or vault_of(folder)
        screened = screen(came.restore(state["message"]), vault=Vault(memory.vault))
        keep_vault(folder, screened.vault)
        context = current()
        if screened.score.flagged and context.span is not None:
            context.span.set_attribute("limner.screen.flagged", list(screened.score.reasons))
        kept = {**asdict(memory), "vault": {}}
        return {"message": screened.text, "language": language_of(screened.text), "memory": kept}

    async def route(self, state: SupportState) -> dict[str, Any]:
        """Find out what the message asks for."""
        have, memory = resources(), _memory(state)
        message = state["message"]
        if state["language"] in self._desk.languages:
            message = (await translate.arun(message, "en")).value
        embeddings = self._desk.embeddings(have.embeddings)

        def read(embeddings: Embeddings | None) -> tuple[Reader, list[Part]]:
            reader = Reader(self._desk, self._desk.router(embeddings), embeddings, memory)
            return reader, reader.parts(message)

        found = await _in_time("route", lambda: read(embeddings), 0.3)
        if found is None:
            found = await offload(lambda: read(None))
        reader, parts = found
        context = current()
        if context.span is not None and reader.routes:
            context.span.set_attribute("limner.route.intents", [route.intent for route in reader.routes])
            context.span.set_attribute(
                "limner.route.confidence", [round(route.confidence, 4) for route in reader.routes]
            )
        return {"parts": parts, "pending": reader.pending, "notes": reader.notes, "queue": reader.queue}

    async def answer(self, task: PartTask) -> dict[str, Any]:
        """Answer a question from the documents."""
        have, context, part = resources(), current(), task["part"]
        question = part["text"]
        passages = await find(question, FOUND)
        with_model = context.model is not None or bool(context.missing)
        embeddings = self._desk.embeddings(have.embeddings) or NoEmbeddings()
        found = await _in_time("answer", lambda: answer_from(question, passages, embeddings, with_model), 0.6)
        if found is None:
            found = await offload(lambda: answer_from(question, passages, NoEmbeddings(), with_model=False))
        facts = [
            line(cited.text, cited.passage_id)
            for cited in found.sentences
            # a document that gives orders to the bot is not read out
            if not injection(cited.text, data=True).flagged
        ]
        if not facts or found.kind == "refuse":
            return _one(task, self._refused(part))
        if found.kind == "quote":
            lines = [line(phrases.QUOTE_LEAD), *facts, line(phrases.OFFER_PERSON)]
            pending = {"kind": "person", "question": question}
            tried = [f"documents: the closest passage, {found.reason}"]
            return _one(task, {"status": "quoted", "lines": lines, "pending": pending, "tried": tried})
        offer = (
            f"If you want, I can also {phrases.lower_first(part['offer']).rstrip('.')} for you."
            if part.get("offer")
            else ""
        )
        return _one(
            task,
            {"status": "answered", "lines": [*facts, *([line(offer)] if offer else [])], "topic": question},
        )

    def _refused(self, part: Part) -> Done:
        intents = self._desk.intents.intents if self._desk.intents is not None else ()
        able = phrases.abilities([intent.description for intent in intents if intent.tool])
        return told(
            "refused",
            phrases.REFUSAL,
            able if self._desk.tools else "",
            phrases.OFFER_PERSON,
            pending={"kind": "person", "question": part["text"]},
            topic=part["text"],
            tried=["documents: no passage answers it"],
        )

    async def act(self, task: PartTask) -> dict[str, Any]:
        """Call a tool, or propose to."""
        part, folder = task["part"], resources().folder
        key = effect_key(folder.name, "act", str(part["n"]))
        vault = vault_of(folder)
        done = await act(self._desk, part, task["memory"]["facts"], task["customer"], vault, key)
        keep_vault(folder, vault)
        return _one(task, done)

    async def confirm(self, task: PartTask) -> dict[str, Any]:
        """Do what the customer has said yes to."""
        vault = vault_of(resources().folder)
        return _one(task, await confirm(self._desk, task["part"]["confirmed"], task["customer"], vault))

    async def talk(self, task: PartTask) -> dict[str, Any]:
        """Say something that needs no document."""
        part = task["part"]
        return _one(task, told(part.get("status", "answered"), part["reply"]))

    async def wish(self, task: PartTask) -> dict[str, Any]:
        """Remember, list or forget what the customer wants remembered."""
        part, threads = task["part"], self._desk.threads
        owner = (task["customer"], task["thread"])
        known = task["memory"]["preferences"]
        match part["wish"]:
            case "list":
                rows = "\n".join(f"- {value}" for value in known.values())
                said = (
                    f"This is what you asked me to remember:\n{rows}"
                    if rows
                    else "I have noted nothing about you."
                )
                return _one(
                    task, told("answered", said, "Say “forget everything” to erase it." if rows else "")
                )
            case "remember":
                what = part["what"]
                kept = "[" not in what and await offload(
                    lambda: threads.prefer(*owner, what[:60].lower(), what)
                )
                said = f"I have noted: {what}." if kept else "I cannot keep that."
                return _one(
                    task, told("answered", said, "You can list or erase it at any time." if kept else "")
                )
            case _:
                name = _nearest(part["what"], known)
                if part["what"] and not name:
                    return _one(task, told("answered", "I have noted nothing of that kind."))
                gone = await offload(lambda: threads.erase(*owner, name))
                return _one(
                    task, told("answered", "I have erased it." if gone else "There was nothing to erase.")
                )

    async def unsure(self, task: PartTask) -> dict[str, Any]:
        """Have a model choose between two meanings; unless it backs the likelier one, ask the customer."""
        part, intents = task["part"], self._desk.intents
        assert intents is not None
        context = current()
        if context.model is not None:
            meanings = [intents[name].description for name in part["options"]]
            outcome = await cross_check.arun(part["text"], meanings)
            first = intents[part["options"][0]]
            # a change is asked about all the same, and proposed before it is made
            if outcome.source == "selected" and outcome.value[0] == first.description:
                agreed: PartTask = {**task, "part": {**part, "tool": first.tool}}
                return await (self.act(agreed) if first.tool else self.answer(agreed))
        return _one(task, asks_which(self._desk, part))

    async def person(self, task: PartTask) -> dict[str, Any]:
        """Pass the question to a person."""
        return _one(task, told("handed_over", phrases.HANDED, hand_over=task["part"]["text"]))

    async def approve(self, state: SupportState) -> dict[str, Any]:
        """Wait for a person where a change is above its limit; the customer is told so meanwhile."""
        folder, made = resources().folder, {}
        waiting = {n: done for n, done in state["done"].items() if done.get("approve")}
        if waiting:
            await self._remember(state, compose(state))
        for number, done in sorted(waiting.items()):
            pending = done["approve"]
            asked = {name: pending[name] for name in ("tool", "arguments", "title")}
            answer = interrupt({"kind": "approval", **asked, "customer": state["customer"]})
            made[number] = await approved(self._desk, pending, answer, state["customer"], vault_of(folder))
        return {"done": made}

    async def verify(self, state: SupportState) -> dict[str, Any]:
        """Hold every fact against the passage that it cites; a part without a fact left is a refusal."""
        made = {}
        for number, done in state["done"].items():
            facts = [row for row in done["lines"] if row["passage"]]
            if not facts:
                continue
            kept = await offload(lambda facts=facts: [row for row in facts if _supported(row)])  # type: ignore[misc]
            if not kept:
                part = next(part for part in state["parts"] if str(part["n"]) == number)
                made[number] = self._refused(part)
            elif len(kept) < len(facts):
                made[number] = {
                    **done,
                    "lines": [row for row in done["lines"] if row not in facts or row in kept],
                }
        return {"done": made}

    async def respond(self, state: SupportState) -> dict[str, Any]:
        """Put the parts together, and remember the turn."""
        said = compose(state)
        language = state["language"]
        if language != "en":
            said["text"] = await self._in_language(said["text"], language)
        await self._remember(state, said)
        return {"reply": said}

    async def _in_language(self, text: str, language: str) -> str:
        if language in self._desk.languages:
            outcome = await translate.arun(text, language)
            if outcome.source != "fallback":
                return f"{outcome.value}\n\n(English: {text})"
        return f"{note_for(language)}\n\n{text}"

    async def _remember(self, state: SupportState, said: dict[str, Any]) -> None:
        folder = resources().folder
        done = [state["done"][number] for number in sorted(state["done"], key=int)]
        topic = next((one["topic"] for one in reversed(done) if one.get("topic")), "")
        facts = dict(state["memory"]["facts"])
        pending = state["pending"]
        for one in done:
            facts |= one.get("facts", {})
            # an offer does not take the place of a change that waits for its yes
            offer = one.get("pending", {}).get("kind") in ("person", "which") and bool(pending)
            pending = pending if offer else one.get("pending") or pending
        if state["queue"]:
            pending = {**pending, "queue": state["queue"]} if pending else pending
        turn = Turn(state["message"], said["text"], said["status"], topic)
        vault = vault_of(folder).values
        owner = (state["customer"], state["thread"])
        await offload(lambda: self._desk.threads.remember(*owner, folder.name, turn, facts, pending, vault))
        handed = said["action"] if said["status"] == "handed_over" else None
        if handed and handed.get("kind") == "hand_over":
            write_atomically(folder / "handover.json", json.dumps(handed, indent=1).encode())


async def _in_time(step: str, work: Callable[[], T], share: float) -> T | None:
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


def send_parts(state: SupportState) -> list[Send]:
    """Each part to the node of its kind."""
    shared = {key: state[key] for key in ("customer", "thread", "message", "memory")}
    return [Send(part["kind"], {"part": part, **shared}) for part in state["parts"]]


def _one(task: PartTask, done: Done) -> dict[str, Any]:
    return {"done": {str(task["part"]["n"]): done}}


def _memory(state: SupportState) -> Memory:
    kept = dict(state["memory"])
    turns = tuple(Turn(**turn) for turn in kept.pop("turns"))
    return Memory(turns=turns, **kept)


def _nearest(what: str, known: Mapping[str, str]) -> str:
    from ..retrieval.terms import content_stems

    asked = set(content_stems(what))
    return next((name for name in known if asked & set(content_stems(known[name]))), "")


def _supported(row: Mapping[str, Any]) -> bool:
    knowledge = resources().knowledge
    passages = knowledge.passages([row["passage"]]) if knowledge is not None else []
    return bool(passages) and verify(row["text"], passages, embeddings=None).supported


def build(app: Limner) -> StateGraph[Any, Any, Any, Any]:
    """The support graph."""
    nodes = Nodes(app.desk)
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(SupportState)
    for name in ("screen", "route", *WORK, "approve", "verify", "respond"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_edge(START, "screen")
    graph.add_edge("screen", "route")
    graph.add_conditional_edges("route", send_parts, list(WORK))
    for name in WORK:
        graph.add_edge(name, "approve")
    graph.add_edge("approve", "verify")
    graph.add_edge("verify", "respond")
    graph.add_edge("respond", END)
    return graph


def finish(state: dict[str, Any], folder: Path) -> Said:
    """The reply, with the customer's own data put back; cut short, what there is of it, and a hand-over."""
    have = resources()
    said = state.get("reply") or compose(state)
    found = have.knowledge.passages(said["cited"]) if have.knowledge is not None else []
    return Said(
        text=vault_of(folder).restore(said["text"]),
        status=said["status"],
        citations=tuple(Citation(p.id, p.source, p.text, p.start, p.end) for p in found),
        action=said["action"],
        sentences=tuple((text, passage) for text, passage in said["pieces"]),
    )


SUPPORT = Graph(
    "support",
    build,
    read=first_state,
    finish=finish,
    needs_knowledge=True,
    keep=1.5,
    home="limner.graphs.support:SUPPORT",
)
