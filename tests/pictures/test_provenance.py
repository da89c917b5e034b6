"""A picture tells how it was made, and whether it was altered since."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from limner.errors import InputError, SettingsError
from limner.pictures import CardBrief, draw
from limner.pictures.provenance import read_provenance, sign_provenance, verify_file, write_provenance
from limner.pictures.signing import Credentials, Signature, open_credentials, sign
from limner.settings import ProvenanceSettings

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


# -- signed


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    pytest.importorskip("c2pa")
    return Credentials.made(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def signed(ours: bytes, credentials: Credentials) -> bytes:
    return sign_provenance(ours, credentials)


def test_a_signed_picture_says_by_whom_and_a_made_key_says_so(signed: bytes, ours: bytes) -> None:
    found = read_provenance(signed)
    assert (found.intact, found.made_by, found.signed_by) == (True, "renderer", "Limner self-made key")
    with Image.open(io.BytesIO(signed)) as after, Image.open(io.BytesIO(ours)) as before:
        assert after.tobytes() == before.tobytes()
    assert len(signed) - len(ours) < 10_000


def test_the_manifest_tells_the_source_type_and_the_facts(signed: bytes) -> None:
    import c2pa

    with c2pa.Reader("image/png", io.BytesIO(signed)) as reader:
        told = json.loads(reader.json())
    claims = {row["label"]: row["data"] for row in told["manifests"][told["active_manifest"]]["assertions"]}
    assert claims["c2pa.actions.v2"]["actions"][0]["digitalSourceType"].endswith("/algorithmicMedia")
    assert claims["org.limner.facts"]["seed"] == 3
    assert claims["org.limner.facts"]["sources"] == ["p1", "p2"]


def test_a_signed_picture_that_was_changed_is_altered_and_signed_by_nobody(signed: bytes) -> None:
    changed = bytearray(signed)
    changed[signed.index(b"IDAT") + 2000] ^= 1
    for data in (bytes(changed), signed.replace(b'"seed": 3', b'"seed": 4'), signed[:-40]):
        found = read_provenance(data)
        assert (found.intact, found.signed_by) == (False, None)


def test_a_stripped_signature_leaves_the_facts_and_no_signer(signed: bytes) -> None:
    found = read_provenance(saved(signed))
    assert (found.intact, found.made_by, found.signed_by) == (True, "renderer", None)


def test_a_foreign_signed_picture_is_intact_and_of_an_unknown_maker(
    plain: bytes, credentials: Credentials
) -> None:
    found = read_provenance(sign(plain, {}, "model", credentials))
    assert (found.intact, found.made_by, found.signed_by) == (True, "unknown", "Limner self-made key")


def test_a_name_that_nobody_stands_for_is_told_as_such() -> None:
    assert str(Signature("Famous Press", valid=True)) == "Famous Press (name not verified)"
    assert str(Signature("Famous Press", valid=True, trusted=True)) == "Famous Press"


def test_a_made_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    pytest.importorskip("c2pa")
    first = Credentials.made(tmp_path / "keys")
    assert Credentials.made(tmp_path / "keys") == first
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()] == [0o600] * 2


def test_credentials_that_are_none_are_refused(tmp_path: Path, ours: bytes, credentials: Credentials) -> None:
    (tmp_path / "a.pem").write_text("text")
    with pytest.raises(InputError, match=r"a\.pem"):
        Credentials.read(str(tmp_path / "a.pem"), str(tmp_path / "b.pem"))
    with pytest.raises(SettingsError, match="without the other"):
        open_credentials(ProvenanceSettings(sign=True, key="k.pem"), tmp_path)
    other = Credentials.made(tmp_path / "other")
    with pytest.raises(InputError, match="cannot be signed"):
        sign_provenance(ours, Credentials(credentials.certificate, other.key))
    with pytest.raises(InputError, match="no facts"):
        sign_provenance(b"text", credentials)
