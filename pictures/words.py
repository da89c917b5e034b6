"""Text made ready to be set: characters that the bundled fonts draw, direction, places to break."""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")
_JOINERS = "\u200c\u200d"
_TALL = re.compile("[\u0590-\u0dff\u0e00-\u0e7f]")
"""Scripts with marks above and below: their lines need more room."""
_LONG = 14
"""Letters from which a word may be parted between any two, if it fits no other way."""
_CJK = "\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_PIECES = re.compile(f"[^\\s{_CJK}\\-\u2010-\u2015/\u200b]+[\\-\u2010-\u2015/]*")


@dataclass(frozen=True, slots=True)
class Words:
    """One text, ready to be set."""

    text: str
    broken: str
    """The same, with places to break in long words."""
    longest: tuple[str, ...]
    """Its longest pieces that no line break parts."""
    right_to_left: bool
    tall: bool


@cache
def _starts() -> tuple[list[int], list[int]]:
    ranges = json.loads((FONTS / "coverage.json").read_text("utf-8"))
    return [first for first, _ in ranges], [last for _, last in ranges]


@cache
def drawable(character: str) -> bool:
    """Whether a bundled font draws a character."""
    starts, ends = _starts()
    place = bisect_right(starts, ord(character)) - 1
    return place >= 0 and ord(character) <= ends[place]


def clean(text: str, most: int) -> str:
    """Text of what can be drawn, on one line, cut at `most` characters with an ellipsis.

    Controls and marks that change direction are left out; what no font has is replaced by its plain form,
    or left out.
    """
    text = " ".join(text[: 4 * most].split())
    made = []
    for character in unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8")):
        if character == " " or character in _JOINERS or drawable(character):
            made.append(character)
            continue
        if unicodedata.category(character)[0] == "C" or "\ufe00" <= character <= "\ufe0f":
            continue
        plain = unicodedata.normalize("NFKD", character)
        made += [part for part in plain if part == " " or (part != character and drawable(part))]
    whole = " ".join("".join(made).split()).strip(_JOINERS)
    return whole if len(whole) <= most else whole[: most - 1].rstrip(_JOINERS + " ,;:-") + "…"


def prepare(text: str, most: int) -> Words:
    """Make a text ready to be set."""
    text = clean(text, most)
    longest = sorted(set(_PIECES.findall(text)), key=lambda piece: (-len(piece), piece))[:3]
    return Words(text, _broken(text), tuple(longest), right_to_left(text), bool(_TALL.search(text)))


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is of a script that runs to the left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _broken(text: str) -> str:
    return " ".join(_parted(word) if len(word) > _LONG else word for word in text.split(" "))


def _parted(word: str) -> str:
    """A word that may be broken anywhere: with a hyphen where it is one of plain letters."""
    mark = "\u00ad" if word.isalpha() and word < "\u0530" else "\u200b"
    parts: list[str] = []
    for character in word:
        joined = parts and (
            unicodedata.combining(character) or character in _JOINERS or parts[-1][-1] in _JOINERS
        )
        if joined:
            parts[-1] += character
        else:
            parts.append(character)
    head, tail = "".join(parts[:3]), parts[3:-2]
    return mark.join([head, *tail, "".join(parts[3:][-2:])]) if len(parts) > 6 else word
