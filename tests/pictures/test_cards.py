"""Cards: every text inside its place and readable, whatever the words; the same bytes for the same brief."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from limner.errors import InputError
from limner.pictures import Brand, CardBrief, Chart, Layout, draw, typesetting
from limner.pictures.briefs import SIZES
from limner.pictures.card import compose
from limner.pictures.words import clean

from .conftest import SAMPLES, check


def random_brief(number: int) -> CardBrief:
    chance = random.Random(number)

    def words() -> str:
        text = chance.choice(SAMPLES)
        if chance.random() < 0.3:
            text = " ".join(chance.choice(SAMPLES) for _ in range(chance.randint(1, 4)))
        return text[: chance.choice((5, 40, 120, 300, 1200))]

    return CardBrief(
        title=words(),
        subtitle=chance.choice(("", words())),
        subject=chance.choice(("", "delivery", words())),
        kicker=chance.choice(("", words())),
        layout=chance.choice(("hero", "square", "section", "icon", "banner", "strip")),
        also=tuple(words() for _ in range(chance.randrange(4))),
        theme=chance.choice(("light", "dark")),
        seed=chance.randrange(1000),
        language=chance.choice(("en", "de", "ar", "ja", "nonsense")),
        brand=chance.choice((Brand(), Brand(name=words()), Brand(accent="#ffd400"), Brand(accent="#101010"))),
    )


@pytest.mark.slow
def test_two_hundred_random_briefs_fit_are_readable_and_quick() -> None:
    draw(CardBrief("warm"))
    spent = []
    for number in range(200):
        started = time.process_time()
        card = draw(random_brief(number))
        spent.append(time.process_time() - started)
        check(card)
    # processor time, so that what else runs on the machine does not count
    assert max(spent) < 0.5, sorted(spent)[-5:]


@pytest.mark.parametrize("number", range(12))
def test_a_brief_of_any_words_fits_and_is_readable(number: int) -> None:
    check(draw(random_brief(1000 + number)))


@pytest.mark.parametrize("layout", ["hero", "square", "section"])
def test_texts_change_no_pixel_outside_of_their_boxes(layout: Layout) -> None:
    long = "Pneumonoultramicroscopicsilicovolcanoconiosis and other words that are hard to set in one line"
    full = draw(CardBrief(long, subtitle=long, kicker="Kicker", layout=layout, seed=1))
    chance = CardBrief(long, subtitle=long, kicker="Kicker", layout=layout, seed=1)
    bare = _without_texts(chance)
    changed = np.abs(_pixels(full.png).astype(int) - _pixels(bare).astype(int)).max(axis=2) > 0
    for box in full.boxes:
        over = 4
        top, left = max(0, int(box.y) - over), max(0, int(box.x) - over)
        changed[top : int(box.y + box.height) + over, left : int(box.x + box.width) + over] = False
    assert full.boxes and not changed.any()


def _without_texts(brief: CardBrief) -> bytes:
    return typesetting.png(compose(brief)[0])


def _pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def test_the_same_brief_and_seed_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from limner.pictures import CardBrief, draw;"
        "print(hashlib.sha256(draw(CardBrief('Boots 返品', subject='boots', seed=3)).png).hexdigest())"
    )
    sums = {
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    }
    assert len(sums) == 1
    brief = CardBrief("Boots", seed=3)
    assert draw(brief).png == draw(brief).png != draw(CardBrief("Boots", seed=4)).png


def test_cards_of_one_tone_have_the_same_colours() -> None:
    tents = Chart("bar", (("Ridge", 1.0), ("Dome", 4.0)), "tents.md")

    def ground(title: str, tone: int) -> Any:
        card = draw(CardBrief(title, layout="chart", part=tents, tone=tone, seed=len(title)))
        return _pixels(card.png)[2, 2].tolist()

    assert ground("boots", 3) == ground("a delivery truck", 3) != ground("boots", 5)


@pytest.mark.parametrize(("layout", "size"), [*SIZES.items()][:3])
def test_a_layout_has_its_size(layout: Layout, size: tuple[int, int]) -> None:
    card = draw(CardBrief("Boots", layout=layout))
    assert (card.width, card.height) == size


def test_a_short_title_is_set_large_and_whole() -> None:
    (title,) = draw(CardBrief("How returns work")).boxes
    assert title.words == "How returns work" and title.size > 60


def test_right_to_left_words_stand_on_the_right() -> None:
    (title,) = draw(CardBrief("كيف تعمل المرتجعات")).boxes
    assert title.x > 600 and title.x + title.width > 1100
    (title,) = draw(CardBrief("How returns work")).boxes
    assert title.x < 100


def test_the_alt_text_tells_title_and_drawings() -> None:
    card = draw(CardBrief("Fast service", subject="a delivery truck"))
    assert card.icons[0] == "delivery truck"
    assert card.alt.startswith("Title card: Fast service. Drawn: delivery truck")


def test_what_no_font_draws_is_left_out_and_nothing_else() -> None:
    assert clean("a\ue000b \u202ec ｄ \x00e", 50) == "ab c ｄ e"
    assert clean("𝐁𝐨𝐥𝐝", 50) == "Bold"
    assert clean("word " * 100, 20) == "word word word word…"


def test_markup_in_a_title_is_shown_as_it_is() -> None:
    (title,) = draw(CardBrief("#let x = $1$ *bold* <b>")).boxes
    assert title.words == "#let x = $1$ *bold* <b>"


def test_a_brand_gives_its_colour_name_and_logo(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (64, 64), (255, 0, 255)).save(logo)
    card = draw(CardBrief("Boots", brand=Brand(accent="#1a73e8", logo=str(logo), name="Northpeak")))
    assert [box.words for box in card.boxes] == ["Boots", "Northpeak"]
    assert (_pixels(card.png) == (255, 0, 255)).all(axis=2).sum() > 1000


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CardBrief("x", layout=cast("Any", "poster")), "poster"),
        (lambda: CardBrief("x", theme=cast("Any", "sepia")), "sepia"),
        (lambda: Brand(accent="blue"), "blue"),
        (lambda: Brand(logo="no/such/file.png"), "no/such/file.png"),
    ],
)
def test_a_wrong_brief_is_refused_with_the_remedy(make: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()  # type: ignore[operator]
