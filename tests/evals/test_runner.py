"""Running a suite: what is logged, what is scored, and what a kill leaves behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from limner import Limner
from limner.errors import InputError, ModelError
from limner.evals import Plan, read_log
from limner.evals.dialogue import Reply
from limner.testing import ScriptedModel

DIALOGUE = """
graph: desk:build
tasks:
  - id: cancel
    kind: dialogue
    before: desk:open_orders
    final: desk:order_is_cancelled
    turns:
      - {say: Hello, status: [refused], none: [/order/]}
      - {say: Cancel order 7, status: acted, all: [cancelled], action: cancel_order}
  - id: returns
    kind: dialogue
    final: desk:order_is_cancelled
    before: desk:open_orders
    turns:
      - {say: "How long may I return boots?", status: answered, cites: returns.md, any: [45 days, six weeks]}
      - {say: "And the moon?", status: answered}
  - id: one
    kind: single
    input: {message: "May I return them?"}
    expect: {scorer: contains, field: text, value: [45 days, 90]}
"""


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_article_is_scored_against_its_documents_and_key_facts(place: Path) -> None:
    with Limner() as app:
        report = app.evaluate("", "content.yaml")
    returns, _ = report.log.samples
    assert returns["scores"]["supported"] == 1
    assert returns["scores"]["coverage"] == pytest.approx(2 / 3, abs=1e-5)
    assert returns["missed"] == ["six weeks"]
    assert returns["scores"]["unwanted"] == 0.5 and returns["astray"] == ["costs nothing at all"]
    assert returns["scores"]["by_fallback"] == 1
    assert returns["scores"]["on_topic"] is None  # no embeddings: not scored, and in no mean
    assert "on_topic" not in report.log.scores()
    header = rows(place / "content.jsonl")[0]
    assert {"suite_sha256", "model", "seed", "version", "plan"} <= header.keys()


def test_the_bare_model_is_scored_alike_and_its_inventions_count(place: Path) -> None:
    answer = """# All about returns

**Time**

Unworn boots may be returned within 45 days of the delivery. Every return is picked up by helicopter.

## Cost
The return label costs $6.95 and is taken off the refund. Is that fair?
"""
    model = ScriptedModel([answer])
    with Limner(model=model) as app:
        report = app.evaluate("", Plan("content.yaml", only=("returns",), unguarded=True), out="bare.jsonl")
    [sample] = report.log.samples
    assert [part["title"] for part in sample["made"]["sections"]] == ["Time", "Cost"]
    assert sample["made"]["title"] == "All about returns"
    assert sample["scores"]["supported"] == pytest.approx(2 / 3, abs=1e-5)
    assert sample["scores"]["by_model"] == 1
    [request] = model.requests
    assert "Unworn boots" in request.prompt and request.options["max_tokens"] == 300
    assert not {"json_schema", "choices"} & request.options.keys()


def test_a_model_that_breaks_is_a_sample_that_did_not_complete(place: Path) -> None:
    def breaks(messages: object) -> str:
        raise ModelError("The model is gone.")

    with Limner(model=ScriptedModel(breaks)) as app:
        report = app.evaluate("", Plan("content.yaml", limit=1, unguarded=True))
    [sample] = report.log.samples
    assert "gone" in sample["error"] and sample["scores"]["completed"] == 0
    assert not report.gate().passed


def test_dialogues_are_held_to_every_turn_and_to_the_end_state(place: Path) -> None:
    (place / "talk.yaml").write_text(DIALOGUE)
    with Limner() as app:
        report = app.evaluate("", "talk.yaml")
    cancel, returns, one = report.log.samples
    assert cancel["scores"] | {"seconds": 0} == cancel["scores"] | {"seconds": 0, "passed": 1, "turns": 1}
    assert returns["scores"]["passed"] == 0 and returns["scores"]["turns"] == 0.5
    assert returns["fault"] == "order 7 is open"
    assert returns["turns"][1]["faults"] == ["status is 'refused', not answered"]
    assert returns["scores"]["stray_numbers"] == 1 and returns["scores"]["cited"] == 1
    assert one["scores"]["score"] == 1
    assert report.statuses == {
        ("acted", "acted"): 1,
        ("answered", "answered"): 1,
        ("answered", "refused"): 1,
        ("refused", "refused"): 1,
    }
    assert report.pass_k == (2 / 3, 1)


def test_repeats_have_seeds_of_their_own_and_pass_only_together(place: Path) -> None:
    (place / "talk.yaml").write_text(DIALOGUE)
    with Limner() as app:
        report = app.evaluate("", Plan("talk.yaml", repeats=3, concurrency=4, only=("one", "returns")))
    assert sorted((sample["task"], sample["repeat"]) for sample in report.log.samples) == [
        (task, repeat) for task in ("one", "returns") for repeat in range(3)
    ]
    assert report.pass_k == (0.5, 3)


def test_a_log_that_was_torn_is_finished_and_nothing_is_counted_twice(place: Path) -> None:
    log = place / "content.jsonl"
    with Limner() as app:
        app.evaluate("", "content.yaml")
        whole = log.read_bytes()
        lines = whole.splitlines(keepends=True)
        log.write_bytes(b"".join(lines[:2]) + lines[2][:100])
        assert len(read_log(log).samples) == 1
        report = app.evaluate("", "content.yaml")
        assert [sample["task"] for sample in report.log.samples] == ["returns", "exchanges"]
        assert log.read_bytes().startswith(b"".join(lines[:2]))
        done = log.read_bytes()
        app.evaluate("", "content.yaml")
    assert log.read_bytes() == done
    assert not list(place.glob(".*.lock"))


@pytest.mark.slow
def test_a_killed_run_is_finished_by_the_same_command(place: Path) -> None:
    tasks = "".join(
        f"  - {{id: t{n}, kind: single, input: {{message: return {n}}}, "
        "expect: {scorer: contains, field: text, value: 45 days}}\n"
        for n in range(12)
    )
    (place / "many.yaml").write_text(f"graph: desk:build\ntasks:\n{tasks}")
    command = [sys.executable, "-m", "limner", "eval", "run", "many.yaml", "--out", "log.jsonl"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("3/12"):
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    process.stderr.close()
    before = (place / "log.jsonl").read_bytes()
    subprocess.run(command, check=True, capture_output=True)
    assert (place / "log.jsonl").read_bytes().startswith(before[: before.rfind(b"\n")])
    assert [row["task"] for row in rows(place / "log.jsonl")[1:]] == [f"t{n}" for n in range(12)]


def test_samples_of_another_seed_or_suite_are_not_mixed_in(place: Path) -> None:
    with Limner() as app:
        app.evaluate("", Plan("content.yaml", limit=1))
        with pytest.raises(InputError, match=r"seed 0, not 1\. Use another --out"):
            app.evaluate("", Plan("content.yaml", limit=1, seed=1))
        (place / "docs" / "more.md").write_text("# More\n\nThere is more.\n")
        with pytest.raises(InputError, match="suite_sha256"):
            app.evaluate("", Plan("content.yaml", limit=1))


def test_a_file_that_is_no_log_is_not_touched(place: Path) -> None:
    (place / "notes.txt").write_text("my notes, without a last line break")
    with Limner() as app, pytest.raises(InputError, match="no evaluation log"):
        app.evaluate("", "content.yaml", out="notes.txt")
    assert (place / "notes.txt").read_text() == "my notes, without a last line break"


def test_a_suite_that_names_no_graph_or_no_such_hook_says_so(place: Path) -> None:
    (place / "talk.yaml").write_text(DIALOGUE.replace("graph: desk:build\n", ""))
    with Limner() as app, pytest.raises(InputError, match="names no graph"):
        app.evaluate("", "talk.yaml")
    (place / "talk.yaml").write_text(DIALOGUE.replace("desk:open_orders", "desk:nothing"))
    with Limner() as app, pytest.raises(Exception, match="'desk:nothing' cannot be loaded"):
        app.evaluate("", "talk.yaml", out="other.jsonl")


def test_a_number_that_the_conversation_had_before_is_not_stray() -> None:
    said = {"text": "It costs $5. Cancel order 7 still waits.", "status": "answered"}
    reply = Reply({**said, "citations": [{"quote": "It costs $5."}]})
    assert reply.stray_numbers(set()) == 1
    assert reply.stray_numbers({"7"}) == 0
    assert reply.stray_numbers(set(), "Is 7 my order?") == 1
    assert reply.stray_numbers(set(), "Cancel order 7") == 0
    assert not Reply({**said, "status": "asked_back"}).grounded
