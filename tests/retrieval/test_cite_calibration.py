"""The bars of verification, on sentences of topics that no rule was tuned on (and on those it was)."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
EXACT = ("number", "unit", "date", "negation")
"""Kinds of which none may pass."""


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "benchmark_verification", ROOT / "benchmarks" / "verification.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_pairs_are_many_of_every_kind_and_a_third_is_held_apart(bench: ModuleType) -> None:
    every = bench.pairs()
    assert sum(pair.split == "second" for pair in every) >= 150
    assert len({(pair.topic, pair.text) for pair in every}) == len(every)
    first = bench.first_topics()
    pairs = [pair for pair in every if pair.topic in first]
    assert len(pairs) >= 330
    assert len({pair.topic for pair in pairs}) >= 12
    assert 0.28 <= sum(pair.split == "held" for pair in pairs) / len(pairs) <= 0.38
    kinds = Counter((pair.supported, pair.kind) for pair in pairs)
    assert len(kinds) == 9 + 12 and min(kinds.values()) >= 6
    assert len({pair.text for pair in pairs}) == len(pairs)


@pytest.mark.slow
@pytest.mark.weights
def test_true_sentences_are_kept_and_corrupted_ones_are_not_on_the_topics_tuned_on(bench: ModuleType) -> None:
    found = bench.results("tune")
    topics = bench.first_topics()
    first = [each for each in found if each.pair.topic in topics]
    assert bench.share(first, True) >= 0.95
    assert bench.share(first, False) <= 0.01
    # with the harder ones that were added later
    assert bench.share(found, True) >= 0.84
    assert bench.share(found, False) <= 0.028
    assert [
        each.pair.text for each in found if not each.pair.supported and each.kept and each.pair.kind in EXACT
    ] == ["The families stayed there in winter."]


@pytest.mark.slow
@pytest.mark.weights
def test_true_sentences_are_kept_on_the_topics_held_apart(bench: ModuleType) -> None:
    found = bench.results("held")
    assert bench.share(found, True) >= 0.85
    assert bench.share(found, False) <= 0.05
    assert bench.share(found, False, EXACT) == 0


@pytest.mark.slow
@pytest.mark.weights
def test_true_sentences_are_kept_on_the_second_set_held_apart(bench: ModuleType) -> None:
    """The aim for true ones, 85 %, is missed: 80.9 % were measured, and it may not get worse."""
    found = bench.results("second")
    assert bench.share(found, True) >= 0.80
    assert bench.share(found, False) <= 0.05
    assert bench.share(found, False, ("number", "unit", "date")) == 0


@pytest.mark.slow
@pytest.mark.weights
def test_half_of_the_free_paraphrases_of_the_third_set_are_kept(bench: ModuleType) -> None:
    """Both aims are missed: 50.8 % and 6.5 % were measured, and it may not get worse."""
    found = bench.results("third")
    assert bench.share(found, True) >= 0.5
    assert bench.share(found, False) <= 0.07
    assert bench.share(found, False, ("number", "unit", "date")) == 0


@pytest.mark.slow
@pytest.mark.weights
def test_two_thirds_of_the_business_sentences_of_the_fourth_set_are_kept(bench: ModuleType) -> None:
    """Both aims are missed: 67.8 % and 10.9 % were measured, and it may not get worse."""
    found = bench.results("fourth")
    assert bench.share(found, True) >= 0.67
    assert bench.share(found, False) <= 0.11
    assert bench.share(found, False, ("number", "unit", "date")) == 0


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.parametrize(
    ("split", "kept", "passed"), [("fifth", 0.45, 0.025), ("seventh", 0.75, 0.02), ("eighth", 0.84, 0.03)]
)
def test_the_later_sets_that_were_tuned_on_stay_as_good(
    bench: ModuleType, split: str, kept: float, passed: float
) -> None:
    found = bench.results(split)
    assert bench.share(found, True) >= kept
    assert bench.share(found, False) <= passed
    assert bench.share(found, False, EXACT) == 0
