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
    pairs = bench.pairs()
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
    assert bench.share(found, True) >= 0.90
    assert bench.share(found, False) <= 0.03
    assert [each.pair.text for each in found if each.kept and each.pair.kind in EXACT] == []


@pytest.mark.slow
@pytest.mark.weights
def test_true_sentences_are_kept_on_the_topics_held_apart(bench: ModuleType) -> None:
    """The aim for corrupted ones, 5 %, is missed: 10.3 % was measured, and it may not get worse."""
    found = bench.results("held")
    assert bench.share(found, True) >= 0.85
    assert bench.share(found, False) <= 0.11
