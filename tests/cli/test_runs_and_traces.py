"""`limner runs` and `limner trace`: what ran is listed, shown, resumed and pruned."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
BOT = """
from typing import TypedDict
from langgraph.graph import StateGraph
from langgraph.types import interrupt
from limner import step
from limner.graphs import chain

class State(TypedDict, total=False):
    ticket: str
    reply: str
    sent: str

@step(prompt="{{ ticket }}")
def reply(ticket: str) -> str:
    return "We will look."

def ask(state):
    return {"sent": interrupt({"question": "Send it?"})}

def fail(state):
    raise ValueError("no [such] printer")

def build(app):
    graph = StateGraph(State)
    graph.add_node("reply", reply.node())
    return chain(graph, "reply")

def asking(app):
    graph = StateGraph(State)
    graph.add_node("reply", reply.node())
    graph.add_node("ask", ask)
    return chain(graph, "reply", "ask")

def failing(app):
    graph = StateGraph(State)
    graph.add_node("reply", reply.node())
    graph.add_node("fail", fail)
    return chain(graph, "reply", "fail")
"""


@pytest.fixture
def bot(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's own, of a name that no other test has loaded."""
    name = f"bot_{abs(hash(str(workplace)))}"
    (workplace / f"{name}.py").write_text(BOT)
    (workplace / "input.json").write_text('{"ticket": "help"}')
    return name


@pytest.fixture
def article(docs: Path, limner: Call) -> dict[str, Any]:
    made: dict[str, Any] = limner("write", "Returns", "--knowledge", docs, "--json").json
    return made


def test_runs_are_listed_newest_first(article: dict[str, Any], bot: str, limner: Call) -> None:
    second = limner("run", f"{bot}:build", "input.json", "--json").json
    rows = limner("runs", "list", "--json").json
    assert [row["run_id"] for row in rows] == [second["run_id"], article["run_id"]]
    assert [list(row) for row in rows] == [["run_id", "status", "graph", "started"]] * 2
    assert {row["status"] for row in rows} == {"completed"}
    table = limner("runs", "list").out
    assert all(row["run_id"] in table for row in rows)


def test_without_runs_the_list_is_empty(limner: Call) -> None:
    assert limner("runs", "list", "--json").json == []
    assert limner("runs", "list").code == 0


def test_show_gives_the_finished_object_again(article: dict[str, Any], limner: Call) -> None:
    assert limner("runs", "show", article["run_id"], "--json").json == article
    shown = limner("runs", "show", article["run_id"])
    assert f"{article['run_id']}: completed" in shown.out and "fallback" in shown.out
    assert Path(shown.out.splitlines()[-1]).is_dir()


def test_a_finished_run_resumed_is_the_same_result(article: dict[str, Any], limner: Call) -> None:
    again = limner("runs", "resume", article["run_id"], "--json")
    assert again.code == 0
    assert again.json["output"] == article["output"] and again.json["status"] == "completed"


def test_a_graph_of_the_users_own_prints_its_state(bot: str, limner: Call) -> None:
    done = limner("run", f"{bot}:build", "input.json")
    assert (done.code, done.json) == (0, {"ticket": "help", "reply": "We will look."})
    assert "reply        fallback" in done.err


def test_a_run_that_waits_exits_3_and_goes_on_with_the_answer(bot: str, limner: Call) -> None:
    waiting = limner("run", f"{bot}:asking", "input.json", "--json")
    assert (waiting.code, waiting.json["status"]) == (3, "waiting")
    assert waiting.json["waiting_for"] == {"question": "Send it?"}
    run_id = waiting.json["run_id"]
    assert limner("runs", "list", "--json").json[0]["status"] == "waiting"
    assert limner("runs", "resume", run_id, "--json").error["code"] == "run"
    done = limner("runs", "resume", run_id, "--answer", '"yes"', "--json")
    assert (done.code, done.json["output"]["sent"]) == (0, "yes")


def test_a_run_that_failed_exits_4_names_the_fault_and_is_kept(bot: str, limner: Call) -> None:
    failed = limner("run", f"{bot}:failing", "input.json")
    assert (failed.code, failed.out) == (4, "")
    last = failed.err.splitlines()[-1]
    assert "ValueError: no [such] printer" in last and "limner runs resume" in last
    assert limner("run", f"{bot}:failing", "input.json", "--json").error["code"] == "run"
    row = limner("runs", "list", "--json").json[0]
    assert row["status"] == "failed"
    shown = limner("runs", "show", row["run_id"], "--json").json
    assert [step["step"] for step in shown["receipt"]] == ["reply"]


def test_prune_deletes_what_is_old_and_finished(
    article: dict[str, Any], bot: str, limner: Call, home: Path
) -> None:
    waiting = limner("run", f"{bot}:asking", "input.json", "--json").json["run_id"]
    assert limner("runs", "prune", "--json").json == []
    assert limner("runs", "prune", "--older-than", 0, "--json").json == [article["run_id"]]
    assert [path.name for path in (home / "runs").iterdir()] == [waiting]
    assert limner("runs", "prune", "--older-than", 0).out == "0 of 1 run deleted\n"


def test_trace_is_one_tree_of_spans(article: dict[str, Any], limner: Call) -> None:
    spans = limner("trace", article["run_id"], "--json").json
    promised = ["name", "trace_id", "span_id", "parent_id", "start", "end", "status", "attributes", "events"]
    assert [list(span) for span in spans] == [promised] * len(spans)
    assert {span["trace_id"] for span in spans} == {article["trace_id"]}
    known = {span["span_id"] for span in spans}
    assert len(known) == len(spans)
    (root,) = [span for span in spans if span["parent_id"] is None]
    assert root["name"] == "invoke_workflow content"
    assert all(span["parent_id"] in known for span in spans if span is not root)
    assert all(root["start"] <= span["start"] <= span["end"] <= root["end"] for span in spans)
    steps = [span for span in spans if "limner.step.source" in span["attributes"]]
    told = [row["source"] for row in article["receipt"] if row["step"] in ("plan", "write", "review")]
    assert [span["attributes"]["limner.step.source"] for span in steps] == told


def test_trace_draws_the_tree_for_people(article: dict[str, Any], limner: Call) -> None:
    lines = limner("trace", article["run_id"]).out.splitlines()
    assert lines[0].strip() == article["run_id"]
    assert "── invoke_workflow content" in lines[1]
    assert any("── invoke_agent plan" in line and "fallback" in line for line in lines)


def test_a_trace_cut_off_by_a_kill_is_still_drawn(article: dict[str, Any], limner: Call, home: Path) -> None:
    path = home / "runs" / article["run_id"] / "trace.jsonl"
    spans = [json.loads(line) for line in path.read_text().splitlines()]
    whole = [json.dumps(span) for span in spans if span["parent_id"] is not None]
    path.write_text("\n".join(whole) + '\n{"name": "invoke_ag')
    assert len(limner("trace", article["run_id"], "--json").json) == len(whole)
    assert "invoke_agent plan" in limner("trace", article["run_id"]).out
    path.unlink()
    assert limner("trace", article["run_id"], "--json").json == []
