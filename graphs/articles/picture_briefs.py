"""What the pictures of an article are to be: a banner at its head, and a chart or a strip for a section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ...agents.articles.table_charts import chart_of
from ...agents.brief import Brief
from ...agents.image_maker import ImageBrief, subject
from ...pictures import Brand, CardBrief
from ...steps import current
from ...steps.threads import offload
from ..resources import resources
from .article import heading

if TYPE_CHECKING:
    from .state import ContentState


async def picture_brief(state: ContentState, brief: Brief, number: int) -> ImageBrief:
    """What a picture is to be: 0 is the article's, the others are of sections.

    A section with a table of numbers gets their chart. Pictures carry no title: the page has it beside them.
    """
    have, titles = resources(), [section["title"] for section in state["outline"]] or [brief.topic]
    place = str(max(0, number - 1) % len(titles))
    title = titles[int(place)] if number else brief.topic
    sentences = state["sections"].get(place, [])
    seed, text = current().seed + number, " ".join(s["text"] for s in sentences)
    tables = state.get("tables", {}).get(place, [])
    if number and tables:
        charted = await _chart(tables, heading(title), seed, brief.language)
        if charted is not None:
            return charted
    # an illustration shows what its title says: the model is asked only where a picture will be generated
    what = (await subject.arun(brief.topic, title, text)).value if have.images is not None else title
    return ImageBrief(
        heading(title),
        brief.topic if number else "",
        what,
        seed,
        layout="strip" if number else "banner",
        sources=tuple(dict.fromkeys(c for s in sentences for c in s["citations"])) if number else (),
        language=brief.language,
        also=tuple(s["text"][:200] for s in sentences[:2]) if number else tuple(titles),
    )


async def _chart(
    tables: Sequence[Mapping[str, Any]], title: str, seed: int, language: str
) -> ImageBrief | None:
    """The chart of a section's tables; None where they have none."""
    have = resources()
    cited = list(dict.fromkeys(name for table in tables for name in table["citations"]))
    if have.knowledge is None:
        return None
    passages = {p.id: p for p in await offload(partial(have.knowledge.passages, cited))}
    numbers = chart_of(tables, passages, language)
    if numbers is None:
        return None
    look: dict[str, Any] = {"seed": seed, "language": language, "brand": have.brand or Brand()}
    card = CardBrief(numbers.title, title, layout="chart", part=numbers.chart, **look)
    return ImageBrief(title, "", title, seed, "chart", tuple(cited), language, card=card)
