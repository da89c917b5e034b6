"""A plan waits for a person, who says yes, changes it, or gives it up."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.fixture
def waiting(docs: Path, limner: Call) -> str:
    """The id of a run that waits with its plan."""
    brief = {"topic": "Returns and gift cards", "sections": 2, "words": 150, "images": 0}
    Path("brief.json").write_text(json.dumps(brief))
    done = limner("write", "brief.json", "--knowledge", str(docs), "--approve", "--json")
    assert done.code == 3
    assert done.json["status"] == "waiting"
    assert [set(section) for section in done.json["waiting_for"]["sections"]] == [
        {"title", "words", "from"}
    ] * 2
    return str(done.json["run_id"])


def titles(shown: dict[str, object]) -> list[str]:
    output = shown["output"]
    assert isinstance(output, dict)
    return [section["title"] for section in output["sections"]]


def test_yes_writes_the_plan_as_it_is(waiting: str, limner: Call) -> None:
    planned = limner("runs", "show", waiting, "--json").json["waiting_for"]["sections"]
    done = limner("runs", "approve", waiting, "--json").json
    assert (done["status"], titles(done)) == ("completed", [section["title"] for section in planned])


def test_as_many_titles_rename_the_sections_and_keep_their_material(waiting: str, limner: Call) -> None:
    done = limner("runs", "approve", waiting, "--answer", '{"titles": ["One", "Two"]}', "--json").json
    assert titles(done) == ["One", "Two"]
    assert all(sentence["citations"] for s in done["output"]["sections"] for sentence in s["sentences"])


def test_fewer_titles_make_a_shorter_article(waiting: str, limner: Call) -> None:
    planned = limner("runs", "show", waiting, "--json").json["waiting_for"]["sections"]
    answer = json.dumps({"titles": [planned[1]["title"]]})
    done = limner("runs", "approve", waiting, "--answer", answer, "--json").json
    assert titles(done) == [planned[1]["title"]]


def test_the_plan_can_be_changed_in_an_editor(
    waiting: str, limner: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = Path("editor.sh").absolute()
    editor.write_text('#!/bin/sh\nprintf "# a remark\\n\\nFirst of all\\nAfter that\\n" > "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VISUAL", str(editor))
    assert titles(limner("runs", "approve", waiting, "--edit", "--json").json) == [
        "First of all",
        "After that",
    ]


@pytest.mark.parametrize("answer", ["{", "[]", '"no"', '{"titles": []}'])
def test_an_answer_that_is_none_leaves_the_run_waiting(waiting: str, answer: str, limner: Call) -> None:
    assert limner("runs", "approve", waiting, "--answer", answer, "--json").error["hint"]
    assert limner("runs", "approve", waiting, "--json").json["status"] == "completed"


def test_a_cancelled_run_waits_no_longer_and_a_finished_one_cannot_be_cancelled(
    waiting: str, limner: Call
) -> None:
    assert limner("runs", "cancel", waiting, "--json").json["status"] == "cancelled"
    assert "it is cancelled" in limner("runs", "approve", waiting, "--json").error["message"]
    assert limner("runs", "cancel", waiting, "--json").error["hint"]
