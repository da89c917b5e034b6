"""What a turn of the support bot comes to: the reply, its status, what it cites, and what was done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ..articles.article import Citation
from ..run import Run

ReplyStatus = Literal["answered", "quoted", "refused", "handed_over", "acted", "asked_back"]
"""``quoted``: the closest passage, which may not answer; ``acted``: a tool was called and did its work."""
URGENT: tuple[ReplyStatus, ...] = ("handed_over", "asked_back", "acted", "answered", "quoted", "refused")
"""Of several parts the status that comes first here is that of the reply."""


@dataclass(frozen=True, slots=True)
class Said:
    """The output of the support graph."""

    text: str
    status: ReplyStatus
    citations: tuple[Citation, ...] = ()
    """One row a passage."""
    action: dict[str, Any] | None = None
    """The tool call, or the hand-over with its summary; None where nothing was done or asked."""
    sentences: tuple[tuple[str, str | None], ...] = field(default=())
    """The reply's pieces in order, each with the passage that supports it; None where it states no fact."""

    def to_json(self) -> dict[str, Any]:
        """As ``output`` of ``ask --json``."""
        return {
            "text": self.text,
            "status": self.status,
            "citations": [asdict(citation) for citation in self.citations],
            "action": self.action,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, as `Limner.ask` returns it, with the run that it came from."""

    run: Run[Said]

    @property
    def text(self) -> str:
        """What to show to the customer."""
        return self.run.output.text

    @property
    def status(self) -> ReplyStatus:
        """What kind of reply it is."""
        return self.run.output.status

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The passages that it rests on."""
        return self.run.output.citations

    @property
    def action(self) -> dict[str, Any] | None:
        """The tool call or the hand-over."""
        return self.run.output.action

    @property
    def degraded(self) -> bool:
        """Whether a configured model failed and a fallback took its place."""
        return self.run.degraded

    @property
    def waiting(self) -> bool:
        """Whether a person must approve: ``app.resume(reply.run.run_id, {"approve": True})``."""
        return self.run.status == "waiting"
