"""The image-maker: what a picture shows, and the picture: generated, composed by rule, or a chart.

Each picture goes down a ladder until one passes: the model, the model with another seed, the composed
illustration, the plain card.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..errors import LimnerError
from ..pictures import Brand, Card, CardBrief, Layout, draw
from ..pictures.briefs import SIZES
from ..pictures.provenance import sign_provenance, write_provenance
from ..steps import Finding, Outcome, Usage, current, step
from ..steps.threads import offload
from ..tracing import names
from .articles.keyphrases import STOP
from .image_tries import Try, generate

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ..models.images import ImageModel, Picture
    from ..pictures.signing import Credentials

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
    also: tuple[str, ...] = ()
    """What a composed illustration shows beside it."""
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


Kind = Literal["generated", "illustration", "chart"]


def choose(brief: ImageBrief, generates: bool) -> Kind:
    """How a picture is made.

    A chart where there are numbers for one: they say more than a picture. What has words on it is set by
    rule, for image models cannot spell. All else is generated where an image model is configured.
    """
    if brief.card is not None and brief.card.layout != "icon":
        return "chart" if brief.card.layout == "chart" else "illustration"
    return "generated" if generates else "illustration"


async def make_pictures(
    briefs: Sequence[ImageBrief],
    model: ImageModel | None,
    missing: str = "",
    embeddings: Embeddings | None = None,
    brand: Brand | None = None,
    credentials: Credentials | None = None,
) -> list[MadePicture]:
    """Make every picture; one drawn by rule stands in for one that the model fails.

    Each picture is booked on the run's receipt.

    Args:
        briefs: What they are to be.
        model: The image model; None: all are drawn, by choice unless something is missing.
        missing: Why a configured image model is not here.
        embeddings: Choose the drawings of cards by meaning; without them, by words.
        brand: What all cards have in common.
        credentials: Sign the pictures with these.
    """
    context, started = current(), time.monotonic()
    attributes = {names.AGENT: "image-maker"}
    with context.trace.span(names.GENERATE_CONTENT, "pictures", context.span, attributes):
        generates = model is not None or bool(missing)
        tries = [Try(_prompt(b), b.seed, b.size, choose(b, generates) == "generated") for b in briefs]
        wanted = [each for each in tries if each.wanted]
        if model is not None:
            await generate(wanted, model)
        else:
            for each in wanted:
                each.faults.append(Finding("unavailable", missing))
        pictures: list[MadePicture] = []
        drawn: list[str] = []
        tone = _tone(briefs[0]) if len(briefs) > 1 else None
        for brief, each in zip(briefs, tries, strict=True):
            made = await _finished(brief, each, embeddings, brand, drawn, tone)
            faults = list(each.faults)
            if each.picture is not None:
                faults = [replace(fault, severity="warning") for fault in faults]
            if credentials is not None:
                made = await offload(partial(_signed, made, credentials, faults))
            pictures.append(made)
            usage = Usage(calls=each.calls, seconds=(time.monotonic() - started) / len(briefs))
            name = model.model_name if model is not None and each.calls else None
            context.receipt.add(Outcome("picture", made, made.source, tuple(faults), name, usage))
    return pictures


async def _finished(
    brief: ImageBrief,
    each: Try,
    embeddings: Embeddings | None,
    brand: Brand | None,
    drawn: list[str],
    tone: int | None,
) -> MadePicture:
    """The picture with its facts: the generated one where it is good, else one drawn by rule.

    `drawn` collects the chief drawings of the run, so that none is the chief one twice; `tone` is the run's.
    """
    if each.picture is not None:
        return await offload(partial(_generated, brief, each.picture))
    card_brief = _card_brief(brief, brand, tuple(drawn), tone)
    source: Source = "fallback" if each.wanted else "rendered"
    try:
        card = await _draw(card_brief, embeddings)
        drawn += card.icons[:1]
    except Exception as error:  # noqa: BLE001  (a logo that is gone, say: there is a picture all the same)
        each.faults.append(Finding("raised", f"{type(error).__name__}: {error}"))
        plain = CardBrief(brief.title, seed=brief.seed, language=brief.language)
        card, source = await offload(partial(draw, plain)), "fallback"
    return await offload(partial(_with_facts, brief, card.png, source, None, card.alt))


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


def _card_brief(
    brief: ImageBrief, brand: Brand | None, avoid: tuple[str, ...], tone: int | None
) -> CardBrief:
    if brief.card is not None:
        return replace(brief.card, tone=tone)
    return CardBrief(
        title=brief.title,
        subtitle=brief.subtitle,
        subject=brief.subject,
        also=brief.also,
        avoid=avoid,
        tone=tone,
        layout=brief.layout,
        seed=brief.seed,
        language=brief.language,
        brand=brand or Brand(),
    )


def _generated(brief: ImageBrief, picture: Picture) -> MadePicture:
    out = io.BytesIO()
    picture.image.convert("RGB").save(out, "PNG")
    alt = f"Illustration: {brief.subject}."
    return _with_facts(brief, out.getvalue(), "model", picture, alt)


def _with_facts(
    brief: ImageBrief,
    png: bytes,
    source: Source,
    picture: Picture | None,
    alt: str,
) -> MadePicture:
    """The picture with what is known of its making written into it."""
    from PIL import Image

    prompt = hashlib.sha256(_prompt(brief).encode("utf-8", "replace")).hexdigest()
    seed = brief.seed if picture is None else picture.seed
    name, digest = (None, None) if picture is None else (picture.model, picture.sha256 or None)
    made = write_provenance(
        png,
        "renderer" if picture is None else "model",
        model=name,
        model_sha256=digest,
        seed=seed,
        prompt_sha256=prompt,
        sources=brief.sources,
    )
    with Image.open(io.BytesIO(made), formats=("PNG",)) as image:
        width, height = image.size
    return MadePicture(made, width, height, source, name, seed, prompt, alt)


def _signed(made: MadePicture, credentials: Credentials, faults: list[Finding]) -> MadePicture:
    try:
        return replace(made, png=sign_provenance(made.png, credentials))
    except LimnerError as error:
        faults.append(Finding("unsigned", str(error)))
        return made


def _tone(first: ImageBrief) -> int:
    """What the pictures of one run have in common, by the first of them."""
    digest = hashlib.sha256(f"{first.title}\n{first.seed}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big")


def _prompt(brief: ImageBrief) -> str:
    return f"{brief.subject}, {STYLE}"
