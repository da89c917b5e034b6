"""Putting a reply together: its parts in order, its status, and the summary of a hand-over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...agents.messages import phrases
from ...agents.messages.verdicts import upset
from ...retrieval.rows import under_header
from .memory import Turn, line_of
from .reply import URGENT


def compose(state: Mapping[str, Any]) -> dict[str, Any]:
    """Put the parts together in the order of the message; what did not come in time is handed over."""
    parts, results = state.get("parts", []), state.get("done", {})
    pieces: list[tuple[str, str | None]] = []
    paragraphs: list[str] = []
    statuses, actions, tried = [], [], []
    question, said_already = state["message"], set[str]()
    hand_over = "" if parts and len(results) == len(parts) else question
    answered = {text for done in results.values() if done["status"] == "answered" for text in _facts(done)}
    for part in parts:
        done = results.get(str(part["n"]))
        if done is None:
            continue
        rows = [
            (
                readable(row["text"], done["status"], row["header"]) if row["passage"] else row["text"],
                row["passage"],
            )
            for row in done["lines"]
        ]
        later = {
            row["text"]
            for other in parts
            if other["n"] > part["n"]
            for row in results.get(str(other["n"]), {}).get("lines", [])
        }
        # what is said around the facts is said once, at the end
        if state.get("pending") or any(_waits(each) for each in results.values()):
            # a yes would be meant for the change that waits
            later.add(phrases.OFFER_PERSON)
        rows = [(text, passage) for text, passage in rows if passage or text not in later]
        facts = _facts(done)
        if facts and done["status"] == "quoted" and facts <= answered:
            # what is only near to this question answers another, and is said there
            continue
        if facts and facts <= said_already:
            # two questions with one answer
            rows = []
        said_already |= facts
        if rows and len(parts) > 1 and part["kind"] == "answer":
            rows.insert(0, (phrases.about(part["said"]), None))
        pieces += rows
        paragraphs += ["\n".join(flowing(text for text, _ in rows))] if rows else []
        statuses.append(done["status"])
        actions += [done["action"]] if done.get("action") else []
        tried += done.get("tried", [])
        hand_over = hand_over or done.get("hand_over", "")
    if not statuses or len(results) < len(parts):
        paragraphs.append(phrases.BROKEN)
        statuses.append("handed_over")
    if upset(question):
        paragraphs.insert(0, phrases.SORRY)
    paragraphs += state.get("notes", [])
    if state.get("queue"):
        paragraphs.append(phrases.LATER)
    status = min(statuses, key=URGENT.index)
    action = actions[-1] if actions else None
    if hand_over:
        action = {
            "kind": "hand_over",
            **_summary(state, hand_over, tried),
            **({"after": action} if action else {}),
        }
    return {
        "text": "\n\n".join(paragraphs),
        "status": status,
        "action": action,
        "pieces": pieces,
        "cited": list(dict.fromkeys(passage for _, passage in pieces if passage)),
    }


def _facts(done: Mapping[str, Any]) -> set[str]:
    """The sentences of a part that documents or look-ups gave."""
    return {row["text"] for row in done["lines"] if row["passage"]}


def _waits(done: Mapping[str, Any]) -> bool:
    return bool(done.get("pending", {}).get("kind", "person") != "person")


def _summary(state: Mapping[str, Any], question: str, tried: list[str]) -> dict[str, Any]:
    memory = state.get("memory", {})
    lines = [
        *memory.get("summary", "").splitlines(),
        *(line_of(Turn(**turn)) for turn in memory.get("turns", [])),
    ]
    return {
        "summary": "\n".join(lines) or "This is the first message of the conversation.",
        "question": question,
        "message": state["message"],
        "tried": tried or ["nothing yet"],
        "facts": memory.get("facts", {}),
    }


def flowing(texts: Iterable[str]) -> list[str]:
    """Sentences as lines of a paragraph: those before and after a list stand apart from it."""
    lines: list[str] = []
    for text in texts:
        if lines and "\n" not in text and "\n" not in lines[-1]:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
    return lines


def readable(text: str, status: str, header: str = "") -> str:
    """A row of a table as prose reads it; a quotation in quotation marks. The words stay as they are."""
    if header:
        text = f"{under_header(text, header).rstrip('.')}."
    elif text.lstrip().startswith("|"):
        text = " – ".join(cell.strip() for cell in text.strip().strip("|").split("|")) + "."
    elif re.match(r"\w+: [^;]*; \w+: ", text):
        row = dict(cell.partition(": ")[::2] for cell in text.rstrip(".").split("; "))
        name = row.pop("name", "") or row.pop("title", "")
        about = row.pop("description", "")
        cells = ", ".join(
            f"{phrases.named(key)} {value.replace('|', '/')}" for key, value in row.items() if value
        )
        text = f"{f'{name}: ' if name else ''}{cells}.{f' {about}.' if about else ''}"
    return f"“{text}”" if status == "quoted" else text
