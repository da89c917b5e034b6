"""What a picture says of its making, written into the file, and whether it still says so of these pixels.

The facts stand in a text chunk of the PNG beside IPTC's DigitalSourceType (XMP), with SHA-256 sums of the
pixels and of the facts. The sums show that a file was changed; they are no signature: who knows the scheme
can write new ones. `signing` adds one.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError
from .signing import Credentials, sign, signature

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD, _XMP = "limner", "XML:com.adobe.xmp"
_MOST_BYTES, _MOST_PIXELS, _MOST_FACTS = 64_000_000, 50_000_000, 100_000
_FACTS = ("made_by", "model", "seed", "prompt_sha256", "sources")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is known of a picture's making."""

    intact: bool | None
    """True: ours and unaltered. False: it carries our facts, but pixels or facts were changed.
    None: nothing is known."""
    made_by: Literal["model", "renderer", "unknown"] = "unknown"
    model: str | None = None
    seed: int | None = None
    prompt_sha256: str | None = None
    sources: tuple[str, ...] = ()
    """Ids of the passages that it illustrates."""
    signed_by: str | None = None
    """Whose valid signature it carries, by the name in the certificate."""
    model_sha256: str | None = None
    """Of the model's weights."""

    def as_json(self) -> dict[str, Any]:
        """As `limner images verify --json` prints it."""
        facts = {**asdict(self), "sources": list(self.sources)}
        del facts["model_sha256"]
        return facts


def write_provenance(
    png: bytes,
    made_by: Literal["model", "renderer"],
    *,
    model: str | None = None,
    model_sha256: str | None = None,
    seed: int | None = None,
    prompt_sha256: str | None = None,
    sources: Sequence[str] = (),
) -> bytes:
    """Return the PNG with the facts of its making; its pixels stay as they are.

    Raises:
        InputError: It is no PNG.
    """
    pixels = _pixels(png)
    if pixels is None:
        raise InputError("This is no PNG.", "Give a picture as PNG.")
    facts: dict[str, Any] = {
        "made_by": made_by,
        "model": model,
        "model_sha256": model_sha256,
        "seed": seed,
        "prompt_sha256": prompt_sha256,
        "sources": list(sources),
        "pixels_sha256": pixels[0],
    }
    facts["facts_sha256"] = _sum(facts)
    header_end = len(_SIGNATURE) + 25
    chunks = _text(_KEYWORD, json.dumps(facts, sort_keys=True)) + _text(_XMP, _xmp(made_by))
    return png[:header_end] + chunks + png[header_end:]


def sign_provenance(png: bytes, credentials: Credentials) -> bytes:
    """Return a picture of ours with its facts signed.

    Raises:
        InputError: It carries no facts of ours, or the credentials do not sign.
        UnavailableError: The extra `provenance` is not installed.
    """
    told = _told(png)
    if not told.intact or told.made_by == "unknown":
        raise InputError("This picture carries no facts to sign.", "Sign a picture that Limner made.")
    facts = {**told.as_json(), "model_sha256": told.model_sha256}
    kept = {name: value for name, value in facts.items() if name not in ("intact", "signed_by")}
    return sign(png, kept, told.made_by, credentials)


def read_provenance(data: bytes) -> Provenance:
    """Tell what a picture says of its making, and whether it was altered since. Never raises."""
    told, signed = _told(data), signature(data)
    if signed is None:
        return told
    if not signed.valid:
        return replace(told, intact=False)
    return replace(told, intact=told.intact is not False, signed_by=str(signed))


def _told(data: bytes) -> Provenance:
    """What a picture says of its making, signature aside."""
    read = _pixels(data)
    if read is None:
        # a damaged file of ours is an altered one
        return Provenance(False if b"iTXt" + _KEYWORD.encode() + b"\0" in data else None)
    if _KEYWORD not in read[1]:
        return Provenance(None)
    pixels, texts = read
    try:
        facts = json.loads(texts[_KEYWORD][:_MOST_FACTS])
        told = {name: facts[name] for name in _FACTS} | {"model_sha256": facts.get("model_sha256")}
        seal = facts.pop("facts_sha256")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Provenance(False)
    if not _well_formed(told):
        return Provenance(False)
    intact = seal == _sum(facts) and facts.get("pixels_sha256") == pixels
    intact = intact and texts.get(_XMP) == _xmp(told["made_by"])
    return Provenance(intact, **{**told, "sources": tuple(told["sources"])})


def verify_file(path: str | Path) -> Provenance:
    """Tell what a file says of its making.

    Raises:
        InputError: It cannot be read, or is over 64 MB.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{str(path)!r} is over 64 MB.", "Give a smaller picture.")
        return read_provenance(path.read_bytes())
    except OSError as error:
        raise InputError(f"Cannot read {str(path)!r}: {error.strerror}.", "Check the path.") from error


def _pixels(data: bytes) -> tuple[str, dict[str, str]] | None:
    """The sum of a PNG's pixels, and its texts; None where it is no whole PNG, or one too large."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            image.load()
            texts = {key: str(value) for key, value in image.info.items() if key in (_KEYWORD, _XMP)}
            whole = hashlib.sha256(f"{image.width}x{image.height}\n".encode())
            whole.update(image.convert("RGBA").tobytes())
            return whole.hexdigest(), texts
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, zlib.error, struct.error):
        return None


def _well_formed(told: dict[str, Any]) -> bool:
    sources = told["sources"]
    return (
        told["made_by"] in ("model", "renderer")
        and all(
            told[name] is None or isinstance(told[name], str)
            for name in ("model", "model_sha256", "prompt_sha256")
        )
        and (told["seed"] is None or type(told["seed"]) is int)
        and isinstance(sources, list)
        and all(isinstance(source, str) for source in sources)
    )


def _sum(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _xmp(made_by: str) -> str:
    kind = "trainedAlgorithmicMedia" if made_by == "model" else "algorithmicMedia"
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{kind}"/>'
        "</rdf:RDF></x:xmpmeta>"
    )


def _text(keyword: str, text: str) -> bytes:
    """An iTXt chunk."""
    body = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
