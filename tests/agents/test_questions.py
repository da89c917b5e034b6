"""Headings become questions that read as a person would ask them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.agents.articles.questions import question


@pytest.mark.parametrize(
    ("heading", "asked"),
    [
        ("How to return an item by mail", "How do I return an item by mail?"),
        ("What the warranty covers", "What does the warranty cover?"),
        ("What the warranty does not cover", "What does the warranty not cover?"),
        ("How long a repair takes", "How long does a repair take?"),
        ("What Kettlemoor pays", "What does Kettlemoor pay?"),
        ("What is accepted", "What is accepted?"),
        ("How long you might wait", "How long might you wait?"),
        ("Where on the boat a dog may sit", "Where on the boat may a dog sit?"),
        ("What to bring", "What should I bring?"),
        ("What to do if your order is late", "What should I do if your order is late?"),
        ("How long to soak beans", "How long should I soak beans?"),
        ("How the key to the gate is kept", "How is the key to the gate kept?"),
        ("The five stage process", "The five stage process"),
        ("How much of it you can take home", "How much of it you can take home"),
        ("When to come", "When should I come?"),
        ("How we know that everybody is down", "How do we know that everybody is down?"),
        ("Accident 11 January", "Accident 11 January"),
        ("Minutes, committee, upstairs room", "Minutes, committee, upstairs room"),
        ("What costs money", "What costs money?"),
        ("Who should choose what", "Who should choose what?"),
        ("When the wanted size is sold out", "What happens when the wanted size is sold out?"),
        ("Items that cannot be returned", "Which items cannot be returned?"),
        ("Gift cards", "What about gift cards?"),
        ("The three tiers", "What are the three tiers?"),
        ("Once you are on the island", "What happens once you are on the island?"),
        ("Since dogs are allowed", "Since dogs are allowed"),
        ("Getting here", "How do I get here?"),
        ("Picking up an order", "How do I pick up an order?"),
        ("How It Works", "How does it work?"),
        ("How you collect flea treatment", "How do you collect flea treatment?"),
        ("The Rules", "What are the rules?"),
        ("A thing about skips", "A thing about skips"),
        ("What becomes of a box that is called off", "What becomes of a box that is called off?"),
        ("Patient guide", "Patient guide"),
        ("The Harbour Plan", "What is the Harbour Plan?"),
        ("Off the ordinary price", "Off the ordinary price"),
        ("Booking", "How does booking work?"),
        ("Benefits of each tier", "What are the benefits of each tier?"),
        ("Earning points", "How do I earn points?"),
        ("Opening hours", "What are the opening hours?"),
        ("Before a blood test", "What should I know before a blood test?"),
        ("Cancel an order", "How do I cancel an order?"),
        ("Can I bring a dog?", "Can I bring a dog?"),
        ("What a Hire Costs", "What does a hire cost?"),
        ("Somebody over 18 has to be in the house", "Somebody over 18 has to be in the house"),
        ("My chimney is on fire!", "My chimney is on fire"),
        ("Shipping costs", "What about shipping costs?"),
        ("Minimum stays", "What about minimum stays?"),
        ("The pool stays open", "The pool stays open"),
        ("Questions people ask", "What else do people ask?"),
        ("Prices from 1 September 2025", "What does it cost?"),
        ("Every dog must be vaccinated", "Must every dog be vaccinated?"),
        ("Hearing aids can be borrowed", "Can hearing aids be borrowed?"),
        ("We call a vet when we think one is needed", "We call a vet when we think one is needed"),
        ("Tariff 1 April 2025", "What does it cost?"),
        ("Trail Fit Promise", "What about Trail Fit Promise?"),
        ("How many guests one host may bring", "How many guests may one host bring?"),
        ("From what age a child can come alone", "From what age can a child come alone?"),
        ("Whether you have to reserve", "Do you have to reserve?"),
        ("Whether dogs are allowed", "Are dogs allowed?"),
        ("New this season", "What is new this season?"),
        ("What babies have to wear", "What do babies have to wear?"),
        ("When blow-up toys are allowed", "When are blow-up toys allowed?"),
        ("Which books we turn away", "Which books do we turn away?"),
        ("How long they will wait", "How long will they wait?"),
        ("How many swimmers may be in", "How many swimmers may be in?"),
    ],
)
def test_a_heading_asks_what_its_text_answers(heading: str, asked: str) -> None:
    assert question(heading) == asked


@given(st.text(min_size=1, max_size=80))
def test_any_heading_gives_a_question_or_stays_the_sentence_that_it_is(heading: str) -> None:
    asked, plain = question(heading), " ".join(heading.split()).rstrip(" .:!")
    assert asked.endswith("?") or asked[1:] == plain[1:] or not plain


def test_a_heading_that_asks_nothing_gives_way_to_the_point_that_the_text_answers() -> None:
    point = "what happens if they cannot make it"
    assert (
        question("Every year", "how you collect the worm treatment")
        == "How do you collect the worm treatment?"
    )
    assert question("What we don't", point) == "What happens if they cannot make it?"
    assert question("How to pay", point) == "How do I pay?"
    assert question("Every year") == "Every year"
    assert question("Every year", "the bill") == "Every year"


def test_things_side_by_side_lose_their_capitals() -> None:
    assert question("Damage and Loss") == "What about damage and loss?"


def test_a_heading_of_a_hundred_thousand_characters_stays_as_it_is_at_once() -> None:
    long = "What the " + "miller's cats " * 7000 + "eat"
    assert question(long) == long
