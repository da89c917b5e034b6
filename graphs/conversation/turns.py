"""From a message of its own to its parts: rules go first, then the router."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...agents.messages import phrases
from ...agents.messages.dialogue import MOST_PARTS, asks, orders, split
from ...agents.messages.follow_ups import leans_back, resolve, topic_after
from ...agents.messages.intents import DOCUMENTS, PERSON, Intent
from ...agents.messages.memory_wishes import memory_wish
from ...agents.messages.quoted import part_quoted
from ...agents.messages.small_talk import social
from ...agents.messages.verdicts import refers_to_several, verdict
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
from .record_questions import NUMBERED, RecordQuestions
from .wording import intent_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

MOST_QUOTED = 300
"""Characters of a quotation that are searched for."""
CLEARLY = 0.5
"""Lead of a look-up over the next intent from which a question is not also held against the documents."""
ABOUT = 3
"""Words that tell something, from which a question about a quotation is clear without it."""
_IF = re.compile(r"^\W*(?:(?:and|but|so|or|ok(?:ay)?)\W+)*(?:what\s+)?if\b", re.IGNORECASE)
"""A question about what would be."""
_STILL = re.compile(r"\b(?:can|could|may)\s+(?:i|we)\s+still\b", re.IGNORECASE)
_BUT = re.compile(r"^\W*(?:(?:ok(?:ay)?|well|no|yes)\W+)?but\b", re.IGNORECASE)


class Reader:
    """Reads one message of a thread that answers nothing. Everything it finds is plain data."""

    def __init__(
        self, desk: Desk, router: Router | None, embeddings: Embeddings | None, memory: Memory
    ) -> None:
        self._desk, self.router, self._embeddings, self._memory = desk, router, embeddings, memory
        self._records = RecordQuestions(desk, router, memory) if router is not None else None
        self.routes: list[Route] = []
        """What the router found in the message, part by part."""

    def own(self, message: str) -> list[Part]:
        """Read what the customer says; what they quote may be asked about, and asks for nothing itself."""
        if self._objects(message):
            return [{**talk(phrases.OBJECTED, message, "asked_back"), "offers": message}]
        own, quoted = part_quoted(message)
        if not quoted:
            return self.fresh(message)
        found = self.fresh(own) if own else []
        if not found or (
            len(found) == 1 and found[0]["kind"] == "answer" and len(content_stems(own)) < ABOUT
        ):
            return [part_of("answer", f"{own} {quoted[:MOST_QUOTED]}".strip(), message)]
        return found

    def _objects(self, message: str) -> bool:
        """Whether a customer argues with a tool's refusal: "but it is my husband's order"."""
        turns = self._memory.turns
        refused = bool(turns) and turns[-1].status == "refused" and not turns[-1].topic
        settled = asks(message) or orders(message) or NUMBERED.search(message)
        return refused and not settled and bool(_BUT.match(message))

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
                topic = text if text != said else topic_after(said, before["question"])
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
        text = part["text"]
        if refers_to_several(text) and not NUMBERED.search(text) and self._memory.turns:
            text = self._memory.turns[-1].message
        values = readings(tool, text, examples(self._desk)).get(needed[0], []) if needed else []
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
        records = self._records
        if self.router is None or records is None:
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
        lists = records.reads(first) and not records.reads_one(first)
        if (lists or not first.tool) and says_number(said):
            looks_up = next((each for each in self.router.intents.intents if records.reads_one(each)), None)
            if looks_up is not None:
                return {**self.by_intent(looks_up, said, said), "perhaps": True}
        reading = records.meant(route, said)
        if reading is not None:
            return self.by_intent(reading, said, said)
        if records.reads(first) and _IF.match(said):
            return part_of("answer", text, said)
        if first.tool and not records.reads(first) and route.by != "rule" and _STILL.search(said):
            # what may still be done is asked before it is asked for
            return {**part_of("answer", text, said), "offer": first.description}
        if route.sure or not route.second:
            unclear = route.margin < CLEARLY or not records.in_records(text)
            perhaps = asks(text) and unclear and records.reads(first)
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

    def by_intent(self, intent: Intent, text: str, said: str) -> Part:
        """The part that an intent makes of a text."""
        if intent.tool:
            return {**part_of("act", text, said), "tool": intent.tool}
        if intent.answer == PERSON:
            return part_of("person", text, said)
        return part_of("answer", text, said) if intent.answer == DOCUMENTS else talk(intent.answer, said)
