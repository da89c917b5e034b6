"""From documents to an outline: what the notes ask for, what the documents hold, who gets what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.agents.brief import Brief
from limner.agents.layout import compared, grid
from limner.agents.outline import SectionPlan, in_document_order, outline
from limner.agents.prose import arrange, lead_line, referred
from limner.agents.topics import Topic, answering, ranked, topics_of
from limner.agents.wishes import read_notes
from limner.retrieval.markdown import markdown_blocks
from limner.retrieval.passage import Document, Passage
from limner.retrieval.split import split

RETURNS = """# Returns policy

The returns policy of Oakmere explains how to send gear back. Returns are handled in Oakmere.

## Refunds

Most items may be returned within 45 days. The label costs $6.95. Refunds arrive after 5 business days.

## Worn boots

Worn boots cannot be returned. The Fit Promise lets members bring back boots. The Fit Promise covers sandals.

## How to send a parcel

Parcels need a label.

1. Print the prepaid label at home.
2. Pack the items in any sturdy box.
3. Hand the parcel to the carrier.

## Refund times

| Paid with | Time |
|---|---|
| Card | 5 days |
| Gift card | 1 day |

Card refunds reach the customer within five days.
"""
WARRANTY = """# Warranty

The warranty covers seams that open.

## Claims

Most items may be returned within 45 days. Claims take ten business days.
"""


def passages(name: str, text: str) -> list[Passage]:
    title, blocks = markdown_blocks(text)
    document = Document(name, text, "0" * 64, "markdown", title, blocks)
    return [piece.passage for piece in split(document)]


def grouped(found: list[Passage], text: str = "") -> list[Topic]:
    """The topics of documents, all of them found."""
    texts = {"returns.md": RETURNS, "warranty.md": WARRANTY}
    return topics_of(found, lambda name: text or texts.get(name, ""), {passage.id for passage in found})


def rated(found: list[Passage], best: str) -> list[Passage]:
    """The passages as a search would give them, those under one heading first."""
    return [p.model_copy(update={"score": 0.9 if best in p.heading else 0.5}) for p in found]


@pytest.fixture
def documents() -> list[Passage]:
    return [*passages("returns.md", RETURNS), *passages("warranty.md", WARRANTY)]


def named(topics: list[Topic], title: str) -> Topic:
    return next(topic for topic in topics if topic.title == title)


class TestNotes:
    def test_points_come_apart_and_what_is_not_wanted_is_told_from_them(self) -> None:
        notes = (
            "Cover refunds and exchanges with their periods, the exception for worn boots, and the steps for"
            " sending a parcel. Do not mix up returns with warranty claims, repairs or trade-ins."
            " Give every date in full. Never mention rentals."
        )
        wishes = read_notes(notes)
        assert wishes.cover == (
            "refunds with their periods",
            "exception for worn boots",
            "steps for sending a parcel",
            "exchanges with their periods",
        )
        assert wishes.leave_out == ("warranty claims", "repairs", "trade-ins", "rentals")

    @given(st.text(max_size=400))
    def test_any_notes_can_be_read(self, notes: str) -> None:
        wishes = read_notes(notes)
        assert len(wishes.cover) <= 12 and len(wishes.leave_out) <= 12


class TestTopics:
    def test_a_topic_is_what_stands_under_a_heading(self, documents: list[Passage]) -> None:
        topics = grouped(documents)
        assert [(t.title, t.opens) for t in topics[:3]] == [
            ("Returns policy", True),
            ("Refunds", False),
            ("Worn boots", False),
        ]
        assert [c.text for c, form in named(topics, "How to send a parcel").lines if form == "step"] == [
            "Print the prepaid label at home.",
            "Pack the items in any sturdy box.",
            "Hand the parcel to the carrier.",
        ]
        forms = [form for _, form in named(topics, "How to send a parcel").lines]
        assert forms == ["prose", "step", "step", "step"]

    def test_a_sentence_on_its_own_document_is_no_material(self, documents: list[Passage]) -> None:
        assert [c.text for c, _ in grouped(documents)[0].lines] == ["Returns are handled in Oakmere."]
        assert not grouped(documents)[0].whole

    def test_a_subject_that_is_not_wanted_takes_its_document_with_it(self, documents: list[Passage]) -> None:
        topics = ranked(grouped(documents), rated(documents, "Refunds"), "Returns", "", ["warranty claims"])
        assert {topic.source for topic in topics} == {"returns.md"}

    def test_a_point_is_answered_by_the_nearest_topic(self, documents: list[Passage]) -> None:
        found = rated(documents, "Worn boots")
        topics = ranked(grouped(documents), found, "Returns")
        assert answering(topics, "worn boots", found) == named(topics, "Worn boots")

    def test_a_point_that_asks_for_steps_gets_them(self, documents: list[Passage]) -> None:
        found = rated(documents, "Refunds")
        topics = ranked(grouped(documents), found, "Returns")
        even = [passage.model_copy(update={"score": 0.5}) for passage in documents]
        best = answering(topics, "the steps for a parcel", even)
        assert best is not None and best.title == "How to send a parcel"

    def test_of_a_catalogue_only_what_the_brief_names_counts(self) -> None:
        rows = [
            Passage(id="a", source="p.csv", text="name: Tarn Jacket; price_usd: 89; weight_g: 400"),
            Passage(id="b", source="p.csv", text="name: Camp Mug; price_usd: 12; weight_g: 90; stock: 8"),
        ]
        topics = ranked(grouped(rows), rows, "The Tarn jackets and trousers")
        assert [topic.title for topic in topics] == ["Tarn Jacket"]


def texts(plans: list[SectionPlan]) -> list[str]:
    return [line.cited.text for plan in plans for part in plan.parts for line in part.lines]


class TestOutline:
    def test_nothing_is_said_twice_and_what_must_be_covered_has_a_place(
        self, documents: list[Passage]
    ) -> None:
        topics = ranked(grouped(documents), rated(documents, "Refunds"), "Returns")
        must = [named(topics, "Refund times"), named(topics, "Claims")]
        plans = outline(["Refunds", "Worn boots"], topics, must, Brief("Returns", words=150), None)
        assert len(texts(plans)) == len(set(texts(plans)))
        assert "Claims take ten business days." in texts(plans)
        tables = [table for plan in plans for part in plan.parts for table in part.tables]
        assert [table.header for table in tables] == [("Paid with", "Time")]
        assert tables[0].rows == (("Card", "5 days"), ("Gift card", "1 day"))

    def test_a_topic_stands_whole_in_the_order_of_its_document(self, documents: list[Passage]) -> None:
        topics = ranked(grouped(documents), rated(documents, "How to send a parcel"), "Parcels")
        (plan,) = outline(["How to send a parcel"], topics, [], Brief("Parcels", words=150), None)
        lines, _ = arrange(plan.title, plan.parts[:1])
        assert [line.text for line in lines] == [
            "Parcels need a label.",
            "Print the prepaid label at home.",
            "Pack the items in any sturdy box.",
            "Hand the parcel to the carrier.",
        ]

    def test_what_is_not_the_section_s_own_keeps_its_heading(self, documents: list[Passage]) -> None:
        topics = ranked(grouped(documents), rated(documents, "Refunds"), "Returns")
        must = [named(topics, "Worn boots"), named(topics, "Refund times")]
        (plan,) = outline(["Refunds"], topics, must, Brief("Returns", words=150), None)
        lines, tables = arrange(plan.title, plan.parts)
        labels = [line.label for line in lines if line.label]
        assert {"Worn boots", "Refund times"} <= set(labels) and "Refunds" not in labels
        before, table = tables[0]
        at = next(line for line in lines if line.paragraph == before)
        assert (table.caption, at.label) == ("Refund times", "Refund times")

    def test_there_is_room_for_as_many_parts_as_words_are_wanting(self, documents: list[Passage]) -> None:
        topics = ranked(grouped(documents), rated(documents, "Refunds"), "Returns")
        (plan,) = outline(["Refunds"], topics, [], Brief("Returns", words=150), None)
        assert plan.spare and 0 < plan.most <= len(plan.spare)
        assert plan.model_copy(update={"words": 20}).most == 0

    @given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5, unique=True))
    def test_any_titles_give_a_plan(self, titles: list[str]) -> None:
        topics = ranked(grouped(passages("returns.md", RETURNS)), [], "x")
        plans = outline(titles, topics, [], Brief("Returns"), None)
        assert [plan.title for plan in plans] == titles
        assert sum(plan.words for plan in plans) <= 600 + len(plans)


class TestProse:
    def lines(self, *texts: str) -> list[str]:
        text = "# T\n\n## Own\n\n" + " ".join(texts)
        topics = ranked(grouped(passages("t.md", text), text), [], "x")
        (plan,) = outline(["Own"], topics, [named(topics, "Own")], Brief("x"), None)
        return [line.text for line in referred(arrange(plan.title, plan.parts)[0])]

    def test_a_name_said_just_before_becomes_a_pronoun_but_never_twice_in_a_row(self) -> None:
        assert self.lines(
            "The Fit Promise covers boots and shoes.",
            "The Fit Promise gives store credit for them.",
            "The Fit Promise has a limit of one claim.",
        ) == [
            "The Fit Promise covers boots and shoes.",
            "It gives store credit for them.",
            "The Fit Promise has a limit of one claim.",
        ]

    @pytest.mark.parametrize(
        "texts",
        [
            ("The store manager has a key to it.", "The store manager is in on Mondays."),
            ("The blue tent weighs two kilograms.", "The red tent weighs three kilograms."),
            ("Sale items that are marked stay here.", "Sale items may be returned at once."),
        ],
        ids=["a person", "two things", "no verb"],
    )
    def test_where_a_pronoun_could_mislead_the_name_stays(self, texts: tuple[str, str]) -> None:
        assert self.lines(*texts) == list(texts)

    def test_a_very_long_paragraph_is_cut_into_even_ones(self) -> None:
        text = "# T\n\n## Own\n\n" + " ".join(f"Fact number {n} is worth knowing here." for n in range(9))
        topics = ranked(grouped(passages("t.md", text), text), [], "x")
        (plan,) = outline(["Own"], topics, [], Brief("x"), None)
        lines, _ = arrange(plan.title, plan.parts)
        assert [sum(line.paragraph == n for line in lines) for n in range(2)] == [5, 4]

    def test_the_lead_names_the_sections_and_claims_nothing(self) -> None:
        line = lead_line("how-to", ["Fabric and care", "Tarn Jacket", "The label."])
        assert line == "In this guide: Fabric and care · Tarn Jacket · The label"
        assert lead_line("faq", ["What is it?"]) == ""


class TestLayout:
    def test_a_small_table_is_read_and_a_large_or_ragged_one_is_not(self) -> None:
        small = "| A | B |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"
        found = grid(small)
        assert found is not None and (found.header, found.rows) == (("A", "B"), (("1", "2"), ("3", "4")))
        assert grid(small + "\n| 5 |") is None
        assert grid("| A | B |\n|---|---|\n" + "| 1 | 2 |\n" * 9) is None
        assert grid("Prose, and no table.") is None

    def test_records_stand_side_by_side_with_columns_that_tell_them_apart(self) -> None:
        rows = [
            Passage(
                id="a", source="p.csv", text="sku: 1; name: Jacket; price_usd: 89; weight_g: 400; dry: yes"
            ),
            Passage(
                id="b", source="p.csv", text="sku: 2; name: Parka; price_usd: 99; weight_g: 900; dry: yes"
            ),
        ]
        side = compared(rows)
        assert side is not None
        assert side[0].header == ("Name", "Price (USD)", "Weight (g)")
        assert side[0].rows == (("Jacket", "89", "400"), ("Parka", "99", "900"))
        assert side[1] == ("a", "b")

    @given(st.text(max_size=300))
    def test_any_text_can_be_looked_at(self, text: str) -> None:
        grid(text)
        compared([Passage(id=name, source="x", text=text) for name in "ab"])


def test_sections_of_one_document_keep_its_order_in_the_places_that_they_hold(
    documents: list[Passage],
) -> None:
    topics = grouped(documents)
    asked = ["How to send a parcel", "Claims", "Something else", "Refunds", "Worn boots"]
    assert in_document_order(asked, topics) == [
        "Refunds",
        "Claims",
        "Something else",
        "Worn boots",
        "How to send a parcel",
    ]


def test_a_heading_that_holds_what_a_point_says_before_with_answers_it(documents: list[Passage]) -> None:
    topics = grouped(documents)
    found = rated(documents, "Worn boots")
    answer = answering(topics, "refunds with their periods", found)
    assert answer in (named(topics, "Refunds"), named(topics, "Refund times"))
