"""Comparing, gating and reporting logs: what chance could do is not called a difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from limner.errors import InputError
from limner.evals import Report, compare, read_log
from limner.evals.comparison import bootstrap, holm, sign_test

HEADER = {"limner_eval": 1, "suite": "s", "suite_sha256": "0" * 64, "graph": "", "model": "m", "seed": 0}
HEADER |= {"unguarded": False, "version": "0", "plan": {}}


def log(path: Path, scores: Mapping[str, Sequence[float | None]], **header: Any) -> Path:
    """Write a log with these scores, one task each."""
    count = len(next(iter(scores.values())))
    rows: list[dict[str, Any]] = [HEADER | header]
    for number in range(count):
        row = {"task": f"t{number}", "repeat": 0, "kind": "content", "split": "tune", "error": ""}
        values = {name: each[number] for name, each in scores.items()} | {"completed": 1.0, "seconds": 1.0}
        rows.append(row | {"scores": values, "made": None, "missed": ["<b>"]})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("wins", "losses", "p"), [(5, 0, 0.0625), (3, 3, 1.0), (0, 0, 1.0), (9, 1, 0.021484375)]
)
def test_the_sign_test_is_the_exact_binomial(wins: int, losses: int, p: float) -> None:
    assert sign_test(wins, losses) == pytest.approx(p)


def test_holm_corrects_for_the_number_of_scorers_and_keeps_the_order() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_the_interval_is_the_same_for_the_same_seed_and_holds_the_mean() -> None:
    differences = [0.1, 0.2, 0.3, -0.1, 0.2]
    low, high = bootstrap(differences, 1)
    assert (low, high) == bootstrap(differences, 1)
    assert low < 0.14 < high


def test_a_steady_gain_is_significant_and_a_lucky_one_is_not(tmp_path: Path) -> None:
    a = log(tmp_path / "a.jsonl", {"coverage": [0.4] * 12, "supported": [0.9] * 12})
    mixed = [0.95, 0.85] * 6
    b = log(tmp_path / "b.jsonl", {"coverage": [0.5 + 0.01 * n for n in range(12)], "supported": mixed})
    rows = {row.scorer: row for row in compare(read_log(a), read_log(b)).rows}
    assert rows["coverage"].verdict == "better" and rows["coverage"].wins == 12
    assert rows["supported"].verdict == "" and rows["supported"].p == 1
    assert {row.scorer: row.verdict for row in compare(read_log(b), read_log(a)).rows}["coverage"] == "worse"


def test_only_what_both_scored_is_paired(tmp_path: Path) -> None:
    a = log(tmp_path / "a.jsonl", {"supported": [1.0, None, 1.0]})
    b = log(tmp_path / "b.jsonl", {"supported": [0.5, 0.5]})
    made = compare(read_log(a), read_log(b))
    assert made.unpaired == 1
    assert next(row.n for row in made.rows if row.scorer == "supported") == 1


def test_logs_of_different_suites_are_not_compared(tmp_path: Path) -> None:
    a = log(tmp_path / "a.jsonl", {"supported": [1.0]})
    b = log(tmp_path / "b.jsonl", {"supported": [1.0]}, suite_sha256="1")
    with pytest.raises(InputError, match="different suites"):
        compare(read_log(a), read_log(b))


def test_the_gate_holds_floors_and_the_baseline(tmp_path: Path) -> None:
    good = log(
        tmp_path / "good.jsonl", {"supported": [0.96 + 0.001 * n for n in range(20)], "repeated": [0.0] * 20}
    )
    bad = log(
        tmp_path / "bad.jsonl", {"supported": [0.9 + 0.001 * n for n in range(20)], "repeated": [0.1] * 20}
    )
    assert Report(read_log(good)).gate(0.95, good).passed
    held = Report(read_log(bad)).gate({"supported": 0.95, "repeated": 0.02}, good)
    faults = [check.name for check in held.checks if check.fault]
    assert faults == [
        "supported at least 0.95",
        "repeated at most 0.02",
        "supported no worse than the baseline",
        "repeated no worse than the baseline",
    ]
    junit = ElementTree.fromstring(held.to_junit("s"))
    assert junit.get("failures") == "4" and len(junit.findall("testcase/failure")) == 4
    with pytest.raises(InputError, match="no score 'style'"):
        Report(read_log(good)).gate({"style": 1})


def test_the_page_needs_nothing_else_and_escapes_what_was_written(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", {"supported": [1.0, 0.5], "ease": [70.0, -3.0]}, suite="<i>")
    page = Report(read_log(path)).save(tmp_path / "out")
    html = page.read_text()
    assert html.count("<svg") == 4 and "&lt;i&gt;" in html
    assert "<b>supported</b>" in html and "&lt;b&gt;" in html
    assert "http" not in html and "src=" not in html
    assert "| supported | higher | 2 | 0.750 |" in page.with_suffix(".md").read_text()


def test_a_file_that_is_no_log_is_told_with_its_line(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", {"supported": [1.0]})
    path.write_text(path.read_text() + "[]\n" + "{}\n")
    with pytest.raises(InputError, match="line 3: not a line"):
        read_log(path)
