"""The image-maker: what a picture shows, and the picture: generated, or a card drawn by rule."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..errors import LimnerError
from ..steps import Finding, Outcome, Usage, current, step
from ..steps.threads import offload
from ..tracing import names
from .card import draw_card
from .keyphrases import STOP

if TYPE_CHECKING:
    from PIL.Image import Image

    from ..models.images import ImageModel

STYLE = "flat vector illustration, soft colours, plain background"


@step(prompt="subject.jinja", max_tokens=32, share=0.3, agent="image-maker")
def subject(topic: str, title: str, text: str) -> str:
    """Name the concrete thing that a section's picture shows."""
    words = [word for word in title.split() if not any(character.isdigit() for character in word)]
    return " ".join(words[:12]).lower() or "a plain shape"


@subject.check
def can_be_drawn(out: str, text: str, title: str) -> str | None:
    """Two to twelve words about the section, without digits."""
    words = [word.strip(".,;:!?\"'").lower() for word in out.split()]
    if not 1 <= len(words) <= 12:
        return f"{len(words)} words; use two to eight"
    if any(character.isdigit() for character in out):
        return "it has a number; name a thing"
    known = set((text + " " + title).lower().replace(".", " ").replace(",", " ").split())
    content = [word for word in words if word and word not in STOP]
    if content and sum(word in known for word in content) * 2 < len(content):
        return "it is not about the section; use its words"
    return None


@dataclass(frozen=True, slots=True)
class ImageBrief:
    """What one picture is to be."""

    title: str
    """Of the article or the section it stands in; a card shows it."""
    subtitle: str
    subject: str
    """What a generated picture shows."""
    seed: int
    width: int = 1200
    height: int = 630


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A finished picture."""

    png: bytes
    width: int
    height: int
    source: Literal["model", "rendered", "fallback"]
    model: str | None
    seed: int
    prompt_sha256: str
    alt: str


async def make_pictures(
    briefs: Sequence[ImageBrief], model: ImageModel | None, missing: str = ""
) -> list[MadePicture]:
    """Make every picture, in one batch where a model makes them; a card stands in for one that fails.

    Each picture is booked on the run's receipt.

    Args:
        briefs: What they are to be.
        model: The image model; None: cards are drawn, by choice unless something is missing.
        missing: Why a configured image model is not here.
    """
    context, started = current(), time.monotonic()
    attributes = {names.AGENT: "image-maker"}
    with context.trace.span(names.GENERATE_CONTENT, "pictures", context.span, attributes):
        generated: list[bytes | None] = [None] * len(briefs)
        fault = Finding("unavailable", missing) if missing else None
        if model is not None and briefs:
            generated, fault = await _generate(briefs, model)
        pictures = []
        for brief, png in zip(briefs, generated, strict=True):
            problem = fault or (
                None if png is None or not blank(png) else Finding("blank", "one flat colour")
            )
            if png is not None and problem is None:
                made = _picture(brief, png, "model", _name(model))
            else:
                card = await offload(partial(_card, brief))
                made = _picture(
                    brief, card, "fallback" if model is not None or missing else "rendered", _name(model)
                )
            pictures.append(made)
            findings = (problem,) if problem else ()
            calls = 1 if model is not None else 0
            seconds = (time.monotonic() - started) / len(briefs)
            usage = Usage(calls=calls, seconds=seconds)
            context.receipt.add(Outcome("picture", made, made.source, findings, made.model, usage))
    return pictures


def _card(brief: ImageBrief) -> bytes:
    return draw_card(brief.title, brief.subtitle, width=brief.width, height=brief.height, seed=brief.seed)


async def _generate(
    briefs: Sequence[ImageBrief], model: ImageModel
) -> tuple[list[bytes | None], Finding | None]:
    """Ask the model for all pictures at once; the fault, where there is one, is that of the batch."""
    from ..models.images import ImageRequest

    context = current()
    nothing: list[bytes | None] = [None] * len(briefs)
    if context.ledger.reserve(calls=0, images=len(briefs)) is None:
        return nothing, Finding("budget", "the run's budget of pictures is spent")
    left = context.ledger.time_left()
    if left <= 0:
        return nothing, Finding("deadline", "no time was left for the image model")
    # diffusion models draw in blocks of eight pixels
    requests = [
        ImageRequest(f"{b.subject}, {STYLE}", width=b.width // 8 * 8, height=b.height // 8 * 8, seed=b.seed)
        for b in briefs
    ]
    try:
        pictures = await model.agenerate(requests, deadline=time.monotonic() + 0.6 * left)
    except LimnerError as error:
        return nothing, Finding(error.code, str(error))
    except Exception as error:  # noqa: BLE001  (whatever an image model raises is its fault, and is named)
        return nothing, Finding("raised", f"{type(error).__name__}: {error}")
    return [_png(picture.image) for picture in pictures], None


def _png(image: Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def blank(png: bytes) -> bool:
    """Whether a picture shows nothing: hardly any difference between its pixels, or no picture at all."""
    from PIL import Image, ImageStat, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            return max(ImageStat.Stat(image.convert("RGB")).stddev) < 4
    except (UnidentifiedImageError, OSError):
        return True


def _picture(
    brief: ImageBrief, png: bytes, source: Literal["model", "rendered", "fallback"], model: str | None
) -> MadePicture:
    prompt = hashlib.sha256(f"{brief.subject}, {STYLE}".encode()).hexdigest()
    alt = f"Illustration: {brief.subject}." if source == "model" else f"Title card: {brief.title}."
    used = model if source == "model" else None
    signed, (width, height) = _signed(png, brief, source, used, prompt)
    return MadePicture(signed, width, height, source, used, brief.seed, prompt, alt)


def _signed(
    png: bytes, brief: ImageBrief, source: str, model: str | None, prompt: str
) -> tuple[bytes, tuple[int, int]]:
    """Write into the file how it was made, in IPTC's terms; return it with its size in pixels."""
    from PIL import Image, PngImagePlugin

    kind = "trainedAlgorithmicMedia" if source == "model" else "algorithmicMedia"
    about = PngImagePlugin.PngInfo()
    facts = {"made_by": "model" if source == "model" else "renderer", "model": model, "seed": brief.seed}
    about.add_itxt("limner", json.dumps({**facts, "prompt_sha256": prompt}, sort_keys=True))
    about.add_itxt(
        "XML:com.adobe.xmp",
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{kind}"/>'
        "</rdf:RDF></x:xmpmeta>",
    )
    out = io.BytesIO()
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        image.save(out, "PNG", pnginfo=about)
        return out.getvalue(), image.size


def _name(model: ImageModel | None) -> str | None:
    return None if model is None else model.model_name
