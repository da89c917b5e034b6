"""`limner knowledge`: documents are added, searched, listed and removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.fixture
def stored(docs: Path, limner: Call) -> Path:
    """Two documents in the stored knowledge base."""
    (docs / "wool.md").write_text(
        "# Wool\n\nWash wool by hand in cold water, and dry it flat in the shade.\n"
    )
    assert limner("knowledge", "add", docs).code == 0
    return docs


def test_add_tells_what_is_new_unchanged_and_left_out(stored: Path, limner: Call) -> None:
    (stored / "new.md").write_text("Parcels leave the warehouse on the next working day.\n")
    (stored / "empty.pdf").touch()
    told = limner("knowledge", "add", stored, "--json").json
    assert list(told) == ["documents", "passages", "unchanged", "removed", "skipped"]
    assert (told["documents"], told["unchanged"], told["removed"]) == (1, 2, 0)
    assert [left["document"] for left in told["skipped"]] == ["empty.pdf"]
    done = limner("knowledge", "add", stored)
    assert done.out.startswith("0 documents in 0 passages; 3 unchanged")
    assert "left out" in done.err and "empty.pdf" in done.err


def test_search_prints_passages_that_are_slices_of_their_source(stored: Path, limner: Call) -> None:
    found = limner("knowledge", "search", "washing wool", "-k", 2, "--json").json
    assert found[0]["source"] == "wool.md" and 1 <= len(found) <= 2
    for passage in found:
        assert {"id", "text", "source", "start", "end", "heading", "score"} <= passage.keys()
        text = (stored / passage["source"]).read_text()
        assert text[passage["start"] : passage["end"]] == passage["text"]
    people = limner("knowledge", "search", "washing wool", "-k", 1)
    assert "wool.md › Wool" in people.out and "Wash wool by hand" in people.out


def test_search_of_nothing_stored_finds_nothing(limner: Call) -> None:
    assert limner("knowledge", "search", "boots", "--json").json == []


def test_a_batch_ranks_each_document_once(stored: Path, limner: Call) -> None:
    queries = [{"id": "w", "query": "washing wool"}, {"id": 2, "query": "how long may I return boots"}]
    Path("in.jsonl").write_text("\n\n".join(map(json.dumps, queries)) + "\n")
    done = limner("knowledge", "search", "--batch", "in.jsonl", "--out", "out.jsonl", "--knowledge", stored)
    assert (done.code, done.out) == (0, "")
    rows = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [list(row) for row in rows] == [["id", "ranked", "ms"]] * 2
    assert [row["id"] for row in rows] == ["w", 2]
    assert [row["ranked"][0] for row in rows] == ["wool.md", "returns.md"]
    assert all(len(set(row["ranked"])) == len(row["ranked"]) and row["ms"] > 0 for row in rows)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"id": 1, "query": "x"}\n{"id": 2}\n', "in.jsonl, line 2: no 'id' and 'query'"),
        (b'{"id": 1, "query": "x"}\n{"id"\n', "in.jsonl, line 2: not valid JSON"),
        (b'{"id": 1, "query": " "}\n', "in.jsonl, line 1: the query is blank"),
        (b"[1]\n", "in.jsonl, line 1"),
        (b"\xff\xfe\n", "'in.jsonl' is not UTF-8"),
    ],
    ids=["no-query", "cut", "blank", "list", "bytes"],
)
def test_a_wrong_batch_names_its_line_and_writes_nothing(
    content: bytes, says: str, stored: Path, refused: Callable[..., str]
) -> None:
    Path("in.jsonl").write_bytes(content)
    assert says in refused("knowledge", "search", "--batch", "in.jsonl", "--out", "out.jsonl")
    assert not Path("out.jsonl").exists()


def test_a_query_and_a_batch_exclude_each_other(refused: Callable[..., str]) -> None:
    assert "one of the two" in refused("knowledge", "search", "boots", "--batch", "in.jsonl")
    assert "--out" in refused("knowledge", "search", "--batch", "in.jsonl")
    assert "k is 0" in refused("knowledge", "search", "boots", "-k", 0)
    assert "blank" in refused("knowledge", "search", " ")


def test_documents_are_listed_and_removed(stored: Path, limner: Call, refused: Callable[..., str]) -> None:
    listed = limner("knowledge", "list", "--json").json
    assert [list(row) for row in listed] == [["id", "passages"]] * 2
    assert [row["id"] for row in listed] == ["returns.md", "wool.md"]
    assert "wool.md" in limner("knowledge", "list").out
    # a name that is not there is told before anything goes
    assert "'nosuch.md'" in refused("knowledge", "remove", "wool.md", "nosuch.md")
    assert len(limner("knowledge", "list", "--json").json) == 2
    assert limner("knowledge", "remove", "wool.md", "--json").json == {"removed": ["wool.md"]}
    assert [row["id"] for row in limner("knowledge", "list", "--json").json] == ["returns.md"]


def test_tenants_roles_and_filters_are_options(docs: Path, limner: Call) -> None:
    told = ("--tenant", "acme", "--role", "sales", "--metadata", '{"year": 2024}')
    assert limner("knowledge", "add", docs, *told).code == 0
    assert limner("knowledge", "search", "boots", "--json").json == []
    reader = ("--tenant", "acme", "--role", "sales", "--json")
    assert limner("knowledge", "search", "boots", *reader).json[0]["tenant"] == "acme"
    assert limner("knowledge", "search", "boots", *reader, "--where", '{"year": {"lt": 2024}}').json == []
    assert limner("knowledge", "list", "--json").json == []
    listed = limner("knowledge", "list", "--tenant", "acme", "--json").json
    assert [row["id"] for row in listed] == ["returns.md"]
    assert limner("knowledge", "remove", "returns.md").code == 2
    assert limner("knowledge", "remove", "returns.md", "--tenant", "acme").code == 0
    assert limner("knowledge", "search", "boots", *reader).json == []


@pytest.mark.parametrize("where", ["{", "[1]", '{"year": {"above": 1}}'])
def test_a_filter_that_is_none_is_refused(docs: Path, limner: Call, where: str) -> None:
    assert limner("knowledge", "add", docs).code == 0
    assert limner("knowledge", "search", "boots", "--where", where).code == 2
