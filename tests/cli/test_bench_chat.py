"""The figures of `limner bench chat`, where they can be told beforehand, and a small run."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from limner.cli.bench import _load
from limner.errors import UnavailableError
from limner.models import Store
from limner.settings import load_settings


@pytest.fixture
def bench() -> Any:
    return _load("chat")


def measured(bench: ModuleType) -> list[Any]:
    """Two rounds: the peer is as fast as ours in the first, and half as fast in the second."""
    walls = {"limner torch": (1.0, 2.0), "transformers generate": (1.0, 4.0)}
    return [
        bench.Measured(turn, "2 at once", side, wall, ((wall / 2, 10), (wall, 30)))
        for side, both in walls.items()
        for turn, wall in enumerate(both)
    ]


def test_ratios_are_medians_of_those_within_a_round(bench: ModuleType) -> None:
    plan = bench.Plan(rounds=2, concurrency=(2,), mixed=0, grammar=0)
    found = bench.figures(plan, measured(bench))
    assert found["rows"]["limner torch"]["2 at once"]["tokens_per_second"] == 30
    assert found["ratios"]["limner torch"]["transformers generate"]["2 at once"] == 1.5
    assert found["complete"]


def test_a_run_that_was_cut_off_goes_on_and_another_plan_begins_anew(
    bench: ModuleType, tmp_path: Path
) -> None:
    plan, path = bench.Plan(rounds=2), tmp_path / "chat.partial.jsonl"
    kept = bench.Kept(path, plan)
    for one in measured(bench):
        kept.add(one)
    path.write_text(path.read_text("utf-8")[:-5], "utf-8")
    assert len(bench.Kept(path, plan).measured) == 3
    assert bench.Kept(path, bench.Plan(rounds=3)).measured == []


def test_no_prompt_is_asked_twice(bench: ModuleType) -> None:
    plan = bench.Plan(rounds=3)
    for_all = [
        prompt
        for turn in range(3)
        for workload, requests in plan.workloads(turn)
        for prompt, _, schema in requests
        if schema is None and workload != "grammar off"
    ]
    assert len(for_all) > 300 and len(set(for_all)) >= len(for_all) - 2


def test_the_page_and_the_chart_show_every_side(bench: ModuleType, tmp_path: Path) -> None:
    plan = bench.Plan(rounds=2, concurrency=(2,), mixed=0, grammar=0)
    result = {
        "machine": bench.machine(2),
        "plan": bench.asdict(plan),
        "sides": {"limner torch": "torch"},
        "left_out": {"smolagents": "not installed"},
        **bench.figures(plan, measured(bench)),
    }
    page = bench.markdown(json.loads(json.dumps(result)))
    assert "| limner torch | 30.0 (1.0, 2.0) |" in page and "smolagents: left out: not installed" in page
    _load("chat_chart").draw(result, tmp_path / "chat.png")
    assert (tmp_path / "chat.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.weights
def test_a_small_run_measures_both_engines(bench: ModuleType, tmp_path: Path) -> None:
    try:
        Store(load_settings().models_folder).path("smollm2-135m-instruct")
    except UnavailableError as error:
        pytest.skip(str(error))
    plan = bench.Plan(rounds=1, concurrency=(2,), tokens=4, mixed=0, grammar=1, threads=1)
    result = bench.main(plan, tmp_path / "out")
    assert result["complete"] and result["left_out"] == {}
    assert [list(row) for row in result["rows"].values()] == [["2 at once", "grammar off", "grammar on"]] * 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["chat.json", "chat.md", "chat.png"]
