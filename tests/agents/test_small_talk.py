"""Small talk is told by its words: whatever else a message says, it is more than that."""

from __future__ import annotations

import pytest

from limner.agents.messages.dialogue import asks, orders, split
from limner.agents.messages.follow_ups import leans_back, resolve, topic_after
from limner.agents.messages.small_talk import social


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("yo", "greeting"),
        ("ok. sorry for shouting, ty", "thanks"),
        ("thanks, that's all I needed", "thanks"),
        ("You've been most helpful, goodbye!", "goodbye"),
        ("Have a lovely weekend", "goodbye"),
        ("Thanks. My parcel is lost", None),
        ("thank you, I want to return my boots", None),
        ("thanks?", None),
        ("okay, no worries", "agreed"),
        ("my order", None),
    ],
)
def test_a_message_of_social_words_alone_is_small_talk(said: str, kind: str | None) -> None:
    assert social(said) == kind


def test_a_question_needs_no_question_mark() -> None:
    assert asks("how heavy is it") and asks("what's the cut-off")
    assert not asks("do it please") and not asks("could you cancel my order")
    assert split("what is the cut-off today and do you ship on saturdays") == [
        "what is the cut-off today?",
        "do you ship on saturdays?",
    ]


def test_how_something_is_to_be_told_is_no_question_of_its_own() -> None:
    assert len(split("How do I send a parcel back? Step by step please")) == 1


def test_it_is_what_the_reply_named() -> None:
    reply = "The Drumlin Winter Tent carries snow and is rated for winter."
    asked = resolve(
        "how heavy is it", "Which tent is good for snow?", reply=f"Well, {reply[0].lower()}{reply[1:]}"
    )
    assert asked == "how heavy is the Drumlin Winter Tent"


def test_it_is_the_name_that_was_typed_last_in_small_letters() -> None:
    reply = "Harrow Bay: phone 127. Pinecroft: address 88 Notch Road."
    assert resolve("is it open on sunday?", "address of the pinecroft one?", reply=reply).startswith(
        "is the Pinecroft open"
    )


def test_it_is_what_the_question_itself_names_first() -> None:
    said = "is wool ok if it gets wet?"
    assert resolve(said, "Which coat is best?", reply="Wear the Tarn Storm Coat.") == said


@pytest.mark.parametrize(
    ("said", "before"),
    [
        ("how fast is it if it goes by mail?", "I want to give a voucher. What amounts do you have?"),
        ("would that be cash or credit?", "My shoes rub. Any way out?"),
        ("Suppose he loses it?", "How fast is it with him?"),
        ("and if nobody comes?", "How long do you keep a parcel?"),
    ],
)
def test_a_follow_up_that_no_word_can_complete_stays_as_it_was_said(said: str, before: str) -> None:
    assert resolve(said, before) == said


def test_the_talk_goes_on_about_the_same_after_a_question_that_says_little() -> None:
    topic = "How do I reach the top tier?"
    assert topic_after("what are the perks", topic) == topic
    assert topic_after("do points run out", topic) == "How do I reach the top tier. do points run out"
    lead = "I have a wool shirt full of bobbles. Is that normal?"
    assert topic_after("may it go in the tumble dryer afterwards?", lead) == (
        "I have a wool shirt full of bobbles. may it go in the tumble dryer afterwards?"
    )


@pytest.mark.parametrize("said", ["and if nobody comes?", "how long will you keep it?", "are tents included"])
def test_a_short_question_leans_on_the_one_before(said: str) -> None:
    assert leans_back(said)
    assert not leans_back("What does a full zipper replacement cost at the Mend Bench?")


def test_an_order_is_no_follow_up_question() -> None:
    assert orders("but change the address to 3 Canal Row") and orders("please cancel it")
    assert not orders("and for boots?") and not orders("and what does a return cost?")
