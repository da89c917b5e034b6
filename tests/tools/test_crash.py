"""A process killed between an effect and its result: the journal says what is known."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from limner.tools import Journal, call_tool, tool


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The folder of a process that died by SIGKILL right after its effect."""
    program = Path(__file__).with_name("dying.py")
    ended = subprocess.run(
        [sys.executable, program, tmp_path / "left.sqlite", tmp_path / "effects"], timeout=120, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "effects").read_text() == "once\n"
    return tmp_path


def writer(effects: Path, **policy: Any) -> Any:
    """The tool of that process, as the next process has it."""

    @tool(effect=True, **policy)
    def write(line: str) -> str:
        """Append a line."""
        with effects.open("a") as file:
            file.write(line + "\n")
        return "written"

    return write


async def again(folder: Path, **policy: Any) -> tuple[str, Any, str]:
    journal = Journal(folder / "left.sqlite")
    try:
        made = writer(folder / "effects", **policy)
        result = await call_tool(made, {"line": "once"}, journal=journal, key="k", subject=None)
        return result.status, result.output, (folder / "effects").read_text()
    finally:
        journal.close()


async def test_without_a_way_to_ask_the_effect_is_unknown_and_left_to_a_person(killed: Path) -> None:
    assert await again(killed) == ("unknown", None, "once\n")
    journal = Journal(killed / "left.sqlite")
    (left,) = journal.unknown()
    assert (left.tool, left.arguments) == ("write", {"line": "once"})
    journal.finish(left.key, "a person saw it")
    journal.close()
    assert await again(killed) == ("done", "a person saw it", "once\n")


async def test_a_look_up_finds_it_done(killed: Path) -> None:
    def seen(line: str) -> str | None:
        return "found" if line in (killed / "effects").read_text() else None

    assert await again(killed, look_up=seen) == ("done", "found", "once\n")


async def test_a_look_up_that_finds_nothing_lets_it_be_done(killed: Path) -> None:
    (killed / "effects").write_text("")
    assert await again(killed, look_up=lambda line: None) == ("done", "written", "once\n")


async def test_a_look_up_that_fails_leaves_it_unknown(killed: Path) -> None:
    def down(line: str) -> str:
        raise OSError("down")

    assert await again(killed, look_up=down) == ("unknown", None, "once\n")
