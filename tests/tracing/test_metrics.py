"""Metrics: what runs cost, how long they took, and which steps fell back; sent where the settings say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from limner import Limner
from limner.steps import StepContext, step, use
from limner.testing import FaultyModel, ScriptedModel
from limner.tracing.metrics import Metrics, Queue
from limner.tracing.sinks import open_trace


@step(prompt="Say: {{ word }}")
def say(word: str) -> str:
    """Say a word."""
    return word


class Busy:
    """An engine's counters."""

    waiting, running = 3, 8


def measured(model: object, queue: Queue | None = None) -> dict[str, list[tuple[dict[str, object], object]]]:
    """Every metric of one step: its points, each with its attributes and its count, sum or value."""
    reader = InMemoryMetricReader()
    metrics = Metrics(reader, lambda: queue)
    trace = open_trace(None, metrics=metrics)
    with use(StepContext(model=model, trace=trace)):  # type: ignore[arg-type]
        say.run("hi")
    trace.close()
    data = reader.get_metrics_data()
    metrics.close()
    assert data is not None
    return {
        metric.name: [
            (dict(point.attributes or {}), getattr(point, "count", None) or getattr(point, "value", None))
            for point in metric.data.data_points
        ]
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def test_a_call_is_told_by_its_duration_its_tokens_and_its_first_chunk() -> None:
    found = measured(ScriptedModel(["hello"]))
    assert [facts["gen_ai.request.model"] for facts, _ in found["gen_ai.client.operation.duration"]] == [
        "scripted"
    ]
    assert {facts["gen_ai.token.type"] for facts, _ in found["gen_ai.client.token.usage"]} == {
        "input",
        "output",
    }
    assert found["gen_ai.client.operation.time_to_first_chunk"][0][1] == 1
    assert len(found["gen_ai.invoke_agent.duration"]) == 1
    assert "limner.step.fallbacks" not in found


def test_a_fallback_is_counted_by_step_and_reason() -> None:
    found = measured(FaultyModel("raise"))
    assert found["limner.step.fallbacks"] == [
        ({"limner.step.name": "say", "limner.step.reason": "raised"}, 1)
    ]


def test_the_engines_queue_is_shown_where_one_is_open() -> None:
    queue = {
        facts["limner.engine.state"]: depth
        for facts, depth in measured(None, Busy())["limner.engine.requests"]
    }
    assert queue == {"waiting": 3, "running": 8}
    assert "limner.engine.requests" not in measured(None)


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A real OTLP/HTTP endpoint on loopback, and what it was sent."""
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/metrics", received
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_apps_metrics_are_sent_when_it_is_closed_and_its_thread_ends(
    tmp_path: Path, collector: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, received = collector
    monkeypatch.setenv("LIMNER_TRACE__METRICS", address)
    before = threading.active_count()
    note = tmp_path / "note.md"
    note.write_text("# Returns\n\nSandals are taken back within 45 days.\n")
    with Limner(model="", embeddings="", home=tmp_path / "home", knowledge=note) as app:
        app.write("Returns")
    assert len(received) == 1
    assert b"gen_ai.invoke_workflow.duration" in received[0]
    assert b"limner.step.fallbacks" in received[0]
    assert threading.active_count() <= before + 1  # the collector's own, for the connection
