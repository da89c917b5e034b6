from __future__ import annotations

from limner.retrieval import Passage, lead

from .conftest import HashingEmbeddings

ONE = Passage(
    id="one",
    source="a",
    text="You can return unworn shoes within 30 days. This includes sale items. Why so long? We like you.\n"
    "| a | b |\nA label costs $5.95.",
)
TWO = Passage(
    id="two",
    source="b",
    text="However, worn shoes stay with you. You can return unworn shoes within 30 days. "
    "Refunds take five days.",
)


def test_the_lead_comes_first_and_others_add_to_it() -> None:
    assert [cited.text for cited in lead([ONE, TWO], sentences=4)] == [
        "You can return unworn shoes within 30 days.",
        "This includes sale items.",
        "A label costs $5.95.",
        "Refunds take five days.",
    ]


def test_every_sentence_is_a_slice_of_its_passage() -> None:
    by_id = {"one": ONE, "two": TWO}
    for cited in lead([ONE, TWO], sentences=9):
        assert by_id[cited.passage_id].text[cited.start : cited.end] == cited.text


def test_what_does_not_stand_alone_never_stands_alone() -> None:
    texts = [cited.text for cited in lead([TWO, ONE], sentences=9)]
    assert not any(text.startswith("However") or text.endswith("?") or "|" in text for text in texts)
    alone = [cited.text for cited in lead([ONE], query="Which sale items are included?", sentences=1)]
    assert alone and "This includes sale items." not in alone


def test_the_query_steers_what_is_added() -> None:
    assert (
        lead([ONE, TWO], query="How long do refunds take?", sentences=2)[-1].text == "Refunds take five days."
    )


def test_same_input_gives_same_output_with_and_without_embeddings() -> None:
    for embeddings in (None, HashingEmbeddings()):
        first = lead([ONE, TWO], "returns", 3, embeddings)
        assert first and first == lead([ONE, TWO], "returns", 3, embeddings)


def test_nothing_gives_nothing() -> None:
    assert lead([]) == [] and lead([ONE], sentences=0) == []
    assert lead([Passage(id="x", source="a", text="Mug; 12; fragment")]) == []
