"""limner-icons, the image model that ships: whole with the stored MiniLM, and missing without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import ImageStat

from limner.errors import UnavailableError
from limner.models import ImageRequest, Store, open_images

STORE = Path(
    os.environ.get("LIMNER_MODELS") or Path(os.environ.get("LIMNER_HOME", "~/.limner")) / "models"
).expanduser()
"""The models of the machine, before the tests hide them."""


def test_without_minilm_it_is_missing_with_the_remedy(tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    with pytest.raises(UnavailableError, match="limner models pull all-minilm-l6-v2"):
        open_images("limner-icons", store=Store(tmp_path))


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of a library
def test_it_draws_what_it_is_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    source = STORE / "all-minilm-l6-v2"
    if not source.exists():
        pytest.skip("all-minilm-l6-v2 is not pulled")
    (tmp_path / "all-minilm-l6-v2").symlink_to(source)
    images = open_images("limner-icons", store=Store(tmp_path))
    try:
        asked = [ImageRequest(thing, 64, 64, seed=1) for thing in ("a red apple", "an eggplant")]
        apple, eggplant = (made.image.convert("RGB") for made in images.generate(asked))
    finally:
        images.close()
    assert apple.size == eggplant.size == (64, 64)
    # an apple is red and an eggplant purple, on white
    red, _, blue = ImageStat.Stat(apple).mean
    assert red - blue > 40
    _, green, blue = ImageStat.Stat(eggplant).mean
    assert blue > green
