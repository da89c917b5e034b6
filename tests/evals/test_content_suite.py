"""The shipped content suite: its tasks are sound, and its key facts are in its documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.evals import load_suite
from limner.evals.match import covered
from limner.retrieval.find import find
from limner.retrieval.load import load
from limner.retrieval.sentences import sentences

SUITE = load_suite(Path(__file__).resolve().parents[2] / "evals" / "suites" / "content.yaml")


def windows(path: Path) -> list[str]:
    """Every two sentences that follow one another in a document."""
    said = [each.line for each in sentences(load(path, path.name).text)]
    return [" ".join(said[at : at + 2]) for at in range(len(said))]


@pytest.mark.parametrize("task", SUITE.tasks, ids=lambda task: task.id)
def test_every_key_fact_stands_in_the_documents(task) -> None:  # type: ignore[no-untyped-def]
    held = [window for _, path in find(SUITE.paths(task)) for window in windows(path)]
    assert [fact for fact in task.key_facts if not covered(fact, held)] == []
    assert 6 <= len(task.key_facts) <= 14
    assert [each for each in task.unwanted if not covered(each, held)] == []


def test_more_than_a_third_of_the_tasks_are_held_back() -> None:
    assert len(SUITE.tasks) >= 30
    assert len(SUITE.select(split="held")) == 13
