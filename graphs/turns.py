"""From a message to its parts: what waits for an answer goes first, then rules, then the router."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..agents import phrases
from ..agents.dialogue import MOST_PARTS, split
from ..agents.follow_ups import resolve
from ..agents.intents import DOCUMENTS, PERSON, Intent
from ..agents.memory_wishes import memory_wish
from ..agents.quoted import part_quoted
from ..agents.router import Route, Router
from ..agents.verdicts import corrects, hesitates, refers, verdict, weak_yes
from ..retrieval.terms import content_stems
from ..tools.arguments import readings
from ..tools.policy import policy_of
from ..tools.schema import offered_schema
from .acting import examples, read_arguments
from .desk import Desk
from .memory import Memory
from .message_parts import Done, Part, told
from .wording import ask_for

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

MOST_WAITS = 3
"""Turns about something else after which a pending action is dropped."""
MOST_QUOTED = 300
"""Characters of a quotation that are searched for."""
ABOUT = 3
"""Words that tell something, from which a question about a quotation is clear without it."""
_REFUSING = re.compile(
    r"\b(?:but|not|don't|wait|instead|first|before|unless|actually|only\s+if)\b", re.IGNORECASE
)
_MASKED = re.compile(r"\[[a-z]+-\d+\]")
"""What stands for personal data."""
_NUMBERED = re.compile(r"\b[A-Z]{2,}[- ]?\d", re.IGNORECASE)
"""The beginning of an order number or the like: who names one has said what is meant."""
_ORDINALS = ("first", "second", "third")


class Reader:
    """Reads one message of a thread. Everything it finds is plain data; `settled` holds what was decided."""

    def __init__(
        self, desk: Desk, router: Router | None, embeddings: Embeddings | None, memory: Memory
    ) -> None:
        self._desk, self._router, self._embeddings, self._memory = desk, router, embeddings, memory
        self.pending: dict[str, Any] = dict(memory.pending)
        """What still waits after this message, unless a part replaces it."""
        self.notes: list[str] = []
        """What the reply must say of what was pending."""
        self.queue: list[Part] = []
        """Further changes that the message asks for: they come after the first is settled."""
        self.routes: list[Route] = []

    def parts(self, message: str) -> list[Part]:
        """Return what the message asks for, each numbered; blocks, so call it on a thread."""
        found = self._of_pending(message) if self.pending else None
        if found is None:
            found = self._of_own(message)
            self._keep_or_drop(found)
        found, self.queue = self._one_change(found)
        return [{**part, "n": number} for number, part in enumerate(found)]

    def _one_change(self, found: list[Part]) -> tuple[list[Part], list[Part]]:
        """Only one change waits for a yes at a time."""
        changes = [
            part
            for part in found
            if part["kind"] == "act" and policy_of(self._desk.tools[part["tool"]]).effect
        ]
        later = changes[1:]
        return [part for part in found if part not in later], later

    # -- what was pending

    def _of_pending(self, message: str) -> list[Part] | None:
        """Read the message as an answer to what was asked; None where it is about something else."""
        pending, said = self.pending, verdict(message)
        match pending["kind"]:
            case "person":
                if said.kind == "yes" and not (weak_yes(message) and (said.more or _thanks(message))):
                    self.pending = {}
                    rest = self._rest(message) if said.more and message.rstrip().endswith("?") else []
                    return [_part("person", pending["question"], message), *rest]
                if said.kind == "no" and not said.more:
                    self.pending = {}
                    return [_talk("All right. Just write if there is anything else.", message)]
                return None
            case "which":
                chosen = self._chosen(message, pending["options"])
                if chosen is not None:
                    self.pending = {}
                    return [self._by_intent(chosen, pending["message"], pending["message"])]
                return None
            case _:
                return self._of_action(message)

    def _of_action(self, message: str) -> list[Part] | None:
        pending, said = self.pending, verdict(message)
        tool = self._desk.tools.get(pending["tool"])
        if tool is None:
            self.pending = {}
            return None
        asks = message.rstrip().endswith("?")
        old = pending["arguments"]
        found = read_arguments(self._desk, tool, message, {}).arguments if said.more else {}
        changed = {
            name: value for name, value in found.items() if name in tool.args and old.get(name) != value
        }
        again = {"tool": pending["tool"], "arguments": {**old, **changed}, "evidence": pending["evidence"]}
        if pending["kind"] == "missing":
            if said.kind == "no" and not changed:
                return self._dropped(message)
            if changed:
                self.pending = {}
                return [{**_part("act", message, message), **again, "wanted": pending["missing"]}]
            if asks or self._other(message):
                return None
            self.pending = {}
            wanted = {"asked": pending.get("asked", 1), "wanted": pending["missing"]}
            return [{**_part("act", message, message), **again, **wanted}]
        if said.kind == "yes" and not changed:
            if said.more and not asks and _REFUSING.search(message):
                return [_talk(phrases.kept(pending["title"]), message, "asked_back")]
            self.pending = {}
            rest = self._rest(message) if asks else []
            done = {**_part("confirm", message, message), "confirmed": pending}
            return [done, *pending.get("queue", []), *rest]
        if hesitates(message):
            return [_talk(phrases.kept(pending["title"]), message, "asked_back")]
        # what is masked, and the names of things in a record, are read where the call is proposed
        masked = _MASKED.search(message) and any(_MASKED.search(str(value)) for value in old.values())
        other = said.more and not asks and (masked or (corrects(message) and not self._other(message)))
        if other or (changed and not (asks and said.kind == "other")):
            self.pending = {}
            return [{**_part("act", message, message), **again}]
        if said.kind == "no":
            rest = self._rest(message) if said.more and asks else []
            return [*self._dropped(message), *rest]
        return None

    def _rest(self, message: str) -> list[Part]:
        """What a message asks besides its yes or no."""
        rest = re.sub(r"^\W*\w+(?:\s+(?:please|thanks))?[\s,.!;-]+(?:and\s+)?", "", message, count=1)
        return self._fresh(rest)

    def _dropped(self, message: str) -> list[Part]:
        dropped, self.pending = self.pending, {}
        return [_talk(phrases.dropped(dropped["title"]), message), *dropped.get("queue", [])]

    def _other(self, message: str) -> bool:
        """Whether a message that is no answer clearly asks for another action, or for a person."""
        if self._simple(message) is not None:
            return True
        if self._router is None:
            return False
        route = self._router.route(message)
        intent = self._router.intents[route.intent]
        acts = intent.tool or intent.answer == PERSON
        return route.sure and bool(acts) and intent.tool != self.pending["tool"]

    def _chosen(self, message: str, options: list[str]) -> Intent | None:
        intents = [self._router.intents[name] for name in options] if self._router is not None else []
        lowered = message.lower()
        for intent, word in zip(intents, _ORDINALS, strict=False):
            if word in lowered:
                return intent
        if self._router is None or verdict(message).kind == "no" or message.rstrip().endswith("?"):
            return None
        route = self._router.route(message)
        if route.intent in options and (route.sure or len(message.split()) <= 6):
            return self._router.intents[route.intent]
        return None

    def _keep_or_drop(self, found: list[Part]) -> None:
        """A new action takes the place of the pending one; anything else leaves it waiting for a while."""
        pending = self.pending
        if not pending:
            return
        if pending["kind"] not in ("confirm", "missing"):
            self.pending = {}
            return
        waits = pending.get("waits", 0) + 1
        if any(part["kind"] in ("act", "person") for part in found) or waits > MOST_WAITS:
            self.notes.append(phrases.dropped(pending["title"]))
            self.pending = {}
        else:
            self.pending = {**pending, "waits": waits}
            tool = self._desk.tools[pending["tool"]]
            asked = pending["kind"] == "missing"
            again = (
                ask_for(tool, pending["missing"], pending["title"])
                if asked
                else phrases.kept(pending["title"])
            )
            self.notes.append(again)

    # -- a message of its own

    def _of_own(self, message: str) -> list[Part]:
        """Read what the customer says; what they quote may be asked about, and asks for nothing itself."""
        own, quoted = part_quoted(message)
        if not quoted:
            return self._fresh(message)
        found = self._fresh(own) if own else []
        if not found or (
            len(found) == 1 and found[0]["kind"] == "answer" and len(content_stems(own)) < ABOUT
        ):
            return [_part("answer", f"{own} {quoted[:MOST_QUOTED]}".strip(), message)]
        return found

    def _fresh(self, message: str) -> list[Part]:
        turns = self._memory.turns
        previous = next((turn.topic for turn in reversed(turns) if turn.topic), "")
        whole = self._simple(message)
        if whole is not None:
            return [whole]
        parts = []
        for said in split(message):
            simple = self._simple(said)
            if simple is not None:
                parts.append(simple)
                continue
            text = said if _NUMBERED.search(said) else resolve(said, previous, self._embeddings)
            previous = text
            parts += self._one_each(self._routed(text, said))
        if len(parts) > 1:
            # a greeting beside a question needs no answer of its own
            parts = [part for part in parts if part["kind"] != "talk"] or parts[:1]
        return parts

    def _one_each(self, part: Part) -> list[Part]:
        """One part for each record where a tool that needs nothing else is told several."""
        tool = self._desk.tools[part["tool"]] if part["kind"] == "act" else None
        if tool is None:
            return [part]
        needed = offered_schema(tool)["required"]
        values = readings(tool, part["text"], examples(self._desk)).get(needed[0], []) if needed else []
        if len(needed) != 1 or not 2 <= len(values) <= MOST_PARTS:
            return [part]
        (name,) = needed
        return [{**part, "arguments": {name: value.value}, "evidence": {name: "message"}} for value in values]

    def _simple(self, said: str) -> Part | None:
        """Small talk and wishes about memory, by rule."""
        wish = memory_wish(said)
        if wish is not None:
            return {**_part("wish", said, said), "wish": wish.kind, "what": wish.what}
        if verdict(said).kind != "other" and not verdict(said).more and len(said.split()) <= 3:
            return _talk("There is nothing that waits for your yes or no. How can I help you?", said)
        if phrases.HELP.search(said):
            return _talk(phrases.abilities(self._abilities()), said)
        for name, pattern, reply in phrases.TALK:
            if pattern.search(said):
                return _part("person", said, said) if name == "person" else _talk(reply, said)
        return None

    def _abilities(self) -> list[str]:
        intents = self._desk.intents.intents if self._desk.intents is not None else ()
        return [intent.description for intent in intents if intent.tool]

    def _routed(self, text: str, said: str) -> Part:
        if self._router is None:
            return _part("answer", text, said)
        route = self._router.route(text)
        if (meant := self._desk.speller.correct(text)) != text:
            route = max(route, self._router.route(meant), key=lambda each: each.confidence)
        self.routes.append(route)
        first = self._router.intents[route.intent]
        reading = self._reading(route, said)
        if reading is not None:
            return self._by_intent(reading, said, said)
        if route.sure or not route.second:
            return self._by_intent(first, text, said)
        second = self._router.intents[route.second]
        if not first.tool and not second.tool:
            return self._by_intent(first, text, said)
        if not first.tool and route.margin > 0 and text.rstrip().endswith("?"):
            # a question is answered, and the change that may be meant is offered
            return {**self._by_intent(first, text, said), "offer": second.description}
        part = _part("unsure", text, said)
        return {**part, "options": [first.name, second.name]}

    def _reading(self, route: Route, said: str) -> Intent | None:
        """The look-up that a question about "it" means right after a tool was called; None where none is."""
        turns = self._memory.turns
        assert self._router is not None
        plain = route.by == "rule" or _NUMBERED.search(said) or not refers(said)
        if plain or not turns or turns[-1].status != "acted":
            return None
        tool = self._desk.tools.get(self._router.intents[route.intent].tool)
        if route.sure and tool is not None and policy_of(tool).effect:
            return None
        for name in (route.intent, route.second):
            tool = self._desk.tools.get(self._router.intents[name].tool)
            if tool is not None and not policy_of(tool).effect:
                return self._router.intents[name]
        return None

    def _by_intent(self, intent: Intent, text: str, said: str) -> Part:
        if intent.tool:
            return {**_part("act", text, said), "tool": intent.tool}
        if intent.answer == PERSON:
            return _part("person", text, said)
        return _part("answer", text, said) if intent.answer == DOCUMENTS else _talk(intent.answer, said)


def asks_which(desk: Desk, part: Part) -> Done:
    """Ask the customer which of two things is meant."""
    assert desk.intents is not None
    names = [desk.intents[name].description for name in part["options"]]
    return told(
        "asked_back",
        phrases.which(names),
        pending={"kind": "which", "options": part["options"], "message": part["text"]},
    )


def _part(kind: str, text: str, said: str) -> Part:
    return {"kind": kind, "text": text, "said": said}


def _talk(reply: str, said: str, status: str = "answered") -> Part:
    return {**_part("talk", said, said), "reply": reply, "status": status}


def _thanks(message: str) -> bool:
    return any(name == "thanks" and pattern.search(message) for name, pattern, _ in phrases.TALK)
