"""When `answer` answers, and how often rightly: coverage and risk on SQuAD 2.0, as a table and a plot.

    python benchmarks/answerability.py FOLDER-OF-SQUAD2 [plot.png]

Each question is asked of its own paragraph. Thresholds were chosen on the paragraphs of one half, by a
hash of their ids; everything printed and drawn is of the other. An answer is wrong where the question has
none or where no sentence of the answer holds one of the right answers. Needs the stored MiniLM;
the plot needs matplotlib.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from limner.retrieval import Passage
from limner.retrieval.answer import answer

THRESHOLDS = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70)


@dataclass(frozen=True, slots=True)
class Row:
    """One question."""

    score: float
    answerable: bool
    right: bool
    """Whether the best sentences hold a right answer."""


def rows(folder: Path) -> list[Row]:
    """Ask the questions of the half that no threshold was chosen on."""

    def read(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]

    passages = {
        row["id"]: Passage(
            id=row["id"], text=row["text"], source=row["id"], heading=(row["title"].replace("_", " "),)
        )
        for row in read("passages.jsonl")
    }
    found = []
    for question in read("questions.jsonl"):
        if hashlib.sha256(question["doc_id"].encode()).digest()[0] % 2:
            continue
        given = answer(question["question"], [passages[question["doc_id"]]])
        right = any(each.lower() in given.text.lower() for each in question["answers"])
        found.append(Row(given.score, bool(question["answerable"]), right))
    return found


def curve(found: list[Row]) -> list[tuple[float, float]]:
    """Return (coverage, risk) for each number of questions answered, most certain first."""
    points, wrong = [], 0
    for count, row in enumerate(sorted(found, key=lambda row: -row.score), 1):
        wrong += not (row.answerable and row.right)
        points.append((count / len(found), wrong / count))
    return points


def table(found: list[Row]) -> str:
    """Return, by threshold, what is kept of the answerable and refused of the unanswerable."""
    lines = [
        "| score from | answerable kept | unanswerable refused | coverage | risk |",
        "|---|---|---|---|---|",
    ]
    for threshold in THRESHOLDS:
        given = [row for row in found if row.score >= threshold]
        kept = sum(row.answerable for row in given) / sum(row.answerable for row in found)
        refused = 1 - sum(not row.answerable for row in given) / sum(not row.answerable for row in found)
        risk = sum(not (row.answerable and row.right) for row in given) / max(1, len(given))
        lines.append(
            f"| {threshold:.2f} | {kept:.1%} | {refused:.1%} | {len(given) / len(found):.1%} | {risk:.1%} |"
        )
    return "\n".join(lines)


def plot(curves: dict[str, list[Row]], path: Path) -> None:
    """Draw the coverage/risk curves."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), dpi=120)
    for name, found in curves.items():
        coverage, risk = zip(*curve(found), strict=True)
        axes.plot(coverage[20:], risk[20:], label=name)
    axes.set(xlabel="coverage: share of questions answered", ylabel="risk: share of answers that are wrong")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    """Print the table; draw where a second argument names a file."""
    found = rows(Path(sys.argv[1]))
    print(table(found))
    if len(sys.argv) > 2:
        plot({"answer": found}, Path(sys.argv[2]))


if __name__ == "__main__":
    main()
