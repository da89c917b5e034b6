from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.retrieval.sentences import sentences


def texts(text: str) -> list[str]:
    return [sentence.line for sentence in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We close at 1 p.m. Eastern. Call us.", ["We close at 1 p.m. Eastern.", "Call us."]),
        ("It closes at 5 p.m. Orders ship later.", ["It closes at 5 p.m.", "Orders ship later."]),
        ("It weighs approx. 5 kg. Dr. Berg said so.", ["It weighs approx. 5 kg.", "Dr. Berg said so."]),
        ("It ends\nhere. The next\nfollows.", ["It ends here.", "The next follows."]),
        ("We wait up to\n30. The rest goes.", ["We wait up to 30.", "The rest goes."]),
        ("> Quoted text\n> goes on. Fine.", ["Quoted text goes on.", "Fine."]),
        ("Intro:\n\n- One thing. And more.\n- Two", ["Intro:", "One thing.", "And more.", "Two"]),
        ("1. First step.\n2. Second step.", ["First step.", "Second step."]),
        ("# Title\n\nText here.", ["Text here."]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["| a | b |", "| 1 | 2 |"]),
        ("Before.\n\n```\ncode. Here.\n```\n\nAfter.", ["Before.", "After."]),
        ("", []),
        (" \n\n ", []),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_text_is_split_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


@given(st.text(alphabet="aB1 .!?\n-|#>é“”p.m,\r\t", max_size=300))
def test_spans_are_exact_ordered_and_apart(text: str) -> None:
    end = 0
    for sentence in sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
        assert end <= sentence.start < sentence.end
        end = sentence.end


def test_marks_that_close_bold_text_belong_to_the_sentence_before() -> None:
    said = [each.text for each in sentences("**We load.** Nobody else does. It is **hot**. Go.")]
    assert said == ["**We load.**", "Nobody else does.", "It is **hot**.", "Go."]
