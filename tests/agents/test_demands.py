"""What a brief asks for, and which topics of the documents answer it."""

from __future__ import annotations

import pytest

from limner.agents.articles.answers import Answer, answers, assigned
from limner.agents.articles.demands import Demand, demands, read_notes
from limner.agents.articles.nearness import nearness
from limner.agents.articles.relevance import ranked
from limner.agents.articles.topics import Topic, topics_of
from limner.agents.brief import Brief
from limner.retrieval.formats.markdown import markdown_blocks
from limner.retrieval.passage import Document, Passage
from limner.retrieval.split import split

POLICY = """# Returns

## Worn boots

Worn boots cannot be sent back. Worn sandals cannot either.

## The 45-day standard

Most items may be sent back for a refund within 45 days. They must be unworn.

## How to return an item

1. Print the label for the parcel.
2. Hand the parcel to the carrier.
3. Wait for the e-mail.

## Refund times

Cards take five days. Gift cards take one.
"""
LIBRARY = """# From the library

## Repair café

The café meets in the cellar. It mends lamps.

## Opening hours

The library opens on January 3, 2027. It closes at six.
"""
SHELLS = """# Caring for shells

## Washing

Shells are washed at 40 degrees. Liquid soap alone is used.

## Drying

Shells dry on a line. They need a day.
"""


def passages(name: str, text: str) -> list[Passage]:
    title, blocks = markdown_blocks(text)
    document = Document(name, text, "0" * 64, "markdown", title, blocks)
    return [piece.passage.model_copy(update={"score": 0.5}) for piece in split(document)]


FILES = {"policy.md": POLICY, "library.md": LIBRARY, "shells.md": SHELLS}
FOUND = [passage for name, text in FILES.items() for passage in passages(name, text)]
TOPICS = ranked(topics_of(FOUND, FILES.__getitem__, {p.id for p in FOUND}), FOUND, "Oakmere")


def found(point: str, topics: list[Topic] = TOPICS, every_date: bool = False) -> list[Answer]:
    (near,) = nearness([point], topics, None)
    return answers(Demand(point, point), topics, near, every_date)


def best(point: str, every_date: bool = False) -> str:
    return found(point, every_date=every_date)[0].topic.title


def test_the_topic_s_own_verbs_and_nouns_are_demands_after_those_of_the_notes() -> None:
    brief = Brief("How to wash and store down and wool clothing", notes="Cover prices and drying.")
    assert [each.text for each in demands(brief)] == [
        "prices",
        "drying",
        "wash down clothing",
        "wash wool clothing",
        "store down clothing",
        "store wool clothing",
    ]
    assert [each.key for each in demands(Brief("Choosing, pitching and looking after a tent"))] == [
        "Choosing",
        "pitching",
        "looking after",
    ]
    assert demands(Brief("Getting started with Velostad")) == []
    assert demands(Brief("Plants that flower or shine in winter")) == []


def test_a_heading_that_names_the_demand_answers_it() -> None:
    assert best("worn boots") == "Worn boots"
    assert best("the exception for worn boots") == "Worn boots"


def test_the_rule_comes_before_what_is_only_named_like_the_demand() -> None:
    assert best("refunds with their periods") == "The 45-day standard"


def test_a_demand_for_steps_gets_a_numbered_list() -> None:
    assert best("steps for a parcel") == "How to return an item"


def test_a_demand_that_names_a_document_is_answered_by_all_of_it_what_has_dates_first() -> None:
    (topics,) = assigned([found("library")])
    assert [topic.title for topic in topics] == ["Repair café", "Opening hours"]
    assert best("library", every_date=True) == "Opening hours"


def test_to_look_after_a_thing_is_to_care_for_it() -> None:
    assert best("how to look after a shell") == "Washing"


def test_two_demands_have_answers_of_their_own_where_there_are_two() -> None:
    first, second = assigned([found("refunds"), found("refund times")])
    assert [topics[0].title for topics in (first, second)] == ["The 45-day standard", "Refund times"]


def test_what_an_introduction_says_already_needs_no_topic() -> None:
    text = "# Club\n\nAnyone may join the club.\n\n## Points\n\nA dollar is a point. Points expire.\n"
    read = passages("club.md", text)
    topics = ranked(topics_of(read, lambda _: text, {p.id for p in read}), read, "The club")
    assert found("joining the club", topics) == []


def test_a_point_that_no_heading_names_is_answered_by_what_a_sentence_says_of_it() -> None:
    assert best("lamps") == "Repair café"
    assert best("sending footwear back") == "Worn boots"


def test_a_point_that_the_documents_say_nothing_of_has_no_answer() -> None:
    assert found("electric bicycles") == []


def test_two_questions_of_one_breath_are_two_points_unless_the_second_leans_on_the_first() -> None:
    assert read_notes("Cover the bill for two nights and what happens if plans change.").cover == (
        "bill for two nights",
        "what happens if plans change",
    )
    assert read_notes("Cover how long owners can stay and what normally limits it.").cover == (
        "how long owners can stay and what normally limits it",
    )


def test_questions_that_say_nothing_by_themselves_stay_together() -> None:
    assert read_notes("Cover which languages can be learned and how far, and the fees.").cover == (
        "which languages can be learned and how far",
        "fees",
    )
    assert read_notes("Compare the tours and say which days are off, and the price.").cover == (
        "tours",
        "which days are off",
        "price",
    )


def test_what_leads_to_the_points_is_none_of_them() -> None:
    assert read_notes("Also where to leave the car.").cover == ("where to leave the car",)
    notes = "Take the reader through it in order: getting it ready, the dates."
    assert read_notes(notes).cover == ("getting it ready", "dates")


def test_a_list_in_brackets_names_points_and_a_remark_in_brackets_none() -> None:
    read = read_notes("Cover how to set up the file (format, edges) and the price (new this year).")
    assert read.cover == ("how to set up the file", "format", "edges", "the price (new this year)")


def test_what_a_point_includes_is_a_point_of_its_own_where_it_is_understood_alone() -> None:
    read = read_notes("Cover how to book (with the closed days in July), and how far including the trial.")
    assert read.cover == ("how to book", "how far including the trial", "closed days in July")
    assert read_notes("Cover watering including the new compost.").cover == ("watering", "new compost")
    notes = "Cover the price including the rise that is coming."
    assert read_notes(notes).cover == ("price including the rise that is coming",)


def test_anything_about_a_subject_is_the_subject() -> None:
    assert read_notes("Leave out anything about kegs and any talk of money.").leave_out == ("kegs", "money")


def test_whom_a_point_is_told_is_no_part_of_it() -> None:
    notes = "Report how it went, tell neighbours how to know a swarm, and end with the dates in June."
    assert read_notes(notes).cover == ("how it went", "how to know a swarm", "the dates in June")
    assert read_notes("Do not bring in repair prices.").leave_out == ("repair prices",)


def test_what_is_not_to_be_mixed_up_may_be_spoken_of_and_what_is_left_out_may_not() -> None:
    read = read_notes(
        "Cover refunds; leave out freight. Do not mix up returns with repairs. Say nothing of money."
    )
    assert read.cover == ("refunds",)
    assert read.leave_out == ("freight", "repairs", "money")
    assert read.strike == ("freight", "money")


def test_what_only_adds_to_a_point_stays_with_it() -> None:
    cover = read_notes("Cover the way in, with late evening too, and the documents to carry.").cover
    assert cover == ("way in with late evening too", "documents to carry")


def test_steps_are_found_in_a_document_whose_introduction_names_what_is_done() -> None:
    text = (
        "# The pump\n\nThis is how you empty the holding tank of a boat at our pontoon.\n\n"
        "## Procedure\n\n1. Put the hose on.\n2. Press start.\n3. Rinse the hose.\n"
    )
    read = passages("pump.md", text)
    topics = ranked(topics_of(read, lambda _: text, {p.id for p in read}), read, "The harbour")
    assert [a.topic.title for a in found("emptying a holding tank step by step", topics)] == ["Procedure"]


def test_a_second_question_with_a_subject_of_its_own_is_a_point_though_it_has_a_pronoun() -> None:
    notes = "Cover what paperwork the insurer wants and what happens if the customer has to call it off."
    assert [each.text for each in demands(Brief(topic="Chimneys", notes=notes)) if not each.near] == [
        "what paperwork the insurer wants",
        "what happens if the customer has to call it off",
    ]


def test_where_nothing_is_named_for_a_point_the_next_nearest_is_told_as_well() -> None:
    near = {topic.key: 0.1 for topic in TOPICS}
    first, second, third = [topic for topic in TOPICS if topic.title and not topic.opens][:3]
    near |= {first.key: 1.0, second.key: 0.95, third.key: 0.5}
    (told,) = assigned([answers(Demand("zebras", "zebras"), TOPICS, near)])
    assert told == [first, second]


def test_a_question_whose_verb_comes_after_a_comma_is_one_point() -> None:
    notes = "Say what a parcel, a sofa and a load of timber cost, when the shop opens, and how to pay."
    assert read_notes(notes).cover == (
        "what a parcel, sofa and a load of timber cost",
        "when the shop opens",
        "how to pay",
    )


def test_a_question_about_two_cases_is_two_points() -> None:
    notes = (
        "Tell them what happens if plans change or the van is back late, what to do if you miss the boat"
        " or have to turn back, who to ring at night or when the gate is locked,"
        " and what to know if you avoid milk or nuts."
    )
    assert read_notes(notes).cover == (
        "what happens if plans change",
        "what to do if you miss the boat",
        "who to ring at night",
        "what to know if you avoid milk or nuts",
        "what happens if the van is back late",
        "what to do if you have to turn back",
        "who to ring when the gate is locked",
    )


def test_a_second_question_about_the_same_thing_names_it() -> None:
    notes = (
        "Say what a set contains and what it costs per night including the rise of this year"
        " and the reduction for large families, who may drive the van (younger drivers too),"
        " and how to get in and when it shuts."
    )
    assert read_notes(notes).cover == (
        "what a set contains",
        "what a set costs per night",
        "who may drive the van",
        "how to get in and when it shuts",
        "rise of this year",
        "reduction for large families",
        "younger drivers",
    )


@pytest.mark.parametrize(
    "point",
    [
        "what to do if you need a towel or a locker key",
        "what happens if a dog or a cat is lost",
        "how to book if you are a school or a youth group",
        "what to do if you want to change or cancel a booking",
        "what happens if items are late or get lost",
        "what the scheme covers and what it takes to join",
    ],
)
def test_things_side_by_side_and_a_thing_without_a_name_stay_one_point(point: str) -> None:
    assert read_notes(f"Say {point}.").cover == (point,)


def test_the_thing_that_a_second_question_is_about_has_all_its_words() -> None:
    notes = "Cover prices, where to park, what the summer camp includes and what it costs."
    assert read_notes(notes).cover[2:] == ("what the summer camp includes", "what the summer camp costs")
