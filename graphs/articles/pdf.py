"""The article as a PDF for print: A4, tagged, the sources as end notes; the same bytes for the same input."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .article import Article
from .page.view import cleaned, view

_TEMPLATE = Path(__file__).with_name("pdf.typ")
_EVERYWHERE = re.compile(r"[\u0000-\u024f\u0370-\u04ff\u1e00-\u22ff\u25a0-\u25ff]*")
"""Latin, Greek and Cyrillic text, which the fonts inside typst can set on every machine."""


def to_pdf(article: Article, receipt: Sequence[dict[str, Any]], language: str) -> bytes:
    """Set the article as a PDF; texts reach the template as data, never as markup.

    Text outside Latin, Greek and Cyrillic is set in the fonts of the machine. The file follows
    PDF/UA-1, except where no font has a character of the text.
    """
    import typst

    shown = view(article, receipt, language)
    with tempfile.TemporaryDirectory(prefix="limner-pdf-") as name:
        folder = Path(name)
        pictures = []
        for number, image in enumerate(article.images):
            file = f"{number}{Path(image.path).suffix}"
            shutil.copyfile(image.path, folder / file)
            model = cleaned(image.model or "") if image.source == "model" else ""
            pictures.append({"file": file, "alt": cleaned(image.alt), "model": model})
        lang, _, region = language.partition("-")
        data = asdict(shown) | {
            "pictures": pictures,
            "lang": lang.lower(),
            "region": region if re.fullmatch("[A-Za-z]{2}", region) else None,
            "receipt": [row | {"seconds": f"{row['seconds']:.2f}"} for row in shown.receipt],
        }
        text = json.dumps(data, ensure_ascii=False)
        (folder / "page.json").write_text(text, "utf-8")
        template = shutil.copyfile(_TEMPLATE, folder / "page.typ")
        compiler = typst.Compiler(
            str(template), root=name, ignore_system_fonts=_EVERYWHERE.fullmatch(text) is not None
        )
        try:
            made = compiler.compile(format="pdf", pdf_standards="ua-1")
        except typst.TypstError:
            made = compiler.compile(format="pdf")
    assert isinstance(made, bytes)
    return made
