"""Points that no heading answers: items of long lists and paragraphs, under the brief's own words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from limner.agents.articles.demands import Demand, read_notes
from limner.agents.articles.gathering import asked_for, heading_of
from limner.agents.articles.nearness import nearness
from limner.agents.articles.readers import for_insiders
from limner.agents.articles.refused import without
from limner.agents.articles.relevance import ranked
from limner.agents.articles.topics import Topic, topics_of
from limner.retrieval.formats.markdown import markdown_blocks
from limner.retrieval.passage import Document, Passage
from limner.retrieval.split import split

RULES = """SAUNA RULES

Please read them at the door.

1. Guests shower before they go in.
2. Children under 12 are not let in.
3. Children from 12 to 15 may come with a parent.
4. No glass is taken inside.
5. Towels must be laid on the benches.
6. Water is poured by the attendant only.
7. Swimwear is not worn in the hot room.
8. Phones must stay in the lockers.
9. Lockers take a coin of one euro.
10. The plunge pool is closed below freezing.
11. Oils may be used with leave of the attendant.
12. Dogs cannot come in.
13. The last guests are let in at nine.
14. Doors should be kept shut.
15. Lost things are kept for a month.
16. The attendant's word is final.
"""
LETTER = """# Letter from the mill

The mud is here and the wheel turns again. We mended it in March with oak from the hill.

Our flour is ground from spelt and rye. The rye comes from two farms in the valley.

Orders of ten sacks or more get a tenth off. We need three weeks for them.

""" + "\n\n".join(
    f"Number {n} of our old stories is about the miller and his {n} cats, and we tell it each winter evening "
    "to whoever sits by the fire and listens to the wind in the chimney and the rain on the roof of the mill."
    for n in range(8)
)


def topics(**files: str) -> list[Topic]:
    found: list[Passage] = []
    for name, text in files.items():
        title, blocks = markdown_blocks(text)
        document = Document(name, text, "0" * 64, "markdown", title, blocks)
        found += [piece.passage.model_copy(update={"score": 0.5}) for piece in split(document)]
    return ranked(topics_of(found, files.__getitem__, {p.id for p in found}), found, "x")


def told(point: str, *others: str, **files: str) -> list[Topic]:
    return asked((point, *others), topics(**files))[0]


def asked(points: Sequence[str], held: list[Topic]) -> list[list[Topic]]:
    return asked_for([Demand(each, each) for each in points], held, nearness(points, held, None))


def test_an_item_of_a_long_list_of_rules_answers_under_the_words_of_the_point() -> None:
    (first, *_) = told("when dogs may come", rules=RULES)
    assert (first.title, first.text) == ("When dogs may come", "Dogs cannot come in.")


def test_items_that_are_as_near_are_told_together_in_the_order_of_the_list() -> None:
    (first, *_) = told("children", rules=RULES)
    assert next(cited.text for cited, _ in first.lines) == "Children under 12 are not let in."
    assert {form for _, form in first.lines} == {"item"}
    assert len(first.blocks) == 1, "they are one list"


def test_a_paragraph_of_a_long_text_without_headings_answers_alone() -> None:
    (first, *_) = told("what ten sacks or more cost", letter=LETTER)
    assert first.text == "Orders of ten sacks or more get a tenth off. We need three weeks for them."
    assert first.headings == ("Letter from the mill", "What ten sacks or more cost")


def test_points_that_one_paragraph_answers_are_told_once() -> None:
    one, two = asked(["orders of ten sacks", "three weeks for orders"], topics(letter=LETTER))
    assert one[0] == two[0]


def test_no_sentence_speaks_of_what_the_brief_leaves_out() -> None:
    text = "# Hut\n\n## Nights\n\nThe loft is dry. Blankets are in the chest. Dogs sleep below. "
    text += (
        "The stove is hot.\n\n## Food\n\nDogs are fed at six. Dogs eat at the door. Guests eat at seven.\n"
    )
    title, blocks = markdown_blocks(text)
    found = [p.passage for p in split(Document("hut", text, "0" * 64, "markdown", title, blocks))]
    made = topics_of(found, lambda _: text, {p.id for p in found})
    kept = without(made, read_notes("Leave out dogs."), None)
    assert [t.text for t in kept] == ["The loft is dry. Blankets are in the chest. The stove is hot."]


def test_what_shares_a_word_with_what_the_brief_leaves_out_stays() -> None:
    text = "# Wash house\n\n## How we clean\n\nSheets are washed at 60 degrees.\n\n## Suits\n\n"
    text += "Dry cleaning takes two days.\n\n## Dry cleaning prices\n\nA suit is 9 pounds.\n"
    title, blocks = markdown_blocks(text)
    found = [p.passage for p in split(Document("house", text, "0" * 64, "markdown", title, blocks))]
    made = topics_of(found, lambda _: text, {p.id for p in found})
    kept = without(made, read_notes("Leave out anything about dry cleaning."), None)
    assert [topic.title for topic in kept] == ["How we clean"]


def test_a_procedure_is_no_list_of_rules() -> None:
    steps = "# Baking\n\n" + "\n".join(f"{n}. Put loaf {n} into the oven and wait." for n in range(1, 17))
    assert not any(topic.loose for topic in topics(baking=steps))


def test_a_heading_made_of_a_long_point_leaves_out_what_is_beside_it() -> None:
    assert heading_of("what babies have to wear") == "What babies have to wear"
    long = "what a ticket for all summer costs and how to pay for it in parts"
    assert heading_of(long) == "What a ticket for all summer costs"
    assert (
        heading_of("which books we turn away with the one exception for Bibles") == "Which books we turn away"
    )


def test_what_is_for_the_people_of_the_house_stands_in_no_text_for_others() -> None:
    sheet = "# Notes for stewards\n\n## Keys\n\nThe keys hang behind the stove. Count them at night.\n"
    note = "# Hut\n\n## Keys\n\nGuests get a key at the desk.\n\n## Staff only\n\nThe code is on the shelf.\n"
    titles = {topic.text for topic in topics(sheet=sheet, note=note)}
    assert titles == {"Guests get a key at the desk."}


@pytest.mark.parametrize(
    ("begins", "inside"),
    [
        ("This is for teaching staff. Learners have their own guide.", True),
        ("For guides and bar staff. The keys are in the safe.", True),
        ("For the committee supper bring a dish.", False),
        ("For our guests there is tea. The staff sleep below.", False),
    ],
)
def test_a_text_says_at_its_beginning_whom_it_is_for(begins: str, inside: bool) -> None:
    assert for_insiders("How we do things", begins) is inside


def test_a_rule_for_one_kind_of_people_is_not_for_the_house_alone() -> None:
    said = "Take the times as a guide only. The cellar is open to tutors only on Fridays. No children."
    assert topics(note=f"# Hut\n\n## Times\n\n{said}\n")


def test_the_people_of_the_house_are_told_what_is_for_them() -> None:
    text = "# Hut\n\nThis sheet is not for the public.\n\n## Keys\n\nThe keys hang behind the stove.\n"
    title, blocks = markdown_blocks(text)
    found = [p.passage for p in split(Document("hut", text, "0" * 64, "markdown", title, blocks))]
    made = topics_of(found, lambda _: text, {p.id for p in found})
    assert ranked(made, found, "x", readers="hikers") == []
    assert [t.title for t in ranked(made, found, "x", readers="new wardens")][-1:] == ["Keys"]


def test_only_the_sentence_that_is_struck_goes_though_another_begins_at_the_same_place() -> None:
    first, second = "Dogs sleep below.", "The loft is dry."
    filler = " ".join(f"Bed number {n} stands beneath the window of the northern wall." for n in range(30))
    text = f"# Hut\n\n## Nights\n\n{first} {filler}\n\n{second} {filler.replace('northern', 'southern')}\n"
    title, blocks = markdown_blocks(text)
    found = [p.passage for p in split(Document("hut", text, "0" * 64, "markdown", title, blocks))]
    assert len(found) > 1
    made = topics_of(found, lambda _: text, {p.id for p in found})
    said = " ".join(topic.text for topic in without(made, read_notes("Leave out dogs."), None))
    assert first not in said and second in said


def test_a_table_that_goes_on_in_a_second_passage_is_shown_whole() -> None:
    rows = "\n".join(
        f"| Open swim in the main pool, lane {n} | Monday to Friday | {n}.30 to {n + 1}.00, afternoons | No |"
        for n in range(1, 9)
    )
    text = f"# Pool\n\n## Times\n\n| Session | Days | Time | Book? |\n| --- | --- | --- | --- |\n{rows}\n"
    title, blocks = markdown_blocks(text)
    found = [p.passage for p in split(Document("pool", text, "0" * 64, "markdown", title, blocks))]
    assert len(found) > 1
    (topic,) = topics_of(found, lambda _: text, {p.id for p in found})
    ((table, ids),) = topic.grids
    assert len(table.rows) == 8 and ids == tuple(passage.id for passage in found)
