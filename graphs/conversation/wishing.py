"""Wishes about the bot's memory: to remember, to list, to forget."""

from __future__ import annotations

from collections.abc import Mapping

from ...retrieval.terms import content_stems
from ...steps.threads import offload
from .desk import Desk
from .message_parts import Done, told
from .support_state import PartTask


async def granted(desk: Desk, task: PartTask) -> Done:
    """Remember, list or forget what the customer wants remembered."""
    part, threads = task["part"], desk.threads
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
            return told("answered", said, "Say “forget everything” to erase it." if rows else "")
        case "remember":
            what = part["what"]
            kept = "[" not in what and await offload(lambda: threads.prefer(*owner, what[:60].lower(), what))
            said = f"I have noted: {what}." if kept else "I cannot keep that."
            return told("answered", said, "You can list or erase it at any time." if kept else "")
        case _:
            name = _nearest(part["what"], known)
            if part["what"] and not name:
                return told("answered", "I have noted nothing of that kind.")
            gone = await offload(lambda: threads.erase(*owner, name))
            return told("answered", "I have erased it." if gone else "There was nothing to erase.")


def _nearest(what: str, known: Mapping[str, str]) -> str:
    asked = set(content_stems(what))
    return next((name for name in known if asked & set(content_stems(known[name]))), "")
