"""The image-maker: what a picture shows, and the picture: generated, or a card drawn by rule."""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..errors import LimnerError
from ..pictures import Brand, Card, CardBrief, Layout, draw
from ..pictures.briefs import SIZES
from ..pictures.provenance import write_provenance
from ..steps import Finding, Outcome, Usage, current, step
from ..steps.threads import offload
from ..tracing import names
from .keyphrases import STOP

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
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


Source = Literal["model", "rendered", "fallback"]


@dataclass(frozen=True, slots=True)
class ImageBrief:
    """What one picture is to be."""

    title: str
    """Of the article or the section it stands in; a card shows it."""
    subtitle: str
    subject: str
    """What it shows."""
    seed: int
    layout: Layout = "hero"
    sources: tuple[str, ...] = ()
    """Ids of the passages that it illustrates."""
    language: str = "en"
    card: CardBrief | None = None
    """What is drawn where no model makes it; None: a card of the fields above."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return SIZES[self.layout]


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A finished picture."""

    png: bytes
    width: int
    height: int
    source: Source
    model: str | None
    seed: int
    prompt_sha256: str
    alt: str


async def make_pictures(
    briefs: Sequence[ImageBrief],
    model: ImageModel | None,
    missing: str = "",
    embeddings: Embeddings | None = None,
    brand: Brand | None = None,
) -> list[MadePicture]:
    """Make every picture, in one batch where a model makes them; a card stands in for one that fails.

    Each picture is booked on the run's receipt.

    Args:
        briefs: What they are to be.
        model: The image model; None: cards are drawn, by choice unless something is missing.
        missing: Why a configured image model is not here.
        embeddings: Choose the drawings of cards by meaning; without them, by words.
        brand: What all cards have in common.
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
                made = _picture(brief, png, "model", _name(model), f"Illustration: {brief.subject}.")
            else:
                card = await _draw(_card_brief(brief, brand), embeddings)
                source: Source = "fallback" if model is not None or missing else "rendered"
                made = _picture(brief, card.png, source, None, card.alt)
            pictures.append(made)
            findings = (problem,) if problem else ()
            calls = 1 if model is not None else 0
            seconds = (time.monotonic() - started) / len(briefs)
            usage = Usage(calls=calls, seconds=seconds)
            context.receipt.add(Outcome("picture", made, made.source, findings, made.model, usage))
    return pictures


async def _draw(card: CardBrief, embeddings: Embeddings | None) -> Card:
    """Draw a card; drawings are chosen by words where the embeddings are not ready in time."""
    left = current().ledger.time_left()
    if embeddings is not None:
        try:
            limit = None if left == math.inf or current().deterministic else max(0.0, 0.5 * left)
            return await asyncio.wait_for(offload(partial(draw, card, embeddings)), limit)
        except TimeoutError:
            return await offload(partial(draw, card))
    return await offload(partial(draw, card))


def _card_brief(brief: ImageBrief, brand: Brand | None) -> CardBrief:
    if brief.card is not None:
        return brief.card
    return CardBrief(
        title=brief.title,
        subtitle=brief.subtitle,
        subject=brief.subject,
        layout=brief.layout,
        seed=brief.seed,
        language=brief.language,
        brand=brand or Brand(),
    )


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
        ImageRequest(
            f"{b.subject}, {STYLE}", width=b.size[0] // 8 * 8, height=b.size[1] // 8 * 8, seed=b.seed
        )
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


def _picture(brief: ImageBrief, png: bytes, source: Source, model: str | None, alt: str) -> MadePicture:
    from PIL import Image

    prompt = hashlib.sha256(f"{brief.subject}, {STYLE}".encode("utf-8", "replace")).hexdigest()
    made_by: Literal["model", "renderer"] = "model" if source == "model" else "renderer"
    signed = write_provenance(
        png, made_by, model=model, seed=brief.seed, prompt_sha256=prompt, sources=brief.sources
    )
    with Image.open(io.BytesIO(signed), formats=("PNG",)) as image:
        width, height = image.size
    return MadePicture(signed, width, height, source, model, brief.seed, prompt, alt)


def _name(model: ImageModel | None) -> str | None:
    return None if model is None else model.model_name
