"""Questions about records: whether a look-up answers what is asked, and which one is meant by "it"."""

from __future__ import annotations

import re

from ...agents.messages.intents import Intent
from ...agents.messages.verdicts import refers, refers_to_several
from ...agents.router import Route, Router
from ...retrieval.terms import content_stems
from ...tools.policy import policy_of
from ...tools.schema import offered_schema
from .desk import Desk
from .memory import Memory, Turn

RECORD = 3
"""Turns back to a record within which "it" may mean that record."""
_MAY = re.compile(
    r"^\W*(?:(?:and|but|so|or|also|ok(?:ay)?)\W+)*(?:(?:what\s+)?(?:can|could|may|must|should|would)\s+(?!(?:you|u)\b)|do\s+(?:i|we)\b|what\s+(?:if|happens)\b)",
    re.IGNORECASE,
)
"""A question about what may or can be done, which no record answers."""
_STRESS = re.compile(
    r"\b(?:really|still|again|already|now|exactly|actually|please|ok(?:ay)?|hey|hi|that's|what's|whats|where's|it's"
    r"|check|confirm|see|sure|know|tell|go|goes|gone|went|work(?:s|ed)?|done|say|says|both|(?:those|these)\s+(?:two|three))\b",
    re.IGNORECASE,
)
"""Words that ask to make sure, and tell nothing of what is asked."""
NUMBERED = re.compile(r"\b(?:[A-Z]{2,5}[- ]?\d|[a-z]{2,5}-?\d{3})")
"""The beginning of an order number or the like: who names one has said what is meant."""


class RecordQuestions:
    """Reads questions about records after what a thread has seen of them."""

    def __init__(self, desk: Desk, router: Router, memory: Memory) -> None:
        self._desk, self._router, self._memory = desk, router, memory

    def in_records(self, said: str) -> bool:
        """Whether a question asks in words of the look-ups' examples and replies, or of the last records."""
        intents = [intent for intent in self._router.intents.intents if self.reads(intent)]
        known = {
            found
            for intent in intents
            for text in (intent.description, intent.reply.replace("_", " "), *intent.examples)
            for found in content_stems(text)
        }
        known |= {found for turn in self._told() for found in content_stems(turn.reply)}
        return all(found in known or found.isdigit() for found in content_stems(_STRESS.sub(" ", said)))

    def _told(self) -> list[Turn]:
        """The last turns that told of a record."""
        return [turn for turn in self._memory.turns[-RECORD:] if turn.status in ("acted", "asked_back")]

    def reads(self, intent: Intent) -> bool:
        """Whether an intent looks something up, and changes nothing."""
        tool = self._desk.tools.get(intent.tool)
        return tool is not None and not policy_of(tool).effect

    def reads_one(self, intent: Intent) -> bool:
        """Whether an intent looks up one record."""
        return self.reads(intent) and bool(offered_schema(self._desk.tools[intent.tool])["required"])

    def meant(self, route: Route, said: str) -> Intent | None:
        """The look-up that a question about "it" means right after a tool was called; None where none is."""
        turns = self._memory.turns
        plain = route.by == "rule" or NUMBERED.search(said) or not refers(said)
        of_documents = turns and turns[-1].topic and not refers_to_several(said)
        if plain or not turns or of_documents or _MAY.match(said):
            return None
        if not self._told() or not self.in_records(said):
            return None
        tool = self._desk.tools.get(self._router.intents[route.intent].tool)
        if route.sure and tool is not None and policy_of(tool).effect:
            return None
        likely = [self._router.intents[name] for name in (route.intent, route.second)]
        every = [intent for intent in self._router.intents.intents if self.reads_one(intent)]
        return next((intent for intent in likely if self.reads(intent)), next(iter(every), None))
