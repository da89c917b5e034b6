"""`limner eval`: run, resume, compare, report and gate, as a person or a program uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
SUITE = """name: small
tasks:
  - id: a
    kind: content
    knowledge: [docs]
    brief: {topic: How returns work, words: 150, sections: 1, images: 0}
  - id: b
    kind: content
    split: held
    knowledge: [docs]
    brief: {topic: The label, words: 150, sections: 1, images: 0}
"""


@pytest.fixture
def suite(docs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIMNER_MODELS", str(docs.parent / "no-models"))
    path = docs.parent / "small.yaml"
    path.write_text(SUITE)
    return path


def test_a_suite_is_run_and_its_scores_printed(limner: Call, suite: Path, workplace: Path) -> None:
    done = limner("eval", "run", suite)
    assert done.code == 0 and "supported" in done.out and "1.000" in done.out
    assert done.err.splitlines() == ["1/2 a", "2/2 b", "small-no-model.jsonl"]
    again = limner("eval", "run", suite, "--json")
    assert again.json["samples"] == 2 and again.err == ""
    assert again.json["means"][0]["scorer"] == "completed"


def test_a_log_is_resumed_as_it_was_begun(limner: Call, suite: Path, workplace: Path) -> None:
    assert limner("eval", "run", suite, "--out", "log.jsonl", "--seed", 3, "--repeats", 2).code == 0
    lines = Path("log.jsonl").read_text().splitlines(keepends=True)
    Path("log.jsonl").write_text("".join(lines[:3]) + '{"task": "torn')
    done = limner("eval", "resume", "log.jsonl", "--json")
    assert (done.code, done.json["samples"], done.json["seed"]) == (0, 4, 3)
    assert [json.loads(line)["task"] for line in Path("log.jsonl").read_text().splitlines()[1:]] == [
        "a",
        "b",
    ] * 2


def test_a_part_of_a_suite_can_be_chosen(limner: Call, suite: Path) -> None:
    held = limner("eval", "run", suite, "--split", "held", "--out", "held.jsonl")
    assert held.err.splitlines()[0] == "1/1 b"
    only = limner("eval", "run", suite, "--only", "a", "--out", "only.jsonl")
    assert only.err.splitlines()[0] == "1/1 a"


def test_two_logs_are_compared(limner: Call, suite: Path) -> None:
    limner("eval", "run", suite, "--out", "a.jsonl")
    limner("eval", "run", suite, "--out", "b.jsonl", "--seed", 1)
    done = limner("eval", "compare", "a.jsonl", "b.jsonl", "--json")
    row = next(row for row in done.json["rows"] if row["scorer"] == "supported")
    assert (row["n"], row["difference"], row["verdict"]) == (2, 0, "")
    table = limner("eval", "compare", "a.jsonl", "b.jsonl")
    assert "p (Holm)" in table.out and "A is a, B is b" in table.err


def test_a_gate_that_fails_exits_with_4_and_writes_junit(limner: Call, suite: Path) -> None:
    limner("eval", "run", suite, "--out", "a.jsonl")
    good = limner("eval", "gate", "a.jsonl", "--floor", "supported=0.95", "--baseline", "a.jsonl")
    assert good.code == 0 and "fails" not in good.out
    bad = limner("eval", "gate", "a.jsonl", "--floor", "words=1", "--json")
    assert bad.code == 2 and "words" in bad.error["message"]
    bad = limner("eval", "gate", "a.jsonl", "--floor", "length_off=0.01", "--junit", "junit.xml", "--json")
    assert bad.code == 4 and bad.json["passed"] is False
    assert "<failure" in Path("junit.xml").read_text()


def test_a_report_is_written(limner: Call, suite: Path, workplace: Path) -> None:
    limner("eval", "run", suite, "--out", "a.jsonl")
    done = limner("eval", "report", "a.jsonl", "--out", "site")
    assert done.out.strip() == str(workplace / "site" / "a.html")
    assert (workplace / "site" / "a.md").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "missing.yaml"), "Cannot read the suite"),
        (("run", "small.yaml", "--only", "z"), "has no task 'z'"),
        (("run", "small.yaml", "--unguarded"), "no model"),
        (("run", "small.yaml", "--deadline", "0"), "above 0"),
        (("report", "small.yaml"), "line 1: not a line"),
        (("gate", "small.yaml", "--floor", "x"), "SCORE=NUMBER"),
        (("resume", "missing.jsonl"), "Cannot read the log"),
    ],
)
def test_bad_input_is_told_in_one_line(
    refused: Callable[..., str], suite: Path, arguments: tuple[str, ...], told: str
) -> None:
    assert told in refused("eval", *arguments)
