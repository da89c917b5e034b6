"""The draw graph: one picture, of an image model where one is configured, else drawn by rule."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from langgraph.graph import StateGraph
from pydantic import TypeAdapter, ValidationError

from ..agents.image_maker import ImageBrief, make_pictures
from ..errors import InputError, UnavailableError
from ..pictures import Brand, CardBrief
from ..pictures.briefs import SIZES
from ..pictures.parts import LAYOUT_OF, Quote
from ..steps import current
from ..steps.threads import offload
from .articles.article import ArticleImage
from .folder import write_atomically
from .registry import Graph, chain
from .resources import resources

if TYPE_CHECKING:
    from ..app import Limner

STYLES = ("icon", "card", *(layout for layout in SIZES if layout not in ("icon", "hero")))
"""`icon` is a picture without words; `card` the hero card; the others are the layouts of cards."""
_FIELDS = ("title", "subtitle", "subject", "kicker", "theme", "language", "part")


class DrawState(TypedDict, total=False):
    """Plain JSON."""

    prompt: str
    style: str
    card: dict[str, Any]
    """Fields of the card, for styles that take more than words."""
    picture: dict[str, Any]


def read_wish(given: Any) -> dict[str, Any]:
    """A prompt, or a mapping of `prompt` or a card's fields and `style`, as the first state.

    Raises:
        InputError: A field is unknown or wrong, or what the style needs is missing.
    """
    wish = (
        {"prompt": given} if isinstance(given, str) else dict(given) if isinstance(given, Mapping) else None
    )
    if wish is None:
        raise InputError(f"A picture's brief is text or a mapping, not {type(given).__name__}.", "Give text.")
    style = wish.pop("style", "icon")
    prompt = wish.pop("prompt", wish.get("title", ""))
    if style not in STYLES:
        raise InputError(f"There is no style {style!r}.", f"Use one of: {', '.join(STYLES)}.")
    if not isinstance(prompt, str) or not 1 <= len(prompt.strip()) <= 1000:
        raise InputError("The prompt is empty or over 1,000 characters.", "Say in a few words what to draw.")
    for name in wish:
        if name not in _FIELDS:
            raise InputError(f"A picture has no field {name!r}.", f"Use: {', '.join(_FIELDS)}.")
    state = {"prompt": prompt, "style": style, "card": wish}
    _card(state, 0, None)
    return state


def _card(state: Mapping[str, Any], seed: int, brand: Brand | None) -> CardBrief:
    """The card that a state asks for."""
    layout = "hero" if state["style"] == "card" else state["style"]
    fields = {"title": state["prompt"], **state["card"], "layout": layout, "seed": seed}
    kind = next((part for part, name in LAYOUT_OF.items() if name == layout), None)
    try:
        if kind is Quote and "part" not in fields:
            fields |= {"part": Quote(state["prompt"]), "title": ""}
        elif kind is not None and "part" in fields:
            fields["part"] = TypeAdapter[Any](kind).validate_python(fields["part"])
        made: CardBrief = TypeAdapter(CardBrief).validate_python({**fields, "brand": brand or Brand()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "part"
        raise InputError(f"{where!r}: {first['msg']}.", f"See the fields of the style {layout!r}.") from error
    return made


def build(app: Limner) -> StateGraph[Any, Any, Any, Any]:
    """The draw graph."""

    async def picture(state: DrawState) -> dict[str, Any]:
        """Draw it, and write it into the run's folder."""
        images, missing = None, ""
        if state["style"] == "icon":
            try:
                images = await offload(lambda: app.images)
            except UnavailableError as error:
                missing = str(error)
        embeddings = None
        with suppress(UnavailableError):
            embeddings = app.embeddings
        seed = current().seed
        card = _card(state, seed, app.brand)
        brief = ImageBrief(card.title, "", card.subject or state["prompt"], seed, card.layout, card=card)
        (made,) = await make_pictures([brief], images, missing, embeddings, app.brand, app.credentials)
        path = resources().folder / "picture.png"
        write_atomically(path, made.png)
        facts = {"source": made.source, "seed": seed, "model": made.model, "alt": made.alt}
        return {"picture": {"path": str(path), "width": made.width, "height": made.height, **facts}}

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(DrawState)
    graph.add_node("picture", picture)
    return chain(graph, "picture")


def finish(state: dict[str, Any], folder: Path) -> ArticleImage | None:
    """The picture as the run's output; None where none was made."""
    return ArticleImage(**state["picture"]) if "picture" in state else None


DRAW = Graph("draw", build, read=read_wish, finish=finish, keep=1.0, home="limner.graphs.draw:DRAW")
