"""The README and the documentation are true: their code runs, and their pages match what they describe."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from limner.testing import ScriptedModel

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_code_blocks_run(block: str, tmp_path: Path, home: Path) -> None:
    script = tmp_path / "block.py"
    script.write_text(block)
    subprocess.run([sys.executable, str(script)], cwd=ROOT, check=True, timeout=120, env=os.environ)


def test_the_settings_page_names_every_setting() -> None:
    page = runpy.run_path(str(ROOT / "scripts" / "settings_page.py"))
    assert page["PAGE"].read_text("utf-8") == page["page"]()


def test_commands_that_are_told_of_exist() -> None:
    import typer

    from limner.cli import build

    command = typer.main.get_command(build())
    told = {
        match
        for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
        for match in re.findall(r"limner ([a-z]+(?: [a-z]+)?)", page.read_text("utf-8"))
    }
    names = set(command.commands)  # type: ignore[attr-defined]
    assert {words.split()[0] for words in told if words.split()[0] in names} >= {
        "write",
        "run",
        "runs",
        "models",
    }


def test_an_own_graph_runs_as_a_program_and_is_short(home: Path) -> None:
    example = ROOT / "examples" / "own_graph.py"
    assert len(example.read_text().splitlines()) < 60
    done = subprocess.run(
        [sys.executable, str(example), "Where is order 7?"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "Order 7 is packed" in done.stdout


def test_an_agent_over_tools_runs_as_a_program_and_is_short(home: Path) -> None:
    example = ROOT / "examples" / "tool_agent.py"
    assert len(example.read_text().splitlines()) < 60
    question = "What is the total of orders W123 and W456, and is the tent in stock?"
    done = subprocess.run(
        [sys.executable, str(example), question], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Total: 129 + 61.5 = 190.5." in done.stdout and "pieces 4" in done.stdout


def test_the_agent_over_tools_lets_a_model_plan_and_a_person_approve(home: Path) -> None:
    ask = runpy.run_path(str(ROOT / "examples" / "tool_agent.py"))["ask"]
    calls = [
        {"name": "a", "tool": "find_order", "arguments": {"order": "W123"}},
        {"name": "half", "tool": "calculator", "arguments": {"expression": "50% of $a.total"}},
    ]
    run = ask("What is 50% of the total of order W123?", ScriptedModel([json.dumps(calls)]))
    assert run.receipt[0]["source"] == "model" and "50% of 129 = 64.5." in run.output.text
    stop = [{"name": "stop", "tool": "cancel_order", "arguments": {"order": "W123"}}, calls[0]]
    assert ask("Cancel order W123.", ScriptedModel([json.dumps(stop)])).status == "waiting"


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
