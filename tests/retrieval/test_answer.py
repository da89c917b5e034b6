from __future__ import annotations

from collections.abc import Sequence

import pytest

from limner.retrieval import Passage
from limner.retrieval.answer import answer
from limner.retrieval.house import as_we, house_of
from limner.retrieval.phrasal import in_one_word
from limner.retrieval.ranges import in_range
from limner.retrieval.ranking import Before, focus_of, ranked
from limner.retrieval.rows import under_header

pytestmark = pytest.mark.usefixtures("by_words")

RETURNS = Passage(
    id="returns",
    source="returns.md",
    heading=("Returns",),
    text="You can return unworn shoes within 30 days of delivery. A return label costs $5.95. "
    "It is deducted from the refund. Can worn shoes be returned? Worn shoes are not accepted.",
)
HOURS = Passage(id="hours", source="hours.md", text="The Oslo store opens at 9 a.m. on weekdays.")
BOTH = [RETURNS, HOURS]


def test_an_answer_is_the_passages_own_sentences_with_their_places() -> None:
    found = answer("How much does a return label cost?", BOTH)
    assert found.kind == "answer" and "A return label costs $5.95." in found.text
    for cited in found.sentences:
        assert cited.passage_id == "returns" and RETURNS.text[cited.start : cited.end] == cited.text
    assert found == answer("How much does a return label cost?", BOTH)


def test_a_question_about_something_else_is_refused_with_the_reason() -> None:
    found = answer("Which planet is nearest to the sun?", BOTH)
    assert (found.kind, found.sentences) == ("refuse", ()) and found.reason


def test_a_name_that_no_passage_knows_is_refused() -> None:
    found = answer("When does the Bergen store open?", BOTH)
    assert found.kind == "refuse" and "Bergen" in found.reason


def test_a_near_miss_is_quoted_for_a_person_to_judge() -> None:
    found = answer("Is a label with stickers included?", BOTH)
    assert found.kind == "quote" and 1 <= len(found.sentences) <= 4 and found.reason


def test_a_sentence_that_leans_comes_with_the_one_before() -> None:
    found = answer("Is it deducted from the refund?", [RETURNS])
    assert [cited.text for cited in found.sentences] == [
        "A return label costs $5.95.",
        "It is deducted from the refund.",
    ]


@pytest.mark.parametrize(("question", "passages"), [("", BOTH), ("How much?", []), ("  ", [])])
def test_nothing_asked_or_nothing_known_is_refused(question: str, passages: list[Passage]) -> None:
    assert answer(question, passages).kind == "refuse"


@pytest.mark.parametrize(
    "question", ["How much does a return label cost in 1999?", "Which worn shoes are rejected?"]
)
def test_a_question_that_conflicts_with_the_closest_sentence_is_not_answered(question: str) -> None:
    found = answer(question, BOTH)
    assert found.kind != "answer" and found.reason


def test_a_denial_answers_a_question_that_asks_yes_or_no() -> None:
    found = answer("Are worn shoes accepted?", BOTH)
    assert found.kind == "answer" and "Worn shoes are not accepted." in found.text


def test_another_kind_of_the_thing_asked_for_is_no_answer() -> None:
    shipping = Passage(id="s", source="s.md", text="Standard shipping costs $6.50 and takes five days.")
    found = answer("What does express shipping cost?", [shipping])
    assert found.kind == "quote" and "express shipping" in found.reason
    assert answer("What does standard shipping cost?", [shipping]).kind == "answer"


HOW = Passage(
    id="how",
    source="account.md",
    heading=("Account", "Resetting a password"),
    text="1. Choose Forgot password.\n2. Open the link. It ends after 30 minutes.\n\nGuests have none.",
)


def test_who_asks_how_something_is_done_is_told_all_the_steps() -> None:
    found = answer("How do I reset a forgotten password?", [HOW])
    assert found.text == "Choose Forgot password. Open the link. It ends after 30 minutes."
    assert all(HOW.text[cited.start : cited.end] == cited.text for cited in found.sentences)


FIRST = "1. Wash the tent.\n2. Dry the tent in the sun."
REST = "3. Fold the tent and put it\n   into its sack.\n\n1. Lift the sack.\n2. Shelve the sack."


def half(id: str, start: int, text: str) -> Passage:
    return Passage(
        id=id, source="tents.md", heading=("Storing a tent",), start=start, end=start + len(text), text=text
    )


def test_steps_that_go_on_in_the_next_passage_are_told_to_their_end() -> None:
    found = answer("How do I wash and dry a tent?", [half("a", 0, FIRST)], beside=[half("b", 44, REST)])
    assert [cited.text for cited in found.sentences] == [
        "Wash the tent.",
        "Dry the tent in the sun.",
        "Fold the tent and put it into its sack.",
    ]
    assert [cited.passage_id for cited in found.sentences] == ["a", "a", "b"]


def test_steps_of_another_section_or_document_do_not_belong_to_the_list() -> None:
    other = half("b", 44, REST).model_copy(update={"source": "boats.md"})
    found = answer("How do I wash and dry a tent?", [half("a", 0, FIRST)], beside=[other])
    assert found.text == "Wash the tent. Dry the tent in the sun."


def test_a_list_that_markdown_numbers_by_itself_is_one_list() -> None:
    found = answer("How do I wash and dry a tent?", [half("a", 0, FIRST.replace("2.", "1."))])
    assert found.text == "Wash the tent. Dry the tent in the sun."


HOURS_TABLE = "| Store | Monday | Sunday |\n|---|---|---|\n| Oslo | 9 to 8 | 10 to 6 |\n"
MORE_HOURS = "| Turku | 10 to 7 | 11 to 5 |"


def test_a_row_is_read_under_its_header_and_the_header_alone_answers_nothing() -> None:
    table = Passage(id="t1", source="hours.md", heading=("Hours",), text=HOURS_TABLE)
    rest = Passage(id="t2", source="hours.md", heading=("Hours",), text=MORE_HOURS)
    found = answer("What are the Sunday hours of the store in Turku?", [table, rest])
    assert found.sentences[0].text == MORE_HOURS
    assert all("Store" not in cited.text for cited in found.sentences)


def test_a_question_that_leans_on_the_one_before_is_read_together_with_it() -> None:
    cards = Passage(
        id="g", source="gifts.md", text="A gift card never expires. A gift card costs no fee a year."
    )
    rent = Passage(id="r", source="rent.md", text="A tent is held for a fee. A sled is free for a day.")
    before = Before("Does a gift card expire?", "A gift card never expires.", ("gifts.md",), leans=True)
    assert answer("And a fee?", [rent, cards], before=before).sentences[0].passage_id == "g"
    assert answer("And a fee?", [rent, cards]).sentences[0].passage_id == "r"


def test_what_only_the_question_before_is_about_is_no_answer_to_this_one() -> None:
    before = Before("When does the Oslo store open?", "", ("hours.md",), leans=True)
    assert answer("Did that really go through?", BOTH, before=before).kind != "answer"


def test_what_a_sentence_denies_of_something_else_is_no_conflict() -> None:
    most = Passage(id="m", source="m.md", text="The value of an order abroad may not exceed $40.")
    assert answer("What is the highest value of an order abroad?", [most]).kind == "answer"


@pytest.mark.parametrize(
    ("question", "text", "inside"),
    [
        ("My chest is 40 inches", "| M | 38 to 41 |", True),
        ("My chest is 42 inches", "| M | 38 to 41 |", False),
        ("which glove for 8 inches", "7.5 to 8.5", True),
        ("what to wear at 5 degrees", "| Below 10 °F | Parka |", True),
        ("what to wear at 15 degrees", "| Below 10 °F | Parka |", False),
        ("order KO-2026-0149", "1 to 3000", False),
    ],
)
def test_a_number_lies_in_a_range(question: str, text: str, inside: bool) -> None:
    assert in_range(question, text) is inside


def test_several_words_are_read_as_the_one_that_documents_use() -> None:
    assert in_one_word("do I pay for sending stuff back?") == "do I pay for return?"
    assert in_one_word("Will I get my money back?") == "Will I get a refund?"
    assert in_one_word("What does shipping cost?") == "What does shipping cost?"


class TestReader:
    def test_its_quote_is_the_answer(self) -> None:
        def reader(question: str, sentences: Sequence[str]) -> str:
            return next(each for each in sentences if "Worn" in each)

        found = answer("Are worn shoes accepted?", BOTH, reader=reader)
        assert (found.kind, found.text) == ("answer", "Worn shoes are not accepted.")

    @pytest.mark.parametrize(
        ("said", "reason"), [("", "found no answer"), ("Worn shoes are fine.", "in no passage")]
    )
    def test_without_a_true_quote_there_is_no_answer(self, said: str, reason: str) -> None:
        found = answer("Are worn shoes accepted?", BOTH, reader=lambda question, sentences: said)
        assert found.kind == "quote" and reason in found.reason


def test_what_leads_up_to_a_question_is_read_as_said_before_it() -> None:
    fleece = Passage(id="f", source="f.md", text="The red fleece is warm. The red fleece has two pockets.")
    price = Passage(id="p", source="p.md", text="The shop refunds the difference when a price drops.")
    found = answer("I bought the red fleece. Do I get the difference refunded?", [fleece, price])
    assert found.sentences[0].passage_id == "p"


def test_a_row_is_said_with_the_names_of_its_columns() -> None:
    header = "| Item | First day | Saturday | Deposit |"
    assert under_header("| Snowshoes | $18 | closed | $60 |", header) == (
        "Snowshoes: first day $18; Saturday closed; deposit $60"
    )
    assert under_header("| M | 38 to 41 |", "| Size | Chest |") == "Size M: chest 38 to 41"


def test_the_house_is_the_name_that_most_documents_use() -> None:
    texts = [f"Here, Harbour Books {verb} books." for verb in ("sells", "mends", "lends", "buys")]
    assert house_of([*texts, "The Reading Club meets."]) == "Harbour Books"
    assert house_of(texts[:3]) == "" and house_of(["Customers pay. Write to customers."] * 4) == ""


def test_what_is_said_of_the_house_is_read_as_said_by_it() -> None:
    assert as_we("Harbour Books lends books at Harbour's own risk.", "Harbour Books") == (
        "we lends books at our own risk."
    )
    assert as_we("The harbour is near.", "Harbour Books") == "The harbour is near."


def test_a_word_put_together_with_another_is_its_kind_and_a_hyphen_is_nothing() -> None:
    text = "| Item | Price |\n|---|---|\n| Coats | $70 |\n| Packs | $40 |\n\nThe cut-off is noon."
    passages = [Passage(id="p", text=text, source="a.md")]
    assert "Packs" in ranked("price of a backpack", passages, None)[0][0].cited.text
    assert "cut-off" in ranked("when is the cutoff", passages, None)[0][0].cited.text


def test_a_last_sentence_that_tells_nothing_is_left_out() -> None:
    assert focus_of("The buckle is broken. What now?") == "The buckle is broken"
    assert focus_of("I live in Ireland. What does it cost?") == "I live in Ireland. What does it cost?"


def test_the_steps_of_another_section_do_not_hide_what_is_nearest() -> None:
    steps = Passage(
        id="steps", source="returns.md", heading=("Return",), text="1. Open the account.\n2. Pack the box.\n"
    )
    damage = Passage(id="damage", source="d.md", text="A crushed box and a broken buckle are reported soon.")
    found = answer("The buckle in the box was broken and the box crushed. What now?", [damage, steps])
    assert found.closest[0].passage_id == "damage"
