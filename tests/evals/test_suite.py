"""Task files: what they may hold, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import InputError
from limner.evals import load_suite
from limner.evals.match import stands_in


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("45 days", "Within 45 days.", True),
        ("45 days", "Within 145 days.", False),
        ("boots && 45 days", "45 days for BOOTS", True),
        ("boots && 45 days", "90 days for boots", False),
        ("/exchang(e|ing)/", "By exchanging it", True),
        ("$6.95", "It costs $6.95.", True),
        ("carrier's", "the carrier’s\n counter", True),
    ],
)
def test_a_pattern_is_text_or_parts_of_one_place_or_an_expression(
    pattern: str, text: str, found: bool
) -> None:
    assert stands_in(pattern, text) is found


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "s.yaml",
            "tasks:\n  - id: a\n    kind: single\n    input: {}\n",
            "line 2: tasks.0.expect: Field required",
        ),
        ("s.yaml", "tasks:\n  - id: a b\n    kind: single\n", "line 2: tasks.0.id"),
        ("s.yaml", "tasks:\n  - id: a\n    kind: poem\n", "line 2: tasks.0: Input tag 'poem'"),
        ("s.yaml", "tasks: [\n", "line 2: not valid YAML"),
        ("s.yaml", "tasks: []\n", "line 1: tasks"),
        ("s.yaml", "- 1\n", "holds no fields"),
        ("s.jsonl", '{"name": "s"}\n\n{"id": "a", "kind": "single"}\n', "line 3: tasks.0.input"),
        ("s.jsonl", '{"id": "a", \n', "line 1: not valid JSON"),
        (
            "s.yaml",
            "tasks:\n  - id: a\n    kind: dialogue\n    turns:\n      - say: Hi\n        all: [/(/]\n",
            "line 6: tasks.0.turns.0.all.0: Value error, not a regular expression",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(place: Path, name: str, text: str, told: str) -> None:
    (place / name).write_text(text)
    with pytest.raises(InputError) as raised:
        load_suite(place / name)
    assert told in str(raised.value)


def test_the_suite_in_the_documentation_is_one(place: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "evals.md").read_text("utf-8")
    (place / "desk.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    suite = load_suite(place / "desk.yaml")
    assert [task.kind for task in suite.tasks] == ["content", "dialogue", "single"]
    assert suite.select(split="held")[0].id == "returns-article"


def test_a_wrong_brief_names_the_field(place: Path) -> None:
    (place / "s.yaml").write_text(
        "tasks: [{id: a, knowledge: [docs], kind: content, brief: {topic: x, words: 3}}]"
    )
    with pytest.raises(InputError, match="words"):
        load_suite(place / "s.yaml")


def test_a_second_task_of_the_same_name_is_refused(place: Path) -> None:
    row = '{"id": "a", "kind": "single", "input": {}, "expect": {"scorer": "exact", "value": "x"}}\n'
    (place / "s.jsonl").write_text(row * 2)
    with pytest.raises(InputError, match="line 2: a second task 'a'"):
        load_suite(place / "s.jsonl")


def test_the_hash_changes_with_the_documents(place: Path) -> None:
    suite = load_suite(place / "content.yaml")
    before = suite.sha256
    assert load_suite(place / "content.yaml").sha256 == before
    (place / "docs" / "more.md").write_text("# More\n\nThere is more.\n")
    assert suite.sha256 != before
