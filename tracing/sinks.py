"""Where spans go: a JSON-lines file in the run's folder, and an OTLP endpoint where one is configured."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import format_span_id, format_trace_id

from . import names
from .lines import json_line
from .trace import Trace


class JsonLines(SpanProcessor):
    """Writes each span to a file as it ends, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def on_end(self, span: ReadableSpan) -> None:
        """Write one line; a span that ends after the run is closed is dropped."""
        line = json_line(to_json(span))
        with self._lock:
            if not self._file.closed:
                self._file.write(line)

    def shutdown(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


def to_json(span: ReadableSpan) -> dict[str, Any]:
    """A span as plain data; times are Unix seconds."""
    context = span.get_span_context()
    return {
        "name": span.name,
        "trace_id": format_trace_id(context.trace_id) if context else "",
        "span_id": format_span_id(context.span_id) if context else "",
        "parent_id": format_span_id(span.parent.span_id) if span.parent else None,
        "start": (span.start_time or 0) / 1e9,
        "end": (span.end_time or 0) / 1e9,
        "status": span.status.status_code.name.lower(),
        "attributes": dict(span.attributes or {}),
        "events": [
            {"name": event.name, "time": event.timestamp / 1e9, "attributes": dict(event.attributes or {})}
            for event in span.events
        ],
    }


def open_trace(
    file: Path | None, otlp: str = "", content: bool = False, metrics: SpanProcessor | None = None
) -> Trace:
    """Open the sinks of one run; `Trace.close` flushes and closes them.

    Args:
        file: The run's ``trace.jsonl``; appended to.
        otlp: An OTLP/HTTP endpoint such as ``http://localhost:6006/v1/traces``; empty for none.
        content: Record prompts and answers.
        metrics: Told of every span that ends; it outlives the run.
    """
    # our own provider, sampler and limits: nothing is read from OTEL_* variables, so nothing leaves unasked
    provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource(names.SERVICE), shutdown_on_exit=False)
    if metrics is not None:
        provider.add_span_processor(metrics)
    if file is not None:
        provider.add_span_processor(JsonLines(file))
    if otlp:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp, timeout=2)))
    return Trace(provider.get_tracer("limner"), provider, content)
