"""Drawings fit the subject."""

from __future__ import annotations

import pytest
from langchain_core.embeddings import Embeddings

from limner.models import LocalEmbeddings, Store
from limner.pictures.icons import all_icons, choose
from limner.settings import load_settings


def names(subject: str, embeddings: Embeddings | None = None) -> list[str]:
    return [icon.name for icon in choose(subject, embeddings)]


class Broken(Embeddings):
    """Raises, or speaks of other things."""

    def __init__(self, vector: list[float] | None) -> None:
        self.vector = vector

    def embed_query(self, text: str) -> list[float]:
        if self.vector is None:
            raise RuntimeError("gone")
        return self.vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


def test_without_embeddings_words_choose() -> None:
    assert names("a hiking boot")[0] == "hiking boot"
    assert names("returns and refunds")[0] in ("package", "receipt", "money with wings")
    assert names("qwzx") == names("") == names("!!! 123") == []


@pytest.mark.parametrize("vector", [None, [1.0] + [0.0] * 383, [1.0, 0.0]], ids=["raise", "other", "short"])
def test_embeddings_of_another_model_or_none_leave_it_to_the_words(vector: list[float] | None) -> None:
    assert names("a hiking boot", Broken(vector)) == names("a hiking boot")


def test_the_names_of_drawings_are_their_own() -> None:
    icons = all_icons()
    assert 300 <= len(icons) <= 850
    assert len({icon.name for icon in icons}) == len(icons)


@pytest.mark.weights
def test_with_embeddings_meaning_chooses() -> None:
    settings = load_settings(None)
    store = Store(settings.models_folder, settings.mirrors)
    if not store.show("all-minilm-l6-v2").entry.present:
        pytest.skip("all-minilm-l6-v2 is not in the store")
    minilm = LocalEmbeddings(store.path("all-minilm-l6-v2"))
    for subject, name in [
        ("how to send something back", "package"),
        ("keeping your login safe", "locked"),
        ("a guide to baking loaves", "bread"),
        ("neural networks", "robot"),
    ]:
        assert name in names(subject, minilm), subject
