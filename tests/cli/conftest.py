"""What the tests of the command line share: a folder to work in, documents, and a way to call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from limner.cli import main

OUTFITTER = Path(__file__).resolve().parents[2] / "examples" / "outfitter" / "knowledge"
RETURNS = """# Returns

## How long

Unworn boots may be returned within 45 days of the delivery. Worn boots may be exchanged once within 90 days.

## What it costs

The return label costs $6.95 and is taken off the refund. An exchange for another size costs nothing at all.
"""


@dataclass(frozen=True)
class Done:
    """What came of one command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error object; nothing else may stand on standard output."""
        made = json.loads(self.out)
        assert list(made) == ["error"] and list(made["error"]) == ["code", "message", "hint"]
        error: dict[str, str] = made["error"]
        return error


Call = Callable[..., Done]


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with no models configured: fallbacks answer, and words alone search."""
    monkeypatch.setenv("LIMNER_MODEL__NAME", "")
    monkeypatch.setenv("LIMNER_EMBEDDINGS__NAME", "")
    monkeypatch.setenv("COLUMNS", "120")
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def limner(capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line in this process."""

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture
def refused(limner: Call) -> Callable[..., str]:
    """Call a command that must fail with exit code 2 and one line; returns that line."""

    def call(*arguments: object) -> str:
        done = limner(*arguments)
        lines = done.err.splitlines()
        assert (done.code, done.out) == (2, ""), done
        assert len(lines) == 1 and lines[0].startswith("limner: "), done.err
        assert "Traceback" not in done.err
        return lines[0].removeprefix("limner: ")

    return call


@pytest.fixture
def docs(workplace: Path) -> Path:
    """A folder with one small document."""
    folder = workplace / "docs"
    folder.mkdir()
    (folder / "returns.md").write_text(RETURNS)
    return folder
