"""Points that no heading names are weighed by a model that tells likelihoods."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner import Brief, Limner
from limner.testing import ScriptedModel

HUT = """# The hut

## Nights

All hikers sleep in the loft. The day is long.

## Mornings

Porridge for hikers stands on the stove at seven. A day needs bread.

## Ways

The path leaves the road at the bridge. It takes an hour.
"""
BRIEF = Brief("The hut", sections=2, words=150, images=0, notes="Cover how hikers start the day.")


def tells(prompt: str, answer: str) -> float:
    """Sure that whoever reads of porridge asks how the day starts."""
    return -1.0 if "Porridge" in prompt else -60.0


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "hut.md").write_text(HUT)
    return tmp_path


def test_the_model_tells_which_topic_answers_and_the_receipt_says_so(documents: Path) -> None:
    model = ScriptedModel(["Mornings\nNights"], likelihood=tells)
    with Limner(model=model, embeddings="", knowledge=documents) as app:
        run = app.write(BRIEF)
    rows = {row["step"]: row["source"] for row in run.receipt}
    assert rows["weigh"] == "model"
    assert "Mornings" in run.output.markdown


def test_a_model_that_tells_no_likelihoods_is_not_asked(documents: Path) -> None:
    with Limner(model=ScriptedModel(["Nights\nMornings"]), embeddings="", knowledge=documents) as app:
        run = app.write(BRIEF)
    assert "weigh" not in {row["step"] for row in run.receipt}


def test_a_deterministic_run_weighs_whatever_the_clock_says(
    documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMNER_MODEL__DETERMINISTIC", "true")
    model = ScriptedModel(["Mornings\nNights"], likelihood=tells)
    with Limner(model=model, embeddings="", knowledge=documents) as app:
        run = app.write(BRIEF, deadline=15)
    assert "weigh" in {row["step"] for row in run.receipt}


def test_where_time_is_short_nothing_is_weighed(documents: Path) -> None:
    model = ScriptedModel(["Mornings\nNights"], likelihood=tells)
    with Limner(model=model, embeddings="", knowledge=documents) as app:
        run = app.write(BRIEF, deadline=15)
    assert "weigh" not in {row["step"] for row in run.receipt}
    assert run.output.sections
