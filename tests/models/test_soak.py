"""Many requests that end in every way."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from .conftest import OpenEngine

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.py"


@pytest.mark.slow
async def test_every_request_of_many_has_one_end_and_nothing_is_left(open_tiny: OpenEngine) -> None:
    soaked = await runpy.run_path(str(SOAK))["soak"](open_tiny(), 300)
    assert soaked.wrong == 0
    assert sum(soaked.ends.values()) == 300
    assert {"length", "stopped", "finished", "deadline", "left", "task"} <= soaked.ends.keys()
    assert len(set(soaked.threads)) == 1
