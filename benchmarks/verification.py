"""How often `verify` is right, by kind of sentence: prints the table of docs/verification.md.

    python benchmarks/verification.py [SPLIT ...] [--judge CHAT-MODEL]

The pairs lie in tests/retrieval/calibration.yaml. A third of the topics, by a hash of their names, is held
apart: rules and thresholds are tuned on the others. The second, third, fourth and sixth file are held apart,
too; the fifth, the seventh, the eighth, calibration_more.yaml and calibration_business.yaml are tuned on.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from limner.models import ChatLimner
from limner.retrieval import Judged, entailment_judge, verify

FOLDER = Path(__file__).parents[1] / "tests" / "retrieval"
Split = Literal["tune", "held", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
_AT_ONCE = 8
SPLITS: tuple[Split, ...] = get_args(Split)


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
        "calibration_fifth.yaml": "fifth",
        "calibration_seventh.yaml": "seventh",
        "calibration_eighth.yaml": "eighth",
        "calibration_second.yaml": "second",
        "calibration_third.yaml": "third",
        "calibration_fourth.yaml": "fourth",
        "calibration_sixth.yaml": "sixth",
    }
    for name, split in others.items():
        for topic, row in yaml.safe_load((FOLDER / name).read_text("utf-8")).items():
            yield topic, split, row


def results(split: Split, judge: Callable[[str, str], float] | None = None) -> list[Result]:
    """Judge the pairs of one split; with a judge several at once, which a model answers in one batch."""

    def judged(pair: Pair) -> Result:
        return Result(pair, verify(pair.text, pair.passages, judge=judge).sentences[0])

    chosen = [pair for pair in pairs() if pair.split == split]
    with ThreadPoolExecutor(1 if judge is None else _AT_ONCE) as threads:
        return list(threads.map(judged, chosen))


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
    parser = argparse.ArgumentParser(description="How often `verify` is right.")
    parser.add_argument("splits", nargs="*", choices=(*SPLITS, "all"), default="all")
    parser.add_argument("--judge", default="", help="reference of a chat model that is asked, too")
    given = parser.parse_args()
    with ExitStack() as open_models:
        judge = None
        if given.judge:
            model = ChatLimner(given.judge)
            open_models.callback(model.close)
            judge = entailment_judge(model)
        tables(SPLITS if "all" in given.splits else given.splits, judge)


def tables(splits: Sequence[Split], judge: Callable[[str, str], float] | None) -> None:
    """Print the table of each split."""
    for split in splits:
        began = time.perf_counter()
        found = results(split, judge)
        spent = 1000 * (time.perf_counter() - began) / len(found)
        print(f"## {split}\n\n{table(found)}\n\n{spent:.1f} ms a sentence, embeddings included.\n")
        if split == "tune":
            for each in found:
                if each.kept != each.pair.supported:
                    print(f"- {each.pair.topic}, {each.pair.kind}: {each.pair.text} ({each.judged.reason})")


if __name__ == "__main__":
    main()
