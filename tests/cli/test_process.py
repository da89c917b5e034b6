"""What only a process of its own shows: Ctrl-C, pipes that close, a full disk, and a fast end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

LIMNER = [sys.executable, "-m", "limner"]
SLOW_BOT = """
import time
from pathlib import Path
from typing import TypedDict
from langgraph.graph import StateGraph
from limner import step
from limner.graphs import chain

class State(TypedDict, total=False):
    ticket: str
    one: str
    two: str

@step(prompt="{{ ticket }}")
def one(ticket: str) -> str:
    return "ONE"

@step(prompt="{{ ticket }}")
def two(ticket: str) -> str:
    if not Path("go").exists():
        Path("busy").touch()
        time.sleep(60)
    return "TWO"

def build(app):
    graph = StateGraph(State)
    graph.add_node("one", one.node())
    graph.add_node("two", two.node())
    return chain(graph, "one", "two")
"""
SLOW_PICTURES = """
import time
from pathlib import Path
from limner.agents import image_maker
from limner.cli import entry

draw = image_maker.draw

def slow(*arguments, **options):
    if not Path("go").exists():
        Path("busy").touch()
        time.sleep(60)
    return draw(*arguments, **options)

image_maker.draw = slow
entry()
"""


def interrupt_when_busy(command: list[str]) -> tuple[int, str, str]:
    """Send Ctrl-C to a command once it has made the file ``busy``."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # tests that run in the background of a shell inherit that Ctrl-C is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        until = time.monotonic() + 30
        while not Path("busy").exists():
            assert time.monotonic() < until and process.poll() is None, process.communicate()
            time.sleep(0.02)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert time.monotonic() - sent < 5
        return process.returncode, out, err
    finally:
        process.kill()
        process.communicate()


def test_ctrl_c_in_a_write_leaves_a_run_that_can_be_resumed(docs: Path, limner: Call) -> None:
    Path("slow_pictures.py").write_text(SLOW_PICTURES)
    given = ["write", "Returns", "--knowledge", str(docs), "--out", "out", "--json"]
    code, out, err = interrupt_when_busy([sys.executable, "slow_pictures.py", *given])
    assert code == 130, err
    error = json.loads(out)["error"]
    assert error["code"] == "interrupted" and "Traceback" not in err
    assert not Path("out").exists()

    (row,) = limner("runs", "list", "--json").json
    assert row["status"] == "interrupted" and row["run_id"] in error["hint"]
    shown = limner("runs", "show", row["run_id"], "--json").json
    assert {step["step"] for step in shown["receipt"]} == {"plan", "review"}
    resumed = limner("runs", "resume", row["run_id"], "--json").json
    assert resumed["status"] == "completed" and resumed["output"]["images"]
    before, after = resumed["receipt"][: len(shown["receipt"])], resumed["receipt"][len(shown["receipt"]) :]
    assert before == shown["receipt"] and [step["step"] for step in after] == ["picture", "edit"]
    assert Path("out/article.html").exists()


def test_ctrl_c_tells_people_in_one_line_how_to_go_on() -> None:
    Path("bot.py").write_text(SLOW_BOT)
    Path("input.json").write_text('{"ticket": "x"}')
    code, out, err = interrupt_when_busy([*LIMNER, "run", "bot:build", "input.json"])
    assert (code, out) == (130, "")
    assert "limner runs resume bot-build-" in err.splitlines()[-1] and "Traceback" not in err


def test_a_reader_that_leaves_early_is_no_error(docs: Path) -> None:
    search = [*LIMNER, "knowledge", "search", "boots", "--knowledge", str(docs), "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(search, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full")
def test_output_that_cannot_be_written_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*LIMNER, "runs", "list", "--json"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [line for line in done.stderr.splitlines() if "No space left" in line]


def test_json_holds_on_a_terminal_that_speaks_ascii(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (docs / "returns.md").rename(docs / "rückgabe.md")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    search = [*LIMNER, "knowledge", "search", "boots", "--knowledge", str(docs)]
    done = subprocess.run([*search, "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)[0]["source"] == "rückgabe.md"
    assert b"gabe.md" in subprocess.run(search, capture_output=True, check=True).stdout


def test_version_and_help_come_at_once() -> None:
    program = (
        "import sys; from limner.cli import main; main(['--version']); main(['--help'])\n"
        "print([n for n in ('torch', 'langgraph', 'langchain_core', 'chromadb') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
