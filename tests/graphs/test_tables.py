"""Tables of records in articles: rows that answer a point of a brief stand where it is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner import Brief, Limner
from limner.graphs.articles.article import Article

PRICES = """group,item,price,note
Boats,Rowing boat single,£12,one hour; three people at most
Boats,Rowing boat double,£18,one hour; five people at most
Boats,Rowing boat for families,£24,one hour; eight people at most
Food,Pot of tea,£3,with milk
Food,Slice of cake,£4,made here
"""
HOUSE = """# The boathouse

## Opening

The boathouse opens on 1 April and closes on 30 September. Bring a coat, since the lake is windy.

## Swimming

Nobody swims near the landing stage. The beach behind the church is safe for children.
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "prices.csv").write_text(PRICES)
    (folder / "house.md").write_text(HOUSE)
    return folder


def written(knowledge: Path, notes: str, kind: str = "article") -> Article:
    brief = Brief("A day at the boathouse", sections=2, words=150, images=0, kind=kind, notes=notes)
    with Limner(model="", knowledge=[knowledge], embeddings="") as app:
        return app.write(brief).output


def test_rows_that_answer_a_point_stand_side_by_side_under_its_words(knowledge: Path) -> None:
    article = written(knowledge, "Cover opening, swimming, and rowing boats and what they cost.")
    (table,) = [table for section in article.sections for table in section.tables]
    assert [row[0] for row in table.rows] == [
        "Rowing boat single",
        "Rowing boat double",
        "Rowing boat for families",
    ]
    assert "Price" in table.header
    rows = {citation.quote for citation in article.citations if citation.source == "prices.csv"}
    assert len(rows) == 3, "each row is cited"


def test_no_table_stands_where_no_point_asks_for_its_rows(knowledge: Path) -> None:
    article = written(knowledge, "Cover opening and swimming.")
    assert not [table for section in article.sections for table in section.tables]


def test_rows_answer_no_point_that_names_only_what_they_are_of(knowledge: Path) -> None:
    boats = "".join(line.removeprefix("Boats,") for line in PRICES.splitlines(True) if "oats" in line)
    (knowledge / "prices.csv").write_text(f"boat,price,note\n{boats}")
    article = written(knowledge, "Cover opening, and repairs to a rowing boat.")
    assert not [table for section in article.sections for table in section.tables]


def test_a_section_that_is_a_table_is_on_the_page_and_in_the_text(knowledge: Path) -> None:
    article = written(knowledge, "Cover rowing boats and what they cost.")
    assert "| Rowing boat double |" in article.markdown
    assert "Rowing boat double" in Path(article.html_path).read_text("utf-8")
