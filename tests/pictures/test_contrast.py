"""Contrast is that of the pixels, and is met."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from limner.pictures import CardBrief, draw
from limner.pictures.colour import Oklch, contrast, from_hex, luminance
from limner.pictures.contrast import ENOUGH, Ground, adjusted, plated, readable, worst
from limner.pictures.typesetting import Box


def ground(*colours: str) -> Ground:
    """Stripes, each ten pixels wide."""
    image = Image.new("RGB", (10 * len(colours), 20))
    for number, colour in enumerate(colours):
        image.paste(colour, (10 * number, 0, 10 * number + 10, 20))
    out = io.BytesIO()
    image.save(out, "PNG")
    return Ground(out.getvalue())


def box(fill: str) -> Box:
    return Box("title", 0, 0, 18, 18, 12, fill, 18, "words", False)


def test_wcag_s_own_examples() -> None:
    assert contrast(luminance((0, 0, 0)), luminance((255, 255, 255))) == pytest.approx(21)
    assert contrast(luminance((118, 118, 118)), 1.0) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("text", ["#000000", "#ffffff", "#1a73e8", "#ffd400", "#7f7f7f", "#0b3d2e"])
def test_colours_come_back_from_oklch(text: str) -> None:
    assert from_hex(text).hex == text


def test_a_colour_that_no_screen_shows_keeps_its_lightness() -> None:
    shown = from_hex(Oklch(0.7, 0.4, 150).hex)
    assert shown.lightness == pytest.approx(0.7, abs=0.01)


def test_the_worst_pixel_counts() -> None:
    assert worst("#000000", ground("#ffffff", "#333333").under(box("#000000"))) < 2


@pytest.mark.parametrize("paper", ["#ffffff", "#777777", "#ffd400", "#303030"])
def test_a_colour_gives_way_until_it_is_read(paper: str) -> None:
    (made,), least = adjusted([box("#888888")], ground(paper, paper))
    assert least >= ENOUGH and made.fill != "#888888"
    assert readable(made.fill, ground(paper, paper).under(made)) == made.fill


def test_on_black_and_white_a_plate_helps() -> None:
    _, least = adjusted([box("#222222")], ground("#ffffff", "#000000"))
    assert least < ENOUGH
    assert plated("<svg></svg>", [box("#222222")]).count('fill="#ffffff"') == 1


@pytest.mark.parametrize("accent", ["#ffffff", "#ffff00", "#000000", "#808080", "#00ff00"])
def test_any_brand_s_colour_is_read(accent: str) -> None:
    from limner.pictures import Brand

    for theme in ("light", "dark"):
        card = draw(CardBrief("Boots", kicker="Care", theme=theme, brand=Brand(accent=accent)))
        assert card.contrast >= ENOUGH
