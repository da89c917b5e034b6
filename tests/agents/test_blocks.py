"""What the text under a heading is made of: nothing is taken out of what gives it its meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.agents.articles.blocks import Block, blocks_of
from limner.agents.articles.keyphrases import titles_for
from limner.agents.articles.prose import readable
from limner.agents.articles.segments import segments
from limner.retrieval.formats.markdown import markdown_blocks
from limner.retrieval.passage import Document
from limner.retrieval.split import split


def blocks(text: str) -> list[Block]:
    title, found = markdown_blocks(text)
    document = Document("d.md", text, "0" * 64, "markdown", title, found)
    return blocks_of(text, [piece.passage for piece in split(document)])


def lines(text: str) -> list[list[tuple[str, str]]]:
    return [[(cited.text, form) for cited, form in block.lines] for block in blocks(text) if block.lines]


CANCEL = """A flight that has begun cannot be cancelled.

Otherwise, it can be cancelled if any of these holds:

- The booking is less than a day old
- The airline cancelled it
- The passenger has insurance and the reason is covered by it.

The refund takes a week.
"""


class TestLists:
    def test_a_list_stands_with_the_line_that_announces_it(self) -> None:
        assert lines(CANCEL)[1] == [
            ("Otherwise, it can be cancelled if any of these holds:", "prose"),
            ("The booking is less than a day old", "item"),
            ("The airline cancelled it", "item"),
            ("The passenger has insurance and the reason is covered by it.", "item"),
        ]

    def test_a_list_that_cannot_be_carried_over_takes_its_announcement_with_it(self) -> None:
        long = (
            "You may come if any of these holds:\n\n- It is Monday\n- "
            + "w " * 210
            + "\n\nBring a coat with you."
        )
        assert lines(long) == [[("Bring a coat with you.", "prose")]]

    def test_a_list_within_a_list_keeps_its_place(self) -> None:
        found = lines("You need:\n\n- A tool:\n  - a hammer\n  - a saw\n- A licence\n")
        assert [form for _, form in found[0]] == ["prose", "item", "subitem", "subitem", "item"]

    def test_a_menu_of_links_says_nothing(self) -> None:
        assert lines("Text that stands here.\n\n- [Home](/)\n- [About us](/about)\n") == [
            [("Text that stands here.", "prose")]
        ]

    def test_steps_keep_the_code_within_them(self) -> None:
        found = lines("1. Stop it.\n2. Update it:\n   ```\n   pip install -U quern\n   ```\n3. Start it.\n")
        assert [text for text, _ in found[0]] == [
            "Stop it.",
            "Update it: `pip install -U quern`",
            "Start it.",
        ]
        assert {form for _, form in found[0]} == {"step"}


class TestParagraphs:
    def test_code_follows_the_line_that_announces_it(self) -> None:
        found = lines(
            "To install it, run:\n\n```bash\npip install quern\n  quern init\n```\n\nIt is quick then.\n"
        )
        assert found[0] == [
            ("To install it, run:", "prose"),
            ("pip install quern", "code"),
            ("  quern init", "code"),
        ]

    def test_a_line_that_announces_what_is_not_there_is_left_out(self) -> None:
        assert lines(
            "Prices are fair in summer. These are the prices:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
        ) == [[("Prices are fair in summer.", "prose")]]

    def test_what_leans_on_a_question_goes_with_it(self) -> None:
        found = lines(
            "The shop is open daily. What does that mean? It means no day off. Dogs may come in too.\n"
        )
        assert found == [[("The shop is open daily.", "prose"), ("Dogs may come in too.", "prose")]]

    @given(st.text(alphabet="ab .:-*#`\n1|[]()", max_size=300))
    def test_any_text_can_be_read_and_every_line_is_where_it_says(self, text: str) -> None:
        title, found = markdown_blocks(text)
        document = Document("d.md", text, "0" * 64, "markdown", title, found)
        passages = {piece.passage.id: piece.passage for piece in split(document)}
        for passage in passages.values():
            for block in blocks_of(text, [passage]):
                for cited, _ in block.lines:
                    stored = passages[cited.passage_id].text[cited.start : cited.end]
                    assert cited.text.replace("`", "").split()[0] in stored.replace("`", "")


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (
            "Use **bold**, *stress*, `a_b` at 2 * 3; snake_case stays.[^1]",
            "Use bold, stress, `a_b` at 2 * 3; snake_case stays.",
        ),
        (
            "See [the guide](https://x.example/(a)) and <https://y.example>.",
            "See the guide and https://y.example.",
        ),
        (
            'A [`rich`](https://rich.example) tool for <abbr title="x > y">CLI</abbr> users.',
            "A `rich` tool for CLI users.",
        ),
        ("**Use `--help`, a** flag", "Use `--help`, a flag"),
        ("AGREED that from May we open at two.", "From May we open at two."),
        ("We agreed that it stays.", "We agreed that it stays."),
        ("AGREED members pay £10, and that guests do not.", "Members pay £10, and guests do not."),
        ("AGREED to open on Sundays.", "AGREED to open on Sundays."),
        ("AGREED fees stay, and that includes tea.", "Fees stay, and that includes tea."),
    ],
)
def test_a_sentence_is_read_without_its_markdown(raw: str, read: str) -> None:
    assert readable(raw) == read


class TestRunningText:
    def test_text_is_cut_where_its_subject_changes(self) -> None:
        near, far = 0.8, 0.1
        alike = [[near if (one < 3) == (two < 3) else far for two in range(6)] for one in range(6)]
        assert segments([60] * 6, alike) == [range(3), range(3, 6)]

    @given(st.lists(st.integers(1, 400), max_size=12))
    def test_the_segments_are_the_text(self, words: list[int]) -> None:
        alike = [[0.5] * len(words)] * len(words)
        assert [n for run in segments(words, alike) for n in run] == list(range(len(words)))

    def test_each_part_is_named_by_what_it_alone_speaks_of(self) -> None:
        coal = "Coal miners went on strike. The strike of the coal miners closed the pits."
        cars = "Compact cars sold well. Compact cars from Japan used less petrol than sedans."
        names = titles_for([coal, cars], None)
        assert [found[0] for found in names] == ["Coal miners", "Compact cars"]
        assert titles_for([coal], None, ["The coal miners"])[0][:1] != ["Coal miners"]


def test_a_short_order_is_a_sentence() -> None:
    (found,) = lines("Run `pelican push`. The build takes two minutes on average.\n")
    assert [text for text, _ in found] == ["Run `pelican push`.", "The build takes two minutes on average."]


def test_a_text_may_begin_with_what_it_is_itself_and_not_with_what_leans() -> None:
    assert lines("This procedure applies to every cold store.\n")
    assert not lines("This also applies to every cold store.\n")


def test_answers_of_a_few_words_stay_with_the_sentences_that_lean_on_them() -> None:
    text = "999, first. Then close the vents and get everyone out. House coal: twice. Do not use water on it."
    assert [said for said, _ in lines(text)[0]] == [
        "999, first.",
        "Then close the vents and get everyone out.",
        "House coal: twice.",
        "Do not use water on it.",
    ]


def test_terms_in_a_row_are_a_sentence_and_a_record_is_none() -> None:
    terms = "Visiting clubs: more than 8 weeks before, we keep the quarter; less than that, all of it."
    said = lines(f"Members: no charge before noon. {terms} name: Mug; price: 12; colour: red.")
    assert [text for text, _ in said[0]] == ["Members: no charge before noon.", terms]


def test_a_few_words_alone_are_no_text() -> None:
    text = "Hilary Stoke, secretary."
    assert lines(text) == []


def test_a_short_question_stays_with_its_answer_and_a_mark_that_is_cut_in_two_goes() -> None:
    asked = lines("Can't carry it? Our trolley goes as far as the market. Is it worth the long way round?")
    assert [text for text, _ in asked[0]] == ["Can't carry it?", "Our trolley goes as far as the market."]
    case = lines("Bite on the pack for ten minutes. Still bleeding? Ring us. Why the fuss? It is a wound.")
    assert [text for text, _ in case[0]] == [
        "Bite on the pack for ten minutes.",
        "Still bleeding?",
        "Ring us.",
    ]
    lost = lines("Bite on it for ten minutes. Still bleeding? See the table below of 12 numbers; no end")
    assert [text for text, _ in lost[0]] == ["Bite on it for ten minutes."]
    cut = lines("The list is long. **9. Annual meeting** is held on 19 November.")
    assert all("*" not in text for text, _ in cut[0])


def test_what_only_begins_and_ends_like_a_sentence_stays_beside_sentences() -> None:
    said = lines("Six evenings in March, £120. Everybody who finishes gets a colony.")
    assert next(text for text, _ in said[0]) == "Six evenings in March, £120."
