"""Local embeddings, over a tiny random sentence-transformers model."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError, UnavailableError
from limner.models import LocalEmbeddings, Store, open_embeddings
from limner.models.vector_cache import VectorCache
from limner.retrieval import KnowledgeBase

WORDS = "the a sandal shoe return ship parcel day thirty no yes what".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    base = tmp_path_factory.mktemp("bert")
    (base / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), "utf-8"
    )
    BertTokenizerFast(str(base / "vocab.txt")).save_pretrained(base)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=24,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(base)
    transformer = Transformer(str(base), max_seq_length=8)
    model = SentenceTransformer(modules=[transformer, Pooling(24), Normalize()], device="cpu")
    out = tmp_path_factory.mktemp("embedder")
    model.save(str(out), create_model_card=False)
    return out


@pytest.fixture
def embeddings(folder: Path, tmp_path: Path) -> Iterator[LocalEmbeddings]:
    opened = open_embeddings(f"path:{folder}", Store(tmp_path))
    yield opened
    opened.close()


def test_vectors_have_the_models_width_and_length_one(embeddings: LocalEmbeddings) -> None:
    vectors = embeddings.embed_documents(["the sandal", "a shoe", "yes"])
    assert [len(vector) for vector in vectors] == [embeddings.width] * 3 == [24] * 3
    assert all(sum(x * x for x in vector) == pytest.approx(1, abs=1e-5) for vector in vectors)
    assert embeddings.embed_query("a shoe") == pytest.approx(vectors[1], abs=1e-5)


def test_no_texts_make_no_vectors(embeddings: LocalEmbeddings) -> None:
    assert embeddings.embed_documents([]) == []


def test_a_text_past_the_models_length_counts_by_its_beginning(embeddings: LocalEmbeddings) -> None:
    beginning = "the sandal shoe return ship parcel"
    assert embeddings.embed_query(f"{beginning} yes no") == pytest.approx(
        embeddings.embed_query(f"{beginning} what day"), abs=1e-5
    )


def test_the_identity_follows_the_content(folder: Path, tmp_path: Path, embeddings: LocalEmbeddings) -> None:
    import shutil

    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    assert LocalEmbeddings(copy).identity == embeddings.identity
    (copy / "config.json").write_text((copy / "config.json").read_text("utf-8") + " ", "utf-8")
    assert LocalEmbeddings(copy).identity != embeddings.identity


def test_many_threads_load_one_model_and_agree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sentence_transformers

    loads = []
    real = sentence_transformers.SentenceTransformer

    def counted(*arguments: Any, **options: Any) -> Any:
        loads.append(threading.get_ident())
        return real(*arguments, **options)

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", counted)
    users = [LocalEmbeddings(folder) for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        vectors = list(pool.map(lambda user: user.embed_query("the parcel"), users))
    for user in users:
        user.close()
    assert len(loads) == 1
    assert all(vector == pytest.approx(vectors[0], abs=1e-5) for vector in vectors)


def test_the_last_one_to_close_ends_the_thread(folder: Path) -> None:
    before = threading.active_count()
    one, two = LocalEmbeddings(folder), LocalEmbeddings(folder)
    assert one.embed_query("yes") == two.embed_query("yes")
    one.close()
    assert len(two.embed_query("no")) == 24
    two.close()
    assert threading.active_count() == before
    with pytest.raises(UnavailableError, match="closed"):
        two.embed_query("yes")


async def test_embedding_leaves_the_event_loop_free(
    embeddings: LocalEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limner.models import embeddings as module

    release = threading.Event()
    real = module._load

    def slow(folder: Path) -> Any:
        release.wait(30)
        return real(folder)

    monkeypatch.setattr(module, "_load", slow)
    task = asyncio.create_task(embeddings.aembed_documents(["yes", "no"]))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    release.set()
    assert len(await task) == 2


def test_several_event_loops_use_one_model(embeddings: LocalEmbeddings) -> None:
    async def ask(text: str) -> list[list[float]]:
        return await asyncio.gather(*[embeddings.aembed_query(text) for _ in range(4)])

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda text: asyncio.run(ask(text)), ["yes", "no", "yes"]))
    for first, second in zip(answers[0], answers[2], strict=True):
        assert first == pytest.approx(second, abs=1e-5)


def test_what_was_embedded_before_needs_no_model(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    first = LocalEmbeddings(folder, cache=VectorCache(path))
    before = first.embed_documents(["yes", "no", "yes"])
    first.close()
    again = LocalEmbeddings(folder, cache=VectorCache(path))
    assert again.embed_documents(["no", "yes"]) == [before[1], before[0]]
    assert asyncio.run(again.aembed_query("yes")) == before[0]
    assert not again.stats().loaded


def test_what_the_caller_keeps_is_not_kept_twice(folder: Path, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    with KnowledgeBase(tmp_path / "kb", embeddings := LocalEmbeddings(folder, cache=cache)) as base:
        base.add_text("The sandal can be returned within thirty days.", "returns")
        base.search("Can a sandal be returned?")
    embeddings.close()
    (kept,) = sqlite3.connect(tmp_path / "vectors.sqlite").execute("SELECT count(*) FROM vectors").fetchone()
    assert kept == 2  # the question, and the probe that tells embeddings apart


def test_weights_that_are_absent_name_the_command_that_fetches_them(tmp_path: Path) -> None:
    embeddings = open_embeddings("all-minilm-l6-v2", Store(tmp_path))
    with pytest.raises(UnavailableError, match="limner models pull all-minilm-l6-v2"):
        embeddings.embed_query("yes")


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"config\.json"):
        open_embeddings(f"path:{tmp_path}", Store(tmp_path)).embed_query("yes")


@pytest.mark.parametrize("reference", ["smollm2-135m-instruct", "scripted:x.json", "nonsense-model"])
def test_a_reference_to_something_else_is_refused(tmp_path: Path, reference: str) -> None:
    with pytest.raises(InputError):
        open_embeddings(reference, Store(tmp_path))
