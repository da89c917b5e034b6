"""What waits for the customer's answer: a yes or no, a missing argument, which of two things, an offer.

A message is read as that answer first; where it is none, it is read as one of its own, and what waits goes
on waiting for a while, or is dropped.
"""

from __future__ import annotations

import re
from typing import Any

from ...agents.messages import phrases
from ...agents.messages.dialogue import asks, orders
from ...agents.messages.intents import PERSON, Intent
from ...agents.messages.small_talk import social
from ...agents.messages.verdicts import corrects, hesitates, verdict, weak_yes
from ...retrieval.sentences import sentences
from ...retrieval.terms import content_stems
from ...tools.policy import policy_of
from .acting import FREE_TEXT, read_arguments
from .desk import Desk
from .message_parts import Part, part_of, talk
from .own_records import points_to_one
from .record_questions import NUMBERED
from .turns import Reader
from .wording import ask_for

MOST_WAITS = 3
"""Turns about something else after which a pending action is dropped."""
_REFUSING = re.compile(
    r"\b(?:but|not|don't|wait|instead|first|before|unless|actually|only\s+if)\b", re.IGNORECASE
)
_MASKED = re.compile(r"\[[a-z]+-\d+\]")
"""What stands for personal data."""
_NO_DIGITS = str.maketrans("", "", "0123456789-")
_ORDINALS = ("first", "second", "third")


class Conversation:
    """Reads one message after what the bot asked before. Everything it finds is plain data.

    Args:
        desk: The tools.
        reader: Reads a message of its own.
        pending: What waits for an answer; empty where nothing does.
    """

    def __init__(self, desk: Desk, reader: Reader, pending: dict[str, Any]) -> None:
        self._desk, self._reader = desk, reader
        self.pending = dict(pending)
        """What still waits after this message, unless a part replaces it."""
        self.notes: list[str] = []
        """What the reply must say of what was pending."""
        self.queue: list[Part] = []
        """Further changes that the message asks for: they come after the first is settled."""

    def parts(self, message: str) -> list[Part]:
        """Return what the message asks for, each numbered; blocks, so call it on a thread."""
        found = self._answer(message) if self.pending else None
        if found is None:
            found = self._reader.own(message)
            self._keep_or_drop(found)
        found, self.queue = self._one_change(found)
        return [{**part, "n": number} for number, part in enumerate(found)]

    def _one_change(self, found: list[Part]) -> tuple[list[Part], list[Part]]:
        """Only one change waits for a yes at a time."""
        later = [part for part in found if self._changes(part)][1:]
        return [part for part in found if part not in later], later

    def _changes(self, part: Part) -> bool:
        return part["kind"] == "act" and policy_of(self._desk.tools[part["tool"]]).effect

    def _answer(self, message: str) -> list[Part] | None:
        """Read the message as an answer to what was asked; None where it is about something else."""
        match self.pending["kind"]:
            case "person":
                return self._to_offer(message)
            case "which":
                chosen = self._chosen(message, self.pending["options"])
                if chosen is None:
                    return None
                # a record that is named now is the one that is meant
                text = message if NUMBERED.search(message) else self.pending["message"]
                self.pending = {}
                return [self._reader.by_intent(chosen, text, text)]
            case "again":
                return self._to_refusal(message)
            case _:
                return self._to_action(message)

    def _to_offer(self, message: str) -> list[Part] | None:
        said = verdict(message)
        if said.kind == "yes" and not (weak_yes(message) and (said.more or social(message))):
            question, self.pending = self.pending["question"], {}
            rest = self._rest(message) if said.more and asks(message) else []
            return [part_of("person", question, message), *rest]
        if said.kind == "no" and not said.more:
            self.pending = {}
            return [talk("All right. Just write if there is anything else.", message)]
        return None

    def _to_refusal(self, message: str) -> list[Part] | None:
        """The change of a record that is not there, for another one, whose number alone a message gives."""
        again, self.pending = self.pending, {}
        tool = self._desk.tools.get(again["tool"])
        if tool is None or asks(message) or not NUMBERED.search(message):
            return None
        found = read_arguments(self._desk, tool, message, {}).arguments
        others = {name for name, value in found.items() if again["arguments"].get(name) != value}
        bare = not content_stems(NUMBERED.sub(" ", message).translate(_NO_DIGITS))
        if not others or not (bare or corrects(message)):
            return None
        arguments = {**again["arguments"], **{name: found[name] for name in others - set(FREE_TEXT)}}
        part = part_of("act", message, message)
        return [{**part, "tool": tool.name, "arguments": arguments, "evidence": again["evidence"]}]

    def _to_action(self, message: str) -> list[Part] | None:
        message = _last_word(message)
        pending, said = self.pending, verdict(message)
        tool = self._desk.tools.get(pending["tool"])
        if tool is None:
            self.pending = {}
            return None
        asking = asks(message)
        old = pending["arguments"]
        found = read_arguments(self._desk, tool, message, {}).arguments if said.more else {}
        changed = {
            name: value
            for name, value in found.items()
            if name in tool.args
            and old.get(name) != value
            # "yes, it is" gives no new reason
            and not (name in FREE_TEXT and said.kind != "other")
        }
        again = {"tool": pending["tool"], "arguments": {**old, **changed}, "evidence": pending["evidence"]}
        if pending["kind"] == "missing":
            if said.kind == "no" and not changed:
                return self._dropped(message)
            if changed:
                self.pending = {}
                return [{**part_of("act", message, message), **again, "wanted": pending["missing"]}]
            if not points_to_one(message) and (asking or self._other(message)):
                return None
            self.pending = {}
            wanted = {"asked": pending.get("asked", 1), "wanted": pending["missing"]}
            return [{**part_of("act", message, message), **again, **wanted}]
        if said.kind == "yes" and not changed:
            if said.more and asking and (weak_yes(message) or _REFUSING.search(message)):
                # "ok, and what does it cost?", "yes, but do I get my money back?": the answer comes first
                return None
            if said.more and _REFUSING.search(message):
                return [talk(phrases.kept(pending["title"]), message, "asked_back")]
            self.pending = {}
            rest = self._rest(message) if asking else []
            done = {**part_of("confirm", message, message), "confirmed": pending}
            return [done, *pending.get("queue", []), *rest]
        if said.kind == "other" and hesitates(message):
            return [talk(phrases.kept(pending["title"]), message, "asked_back")]
        # what is masked, and the names of things in a record, are read where the call is proposed
        masked = _MASKED.search(message) and any(_MASKED.search(str(value)) for value in old.values())
        other = said.more and not asking and (masked or (corrects(message) and not self._other(message)))
        if other or (changed and not (asking and said.kind == "other")):
            self.pending = {}
            return [{**part_of("act", message, message), **again}]
        if found and not changed and not asking and not self._other_change(message):
            # the same once more is neither a yes nor something else
            return [talk(phrases.repeated(pending["title"]), message, "asked_back")]
        if said.kind == "no":
            rest = self._rest(message) if said.more else []
            # what is not asked is only followed where it is a wish of its own
            wishes = [part for part in rest if asking or part["kind"] in ("act", "person")]
            return [*self._dropped(message), *wishes]
        return None

    def _rest(self, message: str) -> list[Part]:
        """What a message asks besides its yes or no."""
        rest = re.sub(r"^\W*\w+(?:\s+(?:please|thanks))?[\s,.!;-]+(?:and\s+)?", "", message, count=1)
        return self._reader.fresh(rest)

    def _dropped(self, message: str) -> list[Part]:
        dropped, self.pending = self.pending, {}
        return [talk(phrases.dropped(dropped["title"]), message), *dropped.get("queue", [])]

    def _other(self, message: str) -> bool:
        """Whether a message that is no answer clearly asks for another action, or for a person."""
        if self._reader.simple(message) is not None:
            return True
        router = self._reader.router
        if router is None:
            return False
        route = router.route(message)
        intent = router.intents[route.intent]
        acts = intent.tool or intent.answer == PERSON
        return (route.sure or orders(message)) and bool(acts) and intent.tool != self.pending["tool"]

    def _other_change(self, message: str) -> bool:
        """Whether a message asks for a change other than the one that waits."""
        router = self._reader.router
        tool = self._desk.tools.get(router.intents[router.route(message).intent].tool) if router else None
        return tool is not None and policy_of(tool).effect and tool.name != self.pending["tool"]

    def _chosen(self, message: str, options: list[str]) -> Intent | None:
        router = self._reader.router
        if router is None or self._reader.simple(message) is not None:
            return None
        lowered = message.lower()
        for name, word in zip(options, _ORDINALS, strict=False):
            if word in lowered:
                return router.intents[name]
        if NUMBERED.search(message) and (corrects(message) or len(content_stems(message)) <= 3):
            return router.intents[options[0]]
        if verdict(message).kind == "no" or asks(message):
            return None
        route = router.route(message)
        if route.intent in options and (route.sure or len(message.split()) <= 6):
            return router.intents[route.intent]
        return None

    def _keep_or_drop(self, found: list[Part]) -> None:
        """A new change takes the place of the pending one; a question or a look-up leaves it waiting."""
        pending = self.pending
        if not pending:
            return
        if pending["kind"] not in ("confirm", "missing"):
            self.pending = {}
            return
        waits = pending.get("waits", 0) + 1
        if any(part["kind"] == "person" or self._changes(part) for part in found) or waits > MOST_WAITS:
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


def _last_word(message: str) -> str:
    """The yes at the end of a message that begins otherwise: "I'd rather have the money. Yes, do it."."""
    last = sentences(message)[-1:]
    final = last[0].line if last else message
    clear = verdict(final).kind == "yes" and not weak_yes(final) and not _REFUSING.search(final)
    return final if clear and verdict(message).kind == "other" and not asks(final) else message
