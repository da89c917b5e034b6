"""From documents to an outline: what the notes ask for, what the documents hold, who gets what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.agents.articles.demands import read_notes
from limner.agents.articles.layout import compared, grid, record
from limner.agents.articles.outline import Outline, SectionPlan, asking, outline, within
from limner.agents.articles.parts import Part, conditions_first, distinct, part_of, same_rule
from limner.agents.articles.prose import arrange, lead_line, referred
from limner.agents.articles.records import named_by
from limner.agents.articles.refused import without
from limner.agents.articles.relevance import ranked
from limner.agents.articles.selection import select
from limner.agents.articles.topics import Topic, topics_of
from limner.agents.brief import Brief
from limner.retrieval.formats.markdown import markdown_blocks
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
        kept = without(grouped(documents), read_notes("Leave out warranty claims."), None)
        assert {topic.source for topic in kept} == {"returns.md"}

    def test_of_a_catalogue_only_what_the_brief_names_counts(self) -> None:
        rows = [
            Passage(id="a", source="p.csv", text="name: Tarn Jacket; price_usd: 89; weight_g: 400"),
            Passage(id="b", source="p.csv", text="name: Camp Mug; price_usd: 12; weight_g: 90; stock: 8"),
        ]
        about = "The Tarn jackets and trousers"
        named = [t for t in ranked(grouped(rows), rows, about) if named_by(t, about)]
        assert [topic.title for topic in named] == ["Tarn Jacket"]


def planned(asked: list[Topic], topics: list[Topic], brief: Brief) -> Outline:
    """An outline in which each demand has one answer."""
    return outline(select([[topic] for topic in asked], topics, brief), topics, [], brief)


def texts(found: Outline) -> list[str]:
    return [line.cited.text for plan in found.sections for part in plan.parts for line in part.lines]


class TestOutline:
    def test_nothing_is_said_twice_and_what_is_asked_for_has_a_place(self, documents: list[Passage]) -> None:
        topics = ranked(grouped(documents), rated(documents, "Refunds"), "Returns")
        asked = [named(topics, title) for title in ("Refunds", "Refund times", "Claims")]
        found = planned(asked, topics, Brief("Returns", words=150, sections=3))
        assert len(texts(found)) == len(set(texts(found)))
        assert "Claims take ten business days." in texts(found)
        tables = [table for plan in found.sections for part in plan.parts for table in part.tables]
        assert [table.header for table in tables] == [("Paid with", "Time")]
        assert tables[0].rows == (("Card", "5 days"), ("Gift card", "1 day"))

    def test_a_topic_stands_whole_in_the_order_of_its_document(self, documents: list[Passage]) -> None:
        topics = ranked(grouped(documents), rated(documents, "How to send a parcel"), "Parcels")
        asked = [named(topics, "How to send a parcel")]
        plan = planned(asked, topics, Brief("Parcels", words=150, sections=1)).sections[0]
        parcel = [part for part in plan.parts if part.title == "How to send a parcel"]
        lines, _ = arrange("How to send a parcel", parcel)
        assert [line.text for line in lines][:4] == [
            "Parcels need a label.",
            "Print the prepaid label at home.",
            "Pack the items in any sturdy box.",
            "Hand the parcel to the carrier.",
        ]

    def test_topics_of_one_document_stand_under_its_title_each_with_its_heading(
        self, documents: list[Passage]
    ) -> None:
        topics = ranked(grouped(documents), rated(documents, "Refunds"), "Gear that comes back")
        asked = [named(topics, "Worn boots"), named(topics, "Refunds"), named(topics, "Refund times")]
        (plan,) = planned(asked, topics, Brief("Gear that comes back", words=150, sections=1)).sections
        lines, _ = arrange(plan.title, plan.parts)
        assert plan.title == "Returns policy"
        assert [line.label for line in lines if line.label] == [
            "Refunds",
            "Worn boots",
            "How to send a parcel",
            "Refund times",
        ]

    def test_what_opens_the_first_document_stands_above_the_first_section(self) -> None:
        text = (
            "# Bicycles\n\nThe bicycles of Oakmere stand at forty stations.\n\n## Take one\n\n"
            "Scan the code. Pull the bicycle out.\n\n## Bring it back\n\nPush it in. Wait for the light.\n"
        )
        found = passages("b.md", text)
        topics = ranked(grouped(found, text), rated(found, "Take one"), "Riding in Oakmere")
        made = planned(topics[1:], topics, Brief("Riding in Oakmere", words=150, sections=2))
        assert made.opening is not None and "forty stations" in made.opening.lines[0].cited.text
        assert "The bicycles of Oakmere stand at forty stations." not in texts(made)

    def test_minutes_open_no_article(self) -> None:
        text = "# Bicycles\n\nFour of us sat in the shed.\n\n## Take one\n\nScan the code. Pull it out.\n"
        for name, opens in (("b.md", True), ("minutes-may.md", False)):
            found = passages(name, text)
            topics = ranked(grouped(found, text), rated(found, "Take one"), "Riding")
            made = planned(topics[1:], topics, Brief("Riding", words=150, sections=1))
            assert (made.opening is not None) is opens

    def test_of_products_the_table_that_compares_them_comes_first(self) -> None:
        cells = "name: {}; price_usd: {}; best_for: {}; weight_g: {}"
        rows = [
            Passage(id=name, source="p.csv", text=cells.format(name, price, use, price * 3))
            for name, price, use in (("Jacket", 89, "rain"), ("Parka", 99, "snow"))
        ]
        text = "# Care\n\n## Washing\n\nThe Jacket is washed cold. Wash the Parka warm.\n"
        found = passages("care.md", text)
        topics = ranked(grouped(found, text), rated(found, "Washing"), "Jackets")
        records = topics_of(rows, lambda name: "", {row.id for row in rows})
        brief = Brief("Jackets", kind="product", words=150, sections=2, notes="what is for rain")
        made = outline(select([], topics, brief), topics, records, brief)
        first, *others = made.sections
        assert first.title == "At a glance" and others
        assert first.parts[0].tables[0].header == ("Name", "Best for", "Price (USD)", "Weight (g)")
        assert first.parts[0].tables[0].rows[0][0] == "Jacket"

    def test_a_section_s_writer_chooses_only_where_more_belongs_to_it_than_fits(self) -> None:
        said = "Fact {0} is that item {0} weighs {0} kilograms. It is painted in {0} shades of blue."
        text = "# Facts\n\n" + "\n\n".join(f"## Fact {n}\n\n{said.format(n)}" for n in range(20))
        found = passages("facts.md", text)
        topics = ranked(grouped(found, text), rated(found, "Fact 3"), "Weights")
        brief = Brief("Weights", words=150, sections=1)
        plan = next(section for section in planned([], topics, brief).sections if section.firm)
        assert 0 < plan.most < len(plan.spare)
        few = planned([], topics[:5], brief).sections[0]
        assert not few.spare and len(few.parts) == 5

    def test_a_choice_longer_than_the_section_is_cut_from_its_end(self, documents: list[Passage]) -> None:
        topics = grouped(documents)
        parts = tuple(part_of(topic, "spare") for topic in topics if topic.title in ("Refunds", "Worn boots"))
        assert within(SectionPlan(title="x", words=60, parts=parts), parts) == list(parts)
        assert within(SectionPlan(title="x", words=0, parts=parts), parts) == [parts[0]]

    @given(st.integers(1, 6), st.integers(150, 900), st.text(max_size=60))
    def test_any_brief_gives_a_plan_of_no_more_sections_than_are_wanted(
        self, count: int, words: int, notes: str
    ) -> None:
        topics = ranked(grouped(passages("returns.md", RETURNS)), [], "x")
        brief = Brief("Returns", sections=count, words=words, notes=notes)
        found = planned([], topics, brief)
        assert len([plan for plan in found.sections if plan.title != found.extra]) <= count
        assert sum(plan.words for plan in found.sections if plan.title != found.extra) <= 1.3 * words


class TestParts:
    def test_a_sentence_that_leans_on_one_that_goes_goes_with_it(self) -> None:
        text = (
            "# Coats\n\n## Fabric\n\nThe fabric is made of 70 percent recycled nylon."
            " The cuffs are not yet made of it.\n\n## Report\n\n"
            "The fabric is made of 70 percent recycled nylon. All coats are sewn here.\n"
        )
        found = passages("c.md", text)
        report, fabric = sorted(ranked(grouped(found, text), found, "Coats"), key=lambda t: -t.start)
        plan = planned([report, fabric], [report, fabric], Brief("Warm coats", sections=2, words=150))
        assert texts(plan).count("The fabric is made of 70 percent recycled nylon.") == 1
        assert "The cuffs are not yet made of it." in texts(plan)

    def test_a_rule_that_another_tells_of_one_thing_more_is_told_once(self) -> None:
        rule = "Final Sale items cannot be returned or exchanged, unless the item arrived damaged."
        assert same_rule("Final Sale items cannot be exchanged, unless the item arrived damaged.", [rule])
        assert not same_rule(rule, ["Final Sale items cannot be exchanged, unless the item arrived damaged."])
        assert not same_rule("Dogs may not enter.", ["Dogs may not enter at night."])
        assert not same_rule("Gloves cost 79 dollars.", ["Gloves cost 89 dollars."])

    def test_prose_says_only_what_its_table_does_not(self) -> None:
        text = (
            "# Tents\n\n## Prices\n\n| Tent | Price | Weight |\n|---|---|---|\n| Lark | $329 | 900 g |\n"
            "| Wren | $399 | 990 g |\n\nThe Lark tent has a price of $329."
            " The Wren weighs 990 g because it has two doors.\n"
        )
        found = passages("t.md", text)
        part = part_of(grouped(found, text)[-1], "own")
        assert [line.cited.text for line in part.lines] == ["The Wren weighs 990 g because it has two doors."]

    def test_headings_in_an_faq_are_questions_at_every_level(self) -> None:
        parts = tuple(Part(title=title, source="a.md") for title in ("Booking", "How to cancel a visit"))
        section = asking(SectionPlan(title="Booking", parts=parts), "How does booking work?")
        titles = [part.title for part in section.parts]
        assert titles == ["How does booking work?", "How do I cancel a visit?"]


class TestProse:
    def lines(self, *texts: str) -> list[str]:
        text = "# T\n\n## Own\n\n" + " ".join(texts)
        topics = ranked(grouped(passages("t.md", text), text), [], "x")
        (plan,) = planned([named(topics, "Own")], topics, Brief("x", sections=1)).sections
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
        (plan,) = planned([named(topics, "Own")], topics, Brief("x", sections=1)).sections
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
        marked = grid("| A | B |\n|---|---|\n| **1** | *2*, 3 * 4 * 5 |\n| 3 | 4 |")
        assert marked is not None and marked.rows[0] == ("1", "2, 3 * 4 * 5")
        assert grid(small + "\n| 5 |") is None
        assert grid("| A | B |\n|---|---|\n" + "| 1 | 2 |\n" * 11) is None
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

    def test_columns_that_a_brief_asks_for_come_first(self) -> None:
        cells = "name: {}; latin: {}; type: {}; height_cm: {}; light: {}; price_eur: {}"
        rows = [
            Passage(id=name, source="p.csv", text=cells.format(name, name, name, n, name, n))
            for n, name in enumerate(["Sedge", "Birch"], 1)
        ]
        side = compared(rows, "Name plants with prices and light")
        assert side is not None and side[0].header[:3] == ("Name", "Light", "Price (EUR)")

    def test_a_cell_may_hold_the_mark_that_ends_it(self) -> None:
        row = record("name: Rose; light: shade; note: Scented in May; berries are not edible")
        assert row["note"] == "Scented in May; berries are not edible"

    @given(st.text(max_size=300))
    def test_any_text_can_be_looked_at(self, text: str) -> None:
        grid(text)
        compared([Passage(id=name, source="x", text=text) for name in "ab"])


def test_what_forbids_to_begin_stands_before_the_steps() -> None:
    text = (
        "# Store\n\n## Before you enter\n\n1. Check the light.\n2. Hang up your tag.\n\n"
        "Do not enter if the heating is broken. The call must come.\n\n## Leaving\n\nTake the tag off.\n"
    )
    found = passages("store.md", text)
    (topic, *_) = [t for t in grouped(found, text) if t.title == "Before you enter"]
    told = [line.cited.text for line in conditions_first(part_of(topic, "own")).lines]
    assert told[0] == "Do not enter if the heating is broken." and told[-1] == "Hang up your tag."


def test_an_exception_is_said_with_each_rule_that_it_belongs_to() -> None:
    one = "Final Sale items cannot be returned or exchanged, unless the item arrived damaged."
    two = "Final Sale items cannot be exchanged, unless the item arrived damaged."
    text = f"# Sale\n\n## Returns\n\n{one} Others may.\n\n## Exchanges\n\nMost may be exchanged. {two}\n"
    parts = [part_of(topic, "own") for topic in grouped(passages("sale.md", text), text)]
    kept = distinct([[part] for part in parts])
    assert [line.cited.text for line in kept[1][0].lines] == ["Most may be exchanged.", two]


def test_a_sentence_about_its_document_is_left_out_whoever_the_document_is_of() -> None:
    text = "# Returns policy\n\nThe returns policy of Oak Shops explains refunds.\n\n"
    text += "Tags must be on. Boxes may open.\n"
    topics = grouped(passages("returns.md", text), text)
    assert [topic.text for topic in topics] == ["Tags must be on. Boxes may open."]
