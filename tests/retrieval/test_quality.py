"""How well passages are found, on public questions; skips where the data is not beside the repository."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from limner.models import Store, open_embeddings
from limner.retrieval import KnowledgeBase

from ..conftest import STORE

DATA = Path(__file__).parents[3] / "shared" / "data" / "squad2"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="shared/data/squad2 is not here")


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def gain(base: KnowledgeBase, folder: Path, step: int) -> float:
    """Index each paragraph as a text file and return the mean nDCG@10 of the answerable questions."""
    names = {}
    for number, row in enumerate(rows("passages.jsonl")):
        names[row["id"]] = f"{number}.txt"
        (folder / names[row["id"]]).write_text(row["text"], "utf-8")
    base.add(folder)
    asked = [row for row in rows("questions.jsonl") if row["answerable"]][::step]
    total = 0.0
    for row in asked:
        found = list(dict.fromkeys(passage.source for passage in base.search(row["question"], k=30)))[:10]
        right = names[row["doc_id"]]
        total += 1 / math.log2(found.index(right) + 2) if right in found else 0.0
    return total / len(asked)


def test_the_right_paragraph_is_found_by_words(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    with KnowledgeBase(tmp_path / "kb") as base:
        assert gain(base, tmp_path / "docs", step=5) >= 0.88


@pytest.mark.slow
@pytest.mark.weights
def test_the_right_paragraph_is_found_by_meaning_and_words(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    with KnowledgeBase(tmp_path / "kb", open_embeddings("all-minilm-l6-v2", Store(STORE))) as base:
        assert gain(base, tmp_path / "docs", step=3) >= 0.91
