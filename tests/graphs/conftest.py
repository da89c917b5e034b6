"""An article of every part: prose, steps, items, a table, two sources, pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from limner.graphs.articles.article import Article, ArticleImage, Citation, Section, Sentence, Table

QUOTE = "Pack the boots in their box.\nAttach the label that came\nwith the order. Refunds take 5 days."
PRICES = "Boots | $189 | 900 g\nGloves | $79 | 140 g"


@pytest.fixture
def article(tmp_path: Path) -> Article:
    pictures = []
    for number, (source, model) in enumerate([("rendered", None), ("model", "painter")]):
        path = tmp_path / f"{number:02}.png"
        Image.new("RGB", (120, 63), "teal").save(path)
        pictures.append(ArticleImage(str(path), 120, 63, source, number, model, f"Picture {number}"))
    steps = (
        Sentence("Do this.", (), "supported", "rendered"),
        Sentence("Pack the boots in their box.", ("a",), "supported", "selected", "step", 1),
        Sentence("Attach the label that came with the order.", ("a",), "supported", "fallback", "step", 1),
    )
    money = (
        Sentence("Attach the label that came with the order, always.", ("a",), "supported", "model"),
        Sentence("Money is refunded in 5 days.", ("a",), "supported", "model"),
        Sentence("Boots cost more.", ("b",), "supported", "model"),
        Sentence("Refunds take 5 days.", ("a", "b"), "supported", "selected", "item", 1, "In short"),
    )
    table = Table("Prices", ("Product", "Price"), (("Boots", "$189"), ("Gloves", "$79")), ("b",))
    return Article(
        title="How to send boots back",
        path="article.md",
        html_path="article.html",
        sections=(Section("Send the parcel", steps), Section("The money", money, (table,))),
        images=tuple(pictures),
        citations=(
            Citation("a", "returns.md", QUOTE, 10, 10 + len(QUOTE)),
            Citation("b", "prices.csv", PRICES, 0, 42),
        ),
        grounded=True,
        kind="how-to",
        lead="What to pack, and when the money comes back.",
    )


@pytest.fixture
def receipt() -> list[dict[str, Any]]:
    row = {"attempts": 1, "reasons": [], "model": "m", "tokens_in": 500, "tokens_out": 80, "seconds": 3.214}
    return [
        {"step": "plan", "source": "selected", "degraded": False, **row},
        {"step": "write", "source": "model", "degraded": False, **row},
    ]
