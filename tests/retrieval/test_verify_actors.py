"""Who acts in the source acts in the sentence, in either voice and with either side's verb."""

from __future__ import annotations

import pytest

from limner.retrieval import verify

pytestmark = pytest.mark.usefixtures("by_words")

GALLERY = (
    "We print the catalogue and the artist pays the framer. "
    "Frames are made by a joiner approved by the gallery. "
    "The hall is let to clubs by the town clerk. A guard who is ill is replaced by a student. "
    "The gallery sends paintings to museums on Mondays. The buyer signs the contract. "
    "Entry fees are paid by the visitor or by a school. Guests leave their coats and receive a ticket. "
    "The curator grants the loan, which the lender asks for."
)


@pytest.mark.parametrize(
    "text",
    [
        "The artist prints the catalogue and we pay the framer.",
        "The gallery is approved by a joiner.",
        "The town clerk rents the hall from clubs.",
        "A student who is ill is replaced by a guard.",
        "The gallery receives paintings from museums on Mondays.",
        "We sign the contract.",
        "The contract is signed for the buyer.",
        "Guests leave a ticket and receive their coats.",
        "The lender grants the loan, which the curator asks for.",
    ],
)
def test_who_acts_does_not_change_places(text: str) -> None:
    assert not verify(text, GALLERY).supported


@pytest.mark.parametrize(
    "text",
    [
        "A student replaces a guard who is ill.",
        "Museums get their paintings from the gallery on Mondays.",
        "Either the visitor or a school pays the entry fees.",
        "The contract is signed by the buyer.",
        "The town clerk lets the hall to clubs.",
    ],
)
def test_the_same_may_be_told_in_the_other_voice(text: str) -> None:
    assert verify(text, GALLERY).supported


def test_only_one_may_do_what_nobody_else_may() -> None:
    source = "Glazes are mixed by the studio owner, Petra Lund, and nobody else may mix them."
    assert verify("Only Petra Lund is allowed to mix glazes.", source).supported
    assert not verify("Only Petra Lund is not allowed to mix glazes.", source).supported


def test_a_ban_of_one_thing_forbids_no_other() -> None:
    source = (
        "Members may work in the studio at any hour. Members who are new are not allowed to use the wheels."
    )
    assert verify("As a member you may work in the studio at any hour.", source).supported
    assert not verify("New members may use the wheels.", source).supported
