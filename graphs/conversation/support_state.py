"""The state of the support graph: a message on its way to a reply."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from ...errors import InputError
from ...screening import screen
from ..vaults import arriving
from .memory import Memory, Turn
from .message_parts import Done, Part

MAX_MESSAGE = 8000


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


def done_with(task: PartTask, done: Done) -> dict[str, Any]:
    """What the node of a part adds to the state."""
    return {"done": {str(task["part"]["n"]): done}}


def memory_of(state: SupportState) -> Memory:
    """The thread's memory, out of the plain data that travels."""
    kept = dict(state["memory"])
    turns = tuple(Turn(**turn) for turn in kept.pop("turns"))
    return Memory(turns=turns, **kept)
