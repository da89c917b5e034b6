"""The house's words: said otherwise, left out or told, and never at the price of what a sentence says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.agents.articles.house_style import HouseStyle, styled
from limner.agents.articles.prose import Line
from limner.retrieval.extract import Cited

STYLE = HouseStyle({"cheap": "good value", "guys": ""}, ("Trail Fit Promise",), ("no-exclamations",))


def line(text: str, paragraph: int = 0, unit: int = -1, form: str = "prose") -> Line:
    return Line(Cited(text, "p", 0, len(text)), text, form, paragraph, unit=unit)  # type: ignore[arg-type]


def texts(lines: list[Line]) -> list[str]:
    return [each.text for each in lines]


def test_a_word_to_avoid_is_said_otherwise_and_keeps_its_capital() -> None:
    kept, remarks = styled([line("Cheap boots are not cheap to mend!")], STYLE)
    assert texts(kept) == ["Good value boots are not good value to mend."]
    assert remarks == []


@pytest.mark.parametrize(
    "text",
    ["The sign says “cheap boots”.", 'A reader wrote "cheap boots" to us.', "Run `cheap --boots` to begin."],
    ids=["quotation", "straight quotation", "code"],
)
def test_quotations_and_code_keep_their_words_and_the_receipt_tells(text: str) -> None:
    kept, remarks = styled([line(text)], STYLE)
    assert texts(kept) == [text]
    assert remarks == [f"'cheap' stays: {text}"]


def test_a_sentence_whose_word_has_no_other_is_left_out_with_what_leans_on_it() -> None:
    kept, remarks = styled(
        [
            line("Boots keep dry."),
            line("The guys mend boots."),
            line("They do so for free."),
            line("Gloves cost $9.", 1),
        ],
        STYLE,
    )
    assert texts(kept) == ["Boots keep dry.", "Gloves cost $9."]
    assert len(remarks) == 2 and all("left out" in remark for remark in remarks)


def test_an_item_of_a_list_stays_and_is_told() -> None:
    kept, remarks = styled([line("Ask the guys.", unit=0, form="item")], STYLE)
    assert texts(kept) == ["Ask the guys."] and remarks == ["'guys' stays: Ask the guys."]


def test_part_of_a_word_is_not_the_word() -> None:
    assert STYLE.line("Cheapest is not cheaply made.") == "Cheapest is not cheaply made."


def test_superlatives_are_told_where_the_house_minds_them() -> None:
    kept, remarks = styled([line("The best boots are here.")], HouseStyle(tone=("no-superlatives",)))
    assert len(kept) == 1 and remarks == ["'best' stays: The best boots are here."]


def test_words_to_use_are_missed_whatever_their_case() -> None:
    assert STYLE.missing("The trail fit promise covers boots.") == []
    assert STYLE.missing("Boots last.") == ["Trail Fit Promise"]


@given(
    st.lists(st.text(max_size=60), max_size=6),
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=3),
)
def test_any_words_and_any_text_do_not_raise_and_no_line_is_made_up(
    given_texts: list[str], avoid: dict[str, str]
) -> None:
    lines = [line(text) for text in given_texts]
    kept, _ = styled(lines, HouseStyle(avoid, (), ("no-superlatives",)))
    sources = [each.cited for each in kept]
    assert sources == [each.cited for each in lines if each.cited in sources]


@given(
    st.lists(
        st.sampled_from(["cheap", "Cheap", "12", "3.5", "not", "unless", "boots", "“cheap”"]), max_size=12
    )
)
def test_numbers_conditions_and_order_survive_the_house_style(words: list[str]) -> None:
    text = " ".join(words)
    said = STYLE.line(text)
    assert re.findall(r"\d[\d.]*|not|unless|boots|“cheap”", said) == re.findall(
        r"\d[\d.]*|not|unless|boots|“cheap”", text
    )
