"""Traces: one root a run, one span a step, and nothing secret in them."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from limner.steps import StepContext, step, use
from limner.testing import FaultyModel, ScriptedModel
from limner.tracing.redact import redact
from limner.tracing.sinks import open_trace


@step(prompt="Say: {{ word }}")
def say(word: str) -> str:
    """Say a word."""
    return word


def spans(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_step_is_one_span_with_its_calls_below_it(tmp_path: Path) -> None:
    trace = open_trace(tmp_path / "trace.jsonl")
    with use(StepContext(model=ScriptedModel(["", "hello"]), trace=trace)):
        say.run("hi")
    trace.close()
    first, second, root = spans(tmp_path / "trace.jsonl")
    assert [s["name"] for s in (first, second, root)] == [
        "chat scripted",
        "chat scripted",
        "invoke_agent say",
    ]
    assert first["parent_id"] == second["parent_id"] == root["span_id"]
    assert root["parent_id"] is None
    facts = root["attributes"]
    assert isinstance(facts, dict)
    assert facts["limner.step.source"] == "repaired"
    assert facts["limner.step.attempts"] == 2
    assert facts["openinference.span.kind"] == "AGENT"
    assert set(root) == {
        "name", "trace_id", "span_id", "parent_id", "start", "end", "status", "attributes", "events",
    }  # fmt: skip


def test_content_is_off_unless_asked_for_and_secrets_are_masked(tmp_path: Path) -> None:
    for content in (False, True):
        path = tmp_path / f"{content}.jsonl"
        trace = open_trace(path, content=content)
        with use(StepContext(model=ScriptedModel(["done"]), trace=trace)):
            say.run("my password: hunter2hunter2")
        trace.close()
        text = path.read_text()
        assert ("Say: my" in text) is content
        assert "hunter2" not in text


def test_a_failed_call_is_marked_as_an_error(tmp_path: Path) -> None:
    trace = open_trace(tmp_path / "trace.jsonl")
    with use(StepContext(model=FaultyModel("raise"), trace=trace)):
        say.run("hi")
    trace.close()
    calls = [s for s in spans(tmp_path / "trace.jsonl") if str(s["name"]).startswith("chat")]
    assert {s["status"] for s in calls} == {"error"}


def test_spans_reach_a_collector_where_one_is_configured(tmp_path: Path) -> None:
    received: list[str] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    trace = open_trace(None, otlp=f"http://127.0.0.1:{server.server_port}/v1/traces")
    with use(StepContext(trace=trace)):
        say.run("hi")
    trace.close()
    server.shutdown()
    server.server_close()
    assert received == ["/v1/traces"]


@pytest.mark.parametrize(
    "secret",
    [
        "sk-abcdefghijklmnop1234",
        "AKIAABCDEFGHIJKLMNOP",
        "Bearer abcdefghijklmnop.qrst",
        "https://user:pa55word@host/",
        "api_key=0123456789",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_secrets_are_masked(secret: str) -> None:
    masked = redact(f"before {secret} after")
    assert "[secret]" in masked
    assert masked.startswith("before ")
    assert not {"abcdefghijklmnop", "pa55word", "0123456789", "MIIE"} & set(masked.replace("@", " ").split())
