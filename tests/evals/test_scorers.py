"""The scorers: what moves them, and what cannot be scored."""

from __future__ import annotations

import pytest

from limner.evals import measures
from limner.evals.made import of_article, of_markdown
from limner.evals.match import covered
from limner.evals.single import score_single
from limner.evals.suite import Expect
from limner.graphs.articles.article import Article, Section, Table


def test_a_sentence_said_twice_in_nearly_the_same_words_is_a_repeat() -> None:
    texts = ["The label costs $6.95 each.", "Boots are kept for a week.", "The label costs $6.95, each."]
    assert measures.repeated(texts) == pytest.approx(1 / 3)


def test_longer_words_and_sentences_are_harder_to_read() -> None:
    easy = measures.readability(["The cat sat on the mat.", "It was red."])
    hard = measures.readability(
        ["Notwithstanding considerable organisational difficulties, implementation proceeded."]
    )
    assert easy is not None and hard is not None
    assert easy[0] > 90 > 30 > hard[0] and easy[1] < hard[1]
    assert measures.readability([]) is None


@pytest.mark.parametrize(
    ("word", "count"), [("cat", 1), ("label", 2), ("made", 1), ("policy", 3), ("boxes", 2)]
)
def test_syllables_are_groups_of_vowels_without_the_silent_e(word: str, count: int) -> None:
    assert measures.syllables(word) == count


@pytest.mark.parametrize(
    "bad",
    [
        ["Introduction", "What it costs"],
        ["What it costs:", "Where"],
        ["What it costs", "What it costs"],
        ["", "A"],
    ],
)
def test_a_heading_that_is_stock_or_repeated_or_empty_costs(bad: list[str]) -> None:
    assert measures.headings("All about returns", ["How long you have", "What it costs"], "Returns") == 1
    assert measures.headings("All about returns", bad, "Returns") < 1


def test_a_how_to_without_numbered_steps_lacks_structure() -> None:
    assert measures.structure([3, 3], asked=2, needs_steps=True, ordered=True) == 1
    assert measures.structure([3, 3], asked=2, needs_steps=True, ordered=False) == pytest.approx(2 / 3)
    assert measures.structure([3, 1], asked=2, needs_steps=False, ordered=False) == 0.75
    assert measures.structure([], asked=2, needs_steps=False, ordered=False) == 0


def test_a_bare_text_is_split_by_its_own_headings() -> None:
    made = of_markdown(
        "Before all.\n\n# One\nFirst. Second thing here.\n\n## Two\n1. Do this.\n2. Do that.\n"
    )
    assert [(part.title, len(part.sentences)) for part in made.parts] == [("", 1), ("One", 2), ("Two", 2)]
    assert made.ordered and made.title == ""
    assert of_markdown("").parts == ()


def test_a_row_of_a_table_tells_a_fact_with_what_its_columns_are_called() -> None:
    table = Table("Prices", ("Job", "Price"), (("Pickup", "$9"), ("Drop-off", "free")), ())
    made = of_article(Article("Prices", "", "", (Section("What it costs", (), (table,)),), (), (), True))
    assert covered(["pickup && price && $9"], made.windows)
    assert not covered(["pickup && free"], made.windows)
    assert made.to_json()["sections"][0]["rows"] == ["Job: Pickup; Price: $9", "Job: Drop-off; Price: free"]


@pytest.mark.parametrize(
    ("expect", "got", "score"),
    [
        ({"scorer": "exact", "value": "The red boot"}, "red  boot.", 1),
        ({"scorer": "exact", "value": 45}, 45, 1),
        ({"scorer": "f1", "value": "red boot"}, "a red shoe", 0.5),
        ({"scorer": "contains", "value": ["red", "/bo+t/"]}, "red shoe", 0.5),
        ({"scorer": "json", "value": {"a": [1]}}, {"a": [1]}, 1),
        ({"scorer": "json", "value": {"a": [1]}}, None, 0),
    ],
)
def test_single_answers_are_scored(expect: dict[str, object], got: object, score: float) -> None:
    assert score_single(got, Expect.model_validate(expect)) == score
