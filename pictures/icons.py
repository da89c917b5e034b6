"""The bundled drawings, and which of them fit a subject: by meaning with embeddings, else by words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .icon_words import PROBE

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_FOLDER = Path(__file__).with_name("icons")
NEAR, NEAR_ONE_WORD = 0.34, 0.6
"""Cosine from which a drawing is about a subject; a word alone has many meanings, and comes near to much."""
BESIDE = 0.78
"""Part of the best drawing's score that a second one reaches."""
ALIKE = 0.80
"""Cosine of two drawings that show the same thing."""
_STOP = frozenset(
    "a an and at by for from how in is it its of on or our the to what when with work your".split()
)


@dataclass(frozen=True, slots=True)
class Icon:
    """One drawing, in a square of 32 units."""

    number: int
    name: str
    tags: tuple[str, ...]
    body: str
    """SVG elements."""
    hue: int
    """What it is mostly of, in degrees of HSV."""
    colour: int
    """How colourful it is, 0 to 100."""
    light: int
    """How light it is, 0 to 100."""


@cache
def all_icons() -> tuple[Icon, ...]:
    """Every drawing."""
    rows = json.loads((_FOLDER / "icons.json").read_text("utf-8"))
    return tuple(
        Icon(number, row["name"], tuple(row["tags"]), row["body"], row["hue"], row["colour"], row["light"])
        for number, row in enumerate(rows)
    )


def choose(subject: str, embeddings: Embeddings | None = None, most: int = 3) -> tuple[Icon, ...]:
    """The drawings that fit a subject, best first; none rather than a wrong one.

    Args:
        subject: A few words.
        embeddings: Of the model that the vectors were made with (all-MiniLM-L6-v2); with another model,
            or none, the words of subject and drawing are compared.
        most: How many at most.
    """
    subject = " ".join(subject.split())[:300]
    if not subject or most < 1:
        return ()
    if embeddings is not None:
        try:
            if _speaks_alike(embeddings):
                return _by_meaning(subject, embeddings, most)
        except Exception:  # noqa: BLE001  (whatever embeddings raise, there is a picture; words serve)
            return _by_words(subject, most)
    return _by_words(subject, most)


@cache
def _vectors() -> dict[str, Any]:
    import numpy as np
    from safetensors.numpy import load_file

    vectors = load_file(_FOLDER / "vectors.safetensors")
    return {name: rows if name == "rows" else rows.astype(np.float32) for name, rows in vectors.items()}


_alike: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def _speaks_alike(embeddings: Embeddings) -> bool:
    """Whether these embeddings are of the model that made the icons' vectors: one sentence tells."""
    if embeddings not in _alike:
        probe = _vectors()["probe"]
        mine = embeddings.embed_query(PROBE)
        _alike[embeddings] = len(mine) == len(probe) and _cosine(mine, probe) > 0.99
    return _alike[embeddings]


def _cosine(one: Any, other: Any) -> float:
    import numpy as np

    one, other = np.asarray(one, np.float32), np.asarray(other, np.float32)
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-9))


def _by_meaning(subject: str, embeddings: Embeddings, most: int) -> tuple[Icon, ...]:
    import numpy as np

    icons, vectors = all_icons(), _vectors()
    asked = np.asarray(embeddings.embed_query(subject.encode("utf-8", "replace").decode()), np.float32)
    rows = vectors["icons"] @ (asked / (np.linalg.norm(asked) + 1e-9))
    scores = np.full(len(icons), -1.0, np.float32)
    np.maximum.at(scores, vectors["rows"], rows)
    # rounded, so that another machine's last bit does not choose another drawing
    order = np.lexsort((np.arange(len(icons)), -np.round(scores, 3)))[:24]
    chosen: list[int] = []
    near = NEAR if " " in subject else NEAR_ONE_WORD
    for number in order.tolist():
        needed = near if not chosen else max(NEAR, BESIDE * float(scores[chosen[0]]))
        if scores[number] < needed or len(chosen) == most:
            break
        tagged = vectors["icons"]
        if all(
            _cosine(tagged[number], tagged[other]) < ALIKE and not _same_word(icons[number], icons[other])
            for other in chosen
        ):
            chosen.append(number)
    return tuple(icons[number] for number in chosen)


def _same_word(one: Icon, other: Icon) -> bool:
    """Whether two names end alike: a red car beside a blue car says nothing."""
    return _stem(one.name.split()[-1]) == _stem(other.name.split()[-1])


def _by_words(subject: str, most: int) -> tuple[Icon, ...]:
    wanted = _words(subject)
    if not wanted:
        return ()
    scored = []
    for icon, name, tags in _said():
        score = 3 * len(wanted & name) / max(1, len(name)) + len(wanted & tags) / max(4, len(tags))
        if wanted & (name | tags):
            scored.append((-round(score, 4), icon.number, icon))
    scored.sort(key=lambda row: row[:2])
    chosen: list[Icon] = []
    for score, _, icon in scored:
        if len(chosen) == most or (chosen and -score < 0.6 * -scored[0][0]):
            break
        if all(not _same_word(icon, other) for other in chosen):
            chosen.append(icon)
    return tuple(chosen)


@cache
def _said() -> tuple[tuple[Icon, frozenset[str], frozenset[str]], ...]:
    return tuple((icon, _words(icon.name), _words(" ".join(icon.tags))) for icon in all_icons())


def _words(text: str) -> frozenset[str]:
    found: Sequence[str] = re.findall(r"[^\W\d_]{3,}", text.lower())
    return frozenset(_stem(word) for word in found if word not in _STOP)


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "es", "s", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
