"""What a source says in a case stays with its case, whichever way it is told; a copy has nothing more."""

from __future__ import annotations

import pytest

from limner.retrieval import verify

pytestmark = pytest.mark.usefixtures("by_words")

RIDING = (
    "Helmets must be worn whenever a horse is ridden. Horses that are lame are rested for free. "
    "Lessons begin once the trainer has checked the saddle. "
    "Riders pay for a lesson, except those who cancel a day ahead. "
    "Guests may enter the stable with the trainer's consent. "
    "The paddock is open when the gate is green and a groom is there. "
    "Boots must be cleaned after the ride; otherwise a fee of 5 euros is charged. "
    "The vet visits the stable every week. Ponies are lent to schools provided that a teacher comes along."
)


@pytest.mark.parametrize(
    "text",
    [
        "Helmets must always be worn.",
        "Horses are rested for free.",
        "Lessons begin unless the trainer has checked the saddle.",
        "Lessons begin before the trainer has checked the saddle.",
        "Lessons begin.",
        "Lessons begin even if the trainer has not checked the saddle.",
        "Guests may enter the stable.",
        "The paddock is open when the gate is green or a groom is there.",
        "A fee of 5 euros is charged.",
        "The vet visits the stable once the trainer has checked the saddle.",
        "All riders pay for a lesson.",
    ],
)
def test_what_holds_in_a_case_is_not_told_of_another_or_of_all(text: str) -> None:
    assert not verify(text, RIDING).supported


@pytest.mark.parametrize(
    "text",
    [
        "No lesson begins until the trainer has checked the saddle.",
        "Lessons do not begin before the trainer has checked the saddle.",
        "Lessons begin only after the trainer has checked the saddle.",
        "Riders who cancel a day ahead do not pay for a lesson.",
        "Without the trainer's consent, no guest may enter the stable.",
        "Ponies are lent to schools as long as a teacher comes along.",
        "Riders who do not clean their boots after the ride are charged a fee of 5 euros.",
    ],
)
def test_a_case_may_be_told_from_its_other_side(text: str) -> None:
    assert verify(text, RIDING).supported


@pytest.mark.parametrize(
    "added",
    [
        "by e-mail",
        "in a uniform",
        "every month",
        "for insurance reasons",
        "to get a bonus",
        ", which is rare",
    ],
)
def test_nothing_is_put_into_a_copy(added: str) -> None:
    source = "The vet visits the stable on Mondays."
    assert not verify(f"{source[:-1]} {added}.".replace(" ,", ","), source).supported


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The parcel comes within one day.", "The parcel comes within a day."),
        ("If you are under 12, you ride for free.", "Riders under 12 ride for free."),
        ("Call the clinic if your dog is ill.", "Call the clinic if your dog is ill. Pay at the desk."),
        ("The towels cost nothing for members.", "The towels are included for members."),
        ("Children pay only €4.", "Children pay €4."),
    ],
)
def test_amounts_and_prices_may_be_told_in_other_words(text: str, source: str) -> None:
    assert verify(text, source).supported


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (
            "Exchanges are not free until two days before the show.",
            "Exchanges are free until two days before the show.",
        ),
        ("Swaps are not free until 48 hours before a show.", "Swaps are free until 48 hours before a show."),
        ("The guide has led the tours until 2015.", "The guide has led the tours since 2015."),
        ("The shop opens on Fridays.", "The shop opens on Mondays and the bar on Fridays."),
        ("August is when the season ends.", "The season ends in April."),
    ],
)
def test_a_moment_is_no_case(text: str, source: str) -> None:
    assert not verify(text, source).supported
