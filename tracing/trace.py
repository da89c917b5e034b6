"""Spans of one run, begun under an explicit parent.

No span is ever made current: a span that is current across a ``yield`` breaks when a stream is
abandoned. Parents travel in the step's context instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import NoOpTracer, Span, Status, StatusCode, Tracer, set_span_in_context

from . import names
from .redact import redact

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

__all__ = ["NO_TRACE", "Span", "Trace", "fail"]


class Trace:
    """Starts the spans of one run.

    Args:
        tracer: Where spans go.
        provider: Shut down by `close`, which flushes the sinks.
        content: Record prompts and answers, redacted and capped.
    """

    def __init__(self, tracer: Tracer, provider: TracerProvider | None = None, content: bool = False) -> None:
        self._tracer = tracer
        self._provider = provider
        self.content = content

    def start(self, operation: str, target: str, parent: Span | None, attributes: Mapping[str, Any]) -> Span:
        """Begin the span ``{operation} {target}``; whoever starts it must end it."""
        context = None if parent is None else set_span_in_context(parent)
        given = {names.OPERATION: operation, names.OPENINFERENCE_KIND: names.KINDS[operation], **attributes}
        return self._tracer.start_span(f"{operation} {target}", context=context, attributes=given)

    @contextmanager
    def span(
        self, operation: str, target: str, parent: Span | None, attributes: Mapping[str, Any] | None = None
    ) -> Iterator[Span]:
        """Begin a span, and end it with the block; an exception marks it as an error."""
        span = self.start(operation, target, parent, attributes or {})
        try:
            yield span
        except BaseException as error:
            fail(span, type(error).__name__)
            raise
        finally:
            span.end()

    def text(self, span: Span, name: str, text: str) -> None:
        """Record a text on `span` where content is wanted: secrets masked, 4,000 characters at most."""
        if self.content:
            span.set_attribute(name, redact(text)[:4000])

    def close(self) -> None:
        """Flush the sinks and end their threads."""
        if self._provider is not None:
            self._provider.shutdown()


def fail(span: Span, kind: str) -> None:
    """Mark a span as failed, with a low-cardinality reason."""
    span.set_attribute(names.ERROR_TYPE, kind)
    span.set_status(Status(StatusCode.ERROR, kind))


NO_TRACE = Trace(NoOpTracer())
"""Records nothing."""
