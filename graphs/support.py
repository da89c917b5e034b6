"""The support graph: one message of a customer, one checked reply.

    screen -> route -+-> answer, act, confirm ------+-> approve -> verify -> respond
                     +-> talk, wish, unsure, person +

Every part of a message goes its own way, side by side. `approve` waits for a person where a change is above
its limit. Facts of the documents are quoted and checked; everything else that is said is fixed wording,
the customer's own words, or a tool's output.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from ..agents.messages import phrases
from ..agents.messages.language import language_of, note_for
from ..agents.support import cross_check, translate
from ..screening import Vault, screen
from ..steps import current
from ..steps.threads import offload
from ..tools.journal import effect_key
from .articles.article import Citation
from .conversation.acting import act, approved, confirm
from .conversation.answering import answered, in_time, refused, supported
from .conversation.composing import compose
from .conversation.desk import Desk
from .conversation.memory import Turn
from .conversation.message_parts import Part, asks_which, told
from .conversation.reply import Said
from .conversation.support_state import PartTask, SupportState, done_with, first_state, memory_of
from .conversation.turns import Reader
from .conversation.waiting import Conversation
from .conversation.wishing import granted
from .folder import write_atomically
from .registry import Graph
from .resources import resources
from .vaults import arriving, keep_vault, vault_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ..app import Limner

WORK = ("answer", "act", "confirm", "talk", "wish", "unsure", "person")


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
        have, memory = resources(), memory_of(state)
        message = state["message"]
        if state["language"] in self._desk.languages:
            message = (await translate.arun(message, "en")).value
        embeddings = self._desk.embeddings(have.embeddings)

        def read(embeddings: Embeddings | None) -> tuple[Reader, Conversation, list[Part]]:
            reader = Reader(self._desk, self._desk.router(embeddings), embeddings, memory)
            conversation = Conversation(self._desk, reader, dict(memory.pending))
            return reader, conversation, conversation.parts(message)

        found = await in_time("route", lambda: read(embeddings), 0.3)
        if found is None:
            found = await offload(lambda: read(None))
        reader, talked, parts = found
        context = current()
        if context.span is not None and reader.routes:
            context.span.set_attribute("limner.route.intents", [route.intent for route in reader.routes])
            context.span.set_attribute(
                "limner.route.confidence", [round(route.confidence, 4) for route in reader.routes]
            )
        return {"parts": parts, "pending": talked.pending, "notes": talked.notes, "queue": talked.queue}

    async def answer(self, task: PartTask) -> dict[str, Any]:
        """Answer a question from the documents."""
        return done_with(task, await answered(self._desk, task["part"]))

    async def act(self, task: PartTask) -> dict[str, Any]:
        """Call a tool, or propose to."""
        part, folder = task["part"], resources().folder
        key = effect_key(folder.name, "act", str(part["n"]))
        vault = vault_of(folder)
        if part.get("perhaps"):
            # a question in other words than a record's may be one that the documents answer
            found = await answered(self._desk, part)
            if found["status"] == "answered":
                return done_with(task, found)
        done = await act(self._desk, part, task["memory"]["facts"], task["customer"], vault, key)
        keep_vault(folder, vault)
        return done_with(task, done)

    async def confirm(self, task: PartTask) -> dict[str, Any]:
        """Do what the customer has said yes to."""
        vault = vault_of(resources().folder)
        return done_with(task, await confirm(self._desk, task["part"]["confirmed"], task["customer"], vault))

    async def talk(self, task: PartTask) -> dict[str, Any]:
        """Say something that needs no document."""
        part = task["part"]
        offered = {"pending": {"kind": "person", "question": part["offers"]}} if "offers" in part else {}
        return done_with(task, told(part.get("status", "answered"), part["reply"], **offered))

    async def wish(self, task: PartTask) -> dict[str, Any]:
        """Remember, list or forget what the customer wants remembered."""
        return done_with(task, await granted(self._desk, task))

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
        return done_with(task, asks_which(self._desk, part))

    async def person(self, task: PartTask) -> dict[str, Any]:
        """Pass the question to a person."""
        return done_with(task, told("handed_over", phrases.HANDED, hand_over=task["part"]["text"]))

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
            kept = await offload(lambda facts=facts: [row for row in facts if supported(row)])  # type: ignore[misc]
            if not kept:
                part = next(part for part in state["parts"] if str(part["n"]) == number)
                made[number] = refused(self._desk, part)
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
            offer = one.get("pending", {}).get("kind") in ("person", "which", "again") and bool(pending)
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


def send_parts(state: SupportState) -> list[Send]:
    """Each part to the node of its kind."""
    shared = {key: state[key] for key in ("customer", "thread", "message", "memory")}
    return [Send(part["kind"], {"part": part, **shared}) for part in state["parts"]]


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
