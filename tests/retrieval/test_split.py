from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from limner.errors import DocumentError
from limner.retrieval.load import load_text, parse
from limner.retrieval.passage import Passage
from limner.retrieval.split import MOST_PIECES, MOST_WORDS, count_pieces, split

LINES = """# Title
## Part two
- An item here.
1. A step. Then more.

Some words go here and on.
> quoted
| a | b |
|---|---|
日本語の文章です。
code()
```
Ünïcode text\r"""
LONG = "A fairly long sentence that has some fourteen words in it to fill the space up. " * 3
LINE = st.sampled_from([*LINES.split("\n"), LONG, "x" * 400])


def passages(text: str) -> list[Passage]:
    return [piece.passage for piece in split(load_text(text, "doc"))]


@given(st.lists(LINE, max_size=30).map("\n".join))
def test_every_passage_is_a_slice_of_the_stored_text_that_fits(text: str) -> None:
    try:
        document = load_text(text, "doc")
    except DocumentError:
        return
    end = 0
    for piece in split(document):
        passage = piece.passage
        assert document.text[passage.start : passage.end] == passage.text
        assert end <= passage.start < passage.end
        assert len(passage.text.split()) <= MOST_WORDS + 2 and count_pieces(passage.text) <= MOST_PIECES + 20
        end = passage.end


def test_passages_are_whole_sentences_of_forty_to_a_hundred_words() -> None:
    text = "One sentence has exactly nine words in it here. " * 60
    lengths = [len(passage.text.split()) for passage in passages(text)]
    assert all(40 <= length <= 100 for length in lengths)
    assert all(passage.text.endswith("here.") for passage in passages(text))


def test_a_passage_stays_within_its_section_and_headings_are_none() -> None:
    found = passages("# One\n\nShort text here.\n\n## Two\n\nAnother text here.\n")
    assert [(passage.text, passage.heading) for passage in found] == [
        ("Short text here.", ("One",)),
        ("Another text here.", ("One", "Two")),
    ]


def test_tables_and_items_stay_whole() -> None:
    table = "| Size | Chest |\n|---|---|\n| S | 90 |"
    found = passages(f"Intro text.\n\n- One item.\n  It goes on.\n- Two\n\n{table}\n")
    assert [passage.text for passage in found] == ["Intro text.\n\n- One item.\n  It goes on.\n- Two", table]


def test_a_long_table_is_cut_at_its_rows_and_its_header_goes_along() -> None:
    rows = "\n".join(f"| row {number} | some value {number} |" for number in range(100))
    pieces = split(load_text(f"| Name | Value |\n|---|---|\n{rows}\n", "doc"))
    assert len(pieces) > 2
    assert all("Name, Value" in piece.context for piece in pieces[1:])


def test_each_row_of_a_table_file_is_a_passage() -> None:
    assert len(split(parse(b"name,price\nMug,1\nPlate,2\n", "a.csv"))) == 2


def test_ids_are_stable_and_differ_between_copies() -> None:
    text = "The same text stands here."
    assert [p.id for p in passages(text)] == [p.id for p in passages(text)]
    assert split(load_text(text, "a"))[0].passage.id != split(load_text(text, "b"))[0].passage.id
