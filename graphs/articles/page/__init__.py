"""The article as one HTML file: pictures inside, every sentence opens its source, the receipt at the end."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..article import CODE_SPAN, Article, ArticleImage
from .view import cleaned, view

_FOLDER = Path(__file__).parent
_environment = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _inline(text: str) -> Markup:
    """A sentence with its code set as code."""
    pieces = CODE_SPAN.split(text)
    return Markup().join(
        Markup("<code>{}</code>").format(piece.strip("`")) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


_environment.filters["inline"] = _inline


def to_html(
    article: Article,
    receipt: Sequence[dict[str, Any]],
    language: str,
    made: Mapping[str, str] | None = None,
) -> str:
    """Render the page; everything is inside the file, and it may load nothing else.

    Args:
        article: What it shows.
        receipt: Rows of the run's receipt.
        language: Of the article.
        made: How the text was made, by name, for programs that read the page.
    """
    shown = view(article, receipt, language)
    style, script = _part("page.css"), _part("page.js")
    return _environment.get_template("page.html").render(
        page=shown,
        made=cleaned(dict(made or {})),
        pictures=[_picture(image) for image in article.images],
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)};"
            " base-uri 'none'; form-action 'none'"
        ),
        # the page's own words are English, whatever the article's language
        own=Markup("") if language.split("-")[0] == "en" else Markup(' lang="en" dir="ltr"'),
    )


def _picture(image: ArticleImage) -> dict[str, Any]:
    kind = mimetypes.guess_type(image.path)[0] or "image/png"
    data = base64.b64encode(Path(image.path).read_bytes()).decode()
    return {
        "url": f"data:{kind};base64,{data}",
        "width": image.width,
        "height": image.height,
        "alt": cleaned(image.alt),
        "model": cleaned(image.model or "") if image.source == "model" else "",
    }


def _part(name: str) -> Markup:
    """A style sheet or script of this package, as it stands between its tags."""
    return Markup("\n" + (_FOLDER / name).read_text("utf-8"))


def _hash(part: str) -> str:
    digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
    return f"'sha256-{digest}'"
