"""The article as one HTML file: pictures inside, every sentence opens its source, the receipt at the end."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .article import UNGROUNDED, Article

MADE_BY = {
    "model": "written by the model and checked",
    "repaired": "written by the model at its second try and checked",
    "selected": "chosen by the model, word for word from the source",
    "fallback": "chosen by rule, word for word from the source",
    "rendered": "drawn by rule",
    "cached": "taken from an earlier identical call",
}

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(article: Article, receipt: Sequence[dict[str, Any]], language: str) -> str:
    """Render the page; everything is inside the file, and it may load nothing else."""
    numbers = {citation.id: number for number, citation in enumerate(article.citations, 1)}
    pictures = [(image, base64.b64encode(Path(image.path).read_bytes()).decode()) for image in article.images]
    return _environment.get_template("page.html").render(
        article=article,
        receipt=receipt,
        numbers=numbers,
        pictures=pictures,
        language=language,
        made_by=MADE_BY,
        ungrounded=UNGROUNDED,
    )
