"""From a message of its own to its parts: rules go first, then the router."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...agents.messages import phrases
from ...agents.messages.dialogue import MOST_PARTS, asks, orders, split
from ...agents.messages.follow_ups import leans_back, resolve
from ...agents.messages.intents import DOCUMENTS, PERSON, Intent
from ...agents.messages.memory_wishes import memory_wish
from ...agents.messages.quoted import part_quoted
from ...agents.messages.small_talk import social
from ...agents.messages.verdicts import refers, verdict
from ...agents.router import Route, Router
from ...retrieval.phrasal import in_one_word
from ...retrieval.ranking import focus_of
from ...retrieval.terms import content_stems
from ...tools.arguments import readings
from ...tools.policy import policy_of
from ...tools.schema import offered_schema
from .acting import CALLED, examples
from .answering import ANSWERED_FROM
from .desk import Desk
from .memory import Memory
from .message_parts import Part, part_of, talk
from .own_records import says_number
from .wording import intent_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

MOST_QUOTED = 300
"""Characters of a quotation that are searched for."""
CLEARLY = 0.5
"""Lead of a look-up over the next intent from which a question is not also held against the documents."""
RECORD = 2
"""Turns back to a record within which "it" may mean that record."""
ABOUT = 3
"""Words that tell something, from which a question about a quotation is clear without it."""
_MAY = re.compile(
    r"^\W*(?:(?:and|but|so|or|also|ok(?:ay)?)\W+)*(?:(?:what\s+)?(?:can|could|may|must|should|would)\s+(?!you\b)|do\s+(?:i|we)\b|what\s+(?:if|happens)\b)",
    re.IGNORECASE,
)
"""A question about what may or can be done, which no record answers."""
_IF = re.compile(r"^\W*(?:(?:and|but|so|or|ok(?:ay)?)\W+)*(?:what\s+)?if\b", re.IGNORECASE)
"""A question about what would be."""
_STILL = re.compile(r"\b(?:can|could|may)\s+(?:i|we)\s+still\b", re.IGNORECASE)
_STRESS = re.compile(
    r"\b(?:really|still|again|already|now|exactly|actually|please|ok(?:ay)?|hey|hi|that's|what's|whats|where's|it's)\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\b(?:[A-Z]{2,5}[- ]?\d|[a-z]{2,5}-?\d{3})")
"""The beginning of an order number or the like: who names one has said what is meant."""


class Reader:
    """Reads one message of a thread that answers nothing. Everything it finds is plain data."""

    def __init__(
        self, desk: Desk, router: Router | None, embeddings: Embeddings | None, memory: Memory
    ) -> None:
        self._desk, self.router, self._embeddings, self._memory = desk, router, embeddings, memory
        self.routes: list[Route] = []
        """What the router found in the message, part by part."""

    def own(self, message: str) -> list[Part]:
        """Read what the customer says; what they quote may be asked about, and asks for nothing itself."""
        own, quoted = part_quoted(message)
        if not quoted:
            return self.fresh(message)
        found = self.fresh(own) if own else []
        if not found or (
            len(found) == 1 and found[0]["kind"] == "answer" and len(content_stems(own)) < ABOUT
        ):
            return [part_of("answer", f"{own} {quoted[:MOST_QUOTED]}".strip(), message)]
        return found

    def fresh(self, message: str) -> list[Part]:
        """Read all of a message as said by the customer."""
        before, asked = self._before()
        whole = self.simple(message)
        if whole is not None:
            return [whole]
        parts = []
        for said in split(message):
            simple = self.simple(said)
            if simple is not None:
                parts.append(simple)
                continue
            of_itself = NUMBERED.search(said) or orders(said) or not leans_back(said)
            if of_itself or not before.get("question"):
                part = {**self._routed(said, said), "before": before}
                before = {"question": said}
            else:
                text = said
                if asked:
                    text = resolve(said, before["question"], self._embeddings, before.get("reply", ""))
                # what stays as short as it was said keeps what it is about for the next question, too
                topic = text if text != said else before["question"]
                leaning = {**before, "said": said, "leans": True}
                part = self._routed(text, said)
                if part["kind"] == "act" and policy_of(self._desk.tools[part["tool"]]).effect:
                    part = self._routed(said, said)
                part |= {"before": leaning, "topic": topic}
                before = {**before, "question": topic}
            asked = True
            parts += self._one_each(part)
        if len(parts) > 1:
            # a greeting beside a question needs no answer of its own
            parts = [part for part in parts if part["kind"] != "talk"] or parts[:1]
        return parts

    def _before(self) -> tuple[dict[str, Any], bool]:
        """What was said before this message, and whether that was a question to the documents.

        After a change was proposed or made, a question is about such changes: `doing` says which.
        """
        turns = reversed(self._memory.turns)
        last = next((turn for turn in turns if turn.topic or turn.status in ("acted", "asked_back")), None)
        if last is None:
            return {}, False
        if last.topic:
            sources = self._memory.facts.get(ANSWERED_FROM, [])
            return {"question": last.topic, "reply": last.reply, "sources": sources}, True
        tool = self._desk.tools.get(self._memory.facts.get(CALLED, ""))
        intent = intent_of(self._desk, tool) if tool is not None and policy_of(tool).effect else None
        doing = intent.description if intent is not None else ""
        return {"question": doing or last.message, "doing": doing}, False

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

    def simple(self, said: str) -> Part | None:
        """Small talk and wishes about memory, by rule."""
        wish = memory_wish(said)
        if wish is not None:
            return {**part_of("wish", said, said), "wish": wish.kind, "what": wish.what}
        if verdict(said).kind != "other" and not verdict(said).more and len(said.split()) <= 3:
            return talk("There is nothing that waits for your yes or no. How can I help you?", said)
        if phrases.HELP.search(said):
            intents = self._desk.intents.intents if self._desk.intents is not None else ()
            return talk(phrases.abilities([each.description for each in intents if each.tool]), said)
        kind = social(said)
        if kind is not None:
            return talk(phrases.SOCIAL[kind], said)
        for name, pattern, reply in phrases.TALK:
            if pattern.search(said):
                return part_of("person", said, said) if name == "person" else talk(reply, said)
        return None

    def _routed(self, text: str, said: str) -> Part:
        if self.router is None:
            return part_of("answer", text, said)
        meant = self._desk.speller.correct(text)
        wordings = dict.fromkeys([text, meant, in_one_word(meant)])
        route = max(map(self.router.route, wordings), key=lambda each: each.confidence)
        focus = self.router.route(focus_of(text))
        if focus.confidence > route.confidence and self.router.intents[focus.intent].answer == DOCUMENTS:
            # what leads up to a question asks for nothing itself
            route = focus
        self.routes.append(route)
        first = self.router.intents[route.intent]
        lists = self._reads(first) and not self._reads_one(first)
        if (lists or not first.tool) and says_number(said):
            looks_up = next((each for each in self.router.intents.intents if self._reads_one(each)), None)
            if looks_up is not None:
                return {**self.by_intent(looks_up, said, said), "perhaps": True}
        reading = self._reading(route, said)
        if reading is not None:
            return self.by_intent(reading, said, said)
        if self._reads(first) and _IF.match(said):
            return part_of("answer", text, said)
        if first.tool and not self._reads(first) and route.by != "rule" and _STILL.search(said):
            # what may still be done is asked before it is asked for
            return {**part_of("answer", text, said), "offer": first.description}
        if route.sure or not route.second:
            unclear = route.margin < CLEARLY or not self._in_records(text)
            perhaps = asks(text) and unclear and self._reads(first)
            return {**self.by_intent(first, text, said), "perhaps": perhaps}
        second = self.router.intents[route.second]
        if not first.tool and not second.tool:
            return self.by_intent(first, text, said)
        if not first.tool and route.margin > 0 and asks(text):
            # a question is answered, and the change that may be meant is offered
            return {**self.by_intent(first, text, said), "offer": second.description}
        tool = self._desk.tools.get(first.tool)
        if tool is not None and policy_of(tool).effect and NUMBERED.search(said) and not asks(said):
            # it is proposed before it is made
            return self.by_intent(first, text, said)
        part = part_of("unsure", text, said)
        return {**part, "options": [first.name, second.name]}

    def _in_records(self, said: str) -> bool:
        """Whether a question asks in words that the look-ups' own examples and replies have."""
        assert self.router is not None
        intents = [intent for intent in self.router.intents.intents if self._reads(intent)]
        known = {
            found
            for intent in intents
            for text in (intent.description, intent.reply.replace("_", " "), *intent.examples)
            for found in content_stems(text)
        }
        return all(found in known or found.isdigit() for found in content_stems(_STRESS.sub(" ", said)))

    def _reads(self, intent: Intent) -> bool:
        tool = self._desk.tools.get(intent.tool)
        return tool is not None and not policy_of(tool).effect

    def _reads_one(self, intent: Intent) -> bool:
        """Whether an intent looks up one record."""
        return self._reads(intent) and bool(offered_schema(self._desk.tools[intent.tool])["required"])

    def _reading(self, route: Route, said: str) -> Intent | None:
        """The look-up that a question about "it" means right after a tool was called; None where none is."""
        turns = self._memory.turns
        assert self.router is not None
        plain = route.by == "rule" or NUMBERED.search(said) or not refers(said)
        if plain or not turns or turns[-1].topic or _MAY.match(said):
            return None
        if not any(turn.status in ("acted", "asked_back") for turn in turns[-RECORD:]):
            return None
        if not self._in_records(said):
            return None
        tool = self._desk.tools.get(self.router.intents[route.intent].tool)
        if route.sure and tool is not None and policy_of(tool).effect:
            return None
        for name in (route.intent, route.second):
            tool = self._desk.tools.get(self.router.intents[name].tool)
            if tool is not None and not policy_of(tool).effect:
                return self.router.intents[name]
        return None

    def by_intent(self, intent: Intent, text: str, said: str) -> Part:
        """The part that an intent makes of a text."""
        if intent.tool:
            return {**part_of("act", text, said), "tool": intent.tool}
        if intent.answer == PERSON:
            return part_of("person", text, said)
        return part_of("answer", text, said) if intent.answer == DOCUMENTS else talk(intent.answer, said)
