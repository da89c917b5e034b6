"""The figures of `limner bench retrieval`, where they can be told beforehand."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "retrieval.py"
    spec = importlib.util.spec_from_file_location("retrieval_benchmark", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_gains_recall_and_rank_are_those_of_the_definitions(bench: ModuleType) -> None:
    corpus = bench.Corpus({}, [("one", {"a": 1.0}), ("two", {"a": 1.0, "b": 1.0})])
    answers = {"one": ["x", "a"], "two": ["a", *"stuvwxyz", "b"]}
    gains, means = bench.quality(answers.__getitem__, corpus)
    assert gains == pytest.approx([0.6309, (1 + 0.2891) / 1.6309], abs=1e-3)
    assert means["mrr"] == 0.75 and means["recall5"] == 0.75 and means["recall20"] == 1.0


def test_a_difference_by_chance_is_told_from_one_that_is_none(bench: ModuleType) -> None:
    alike = [0.5 + 0.1 * (-1) ** n for n in range(100)]
    assert bench.p_value(alike, [0.5] * 100) > 0.9
    assert bench.p_value([0.6] * 100, [0.5] * 100) < 0.001


@pytest.mark.slow
@pytest.mark.weights
def test_speed_is_measured_on_an_index_of_any_size(bench: ModuleType) -> None:
    figures = bench.main((), large=40)["large"]
    assert figures["passages"] >= 40 and figures["query_ms_median"] > 0
