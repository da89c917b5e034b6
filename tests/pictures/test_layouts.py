"""Layouts besides title cards: each with its part, all with the same promises."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import pytest

from limner.errors import InputError
from limner.pictures import (
    CardBrief,
    Chart,
    Comparison,
    Event,
    Quote,
    Side,
    Statistic,
    Steps,
    Timeline,
    draw,
)
from limner.pictures.art import Area
from limner.pictures.icons import all_icons
from limner.pictures.palette import palette
from limner.pictures.panoramas import gallery, hills, trail
from limner.pictures.parts import LAYOUT_OF, Part, shown
from limner.pictures.recolour import in_its_colour, without_colours

from .conftest import SAMPLES, check


def random_part(chance: random.Random) -> Part:
    def words() -> str:
        return chance.choice(SAMPLES)[: chance.choice((6, 40, 300))]

    def several(least: int, most: int) -> range:
        return range(chance.randint(least, most))

    def number() -> float:
        return round(chance.choice((1, 100, 1e6)) * chance.uniform(-1, 1), chance.randrange(4))

    kind = chance.choice(list(LAYOUT_OF))
    if kind is Quote:
        return Quote(words(), words(), words())
    if kind is Statistic:
        return Statistic(words(), words(), words())
    if kind is Comparison:
        return Comparison(*(Side(words(), tuple(words() for _ in several(1, 4))) for _ in range(2)))
    if kind is Steps:
        return Steps(tuple(words() for _ in several(2, 5)))
    if kind is Timeline:
        return Timeline(tuple(Event(words(), words()) for _ in several(2, 6)))
    chart: Any = chance.choice(("bar", "line", "share"))
    rows = several(2, 12 if chart == "line" else 8)
    values = tuple((words(), abs(number()) + 0.01 if chart == "share" else number()) for _ in rows)
    return Chart(chart, values, words() or "a", unit=chance.choice(("", " %", " km")))


def random_brief(number: int) -> CardBrief:
    chance = random.Random(number)
    part = random_part(chance)
    layout: Any = LAYOUT_OF[type(part)]
    theme: Any = chance.choice(("light", "dark"))
    return CardBrief(
        chance.choice(SAMPLES),
        subtitle=chance.choice(("", *SAMPLES)),
        layout=layout,
        part=part,
        theme=theme,
        seed=number,
    )


@pytest.mark.slow
def test_two_hundred_random_parts_fit_are_readable_and_quick() -> None:
    draw(CardBrief("warm"))
    spent = []
    for number in range(200):
        brief = random_brief(number)
        started = time.process_time()
        card = draw(brief)
        spent.append(time.process_time() - started)
        check(card)
    assert max(spent) < 0.5, sorted(spent)[-5:]


@pytest.mark.parametrize("number", range(12))
def test_a_part_of_any_words_fits_and_is_readable(number: int) -> None:
    card = draw(random_brief(1000 + number))
    check(card)
    assert draw(random_brief(1000 + number)).png == card.png


def test_a_chart_shows_its_numbers_and_its_source_and_no_others() -> None:
    chart = Chart("bar", (("Ridge 1", 1.2), ("Dome", 4.65)), "Product table", unit=" kg")
    card = draw(CardBrief("Weights", layout="chart", part=chart))
    words = {box.words for box in card.boxes}
    assert words == {"Weights", "Ridge 1", "Dome", "1.2 kg", "4.65 kg", "Source: Product table"}
    assert card.alt == "Chart card: Weights. Ridge 1: 1.2 kg; Dome: 4.65 kg. Source: Product table."


def test_steps_have_numbers_and_drawings_of_their_own() -> None:
    card = draw(CardBrief("Go", layout="steps", part=Steps(("Pack the package", "Lock the door"))))
    assert card.icons[0] == "package" and len(set(card.icons)) == 2
    assert {"1", "2"} <= {box.words for box in card.boxes}


def test_a_picture_without_words_has_none() -> None:
    card = draw(CardBrief("a delivery truck", layout="icon"))
    assert card.boxes == () and card.icons[0] == "delivery truck"
    assert card.alt.startswith("Illustration: delivery truck")


@pytest.mark.parametrize(("layout", "size"), [("banner", (1200, 500)), ("strip", (1200, 360))])
def test_a_wide_picture_shows_its_subject_and_what_stands_beside_it(
    layout: Any, size: tuple[int, int]
) -> None:
    brief = CardBrief("Boots", subject="boots", also=("a tent", "a bicycle"), layout=layout, seed=4)
    card = draw(brief)
    assert (card.width, card.height) == size and card.boxes == ()
    assert card.icons[:3] == ("hiking boot", "tent", "bicycle")
    assert draw(brief).png == card.png != draw(replace(brief, seed=5)).png
    assert draw(replace(brief, avoid=("hiking boot",))).icons[0] == "tent"
    assert draw(CardBrief("xyzzy", layout=layout)).alt == "Illustration: plain forms."


def test_every_wide_composition_is_drawn_whatever_the_number_of_drawings() -> None:
    colours, chance = palette("light", random.Random(1), None, None), random.Random(1)
    for composition in (hills, gallery, trail):
        for count in range(1, 6):
            drawn = composition(Area(0, 0, 1200, 360), all_icons()[:count], colours, chance)
            assert sum(icon.body in drawn for icon in all_icons()[:count]) == count


def test_a_thing_has_the_colour_that_is_named_before_it() -> None:
    card = draw(CardBrief("a red delivery truck", layout="icon"))
    assert card.icons[0] == "red delivery truck"
    truck = next(icon for icon in all_icons() if icon.name == "delivery truck")
    assert in_its_colour(truck, "a red delivery truck").body != truck.body
    for subject in ("a delivery truck", "a delivery truck on a red road", "red roads"):
        assert in_its_colour(truck, subject) == truck
    cat = next(icon for icon in all_icons() if icon.name == "black cat")
    assert in_its_colour(cat, "a black cat") == cat
    assert without_colours("a Purple backpack") == "a backpack"


def test_numbers_are_shown_as_they_are() -> None:
    assert [shown(n) for n in (0, -0.0, 1200, 1234567.891, -3.25, 0.5)] == [
        "0",
        "0",
        "1\u2009200",
        "1\u2009234\u2009567.89",
        "\u22123.25",
        "0.5",
    ]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CardBrief("x", layout="quote"), "layout 'quote' takes a Quote"),
        (lambda: CardBrief("x", part=Quote("y")), "takes none"),
        (lambda: Chart("bar", (("a", 1.0),), "s"), "1 values"),
        (lambda: Chart("bar", (("a", 1.0), ("b", float("nan"))), "s"), "no plain number"),
        (lambda: Chart("share", (("a", 1.0), ("b", -1.0)), "s"), "cannot be negative"),
        (lambda: Chart("bar", (("a", 1.0), ("b", 2.0)), " "), "no source"),
        (lambda: Steps(("one",)), "1 steps"),
    ],
)
def test_a_wrong_part_is_refused_with_the_remedy(make: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()
