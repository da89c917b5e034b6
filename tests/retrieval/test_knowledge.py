from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from limner.errors import BusyError, DocumentError, InputError, SettingsError, UnavailableError
from limner.retrieval import KnowledgeBase, Passage

from .conftest import HashingEmbeddings


def test_importing_retrieval_loads_nothing_heavy() -> None:
    code = (
        "import sys, limner.retrieval; from limner.retrieval import KnowledgeBase, verify, lead;"
        "heavy = ('chromadb', 'torch', 'transformers', 'langchain_core', 'sklearn', 'trafilatura');"
        "print([name for name in heavy if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_passages_are_found_with_their_place(tmp_path: Path, docs: Path, hashing: HashingEmbeddings) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        added = kb.add(docs)
        assert (added.documents, added.unchanged, added.skipped) == (3, 0, ())
        assert kb.documents() == ["guides/gifts.txt", "prices.csv", "returns.md"]
        best = kb.search("Can I return unworn shoes?", k=2)[0]
        assert (best.source, best.heading) == ("returns.md", ("Returns",))
        assert 0 < best.score <= 1
        for passage in kb.search("shoes gift mug refunds chest", k=50):
            assert kb.text(passage.source)[passage.start : passage.end] == passage.text
        assert kb.search("price of the blue mug")[0].text == "name: Mug, blue; price_usd: 12"
        assert kb.headings() == [("returns.md", ("Returns",)), ("returns.md", ("Returns", "Fees"))]
        assert kb.passages([best.id, "unknown"])[0].text == best.text
        assert kb.notes == []


def test_only_what_changed_is_embedded_again_and_deletes_follow(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(docs)
        hashing.embedded.clear()
        assert kb.add(docs).unchanged == 3 and hashing.embedded == []
        (docs / "guides/gifts.txt").write_text("Gift cards expire after two years.", "utf-8")
        (docs / "prices.csv").unlink()
        added = kb.add(docs)
        assert (added.documents, added.unchanged, added.removed) == (1, 1, 1)
        assert hashing.embedded == ["gifts\nGift cards expire after two years."]
        assert "never" not in kb.search("Do gift cards expire?")[0].text
        assert all(passage.source != "prices.csv" for passage in kb.search("mug price", k=50))


def test_add_keeps_other_folders_and_sync_does_not(tmp_path: Path, docs: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "returns.md").write_text("Another text about returns.", "utf-8")
    with KnowledgeBase(tmp_path / "kb") as kb:
        kb.add(docs)
        kb.add(other)
        assert "other/returns.md" in kb.documents() and "returns.md" in kb.documents()
        assert kb.sync([other]).removed == 3
        assert kb.documents() == ["other/returns.md"]
        kb.add_text("# Note\n\nA text in hand about gardens.", "note")
        assert kb.search("gardens")[0].source == "note"
        assert kb.add_text("# Note\n\nA text in hand about gardens.", "note").unchanged == 1
        kb.remove("note")
        assert kb.search("gardens") == []


def test_what_cannot_be_read_is_passed_over_in_a_folder_and_an_error_by_name(
    tmp_path: Path, docs: Path
) -> None:
    (docs / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    (docs / "empty.md").write_bytes(b"")
    with KnowledgeBase(tmp_path / "kb") as kb:
        added = kb.add(docs)
        assert added.documents == 3
        assert {skipped.document for skipped in added.skipped} == {"broken.pdf", "empty.md"}
        for strict, path in ((True, docs), (False, docs / "broken.pdf")):
            with pytest.raises(DocumentError):
                kb.add(path, strict=strict)
        with pytest.raises(InputError):
            kb.add(tmp_path / "missing")


def test_a_folder_with_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.png").write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match=r"a\.png"), KnowledgeBase(tmp_path / "kb") as kb:
        kb.add(tmp_path / "docs")


def test_words_serve_without_embeddings_and_vectors_come_later(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb") as kb:
        kb.add(docs)
        assert kb.search("unworn shoes")[0].source == "returns.md"
        assert kb.search('"quoted" AND (odd* syntax: NEAR/2 -shoes')[0].source == "returns.md"
        assert kb.search("???") == []
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        assert kb.add(docs).unchanged == 3
        assert len(hashing.embedded) == 6
        assert kb.search("unworn shoes")[0].source == "returns.md"


def test_a_search_can_be_kept_to_some_documents(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(docs)
        assert {passage.source for passage in kb.search("shoes", where={"source": "prices.csv"})} == {
            "prices.csv"
        }
        assert kb.search("shoes", where={"source": {"any": []}}) == []


@pytest.mark.parametrize(("query", "k"), [(" ", 3), ("shoes", 0), ("shoes", 100_000)])
def test_a_query_is_checked(tmp_path: Path, query: str, k: int) -> None:
    with pytest.raises(InputError):
        KnowledgeBase(tmp_path / "kb").search(query, k)


def test_an_index_of_nothing_answers_with_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    kb = KnowledgeBase(tmp_path / "kb")
    assert (kb.search("shoes"), kb.documents(), kb.headings()) == ([], [], [])
    assert not (tmp_path / "kb").exists()
    with pytest.raises(InputError, match="not in this knowledge base"):
        kb.text("returns.md")


def test_other_embeddings_than_the_index_was_made_with_are_refused(tmp_path: Path, docs: Path) -> None:
    with KnowledgeBase(tmp_path / "kb", HashingEmbeddings("one")) as kb:
        kb.add(docs)
    for other in (HashingEmbeddings("two", salt="x"), HashingEmbeddings("three", width=64)):
        with KnowledgeBase(tmp_path / "kb", other) as kb, pytest.raises(SettingsError, match="'one'"):
            kb.search("shoes")


def test_embeddings_that_cannot_be_had_leave_words_and_a_note(tmp_path: Path, docs: Path) -> None:
    def absent() -> Embeddings:
        raise UnavailableError("No weights.", "Pull them.")

    with KnowledgeBase(tmp_path / "kb", absent) as kb:
        kb.add(docs)
        assert kb.search("unworn shoes")[0].source == "returns.md"
        assert kb.notes == ["No weights. Pull them."]


def test_a_deadline_is_kept_while_the_embeddings_load(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(docs)
    release = threading.Event()

    def slow() -> Embeddings:
        release.wait(30)
        return hashing

    with KnowledgeBase(tmp_path / "kb", slow) as kb:
        began = time.monotonic()
        assert kb.search("unworn shoes", deadline=began + 0.1)[0].source == "returns.md"
        assert time.monotonic() - began < 5
        assert "deadline" in kb.notes[0]
        release.set()
        assert kb.search("unworn shoes", deadline=time.monotonic() + 30)[0].source == "returns.md"
        assert len(kb.notes) == 1


def test_indexing_stops_at_a_deadline_and_goes_on_later(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(docs, deadline=time.monotonic() - 1)
        assert hashing.embedded == [] and "deadline" in kb.notes[0]
        assert kb.search("unworn shoes")[0].source == "returns.md"
        kb.add(docs)
        assert len(hashing.embedded) == 6


def test_a_private_index_is_made_once_for_the_same_content(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    (docs / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    stages: list[str] = []
    with KnowledgeBase.private(
        [docs], tmp_path / "cache", hashing, progress=lambda stage, done, total: stages.append(stage)
    ) as kb:
        assert kb.built is not None and kb.built.documents == 3
        assert set(stages) == {"reading", "embedding"}
        first = kb.search("unworn shoes")
    hashing.embedded.clear()
    with KnowledgeBase.private([docs], tmp_path / "cache", hashing) as kb:
        assert kb.built is not None and (kb.built.documents, kb.built.unchanged) == (0, 3)
        assert [skipped.document for skipped in kb.built.skipped] == ["broken.pdf"]
        assert kb.search("unworn shoes") == first and hashing.embedded == []
    with pytest.raises(InputError):
        KnowledgeBase.private([docs], tmp_path / "cache", hashing, strict=True)
    (docs / "returns.md").write_text("Nothing about it.", "utf-8")
    with KnowledgeBase.private([docs], tmp_path / "cache", hashing) as kb:
        assert "unworn" not in kb.text("returns.md")


def test_one_process_writes_and_others_search_meanwhile(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    holding, done = threading.Event(), threading.Event()

    class Waiting(HashingEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            holding.set()
            done.wait(30)
            return super().embed_documents(texts)

    with (
        KnowledgeBase(tmp_path / "kb", Waiting("hashing")) as writer,
        KnowledgeBase(tmp_path / "kb", hashing) as other,
    ):
        thread = threading.Thread(target=writer.add, args=(docs,))
        thread.start()
        assert holding.wait(30)
        with pytest.raises(BusyError, match="writing"):
            other.add(docs)
        assert other.search("unworn shoes")[0].source == "returns.md"
        done.set()
        thread.join()
        assert other.search("unworn shoes")[0].score > 0.3


def test_a_reader_sees_what_another_process_files(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as reader:
        with KnowledgeBase(tmp_path / "kb", hashing) as writer:
            writer.add(docs / "returns.md")
            assert reader.search("unworn shoes")[0].source == "returns.md"
            writer.add(docs)
            writer.remove("returns.md")
        assert reader.search("gift cards")[0].source == "guides/gifts.txt"
        assert all(passage.source != "returns.md" for passage in reader.search("unworn shoes", k=50))


def test_a_damaged_vector_index_leaves_words_and_is_rebuilt(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(docs)
    for file in (tmp_path / "kb/chroma").rglob("*"):
        if file.is_file():
            file.write_bytes(b"rubbish" * 100)
    hashing.embedded.clear()
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        assert kb.search("unworn shoes")[0].source == "returns.md"
        assert "cannot be read" in kb.notes[0]
        kb.add(docs)
        assert hashing.embedded == []
        kb.notes.clear()
        assert kb.search("unworn shoes")[0].source == "returns.md" and kb.notes == []


class State(TypedDict, total=False):
    ticket: str
    passages: list[Passage]


async def test_a_node_reads_a_state_key_and_writes_passages(
    tmp_path: Path, docs: Path, hashing: HashingEmbeddings
) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(docs)
        graph: Any = StateGraph(State)
        graph.add_node("passages", kb.node(query="ticket", k=2))
        graph.add_edge(START, "passages")
        graph.add_edge("passages", END)
        state = await graph.compile().ainvoke({"ticket": "Can I return unworn shoes?"})
        assert state["passages"][0].source == "returns.md" and len(state["passages"]) == 2
        with pytest.raises(InputError, match="topic"):
            await kb.node(query="topic")({"ticket": "x"})


async def test_a_search_leaves_the_loop_free(tmp_path: Path, docs: Path, hashing: HashingEmbeddings) -> None:
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(docs)
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        found = await asyncio.gather(*(kb.asearch("unworn shoes") for _ in range(20)))
        ticking.cancel()
        assert all(each == found[0] for each in found) and ticks > 3


def test_a_passage_survives_json() -> None:
    passage = Passage(id="a", text="b", source="c", heading=("d",), page=2)
    assert Passage(**json.loads(passage.model_dump_json())) == passage
