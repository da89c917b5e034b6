"""A deterministic stand-in for an embedding model, and a small shop's documents."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings

from limner.errors import UnavailableError
from limner.retrieval import likeness
from limner.retrieval.embedder import Embedder
from limner.retrieval.terms import content_stems

SHOP = """# Returns

You can return unworn shoes within 30 days of delivery. Worn shoes are not accepted.

## Fees

- A return label costs $5.95.
- Refunds take five days, until 1 p.m. Eastern on the last one.

| Size | Chest |
|------|-------|
| S    | 90 cm |
"""


class HashingEmbeddings(Embeddings):
    """Puts each stem into one of 256 places; counts what it is asked."""

    def __init__(self, name: str = "hashing", width: int = 256, salt: str = "") -> None:
        self.identity = name
        self.embedded: list[str] = []
        self._width, self._salt = width, salt

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        row = [0.0] * self._width
        for found in content_stems(text):
            digest = hashlib.sha256((self._salt + found).encode()).digest()
            row[int.from_bytes(digest[:4], "big") % self._width] += 1.0
        return row if any(row) else [1.0, *row[1:]]


@pytest.fixture
def hashing() -> HashingEmbeddings:
    return HashingEmbeddings()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with a Markdown file, a table and a page."""
    folder = tmp_path / "docs"
    (folder / "guides").mkdir(parents=True)
    (folder / "returns.md").write_text(SHOP, "utf-8")
    (folder / "prices.csv").write_text('name,price_usd\n"Mug, blue",12\nPlate,8.50\n', "utf-8")
    (folder / "guides" / "gifts.txt").write_text(
        "Gift cards never expire. They can be used online.\n", "utf-8"
    )
    return folder


@pytest.fixture
def by_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure likeness by words, as where no weights are stored."""

    def absent() -> Embeddings:
        raise UnavailableError("No weights.", "Pull them.")

    monkeypatch.setattr(likeness, "_stored", lambda: Embedder(absent))
