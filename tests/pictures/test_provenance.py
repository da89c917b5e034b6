"""A picture tells how it was made, and whether it was altered since."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from limner.errors import InputError
from limner.pictures import CardBrief, draw
from limner.pictures.provenance import read_provenance, verify_file, write_provenance

FACTS: dict[str, Any] = {"seed": 3, "prompt_sha256": "ab" * 32, "sources": ["p1", "p2"]}


@pytest.fixture(scope="module")
def plain() -> bytes:
    return draw(CardBrief("Boots")).png


@pytest.fixture(scope="module")
def ours(plain: bytes) -> bytes:
    return write_provenance(plain, "renderer", **FACTS)


def saved(png: bytes, touch: bool = False, texts: dict[str, str] | None = None) -> bytes:
    """The picture as another program would save it, with its texts or others."""
    out, about = io.BytesIO(), PngImagePlugin.PngInfo()
    with Image.open(io.BytesIO(png)) as image:
        for key, value in (image.info | (texts or {})).items():
            if isinstance(value, str):
                about.add_itxt(str(key), value)
        if touch:
            image.putpixel((5, 5), (1, 2, 3))
        image.save(out, "PNG", pnginfo=about)
    return out.getvalue()


def test_what_was_written_is_told(ours: bytes) -> None:
    assert read_provenance(ours).as_json() == {
        "intact": True,
        "made_by": "renderer",
        "model": None,
        "seed": 3,
        "prompt_sha256": "ab" * 32,
        "sources": ["p1", "p2"],
        "signed_by": None,
    }


def test_the_pixels_stay_as_they_are(plain: bytes, ours: bytes) -> None:
    with Image.open(io.BytesIO(plain)) as before, Image.open(io.BytesIO(ours)) as after:
        assert before.tobytes() == after.tobytes()
        assert "algorithmicMedia" in after.info["XML:com.adobe.xmp"]


def test_saving_it_anew_keeps_it_intact(ours: bytes) -> None:
    assert read_provenance(saved(ours)).intact is True


def test_one_changed_pixel_is_seen(ours: bytes) -> None:
    found = read_provenance(saved(ours, touch=True))
    assert (found.intact, found.made_by, found.seed) == (False, "renderer", 3)


@pytest.mark.parametrize(
    ("name", "value"), [("seed", 4), ("made_by", "model"), ("sources", []), ("model", "m")]
)
def test_a_changed_fact_is_seen(ours: bytes, name: str, value: object) -> None:
    with Image.open(io.BytesIO(ours)) as image:
        facts = json.loads(image.info["limner"])
    assert read_provenance(saved(ours, texts={"limner": json.dumps({**facts, name: value})})).intact is False


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"made_by": 1}', "[" * 5000])
def test_facts_that_are_none_are_seen(ours: bytes, text: str) -> None:
    found = read_provenance(saved(ours, texts={"limner": text}))
    assert (found.intact, found.made_by) == (False, "unknown")


def test_a_changed_source_type_is_seen(ours: bytes) -> None:
    assert read_provenance(saved(ours, texts={"XML:com.adobe.xmp": "<photo/>"})).intact is False


def test_of_a_stripped_or_foreign_file_nothing_is_known(plain: bytes, ours: bytes, tmp_path: Path) -> None:
    out = io.BytesIO()
    with Image.open(io.BytesIO(ours)) as image:
        image.convert("RGB").save(out, "JPEG")
    for data in (plain, out.getvalue(), b"", b"text", plain[:2000]):
        found = read_provenance(data)
        assert (found.intact, found.made_by) == (None, "unknown")


def test_a_damaged_file_of_ours_is_an_altered_one(ours: bytes) -> None:
    assert read_provenance(ours[:4000]).intact is False
    assert read_provenance(ours.replace(b'"seed": 3', b'"seed": 4')).intact is False


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, ours: bytes) -> None:
    with pytest.raises(InputError, match=r"missing\.png"):
        verify_file(tmp_path / "missing.png")
    (tmp_path / "a.png").write_bytes(ours)
    assert verify_file(tmp_path / "a.png").intact is True
    with pytest.raises(InputError, match="no PNG"):
        write_provenance(b"text", "renderer")
