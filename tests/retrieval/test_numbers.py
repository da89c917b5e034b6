from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.retrieval.verification.numbers import numbers

TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
)


def says(claim: str, source: str) -> bool:
    found = numbers(source)
    return bool(numbers(claim)) and all(any(mine.says(theirs) for theirs in found) for mine in numbers(claim))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("1,000 items", "one thousand items"),
        ("$5.95", "5.95 dollars"),
        ("$5.95", "price_usd: 5.95"),
        ("10 %", "ten percent"),
        ("10%", "10 per cent".replace(" per cent", " percent")),
        ("24 hours", "one day"),
        ("90 minutes", "1.5 hours"),
        ("six and a half hours", "6.5 hours"),
        ("3½ hours", "3.5 hours"),
        ("half an hour", "30 minutes"),
        ("$1.2 billion", "1.2 billion dollars"),
        ("$1.2bn", "1,200 million dollars"),
        ("450 g", "450 grams"),
        ("5kg", "5,000 grams"),
        ("a 30-day window", "30 days"),
        ("3-5 business days", "3 to 5 days"),
        ("January 18, 1974", "18 January 1974"),
        ("1974-01-18", "Jan. 18, 1974"),
        ("in 1974", "January 18, 1974"),
        ("5 p.m.", "17:00"),
        ("2 a.m.", "02:00"),
        ("noon", "12 p.m."),
        ("the 3rd floor", "the third floor"),
        ("two hundred and five", "205"),
        ("a dozen eggs", "12 eggs"),
    ],
)
def test_two_ways_to_write_a_number_are_one(one: str, two: str) -> None:
    assert says(one, two)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("1,000", "10,000"),
        ("12 days", "12 hours"),
        ("30 weeks", "30 days"),
        ("$5", "5 euros"),
        ("1.2 million", "1.2 billion"),
        ("9 p.m.", "9 a.m."),
        ("January 8, 1974", "January 18, 1974"),
        ("October 1973", "November 1973"),
        ("15 percent", "1.5 percent"),
        ("15 percent", "3 p.m."),
        ("the third", "the fourth"),
        ("450 kilograms", "450 grams"),
    ],
)
def test_other_numbers_are_not(claim: str, source: str) -> None:
    assert not says(claim, source)


@pytest.mark.parametrize(
    "text", ["A4 paper", "version 2.0.1", "X.25", "You may return it", "first, open it", "no number"]
)
def test_codes_and_words_are_no_numbers(text: str) -> None:
    assert numbers(text) == []


@given(st.integers(0, 10**9))
def test_separators_change_nothing(value: int) -> None:
    assert says(f"{value:,}", str(value)) and says(str(value), f"{value:,}")


@given(st.integers(0, 99).filter(lambda value: value < 16 or (value >= 20 and value % 10 < 10)))
def test_spelled_numbers_are_digits(value: int) -> None:
    ten, one = divmod(value, 10)
    spelled = SMALL[value] if value < 16 else TENS[ten - 2] + (f"-{SMALL[one]}" if one else "")
    assert says(f"{spelled} items", f"{value} items")


@given(st.text(max_size=80))
def test_every_number_is_a_span_of_the_text(text: str) -> None:
    for number in numbers(text):
        assert 0 <= number.start < number.end <= len(text)
