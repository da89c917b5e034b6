"""Points of briefs in the words of readers, and the headings of documents that answer them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from limner.agents.articles.answers import answers
from limner.agents.articles.demands import Demand
from limner.agents.articles.nearness import nearness
from limner.agents.articles.relevance import ranked
from limner.agents.articles.topics import topics_of
from limner.models.embeddings import open_embeddings
from limner.models.store import Store
from limner.retrieval import KnowledgeBase
from limner.settings import DEFAULT_EMBEDDINGS, load_settings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

ROOT = Path(__file__).parents[2]
GROUPS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("points.yaml").read_text("utf-8"))


def right(folder: Path, embeddings: Embeddings | None) -> Counter[tuple[str, int]]:
    """How many points of each kind, at even (0) and at odd (1) places, are answered by the right heading."""
    count: Counter[tuple[str, int]] = Counter()
    for group in GROUPS:
        with KnowledgeBase.private([ROOT / group["documents"]], folder, embeddings) as base:
            found = base.search(group["topic"], 40)
            for kind in ("heading", "other", "nothing"):
                for number, row in enumerate(group[kind]):
                    point, headings = (row, []) if kind == "nothing" else row
                    every = [*found, *base.search(point, 12)]
                    sources = dict.fromkeys(passage.source for passage in every)
                    read = [passage for source in sources for passage in base.passages_of(source)]
                    topics = topics_of(read, base.text, {passage.id for passage in every}, embeddings)
                    topics = ranked(topics, found, group["topic"])
                    (near,) = nearness([point], topics, embeddings)
                    best = answers(Demand(point, point), topics, near)[:1]
                    count[kind, number % 2] += [b.topic.title in headings for b in best] == [True] * bool(
                        headings
                    )
    return count


@pytest.mark.slow
def test_words_alone_find_what_a_heading_names_and_about_half_of_what_none_does(tmp_path: Path) -> None:
    found = right(tmp_path, None)
    assert found["heading", 0] + found["heading", 1] >= 32
    assert found["other", 0] + found["other", 1] >= 38
    assert found["nothing", 0] + found["nothing", 1] >= 10


@pytest.mark.weights
@pytest.mark.slow
def test_embeddings_find_three_of_four_points_that_no_heading_names(tmp_path: Path) -> None:
    store = Store(load_settings().models_folder)
    found = right(tmp_path, open_embeddings(DEFAULT_EMBEDDINGS, store))
    assert found["heading", 0] + found["heading", 1] >= 34
    assert found["other", 0] >= 35 and found["other", 1] >= 27
