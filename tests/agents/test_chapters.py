"""Sections out of topics: what may stand under which heading, and in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from limner.agents.articles.answers import answers
from limner.agents.articles.chapters import chapters, covers, joint, short_title
from limner.agents.articles.demands import Demand
from limner.agents.articles.parts import fitted, part_of
from limner.agents.articles.relevance import ranked
from limner.agents.articles.selection import select
from limner.agents.articles.topics import Topic, topics_of
from limner.agents.brief import Brief
from limner.retrieval.formats.markdown import markdown_blocks
from limner.retrieval.passage import Document, Passage
from limner.retrieval.split import split


def topics_in(name: str, text: str) -> list[Topic]:
    """The topics of a document, in its order."""
    title, blocks = markdown_blocks(text)
    document = Document(name, text, "0" * 64, "markdown", title, blocks)
    found: list[Passage] = [piece.passage.model_copy(update={"score": 0.5}) for piece in split(document)]
    made = ranked(topics_of(found, lambda _: text, {p.id for p in found}), found, "x")
    return sorted((topic for topic in made if not topic.opens), key=lambda topic: topic.start)


def document(title: str, *headings: str) -> list[Topic]:
    said = "\n\n".join(
        f"## {each}\n\nThe word {n} stands here. So does {n + 50}." for n, each in enumerate(headings)
    )
    return topics_in(f"{title}.md", f"# {title}\n\n{said}\n")


RIDING = document("Velostad: taking part", "Take a bicycle", "Return it", "Rules of the road")
PARKING = document("Council", "Parking fees", "Flood wardens wanted")


def titles(topics: list[Topic], count: int) -> list[str]:
    made = chapters(topics, count, "Getting around")
    return [chapter.title for chapter in made or []]


def test_a_topic_stands_under_no_heading_that_does_not_cover_it() -> None:
    fees, wardens = PARKING
    assert not covers(fees, wardens)
    assert not covers(fees, RIDING[0])


def test_a_heading_covers_what_shares_its_words_in_its_own_document() -> None:
    tiers, benefits, hours = document("Club", "The three tiers", "Benefits of each tier", "When to come")
    assert covers(tiers, benefits)
    assert not covers(hours, benefits)
    choosing, pitching = document("Tent guide", "Choosing a tent", "Pitching a tent")
    assert not covers(choosing, pitching), "what all of a document is about tells nothing"


def test_more_topics_than_sections_stand_under_the_title_of_their_document() -> None:
    assert titles(RIDING, 1) == ["Taking part"]
    assert titles([*RIDING, PARKING[0]], 2) == ["Taking part", "Parking fees"]


def test_the_title_of_an_issue_is_the_last_choice_and_none_for_questions() -> None:
    news = document("The Jug, members' letter", "New on the walls", "Children", "Parking at night, from May")
    two = [each.topics for each in chapters(news, 2, "A first visit") or []]
    assert [len(topics) for topics in two] == [2, 1], "two stand under a title made of theirs"
    assert chapters(news, 2, "A first visit", joined=False) is None


def test_no_point_of_an_faq_is_lost_for_want_of_a_title() -> None:
    headings = ("Parking", "Swimming", "Kitchen", "Dogs", "Heating", "Lockers", "Bicycles", "Showers")
    news = document("The Dibber newsletter", *headings)
    brief = Brief("What members ask", sections=3, words=400, images=0, kind="faq")
    assert len(select([[topic] for topic in news], news, brief).chapters) == len(headings)


def test_topics_of_two_documents_share_a_section_only_under_a_title_that_names_both() -> None:
    assert titles([RIDING[0], PARKING[0]], 1) == ["Take a bicycle and parking fees"]
    (winter,) = document("Council in winter", "In winter")
    assert chapters([RIDING[0], winter], 1, "x") is None, "it would not read well"


def test_three_topics_may_be_named_in_one_title() -> None:
    assert joint(["Night swims", "Dog swim", "Closures"]) == "Night swims, dog swim and closures"
    long = ["What babies have to wear", "When toys are allowed", "How many swim at once"]
    assert joint(long[:2]) == "What babies have to wear, and when toys are allowed"
    assert joint(long) == "What babies have to wear, when toys are allowed, and how many swim at once"
    assert joint([*long, "Closures"]) == ""


@pytest.mark.parametrize(
    ("one", "two", "title"),
    [
        ("Take a bicycle", "Return it", "Take a bicycle and return it"),
        ("When to plant", "How to plant a shrub", "When to plant, and how to plant a shrub"),
        ("Parking fees", "Swimming pool stays open", ""),
        ("Paying and the deposit", "In winter", ""),
        ("Worn footwear and the Fit Promise", "Sale and Final Sale items", ""),
    ],
)
def test_a_title_is_made_of_two_only_where_it_reads_well(one: str, two: str, title: str) -> None:
    assert joint([one, two]) == title


def test_a_document_s_title_loses_the_name_of_its_series() -> None:
    assert short_title("Velostad: passes and prices") == "Passes and prices"
    assert short_title("Tent guide") == "Tent guide"


def test_documents_follow_the_brief_and_topics_their_document() -> None:
    asked = [[PARKING[0]], [RIDING[1]], [RIDING[0]]]
    found = select(asked, [*RIDING, *PARKING], Brief("Around town", sections=3, words=150))
    told = [topic.title for chapter in found.chapters for topic in chapter.topics]
    assert told[:3] == ["Parking fees", "Take a bicycle", "Return it"]


def test_a_mishap_never_comes_first_and_waits_for_what_others_tell() -> None:
    stations = document("Stations", "Where they are", "When a station is full")
    topics = [*stations, *RIDING]
    found = select([[each] for each in topics], topics, Brief("Around town", sections=6, words=300))
    told = [topic.title for chapter in found.chapters for topic in chapter.topics]
    assert told == [
        "Where they are",
        "Take a bicycle",
        "Return it",
        "Rules of the road",
        "When a station is full",
    ]


def test_what_the_brief_asks_for_has_room_before_anything_else() -> None:
    topics = [*RIDING, *PARKING]
    found = select([[PARKING[1]]], topics, Brief("Around town", sections=1, words=150))
    assert found.chapters[0].title in ("Flood wardens wanted", "Council")
    assert found.asked == [PARKING[1]]


def test_an_article_stays_with_the_documents_that_it_is_asked_about() -> None:
    found = select([[PARKING[0]]], [*RIDING, *PARKING], Brief("Fees", sections=1, words=150))
    assert {topic.source for chapter in found.chapters for topic in chapter.topics} == {"Council.md"}


def test_exceptions_to_what_is_asked_for_come_before_what_else_there_is_on_it() -> None:
    returns = document(
        "Returns", "How to return an item", "What a return costs", "Items that cannot be returned"
    )
    brief = Brief("Sending gear back", sections=1, words=150)
    long = [replace(topic, blocks=topic.blocks * 10) for topic in returns]
    found = select([[long[0], long[1], long[2]]], long, brief)
    told = [topic.title for chapter in found.chapters for topic in chapter.topics]
    assert told == ["How to return an item", "Items that cannot be returned"]


def test_in_instructions_what_must_be_known_before_comes_before_the_steps_of_its_document() -> None:
    text = (
        "# Start\n\n## Create a project\n\n1. Install the tool first.\n2. Run it in the folder.\n\n"
        "## Deploy\n\nRun the push command. The build takes two minutes.\n\n"
        "## Before you begin\n\nYou need a repository with one commit. Never put passwords into it.\n"
    )
    topics = topics_in("start.md", text)
    for kind, first in (("how-to", "Before you begin"), ("article", "Create a project")):
        found = select([], topics, Brief("Projects", kind=kind, sections=3, words=150))
        assert found.chapters[0].title == first


def test_a_heading_that_says_nothing_by_itself_gives_way_to_its_documents_title() -> None:
    assert titles(document("Using the pump", "Steps"), 1) == ["Using the pump"]


def test_a_table_and_steps_above_a_document_s_sections_are_topics_and_an_introduction_is_none() -> None:
    table = "| Boat | Night |\n| --- | --- |\n| Small | £18 |\n| Large | £26 |\n"
    steps = "1. Stop the engine and wait.\n2. Open the lid with both hands.\n"
    below = "\n## Paying\n\nYou pay on arrival. We take no cash.\n"
    for above, expected in (
        (table, ["Rates", "Paying"]),
        (steps, ["Rates", "Paying"]),
        ("All of 2026.\n", ["Paying"]),
    ):
        found = topics_in("rates.md", f"# Rates\n\nThese are the rates of the harbour.\n\n{above}{below}")
        assert [topic.title for topic in found] == expected


STEPS = "\n".join(
    f"{n}. Turn the wheel number {n} to the left until it clicks and hold it." for n in range(1, 11)
)


def test_steps_stand_whole_where_instructions_have_room_for_them_and_go_where_they_have_not() -> None:
    (topic,) = topics_in("wheels.md", f"# Turning wheels\n\nThere are ten wheels in the room.\n\n{STEPS}\n")
    assert fitted(topic, share=50, steps=300).stepwise
    assert not fitted(topic, share=50, steps=50).stepwise


def test_instructions_begin_with_the_steps_where_no_demand_has_found_any() -> None:
    (steps,) = topics_in("wheels.md", f"# Turning wheels\n\nThere are ten wheels in the room.\n\n{STEPS}\n")
    rules = document("Rules", "Who may enter", "What it costs")
    topics = [replace(topic, relevance=0.9) for topic in rules] + [replace(steps, relevance=0.8)]
    brief = Brief(topic="How to turn wheels", kind="how-to", sections=3, words=400)
    chosen = select([[topics[1]]], topics, brief)
    assert chosen.chapters[0].topics[0].stepwise


def test_a_heading_is_not_said_again_below_it() -> None:
    said = "Dogs stay outside. They may wait at the gate."
    text = f"# Rules\n\n## Dogs stay outside.\n\n{said}\n\n## Fees\n\nA day costs £2. A week costs £9.\n"
    dogs = topics_in("rules.md", text)[0]
    assert [line.cited.text for line in part_of(dogs, "own").lines] == ["They may wait at the gate."]


def test_no_two_sections_have_the_same_title() -> None:
    club = topics_in("club.md", "# Club\n\n## Fees\n\nA year costs £20. A month costs £3.\n")
    notes = topics_in(
        "notes.md", "# Notes\n\n## Fees\n\nFees rise on 1 May by 50 pence and stay so for long.\n"
    )
    brief = Brief("The club", sections=3, words=150, images=0)
    found = select([club, notes], [*club, *notes], brief)
    assert [chapter.title for chapter in found.chapters] == ["Fees"]
    assert len(found.chapters[0].topics) == 2


def test_a_question_of_one_word_is_no_part_of_a_title() -> None:
    assert joint(["When", "Each changeover"]) == ""
    assert joint(["When we call", "Each changeover"]) == "When we call, and each changeover"


def test_a_newsletter_fills_up_news_alone() -> None:
    rest = document("Newsletter", "Prices", "Crew", "Summer show")
    for kind, filled in (("article", False), ("news", True)):
        found = select([[rest[0]]], rest, Brief("Prices", kind=kind, words=300, sections=3))
        assert (len([t for c in found.chapters for t in c.topics]) > 1) is filled, kind


def test_what_minutes_are_headed_with_names_no_answer() -> None:
    web, minutes = document("Visit", "Look around"), document("Minutes of May", "Tours")
    near = {web[0].key: 0.6, minutes[0].key: 0.5}
    best = answers(Demand("tours", "tours"), [*web, *minutes], near)
    assert best[0].topic == web[0]
