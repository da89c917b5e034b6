"""What a message comes apart into, and what came of each part: plain data."""

from __future__ import annotations

from typing import Any

from ...agents.messages import phrases
from .desk import Desk

Part = dict[str, Any]
"""One thing that a message asks for: n, kind, text (completed), said (as written), tool, arguments ..."""
Done = dict[str, Any]
"""What came of a part: status, lines, and action, pending, facts, tried where there are such."""


def line(text: str, passage: str | None = None, header: str = "") -> dict[str, Any]:
    """One piece of a reply; `passage` is what a fact must be supported by, `header` that of its table."""
    return {"text": text, "passage": passage, "header": header}


def told(status: str, *texts: str, **more: Any) -> Done:
    """A result that states nothing of the documents."""
    return {"status": status, "lines": [line(text) for text in texts if text], **more}


def part_of(kind: str, text: str, said: str) -> Part:
    """A part of a message: `text` is what was meant, `said` what was written."""
    return {"kind": kind, "text": text, "said": said}


def talk(reply: str, said: str, status: str = "answered") -> Part:
    """A part that is answered with fixed wording."""
    return {**part_of("talk", said, said), "reply": reply, "status": status}


def asks_which(desk: Desk, part: Part) -> Done:
    """Ask the customer which of two things is meant."""
    assert desk.intents is not None
    names = [desk.intents[name].description for name in part["options"]]
    return told(
        "asked_back",
        phrases.which(names),
        pending={"kind": "which", "options": part["options"], "message": part["text"]},
    )
