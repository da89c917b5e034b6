"""A process that is killed while it indexes leaves an index that answers, and that the next run finishes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limner.retrieval import KnowledgeBase

from .conftest import HashingEmbeddings

INDEXER = """
import hashlib, sys
from langchain_core.embeddings import Embeddings
from limner.retrieval import KnowledgeBase
from limner.retrieval.terms import content_stems

class Hashing(Embeddings):
    identity = "hashing"
    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]
    def embed_query(self, text):
        row = [0.0] * 256
        for found in content_stems(text):
            row[int.from_bytes(hashlib.sha256(found.encode()).digest()[:4], "big") % 256] += 1.0
        return row if any(row) else [1.0] + row[1:]

print("ready", flush=True)
KnowledgeBase(sys.argv[1], Hashing()).add(sys.argv[2])
print("done", flush=True)
"""


def write_documents(folder: Path, version: int, count: int = 60) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        lines = [f"Document {number} says code{number}v{version} about thing {line}." for line in range(12)]
        (folder / f"d{number}.txt").write_text(" ".join(lines), "utf-8")


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_indexing_killed_at_any_moment_ends_equal_to_a_clean_build(tmp_path: Path, kills: int) -> None:
    docs, folder = tmp_path / "docs", tmp_path / "kb"
    write_documents(docs, 0)
    with KnowledgeBase(folder, HashingEmbeddings()) as kb:
        kb.add(docs)
    chance = random.Random(5)
    for version in range(1, kills + 1):
        write_documents(docs, version)
        # Every third time the killed work is not finished first: faults may pile up.
        with subprocess.Popen(
            [sys.executable, "-c", INDEXER, str(folder), str(docs)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.02, 2.0))
            process.send_signal(signal.SIGKILL)
        with KnowledgeBase(folder, HashingEmbeddings()) as kb:
            assert len(kb.documents()) == 60
            for passage in kb.search(f"code7v{version} code7v{version - 1}", k=20):
                assert kb.text(passage.source)[passage.start : passage.end] == passage.text
            if version % 3:
                kb.add(docs)
    with (
        KnowledgeBase(folder, HashingEmbeddings()) as kb,
        KnowledgeBase(tmp_path / "clean", HashingEmbeddings()) as clean,
    ):
        kb.add(docs)
        clean.add(docs)
        for name in clean.documents():
            assert kb.passages_of(name) == clean.passages_of(name)
        for number in range(0, 60, 7):
            query = f"What does document {number} say about code{number}v{kills}?"
            found = kb.search(query, k=30)
            assert found == clean.search(query, k=30) and found[0].source == f"d{number}.txt"
        assert kb._index.vectors.count(kb._index.store.groups()) == kb._index.store.count("passages")
        assert kb.notes == []
