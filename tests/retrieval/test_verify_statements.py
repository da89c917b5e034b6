"""What is said of one thing is not said of another; what people say in other words is still the same."""

from __future__ import annotations

import pytest

from limner.retrieval import verify
from limner.retrieval.verification.particles import in_one_verb
from limner.retrieval.verification.phrases import spelled_out
from limner.retrieval.verification.segments import segments

pytestmark = pytest.mark.usefixtures("by_words")

PARCELS = (
    "Ann Roe leads the sorting hall and Ben Lee drives the van. "
    "Letters go into the red box, parcels into the green cage. "
    "Anything over 15 kilograms costs an extra 6 euros. Books are sold at the front desk. "
    "The guard needs a key to open the cage. Claims are filed within 30 days."
)


@pytest.mark.parametrize(
    "text",
    [
        "Ann Roe drives the van.",
        "Parcels go into the red box.",
        "Books are sold in the sorting hall.",
        "Books are sold at the front desk and wrapped as presents.",
        "The van costs an extra 6 euros.",
    ],
)
def test_what_is_said_of_one_thing_is_not_said_of_another(text: str) -> None:
    assert not verify(text, PARCELS).supported


@pytest.mark.parametrize(
    "text",
    [
        "Ben Lee drives the van.",
        "Letters go into the red box, not the green cage.",
        "A parcel of 20 kilograms costs an extra 6 euros.",
        "Without a key, no guard may open the cage.",
    ],
)
def test_other_words_for_the_same_are_supported(text: str) -> None:
    assert verify(text, PARCELS).supported


def test_a_case_below_the_bound_is_none_of_the_rule() -> None:
    assert not verify("A parcel of 14 kilograms costs an extra 6 euros.", PARCELS).supported


def test_another_version_is_not_in_the_source() -> None:
    source = "Release 2.0.1 mends the search on Windows."
    assert verify("Version 2.0.1 is the release that mends the search on Windows.", source).supported
    assert not verify("Release 2.0.2 mends the search on Windows.", source).supported


def test_a_sentence_falls_into_what_it_says_of_what() -> None:
    found = segments("Ann Roe leads the hall and Ben Lee drives the van.")
    assert [sorted(each.about) for each in found] == [["ann", "roe"], ["ben", "lee"]]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("from half past six in the evening", "from 6:30 p.m."),
        ("until a quarter to nine", "until 8:45"),
        ("on day two", "on the second day"),
        ("a five-year-old will pay", "a child aged five will pay"),
        ("emptied fortnightly", "emptied every two weeks"),
        ("in the morning of 3 May", "in the morning of 3 May"),
    ],
)
def test_times_and_ages_have_one_form(text: str, plain: str) -> None:
    assert spelled_out(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("She filled in the form.", "She completed the form."),
        ("Fill it in summer.", "Fill it in summer."),
        ("The form is filled in by her.", "The form is completed by her."),
        ("Send it back at once.", "return it at once."),
        ("Prices went up.", "Prices risen."),
    ],
)
def test_verbs_of_two_words_have_one_form(text: str, plain: str) -> None:
    assert in_one_verb(text) == plain
