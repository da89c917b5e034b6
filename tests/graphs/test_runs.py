"""Runs of a graph of one's own: bounded, kept, resumed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel

from limner import Budget, Limner, Run, step
from limner.errors import InputError, RunError, SettingsError
from limner.graphs import chain
from limner.graphs.folder import RunFolder, all_runs
from limner.steps import StepEvent
from limner.testing import FaultyModel, ScriptedModel


class Triage(BaseModel):
    queue: str


class Ticket(TypedDict, total=False):
    ticket: str
    triage: Triage
    reply: str


@step(prompt="{{ ticket }}")
def triage(ticket: str) -> Triage:
    """Choose the queue."""
    return Triage(queue="general")


@step(prompt="{{ ticket }} {{ triage.queue }}")
def reply(ticket: str, triage: Triage) -> str:
    """Write a reply."""
    return f"We sent it to {triage.queue}."


def build(app: Limner) -> StateGraph[Any, Any, Any, Any]:
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Ticket)
    graph.add_node("triage", triage.node())
    graph.add_node("reply", reply.node())
    return chain(graph, "triage", "reply")


class Letters(TypedDict, total=False):
    first: str
    second: str


def build_branches(app: Limner) -> StateGraph[Any, Any, Any, Any]:
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Letters)
    graph.add_node("one", lambda state: {"first": interrupt({"question": "first?"})})
    graph.add_node("two", lambda state: {"second": interrupt({"question": "second?"})})
    for node in ("one", "two"):
        graph.add_edge(START, node)
        graph.add_edge(node, END)
    return graph


def test_a_run_returns_its_state_and_receipt() -> None:
    with Limner(model=ScriptedModel(['{"queue": "billing"}', "Done."])) as app:
        run = app.run(build, {"ticket": "help"}, deadline=8)
    assert run.output["triage"] == Triage(queue="billing")
    assert run.output["reply"] == "Done."
    assert (run.status, run.degraded, run.usage.calls) == ("completed", False, 2)
    assert [row["step"] for row in run.receipt] == ["triage", "reply"]


def test_without_a_model_the_fallbacks_answer() -> None:
    with Limner(model="") as app:
        run = app.run(build, {"ticket": "help"})
    assert run.output["reply"] == "We sent it to general."
    assert not run.degraded


@pytest.mark.parametrize("fault", ["hang", "raise", "endless"])
def test_a_broken_model_degrades_the_run_and_the_run_ends_in_time(fault: str) -> None:
    started = time.monotonic()
    with Limner(model=FaultyModel(fault)) as app:
        run = app.run(build, {"ticket": "help"}, deadline=1.5)
    assert time.monotonic() - started < 2.0
    assert (run.status, run.degraded) == ("completed", True)
    assert run.output["reply"] == "We sent it to general."


def test_result_receipt_and_trace_say_the_same() -> None:
    with Limner(model=FaultyModel("raise")) as app:
        run = app.run(build, {"ticket": "help"})
    receipt = json.loads((run.folder / "receipt.json").read_text())
    spans = [json.loads(line) for line in (run.folder / "trace.jsonl").read_text().splitlines()]
    steps = {s["name"]: s for s in spans if "limner.step.source" in s["attributes"]}
    assert receipt["degraded"] is True
    for row in run.receipt:
        span = steps[f"invoke_agent {row['step']}"]
        assert span["attributes"]["limner.step.source"] == row["source"]
        assert span["attributes"]["limner.step.reasons"] == row["reasons"]
    roots = [s for s in spans if s["parent_id"] is None]
    assert [s["name"] for s in roots] == ["invoke_workflow build"]
    assert {s["trace_id"] for s in spans} == {run.trace_id}


async def test_a_stream_yields_steps_and_then_the_run() -> None:
    with Limner(model="") as app:
        events = [event async for event in app.astream(build, {"ticket": "x"})]
    assert [(e.step, e.row is None) for e in events if isinstance(e, StepEvent)] == [
        ("triage", True), ("triage", False), ("reply", True), ("reply", False),
    ]  # fmt: skip
    assert isinstance(events[-1], Run)


async def test_leaving_a_stream_early_stops_the_run_and_it_can_be_resumed() -> None:
    with Limner(model="") as app:
        stream = app.astream(build, {"ticket": "x"})
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]
        (folder,) = all_runs(app.settings.runs_folder)
        assert folder.status() == "interrupted"
        run = await app.aresume(folder.run_id)
    assert run.output["reply"] == "We sent it to general."


async def test_one_app_serves_many_runs_at_once() -> None:
    with Limner(model=ScriptedModel(lambda messages: '{"queue": "billing"}')) as app:
        runs = await asyncio.gather(*(app.arun(build, {"ticket": f"t{n}"}) for n in range(12)))
    assert len({run.run_id for run in runs}) == 12
    assert {run.output["triage"].queue for run in runs} == {"billing"}


async def test_a_blocking_call_on_a_running_loop_names_the_other_form() -> None:
    with Limner(model="") as app, pytest.raises(InputError, match=r"await app\.arun"):
        app.run(build, {"ticket": "x"})


def test_a_run_that_waits_for_a_person_goes_on_with_the_answer() -> None:
    def ask(state: Ticket) -> dict[str, Any]:
        return {"reply": interrupt({"question": "send it?"})}

    def asking(app: Limner) -> StateGraph[Any, Any, Any, Any]:
        graph: StateGraph[Any, Any, Any, Any] = StateGraph(Ticket)
        graph.add_node("triage", triage.node())
        graph.add_node("ask", ask)
        return chain(graph, "triage", "ask")

    with Limner(model="") as app:
        run = app.run(asking, {"ticket": "x"})
        assert (run.status, run.waiting_for) == ("waiting", {"question": "send it?"})
        with pytest.raises(RunError, match="waits"):
            app.resume(run.run_id)


def test_branches_that_ask_at_once_are_answered_one_after_the_other() -> None:
    with Limner(model="") as app:
        run = app.run(build_branches, {})
        answers = {"first?": "A", "second?": "B"}
        for _ in range(2):
            assert run.status == "waiting"
            run = app.resume(run.run_id, answer=answers[run.waiting_for["question"]])
    assert run.status == "completed"
    assert run.output == {"first": "A", "second": "B"}


def test_a_spent_budget_asks_a_person_where_the_policy_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asking_bot.py").write_text(
        textwrap.dedent("""
        from typing import TypedDict
        from langgraph.graph import StateGraph
        from limner import step
        from limner.graphs import chain

        class State(TypedDict, total=False):
            ticket: str
            first: str
            second: str

        @step(prompt="{{ ticket }}")
        def first(ticket: str) -> str:
            return "fallback"

        @step(prompt="Again: {{ ticket }}")
        def second(ticket: str) -> str:
            return "fallback"

        def build(app):
            graph = StateGraph(State)
            graph.add_node("first", first.node())
            graph.add_node("second", second.node())
            return chain(graph, "first", "second")
        """)
    )
    monkeypatch.chdir(tmp_path)
    with Limner(model=ScriptedModel(["Yes."])) as app:
        run = app.run("asking_bot:build", {"ticket": "x"}, budget=Budget(calls=1, policy="ask"))
        assert run.status == "waiting"
        assert run.waiting_for["spent"] == {"calls": 1}
        done = app.resume(run.run_id, {"calls": 3})
    assert (done.status, done.output["second"]) == ("completed", "Yes.")
    assert [row["step"] for row in done.receipt] == ["first", "second"]


def test_a_budget_of_tokens_that_cannot_pay_for_a_step_asks_too() -> None:
    with Limner(model=ScriptedModel(["{}"])) as app:
        run = app.run(build, {"ticket": "x"}, budget=Budget(tokens=400, policy="ask"))
    assert (run.status, run.waiting_for["limit"]) == ("waiting", {"tokens": 400})


def test_the_policy_stop_fails_the_run() -> None:
    from limner.errors import BudgetError

    with Limner(model=ScriptedModel(["{}"])) as app, pytest.raises(BudgetError):
        app.run(build, {"ticket": "x"}, budget=Budget(calls=0, policy="stop"))


def test_a_node_that_raises_fails_the_run_and_keeps_what_was_done() -> None:
    def broken(state: Ticket) -> dict[str, Any]:
        raise ZeroDivisionError("oops")

    def breaking(app: Limner) -> StateGraph[Any, Any, Any, Any]:
        graph: StateGraph[Any, Any, Any, Any] = StateGraph(Ticket)
        graph.add_node("triage", triage.node())
        graph.add_node("broken", broken)
        return chain(graph, "triage", "broken")

    with Limner(model="") as app:
        with pytest.raises(RunError, match="ZeroDivisionError"):
            app.run(breaking, {"ticket": "x"})
        (folder,) = all_runs(app.settings.runs_folder)
    assert folder.status() == "failed"
    assert [row["step"] for row in json.loads((folder.path / "result.json").read_text())["receipt"]] == [
        "triage"
    ]


def test_a_loop_without_end_is_stopped() -> None:
    def again(state: Ticket) -> dict[str, Any]:
        return {"ticket": state["ticket"] + "."}

    def looping(app: Limner) -> StateGraph[Any, Any, Any, Any]:
        graph: StateGraph[Any, Any, Any, Any] = StateGraph(Ticket)
        graph.add_node("again", again)
        graph.add_edge(START, "again")
        graph.add_conditional_edges("again", lambda state: "again", {"again": "again", "end": END})
        return graph

    with Limner(model="") as app, pytest.raises(RunError, match="GraphRecursionError"):
        app.run(looping, {"ticket": "x"})


@pytest.mark.parametrize("deadline", [0, -1, float("nan")])
def test_a_deadline_that_is_not_positive_is_refused_before_anything_is_written(
    deadline: float, home: Path
) -> None:
    with Limner(model="") as app, pytest.raises(InputError, match="deadline"):
        app.run(build, {"ticket": "x"}, deadline=deadline)
    assert not (home / "runs").exists()


def test_unknown_graphs_and_runs_are_named() -> None:
    with Limner(model="") as app:
        with pytest.raises(InputError, match="no graph 'nope'"):
            app.run("nope", {})
        with pytest.raises(SettingsError, match="no_such_module"):
            app.run("no_such_module:build", {})
        for run_id in ("nope", "../../etc", ""):
            with pytest.raises(InputError, match="no run"):
                app.resume(run_id)


def test_inherited_langsmith_variables_open_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*args: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "x" * 20)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with Limner(model=ScriptedModel(['{"queue": "q"}', "Done."])) as app:
        assert app.run(build, {"ticket": "x"}).output["reply"] == "Done."


BOT = """
import os, time
from pathlib import Path
from typing import TypedDict
from langgraph.graph import StateGraph
from limner import step
from limner.graphs import chain

class State(TypedDict, total=False):
    ticket: str
    one: str
    two: str
    three: str

def say(name):
    def body(ticket: str) -> str:
        with Path("done.txt").open("a") as file:
            file.write(name + "\\n")
        if name == "two" and not Path("go").exists():
            Path("in-two").touch()
            time.sleep(60)
        return name.upper()
    body.__name__ = name
    return step(prompt="{{ ticket }}")(body)

def build(app):
    graph = StateGraph(State)
    names = ["one", "two", "three"]
    for name in names:
        graph.add_node(name, say(name).node())
    return chain(graph, *names)
"""


def test_a_killed_run_resumes_and_does_no_finished_step_again(tmp_path: Path, home: Path) -> None:
    (tmp_path / "bot.py").write_text(BOT)
    (tmp_path / "input.json").write_text('{"ticket": "x"}')
    limner = [sys.executable, "-m", "limner"]
    command = [*limner, "run", "bot:build", "input.json", "--model", "", "--json"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (tmp_path / "in-two").exists():
        assert time.monotonic() < until and process.poll() is None, process.communicate()
        time.sleep(0.02)
    shown = subprocess.run([*limner, "runs", "list", "--json"], cwd=tmp_path, capture_output=True, check=True)
    (row,) = json.loads(shown.stdout)
    assert row["status"] == "running"
    grown = subprocess.run(
        [*limner, "runs", "show", row["run_id"], "--json"], capture_output=True, check=True
    )
    assert [r["step"] for r in json.loads(grown.stdout)["receipt"]] == ["one"]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert RunFolder(home / "runs" / row["run_id"]).status() == "interrupted"

    (tmp_path / "go").touch()
    command = [*limner, "runs", "resume", row["run_id"], "--model", "", "--json"]
    resumed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    result = json.loads(resumed.stdout)
    assert result["status"] == "completed"
    assert result["output"] == {"ticket": "x", "one": "ONE", "two": "TWO", "three": "THREE"}
    assert [r["step"] for r in result["receipt"]] == ["one", "two", "three"]
    assert (tmp_path / "done.txt").read_text().split() == ["one", "two", "two", "three"]
