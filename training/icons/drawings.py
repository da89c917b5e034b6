"""The drawings that the model learns, with their names and words, read from the packages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .packages import FLAT, FLUENT, GROUPS, NOTO, WORDS, Package, read_json

Style = Literal["fluent", "flat", "noto"]
EMOJI_SETS: dict[Style, Package] = {"fluent": FLUENT, "noto": NOTO}
KEPT_GROUPS = {"Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects"}
NO_THING = re.compile(
    r"o_clock|thirty$|_face$|keycap|button$|japanese_|squared|see_no|hear_no|speak_no|middle_finger|pile_of|"
    r"pistol|bomb|cigarette|coffin|headstone|funeral_urn|dagger|slot_machine|mahjong|flower_playing|joker"
)
"""Clock faces, signs and letters are no things to draw; some things are not asked for in illustrations."""
BRANDS = set(
    "android-os bbc copyleft copyright debian dribbble google ipad iphone kindle linux nook nfc-sign reddit "
    "registered-trademark service-mark sound-recording-copyright steam stumbleupon trademark vip vlc "
    "wi-fi-logo wikipedia icons8-cup cd-logo dvd-logo".split()
)
LARGEST = 60_000
"""Characters of SVG in one drawing."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One SVG drawing of a thing."""

    name: str
    """In lower case: "delivery truck"."""
    words: tuple[str, ...]
    """Other words for it, from emojilib; may be empty."""
    style: Style
    body: str
    """What is inside the `svg` element."""
    side: int
    """Of its square, in the units of the body."""


def drawings(folder: Path, styles: tuple[Style, ...]) -> list[Drawing]:
    """Read the drawings of some styles, in an order that depends on nothing else."""
    facts = read_json(folder, GROUPS, "data-by-emoji.json")
    words = read_json(folder, WORDS, "dist/emoji-en-US.json")
    found: list[Drawing] = []
    for style in styles:
        package = EMOJI_SETS.get(style)
        found += _flat(folder) if package is None else _emoji(folder, style, package, facts, words)
    return found


def _emoji(folder: Path, style: Style, package: Package, facts: Any, words: Any) -> Iterator[Drawing]:
    file = read_json(folder, package, "icons.json")
    keys = read_json(folder, package, "chars.json")
    for emoji, fact in facts.items():
        codes = "-".join(f"{ord(letter):x}" for letter in emoji)
        key = keys.get(codes) or keys.get(codes.replace("-fe0f", ""))
        body = file["icons"].get(key, {}).get("body", "")
        if fact["group"] in KEPT_GROUPS and not NO_THING.search(fact["slug"]) and 0 < len(body) <= LARGEST:
            said = (word.replace("_", " ").lower() for word in words.get(emoji, ()))
            others = tuple(dict.fromkeys(word for word in said if len(word) > 2 and word != fact["name"]))
            yield Drawing(fact["name"].lower(), others[:8], style, body, file["width"])


def _flat(folder: Path) -> Iterator[Drawing]:
    file = read_json(folder, FLAT, "icons.json")
    for key, icon in sorted(file["icons"].items()):
        if key not in BRANDS and len(icon["body"]) <= LARGEST:
            yield Drawing(key.replace("-", " "), (), "flat", icon["body"], file["width"])


def render(drawing: Drawing, size: int) -> NDArray[np.uint8]:
    """Return a drawing as an array (size, size, 4), RGBA; what is not drawn on is transparent."""
    import resvg_py
    from PIL import Image

    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.side} {drawing.side}" '
        f'width="{size}" height="{size}">{drawing.body}</svg>'
    )
    with Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))) as image:
        return np.asarray(image.convert("RGBA").resize((size, size)), np.uint8)
