"""No reader learns anything of a document that they may not see: not its text, its name or its existence."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError
from limner.retrieval import KnowledgeBase
from limner.retrieval.knowledge import Text

from .conftest import HashingEmbeddings

TENANTS = [None, "acme", "globex", "initech"]
ROLES = ["hr", "legal", "sales"]
WORDS = "shoe boot sandal return refund label fee card gift chest size colour day week worn order".split()


def may_read(owner: str | None, allowed: frozenset[str], tenant: str | None, roles: frozenset[str]) -> bool:
    return owner in (None, tenant) and (not allowed or bool(allowed & roles))


def some(chance: random.Random) -> frozenset[str]:
    return frozenset(chance.sample(ROLES, chance.choice([0, 0, 1, 2])))


def fill(folder: Path, documents: list[tuple[str, str, str | None, frozenset[str]]]) -> KnowledgeBase:
    kb = KnowledgeBase(folder, HashingEmbeddings())
    groups: dict[tuple[str | None, frozenset[str]], list[Text]] = {}
    for name, text, owner, allowed in documents:
        groups.setdefault((owner, allowed), []).append(Text(name, text, {"year": len(text) % 5}))
    for (owner, allowed), texts in groups.items():
        kb.add_texts(texts, owner, allowed)
    return kb


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_reader_gets_the_same_whether_hidden_documents_exist_or_not(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    documents = []
    for number in range(500):
        owner, allowed = chance.choice(TENANTS), some(chance)
        said = " ".join(chance.choices(WORDS, k=chance.randint(5, 30)))
        documents.append((f"d{number}", f"{said} secret{number}.", owner, allowed))
    everything = fill(tmp_path / "all", documents)
    readers: list[tuple[str | None, frozenset[str]]] = [
        (None, frozenset()), ("acme", frozenset()), ("globex", frozenset({"hr"})),
        ("nobody", frozenset(ROLES)), ("acme", frozenset(ROLES)),
    ]  # fmt: skip
    asked = 0
    for number, (tenant, roles) in enumerate(readers):
        visible = [row for row in documents if may_read(row[2], row[3], tenant, roles)]
        names = {row[0] for row in visible}
        alone = fill(tmp_path / f"alone{number}", visible)
        reader: dict[str, Any] = {"tenant": tenant, "roles": roles}
        assert everything.documents(**reader) == alone.documents(**reader) == sorted(names)
        assert everything.headings(**reader) == alone.headings(**reader)
        for _ in range(100):
            asked += 1
            query = " ".join(
                chance.choices([*WORDS, f"secret{chance.randrange(500)}"], k=chance.randint(1, 4))
            )
            where = chance.choice([None, None, {"year": {"gte": 2}}, {"source": {"any": ["d1", "d2", "d3"]}}])
            k = chance.choice([1, 5, 50, 500])
            found = everything.search(query, k, where, **reader)
            assert {passage.source for passage in found} <= names
            assert found == alone.search(query, k, where, **reader), (query, where, k, reader)
        alone.close()
    assert asked == 500
    everything.close()


def test_every_way_to_a_hidden_document_ends_as_if_it_did_not_exist(tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "kb", HashingEmbeddings()) as kb:
        kb.add_text("# Plans\n\nAcme buys Globex.", "plan", {"level": 3}, tenant="acme", roles=["board"])
        kb.add_text("Shoes can be returned.", "faq")
        hidden = kb.search("acme buys", tenant="acme", roles=["board"])[0]
        assert (hidden.source, hidden.tenant) == ("plan", "acme")
        for tenant, roles in (
            (None, []),
            ("acme", []),
            (None, ["board"]),
            ("globex", ["board"]),
            ("ACME", ["board"]),
        ):
            reader: dict[str, Any] = {"tenant": tenant, "roles": roles}
            assert kb.documents(**reader) == ["faq"] and kb.headings(**reader) == []
            assert {p.source for p in kb.search("acme buys globex plans", k=50, **reader)} <= {"faq"}
            assert kb.passages([hidden.id], **reader) == [] and kb.passages_of("plan", **reader) == []
            for read in (kb.text, kb.metadata):
                with pytest.raises(InputError) as there:
                    read("plan", **reader)
                with pytest.raises(InputError) as absent:
                    read("none", **reader)
                assert str(there.value).replace("plan", "none") == str(absent.value)
        for owner in (None, "globex"):
            with pytest.raises(InputError, match="not in this knowledge base"):
                kb.remove("plan", owner)
        assert kb.text("plan", "acme", ["board"])


def test_tenants_have_documents_of_one_name_each_their_own(tmp_path: Path) -> None:
    folders = {}
    for owner in ("acme", "globex", None):
        folders[owner] = tmp_path / str(owner) / "docs"
        folders[owner].mkdir(parents=True)
        (folders[owner] / "faq.md").write_text(f"The answer of {owner}.", "utf-8")
    with KnowledgeBase(tmp_path / "kb", HashingEmbeddings()) as kb:
        for owner, folder in folders.items():
            assert kb.add(folder, tenant=owner).documents == 1
        for owner in folders:
            assert kb.documents(owner) == ["faq.md"]
            assert kb.text("faq.md", owner) == f"The answer of {owner}."
        for passage in kb.search("the answer", tenant="acme"):
            assert (
                kb.text(passage.source, passage.tenant or None)[passage.start : passage.end] == passage.text
            )
        assert kb.sync([folders[None]]).removed == 0
        kb.remove("faq.md", "acme")
        assert kb.text("faq.md", "acme") == "The answer of None."
        assert kb.text("faq.md", "globex") == "The answer of globex."


def test_a_document_cannot_let_itself_in_and_follows_its_roles(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("---\ntenant: acme\nroles: [hr]\n---\nShoes are fine.\n", "utf-8")
    with KnowledgeBase(tmp_path / "kb", HashingEmbeddings()) as kb:
        kb.add(tmp_path / "docs", tenant="globex", roles=["sales"])
        assert kb.documents("acme", ["hr"]) == [] and kb.documents("globex", ["sales"]) == ["a.md"]
        kb.add(tmp_path / "docs", tenant="globex", roles=["legal"])
        assert kb.search("shoes", tenant="globex", roles=["sales"]) == []
        assert kb.search("shoes", tenant="globex", roles=["legal"])
        assert kb.owned("globex") == {"a.md": 1}


@pytest.mark.parametrize(
    ("tenant", "roles"), [("", ()), (" ", ()), ("x" * 300, ()), (None, "hr"), (None, [""])]
)
def test_a_reader_that_is_none_is_said(tmp_path: Path, tenant: str | None, roles: Any) -> None:
    with pytest.raises(InputError):
        KnowledgeBase(tmp_path / "kb").search("shoes", tenant=tenant, roles=roles)
