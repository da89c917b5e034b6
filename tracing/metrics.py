"""Metrics of an app, made of its spans as they end: durations, tokens, fallbacks; and its engine's queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from opentelemetry.metrics import CallbackOptions, Histogram, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from . import names

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(4.0**power for power in range(14))
"""The bounds of histograms that the conventions advise."""


class Queue(Protocol):
    """The counters of an engine, as far as they are shown."""

    @property
    def waiting(self) -> int:
        """Requests not yet begun."""

    @property
    def running(self) -> int:
        """Requests in the batch."""


class Metrics(SpanProcessor):
    """The metrics of all runs of one app.

    Args:
        reader: Where they are read or sent from.
        queue: Gives the counters of the engine in use; None while none is open.
    """

    def __init__(self, reader: MetricReader, queue: Callable[[], Queue | None]) -> None:
        self._provider = MeterProvider([reader], resource=Resource(names.SERVICE), shutdown_on_exit=False)
        meter = self._provider.get_meter("limner")

        def seconds(name: str) -> Histogram:
            return meter.create_histogram(name, "s", explicit_bucket_boundaries_advisory=_SECONDS)

        self._durations = {name: seconds(name) for name in names.DURATIONS.values()}
        self._first = seconds(names.FIRST_CHUNK_METRIC)
        self._tokens = meter.create_histogram(
            names.TOKEN_USAGE, "{token}", explicit_bucket_boundaries_advisory=_TOKENS
        )
        self._fallbacks = meter.create_counter(
            names.FALLBACKS, "{step}", "Steps whose result is not the model's, by reason."
        )
        meter.create_observable_gauge(names.QUEUE, [lambda options: _depth(options, queue())], "{request}")

    def on_end(self, span: ReadableSpan) -> None:
        """Count one span."""
        facts = span.attributes or {}
        operation = str(facts.get(names.OPERATION, ""))
        told = {key: facts[key] for key in names.DIMENSIONS if key in facts}
        name = names.DURATIONS.get(operation)
        if name and span.start_time is not None and span.end_time is not None:
            self._durations[name].record((span.end_time - span.start_time) / 1e9, told)
        for key, kind in ((names.TOKENS_IN, "input"), (names.TOKENS_OUT, "output")):
            if isinstance(count := facts.get(key), int):
                self._tokens.record(count, {**told, names.TOKEN_TYPE: kind})
        if isinstance(first := facts.get(names.FIRST_CHUNK), float):
            self._first.record(first, told)
        if facts.get(names.STEP_SOURCE) == "fallback":
            reasons = facts.get(names.STEP_REASONS)
            codes = (
                [str(reason).partition(":")[0] for reason in reasons] if isinstance(reasons, tuple) else []
            )
            # the last one is why the model was given up
            self._fallbacks.add(
                1, {names.STEP: span.name.partition(" ")[2], names.REASON: codes[-1] if codes else ""}
            )

    def close(self) -> None:
        """Send what is left, and end the reader's thread."""
        self._provider.shutdown()


def _depth(_: CallbackOptions, queue: Queue | None) -> Iterator[Observation]:
    if queue is not None:
        yield Observation(queue.waiting, {names.QUEUE_STATE: "waiting"})
        yield Observation(queue.running, {names.QUEUE_STATE: "running"})


def open_metrics(otlp: str, queue: Callable[[], Queue | None]) -> Metrics:
    """Send metrics every minute, and when they are closed, to an OTLP/HTTP endpoint.

    Args:
        otlp: Such as ``http://localhost:4318/v1/metrics``.
        queue: Gives the counters of the engine in use; None while none is open.
    """
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    return Metrics(PeriodicExportingMetricReader(OTLPMetricExporter(otlp, timeout=2), 60_000), queue)
