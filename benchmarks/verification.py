"""How often `verify` is right, by kind of sentence: prints the table of docs/verification.md.

    python benchmarks/verification.py [tune|held|second|third|fourth]

The pairs lie in tests/retrieval/calibration.yaml. A third of the topics, by a hash of their names, is held
apart: rules and thresholds are tuned on the others. calibration_second.yaml and
calibration_third.yaml are held apart, too; calibration_more.yaml is tuned on.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from limner.retrieval import Judged, verify

FOLDER = Path(__file__).parents[1] / "tests" / "retrieval"
Split = Literal["tune", "held", "second", "third", "fourth"]
SPLITS: tuple[Split, ...] = ("tune", "held", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, what it is held against, and what is true of it."""

    topic: str
    split: Split
    passages: tuple[str, ...]
    text: str
    supported: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """A pair and the verdict on it."""

    pair: Pair
    judged: Judged

    @property
    def kept(self) -> bool:
        """Whether the sentence passed."""
        return self.judged.status == "supported"


def pairs() -> list[Pair]:
    """Return all pairs, in the order of the files."""
    return [
        Pair(topic, split, tuple(row["passages"]), text, label == "supported", kind)
        for topic, split, row in _topics()
        for label in ("supported", "corrupted")
        for kind, texts in row[label].items()
        for text in texts
    ]


def first_topics() -> frozenset[str]:
    """Return the topics of the first file."""
    return frozenset(yaml.safe_load((FOLDER / "calibration.yaml").read_text("utf-8")))


def _topics() -> Iterator[tuple[str, Split, dict[str, Any]]]:
    for topic, row in yaml.safe_load((FOLDER / "calibration.yaml").read_text("utf-8")).items():
        yield topic, "held" if hashlib.sha256(topic.encode()).digest()[0] % 3 == 0 else "tune", row
    others: dict[str, Split] = {
        "calibration_more.yaml": "tune",
        "calibration_business.yaml": "tune",
        "calibration_second.yaml": "second",
        "calibration_third.yaml": "third",
        "calibration_fourth.yaml": "fourth",
    }
    for name, split in others.items():
        for topic, row in yaml.safe_load((FOLDER / name).read_text("utf-8")).items():
            yield topic, split, row


def results(split: Split) -> list[Result]:
    """Judge the pairs of one split."""
    return [
        Result(pair, verify(pair.text, pair.passages).sentences[0]) for pair in pairs() if pair.split == split
    ]


def share(found: list[Result], supported: bool, kinds: tuple[str, ...] = ()) -> float:
    """Return the share of sentences that passed, of those that are or are not supported; 0 where none is."""
    passed = [
        each.kept
        for each in found
        if each.pair.supported == supported and (not kinds or each.pair.kind in kinds)
    ]
    return sum(passed) / len(passed) if passed else 0.0


def table(found: list[Result]) -> str:
    """Return a Markdown table: by kind, how many passed of how many."""
    counts = Counter((each.pair.supported, each.pair.kind) for each in found)
    passed = Counter((each.pair.supported, each.pair.kind) for each in found if each.kept)
    rows = ["| kind | sentences | passed |", "|---|---|---|"]
    for supported in (True, False):
        named = "supported" if supported else "corrupted"
        mine = {kind: count for (label, kind), count in counts.items() if label is supported}
        rows += [f"| {named}: {kind} | {count} | {passed[supported, kind]} |" for kind, count in mine.items()]
        total = sum(each for (label, _), each in passed.items() if label is supported)
        rows.append(f"| **{named}** | {sum(mine.values())} | {total} ({share(found, supported):.1%}) |")
    true, false = (
        sum(each for (label, _), each in passed.items() if label is value) for value in (True, False)
    )
    precision = true / (true + false) if true + false else 0.0
    rows.append(f'\nPrecision of "supported" {precision:.1%}, recall {share(found, True):.1%}.')
    return "\n".join(rows)


def main() -> None:
    """Print the tables."""
    for split in [each for each in SPLITS if each in sys.argv[1:] or not sys.argv[1:]]:
        began = time.perf_counter()
        found = results(split)
        spent = 1000 * (time.perf_counter() - began) / len(found)
        print(f"## {split}\n\n{table(found)}\n\n{spent:.1f} ms a sentence, embeddings included.\n")
        if split == "tune":
            for each in found:
                if each.kept != each.pair.supported:
                    print(f"- {each.pair.topic}, {each.pair.kind}: {each.pair.text} ({each.judged.reason})")


if __name__ == "__main__":
    main()
