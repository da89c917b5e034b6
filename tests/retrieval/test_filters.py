from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError
from limner.retrieval import KnowledgeBase
from limner.retrieval.access import Access
from limner.retrieval.filters import conditions

from .conftest import HashingEmbeddings


def holds(where: dict[str, Any], known: dict[str, Any]) -> bool:
    """The language, said once more and plainly."""
    signs = {
        "gt": lambda a, b: a > b,
        "gte": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "lte": lambda a, b: a <= b,
    }
    for field, wanted in where.items():
        if field not in known:
            return False
        value = known[field]
        values = value if isinstance(value, list) else [value]
        if not isinstance(wanted, dict):
            wanted = {"any": [wanted]}
        for operator, operand in wanted.items():
            if operator == "any":
                if not any(each in operand for each in values):
                    return False
            elif isinstance(value, list) or not signs[operator](value, operand):
                return False
    return True


WHERES: list[dict[str, Any]] = [
    {"source": "d3"},
    {"source": {"any": ["d1", "d2", "gone"]}},
    {"kind": "markdown"},
    {"kind": "pdf"},
    {"year": 2003},
    {"year": {"gte": 2004}},
    {"year": {"gt": 2001, "lte": 2004}},
    {"tags": "a"},
    {"tags": {"any": ["a", "c"]}, "year": {"lt": 2006}},
    {"day": {"gte": "2024-03-05", "lt": "2024-03-08"}},
    {"day": "2024-03-05"},
    {"draft": True},
    {"price": {"gt": 1.25}},
    {"missing": 1},
    {"tags": {"any": []}},
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    kb = KnowledgeBase(tmp_path_factory.mktemp("filters") / "kb", HashingEmbeddings())
    for number in range(9):
        known: dict[str, Any] = {
            "year": 2000 + number,
            "price": number / 4,
            "tags": ["abc"[number % 3], "xyz"[number // 3]],
            "day": f"2024-03-0{number + 1}",
            "draft": number % 2 == 0,
        }
        kb.add_text(f"Shoes number {number} can be returned.", f"d{number}", known)
    return kb


@pytest.mark.parametrize("where", WHERES, ids=str)
def test_words_and_vectors_understand_a_filter_alike(base: KnowledgeBase, where: dict[str, Any]) -> None:
    every = {name: {**base.metadata(name), "source": name, "kind": "markdown"} for name in base.documents()}
    right = {name for name, known in every.items() if holds(where, known)}
    assert {passage.source for passage in base.search("shoes", 50, where)} == right
    store, given = base._index.store, conditions(where)
    classes = store.visible(Access())
    by_words = {
        store.passages([number], classes)[number] for number, _ in store.match("shoes", 50, classes, given)
    }
    vector = base._index.embedder.query("shoes")  # type: ignore[union-attr]
    by_vectors = store.passages(base._index.nearest(vector, 50, classes, given), classes).values()
    assert {p.source for p in by_words} == {p.source for p in by_vectors} == right


@pytest.mark.parametrize(
    "where",
    [
        "year",
        {"year": {}},
        {"year": {"above": 3}},
        {"year": {"gte": "soon"}},
        {"tags": {"any": "a"}},
        {"year": None},
        {"source": 3},
        {"source": {"gte": 3}},
        {"$or": [1]},
        {"a#": 1},
        {"": 1},
        {f"f{number}": 1 for number in range(40)},
    ],
    ids=str,
)
def test_a_filter_that_is_none_is_said(base: KnowledgeBase, where: Any) -> None:
    with pytest.raises(InputError):
        base.search("shoes", where=where)


@pytest.mark.parametrize(
    "metadata",
    [{"a": {"b": 1}}, {"source": "x"}, {"a b": 1}, {"a": "x" * 2000}, {"a": []}, {"a": float("nan")}],
)
def test_metadata_that_cannot_be_kept_is_said(base: KnowledgeBase, metadata: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Metadata"):
        base.add_text("Shoes.", "new", metadata)
    assert "new" not in base.documents()


def test_metadata_of_a_folder_goes_before_front_matter_and_changes_without_embedding(
    tmp_path: Path, hashing: HashingEmbeddings
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("---\nyear: 1999\nby: Ann\n---\nShoes.\n", "utf-8")
    with KnowledgeBase(tmp_path / "kb", hashing) as kb:
        kb.add(tmp_path / "docs", metadata={"year": 2024})
        assert kb.metadata("a.md") == {"year": 2024, "by": "Ann"}
        hashing.embedded.clear()
        assert kb.add(tmp_path / "docs", metadata={"year": 2025}).documents == 1
        assert kb.add(tmp_path / "docs", metadata={"year": 2025}).unchanged == 1
        assert hashing.embedded == []
        assert kb.search("shoes", where={"year": 2025}) and not kb.search("shoes", where={"year": 2024})


def test_random_filters_agree_with_the_plain_reading(base: KnowledgeBase) -> None:
    chance = random.Random(3)
    every = {name: base.metadata(name) for name in base.documents()}
    for _ in range(40):
        where: dict[str, Any] = {}
        for field in chance.sample(["year", "tags", "draft", "price"], 2):
            if field == "tags":
                where[field] = {"any": chance.sample("abcxyz", 2)}
            elif field == "draft":
                where[field] = chance.random() < 0.5
            else:
                top = 2008 if field == "year" else 2
                where[field] = {chance.choice(["gt", "gte", "lt", "lte"]): top - chance.randrange(3)}
        right = {name for name, known in every.items() if holds(where, known)}
        assert {passage.source for passage in base.search("shoes", 50, where)} == right, where
