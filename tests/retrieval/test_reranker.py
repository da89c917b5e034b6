from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from limner.errors import InputError, UnavailableError
from limner.models.reranker import open_reranker
from limner.retrieval import KnowledgeBase

from .conftest import HashingEmbeddings


class ByLength:
    """Prefers long texts; waits where it is told to, or fails."""

    def __init__(self, wait: threading.Event | None = None, error: Exception | None = None) -> None:
        self.asked: list[Sequence[str]] = []
        self._wait, self._error = wait, error

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        self.asked.append(texts)
        if self._wait is not None:
            self._wait.wait(30)
        if self._error is not None:
            raise self._error
        return [min(1.0, len(text) / 1000) for text in texts]


def filled(folder: Path, reranker: ByLength | None) -> KnowledgeBase:
    kb = KnowledgeBase(folder, HashingEmbeddings(), reranker=reranker)
    for number in range(4):
        kb.add_text("Shoes can be returned. " + "Really so. " * number, f"d{number}")
    return kb


def test_a_reranker_orders_the_best_passages(tmp_path: Path) -> None:
    double = ByLength()
    with filled(tmp_path / "kb", double) as kb:
        found = kb.search("Can shoes be returned?", k=3)
        assert [passage.source for passage in found] == ["d3", "d2", "d1"]
        assert all(0 <= passage.score <= 1 for passage in found)
        assert len(double.asked[0]) == 4


def test_a_reranker_that_is_late_or_absent_leaves_the_order_and_a_note(tmp_path: Path) -> None:
    with filled(tmp_path / "kb", None) as kb:
        order = [passage.source for passage in kb.search("Can shoes be returned?", k=3)]
    release = threading.Event()
    doubles = (
        (ByLength(release), "deadline"),
        (ByLength(error=UnavailableError("No weights.", "")), "No weights"),
    )
    for double, said in doubles:
        with KnowledgeBase(tmp_path / "kb", HashingEmbeddings(), reranker=double) as kb:
            found = kb.search("Can shoes be returned?", k=3, deadline=time.monotonic() + 1)
            assert [passage.source for passage in found] == order
            assert said in kb.notes[0]
    release.set()


@pytest.mark.slow
def test_a_cross_encoder_is_loaded_from_a_folder(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"shoes can be returned gift cards".split()]
    (tmp_path / "vocab.txt").write_text("\n".join(words), "utf-8")
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(words), num_labels=1, **sizes)
    BertForSequenceClassification(config).save_pretrained(tmp_path / "tiny")
    BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path / "tiny")
    reranker = open_reranker(f"path:{tmp_path / 'tiny'}")
    scores = reranker.scores("shoes", ["shoes can be returned", "gift cards"])
    assert len(scores) == 2 and all(0 <= score <= 1 for score in scores)
    assert scores == reranker.scores("shoes", ["shoes can be returned", "gift cards"])


def test_a_reference_that_cannot_rerank_is_said(tmp_path: Path) -> None:
    for reference in ("openai:http://host:1/v1#m", "all-minilm-l6-v2"):
        with pytest.raises(InputError, match="path:FOLDER"):
            open_reranker(reference)
    with pytest.raises(UnavailableError, match=r"config\.json"):
        open_reranker(f"path:{tmp_path}").scores("a", ["b"])
