"""Dialogue tasks: turns on one thread, each held to what is expected, and the end state of a store."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any, cast

from ..graphs.run import as_json
from ..steps.threads import offload
from .hooks import find_hook
from .match import stands_in

if TYPE_CHECKING:
    from ..app import Limner
    from .runner import Sample
    from .suite import DialogueTask, Turn

_QUOTED = 8
"""Characters before a number that are the same where a reply quotes a message."""
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


async def run_dialogue(app: Limner, sample: Sample) -> dict[str, Any]:
    """Say each turn to the graph, and hold the replies and the end state to what is expected."""
    task = cast("DialogueTask", sample.task)  # the runner sends no others
    # a sample that was killed half-way leaves memory behind: each attempt has a thread of its own
    thread = f"eval-{task.id}-{sample.repeat}-{secrets.token_hex(4)}"
    if task.before:
        before = find_hook(task.before, sample.suite.folder)
        await offload(lambda: before(app, thread))
    rows, degraded = [], False
    known: set[str] = set()
    for turn in task.turns:
        said = {"message": turn.say, "thread": thread}
        if task.customer:
            said["customer"] = task.customer
        run = await app.arun(sample.graph, said, **sample.options)
        degraded |= run.degraded
        reply = Reply(run.output)
        rows.append(_judge(turn, reply, known))
        if not reply.grounded:
            # what a tool told, or a change names that waits for a yes, may be said again
            known |= numbers_of(reply.text)
    fault = ""
    if task.final:
        final = find_hook(task.final, sample.suite.folder)
        try:
            fault = await offload(lambda: final(app, thread)) or ""
        except AssertionError as error:
            fault = str(error) or "an assertion failed"
    passed = [not row["faults"] for row in rows]
    answers = [row for row in rows if row["status"] in ("answered", "quoted")]
    return {
        "scores": {
            "passed": float(all(passed) and not fault),
            "turns": sum(passed) / len(passed),
            "cited": sum(bool(row["citations"]) for row in answers) / len(answers) if answers else None,
            "stray_numbers": float(sum(row["stray_numbers"] for row in rows)),
            "degraded": float(degraded),
        },
        "turns": rows,
        "fault": str(fault),
    }


class Reply:
    """The output of one turn: an object with these attributes, or a state with these keys."""

    def __init__(self, output: Any) -> None:
        self.text = str(_get(output, "text") or "")
        self.status = str(_get(output, "status") or "")
        action = _get(output, "action")
        named = (_get(action, key) for key in ("name", "tool", "kind"))
        self.action = action if isinstance(action, str) else str(next(filter(None, named), ""))
        self.citations = [as_json(citation) for citation in _get(output, "citations") or ()]

    @property
    def sources(self) -> list[str]:
        """The documents cited."""
        return [str(_get(citation, "source") or citation) for citation in self.citations]

    @property
    def grounded(self) -> bool:
        """Whether it answers from documents: what a tool says, or what is asked back, cites nothing."""
        return self.status in ("answered", "quoted", "")

    def stray_numbers(self, known: Set[str], said: str = "") -> int:
        """Numbers in the text that no citation holds, not known before, and not quoted from what was said."""
        if not self.grounded or not self.citations:
            return 0
        held = numbers_of(" ".join(str(_get(c, "quote") or "") for c in self.citations)) | known
        return sum(
            found[0] not in held and self.text[max(0, found.start() - _QUOTED) : found.end()] not in said
            for found in _NUMBER.finditer(self.text)
        )


def numbers_of(text: str) -> set[str]:
    """The numbers in a text, as they are written."""
    return set(_NUMBER.findall(text))


def _get(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, Mapping) else getattr(holder, name, None)


def _judge(turn: Turn, reply: Reply, known: Set[str]) -> dict[str, Any]:
    """What a reply is, and what is wrong with it."""
    faults = []
    if turn.status and reply.status not in turn.status:
        faults.append(f"status is {reply.status!r}, not {' or '.join(turn.status)}")
    faults += [f"lacks {pattern!r}" for pattern in turn.all if not stands_in(pattern, reply.text)]
    if turn.any and not any(stands_in(pattern, reply.text) for pattern in turn.any):
        faults.append(f"has none of {', '.join(map(repr, turn.any))}")
    faults += [f"has {pattern!r}" for pattern in turn.none if stands_in(pattern, reply.text)]
    if turn.cites and not any(source.endswith(turn.cites) for source in reply.sources):
        faults.append(f"does not cite {turn.cites!r}")
    if turn.action and reply.action != turn.action:
        faults.append(f"action is {reply.action!r}, not {turn.action!r}")
    return {
        "say": turn.say,
        "text": reply.text,
        "status": reply.status,
        "expected": list(turn.status),
        "action": reply.action,
        "citations": reply.sources,
        "stray_numbers": reply.stray_numbers(known, turn.say),
        "faults": faults,
    }
