"""Research from the command line: tools named in limner.toml, a database, a run that is killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

TOOLS = """
import time
from pathlib import Path
from limner import tool

def seen(what):
    with Path("seen.txt").open("a") as file:
        file.write(what + "\\n")

@tool()
def find_order(order: str) -> dict:
    '''Look up an order, such as W100: its status and total.'''
    seen(order)
    return {"order": order, "total": {"W123": 129.0, "W456": 61.5}[order]}

@tool(timeout=60)
def stock(product: str) -> int:
    '''How many of a product are in stock.'''
    if Path("slow").exists():
        Path("busy").touch()
        time.sleep(50)
    seen(product)
    return 4

def tools():
    return [find_order, stock]
"""
QUESTION = {"question": "What is the total of orders W123 and W456, and is the tent in stock?"}


@pytest.fixture
def asked(workplace: Path) -> Path:
    (workplace / "shop_tools.py").write_text(TOOLS)
    (workplace / "limner.toml").write_text('[research]\ntools = ["shop_tools:tools"]\n')
    path = workplace / "question.json"
    path.write_text(json.dumps(QUESTION))
    return path


def test_tools_named_in_the_settings_are_used(limner: Call, asked: Path) -> None:
    done = limner("run", "research", asked, "--json")
    assert done.code == 0, done.err
    made = done.json["output"]
    assert made["status"] == "answered" and "Total: 129 + 61.5 = 190.5." in made["text"]
    assert {call["tool"] for call in made["calls"]} == {"find_order", "stock", "calculator"}
    called = [row["step"] for row in done.json["receipt"] if row["source"] == "rendered"]
    assert sorted(called) == ["calculator", "find_order", "find_order", "plan", "stock"]


def test_a_model_asks_the_database_that_the_settings_name(limner: Call, workplace: Path) -> None:
    with closing(sqlite3.connect(workplace / "shop.sqlite")) as db, db:
        db.execute("CREATE TABLE orders (number TEXT, total REAL)")
        db.executemany("INSERT INTO orders VALUES (?, ?)", [("W1", 10.5), ("W2", 4.0)])
    (workplace / "limner.toml").write_text('[research]\ndatabase = "shop.sqlite"\ntables = ["orders"]\n')
    sql = "SELECT SUM(total) AS total FROM orders"
    call = {"name": "sum", "tool": "query_database", "arguments": {"sql": sql}}
    (workplace / "script.json").write_text(json.dumps([json.dumps([call])]))
    (workplace / "question.json").write_text(json.dumps({"question": "What did we sell?"}))
    done = limner("run", "research", "question.json", "--model", "scripted:script.json", "--json")
    assert done.code == 0, done.err
    assert done.json["output"]["calls"][0]["output"] == [{"total": 14.5}]
    assert "total 14.50" in done.json["output"]["text"]


def test_a_tool_that_cannot_be_loaded_is_named(refused: Callable[..., str], workplace: Path) -> None:
    (workplace / "limner.toml").write_text('[research]\ntools = ["nowhere:tools"]\n')
    (workplace / "question.json").write_text(json.dumps(QUESTION))
    assert "nowhere:tools" in refused("run", "research", "question.json")


def kept_calls(home: Path) -> int:
    """How many results a run's checkpoints hold."""
    (file,) = (home / "runs").glob("*/checkpoints.sqlite")
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
        count: int = db.execute("SELECT COUNT(*) FROM writes WHERE channel = 'results'").fetchone()[0]
    return count


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_calls_that_were_made(asked: Path, home: Path) -> None:
    place = asked.parent
    (place / "slow").touch()
    command = [sys.executable, "-m", "limner", "run", "research", "question.json", "--json"]
    process = subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (place / "busy").exists() or kept_calls(home) < 2:
        assert time.monotonic() < until and process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    (place / "slow").unlink()
    (run,) = (home / "runs").iterdir()
    command = [sys.executable, "-m", "limner", "runs", "resume", run.name, "--json"]
    resumed = json.loads(subprocess.run(command, cwd=place, capture_output=True, check=True).stdout)
    assert resumed["status"] == "completed" and resumed["output"]["status"] == "answered"
    assert "Total: 129 + 61.5 = 190.5." in resumed["output"]["text"]
    assert sorted((place / "seen.txt").read_text().split()) == ["W123", "W456", "tent"]
    assert [row["step"] for row in resumed["receipt"]].count("find_order") == 2
